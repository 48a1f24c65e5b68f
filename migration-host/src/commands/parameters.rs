//! `migrate-set-parameters` and `query-migrate-parameters`. Both parameters act at once, on a running migration too.

use serde_json::{Value, json};

use super::{Command, done};
use crate::host::{Host, Limits};
use crate::qmp::{Argument, Arguments, CommandError, Kind};

/// Longest downtime that can be asked for, in milliseconds; QEMU's bound.
const DOWNTIME_MS_MAX: u64 = 2_000_000;

/// Widest bandwidth that can be asked for, in bytes a second; what JSON clients hold without loss in a signed integer.
const BANDWIDTH_MAX: u64 = i64::MAX as u64;

pub(super) const SET: Command = Command {
    name: "migrate-set-parameters",
    about: "set `downtime-limit` (milliseconds) and `max-bandwidth` (bytes a second, 0: no limit)",
    arguments: &[
        Argument::optional("downtime-limit", Kind::Integer(0, DOWNTIME_MS_MAX)),
        Argument::optional("max-bandwidth", Kind::Integer(0, BANDWIDTH_MAX)),
    ],
    run: set,
};

pub(super) const QUERY: Command = Command {
    name: "query-migrate-parameters",
    about: "tell `downtime-limit` and `max-bandwidth`",
    arguments: &[],
    run: |host, _| {
        let Limits {
            downtime_ms,
            bandwidth,
        } = host.migrations.limits();
        Ok(json!({ "downtime-limit": downtime_ms, "max-bandwidth": bandwidth }))
    },
};

fn set(host: &Host, arguments: Arguments<'_>) -> Result<Value, CommandError> {
    let now = host.migrations.limits();
    host.migrations.set_limits(Limits {
        downtime_ms: arguments
            .integer("downtime-limit")
            .unwrap_or(now.downtime_ms),
        bandwidth: arguments.integer("max-bandwidth").unwrap_or(now.bandwidth),
    });
    done()
}
