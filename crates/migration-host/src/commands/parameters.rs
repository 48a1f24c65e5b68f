//! `migrate-set-parameters` and `query-migrate-parameters`. A parameter acts at once, on a running migration too.

use std::fmt::Display;
use std::num::NonZeroU8;

use migration_runtime::parameters::{DOWNTIME_LIMIT_MS_MAX, OnLimit};
use serde_json::{Value, json};

use super::command::{Command, done};
use crate::encryption::{Settings, no_names};
use crate::figures::milliseconds;
use crate::host::Host;
use crate::qmp::{Argument, Arguments, CommandError, Kind};

/// Widest bandwidth that can be asked for, in bytes a second; what JSON clients hold without loss in a signed integer.
const BANDWIDTH_MAX: u64 = i64::MAX as u64;

/// The longest limit of an attempt, in milliseconds: a year.
const ATTEMPT_LIMIT_MS_MAX: u64 = 365 * 24 * 3600 * 1000;

pub(super) const SET: Command = Command {
    name: "migrate-set-parameters",
    about: "set `downtime-limit` (milliseconds), `max-bandwidth` (bytes a second, 0: no limit), the parameters of \
            `auto-converge` (per cent), and `x-limit`, the time from the command until the guest is stopped \
            (milliseconds, 0: no limit), which is looked at while memory is moved (`active`); a migration that takes \
            longer ends as `x-on-limit` says: `cancel`, `switch-over` or `postcopy`; set over how many connections \
            (1 to 255) the next migrations with `multifd` move pages, as many on both sides (`multifd-channels`); \
            encrypt the next migrations with the certificates in the directory `tls-creds`, for a destination with the \
            name `tls-hostname`, from sources with one of the names `tls-authz` (host names or addresses in the \
            certificate's `subjectAltName`, separated by commas)",
    arguments: &[
        Argument::optional("downtime-limit", Kind::Integer(0, DOWNTIME_LIMIT_MS_MAX)),
        Argument::optional("max-bandwidth", Kind::Integer(0, BANDWIDTH_MAX)),
        Argument::optional("throttle-trigger-threshold", Kind::Integer(1, 100)),
        Argument::optional("cpu-throttle-initial", Kind::Integer(1, 99)),
        Argument::optional("cpu-throttle-increment", Kind::Integer(1, 99)),
        Argument::optional("max-cpu-throttle", Kind::Integer(1, 99)),
        Argument::optional("multifd-channels", Kind::Integer(1, u8::MAX as u64)),
        Argument::optional("x-limit", Kind::Integer(0, ATTEMPT_LIMIT_MS_MAX)),
        Argument::optional("x-on-limit", Kind::String),
        Argument::optional("tls-creds", Kind::String),
        Argument::optional("tls-hostname", Kind::String),
        Argument::optional("tls-authz", Kind::String),
    ],
    run: set,
};

pub(super) const QUERY: Command = Command {
    name: "query-migrate-parameters",
    about: "report the parameters that `migrate-set-parameters` sets",
    arguments: &[],
    run: |host, _| {
        let (parameters, encryption) = (&host.parameters, host.encryption.settings());
        let limit = parameters.attempt_limit().map_or(0, milliseconds);
        Ok(json!({
            "downtime-limit": parameters.downtime_limit_ms(),
            "max-bandwidth": parameters.max_bandwidth(),
            "throttle-trigger-threshold": parameters.throttle_trigger_threshold(),
            "cpu-throttle-initial": parameters.cpu_throttle_initial(),
            "cpu-throttle-increment": parameters.cpu_throttle_increment(),
            "max-cpu-throttle": parameters.max_cpu_throttle(),
            "multifd-channels": host.capabilities.multifd_channels(),
            "x-limit": limit,
            "x-on-limit": name(parameters.on_limit()),
            "tls-creds": encryption.creds,
            "tls-hostname": encryption.hostname,
            "tls-authz": encryption.authz,
        }))
    },
};

fn set(host: &Host, arguments: Arguments<'_>) -> Result<Value, CommandError> {
    let parameters = &host.parameters;
    // Read first: a command that is refused changes nothing.
    let on_limit = arguments.string("x-on-limit").map(on_limit).transpose()?;
    if let Some(authz) = arguments.string("tls-authz").filter(|text| !text.is_empty())
        && Settings::names_in(authz).is_empty()
    {
        return Err(CommandError::generic(no_names(authz)));
    }
    let each = |name, set: &dyn Fn(u64) -> Result<(), CommandError>| arguments.integer(name).map_or(Ok(()), set);
    each("downtime-limit", &|value| parameters.set_downtime_limit_ms(value).map_err(refused))?;
    each("throttle-trigger-threshold", &|value| parameters.set_throttle_trigger_threshold(value).map_err(refused))?;
    each("cpu-throttle-initial", &|value| parameters.set_cpu_throttle_initial(value).map_err(refused))?;
    each("cpu-throttle-increment", &|value| parameters.set_cpu_throttle_increment(value).map_err(refused))?;
    each("max-cpu-throttle", &|value| parameters.set_max_cpu_throttle(value).map_err(refused))?;
    if let Some(bandwidth) = arguments.integer("max-bandwidth") {
        parameters.set_max_bandwidth(bandwidth);
    }
    if let Some(count) = arguments.integer("multifd-channels").and_then(|count| u8::try_from(count).ok()) {
        NonZeroU8::new(count).into_iter().for_each(|count| host.capabilities.set_multifd_channels(count));
    }
    if let Some(limit_ms) = arguments.integer("x-limit") {
        parameters.set_attempt_limit_ms(limit_ms);
    }
    let text = |name: &str, into: &mut String| {
        if let Some(text) = arguments.string(name) {
            text.clone_into(into);
        }
    };
    host.encryption.change(|settings| {
        text("tls-creds", &mut settings.creds);
        text("tls-hostname", &mut settings.hostname);
        text("tls-authz", &mut settings.authz);
    });
    if let Some(on_limit) = on_limit {
        parameters.set_on_limit(on_limit);
    }
    done()
}

fn on_limit(text: &str) -> Result<OnLimit, CommandError> {
    [OnLimit::Cancel, OnLimit::SwitchOver, OnLimit::Postcopy].into_iter().find(|one| name(*one) == text).ok_or_else(
        || CommandError::generic(format!("`x-on-limit` is `cancel`, `switch-over` or `postcopy`, not `{text}`")),
    )
}

fn name(on_limit: OnLimit) -> &'static str {
    match on_limit {
        OnLimit::Cancel => "cancel",
        OnLimit::SwitchOver => "switch-over",
        OnLimit::Postcopy => "postcopy",
    }
}

fn refused(error: impl Display) -> CommandError {
    CommandError::generic(error.to_string())
}
