//! `migrate-set-parameters` and `query-migrate-parameters`. Both parameters act at once, on a running migration too.

use migration_runtime::parameters::DOWNTIME_LIMIT_MS_MAX;
use serde_json::{Value, json};

use super::command::{Command, done};
use crate::host::Host;
use crate::qmp::{Argument, Arguments, CommandError, Kind};

/// Widest bandwidth that can be asked for, in bytes a second; what JSON clients hold without loss in a signed integer.
const BANDWIDTH_MAX: u64 = i64::MAX as u64;

pub(super) const SET: Command = Command {
    name: "migrate-set-parameters",
    about: "set `downtime-limit` (milliseconds) and `max-bandwidth` (bytes a second, 0: no limit)",
    arguments: &[
        Argument::optional("downtime-limit", Kind::Integer(0, DOWNTIME_LIMIT_MS_MAX)),
        Argument::optional("max-bandwidth", Kind::Integer(0, BANDWIDTH_MAX)),
    ],
    run: set,
};

pub(super) const QUERY: Command = Command {
    name: "query-migrate-parameters",
    about: "report `downtime-limit` and `max-bandwidth`",
    arguments: &[],
    run: |host, _| {
        let parameters = &host.parameters;
        Ok(json!({
            "downtime-limit": parameters.downtime_limit_ms(),
            "max-bandwidth": parameters.max_bandwidth(),
        }))
    },
};

fn set(host: &Host, arguments: Arguments<'_>) -> Result<Value, CommandError> {
    if let Some(limit_ms) = arguments.integer("downtime-limit") {
        let set = host.parameters.set_downtime_limit_ms(limit_ms);
        set.map_err(|error| CommandError::generic(error.to_string()))?;
    }
    if let Some(bandwidth) = arguments.integer("max-bandwidth") {
        host.parameters.set_max_bandwidth(bandwidth);
    }
    done()
}
