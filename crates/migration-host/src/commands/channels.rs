//! The address in a command: `uri`, or `channels` with one `main` entry, which is QEMU's newer form of the same.

use migration_runtime::address::Address;

use crate::qmp::{Argument, Arguments, CommandError, Kind};

/// The members of a socket address; which of them belong together depends on `type`.
const ADDRESS: &[Argument] = &[
    Argument::required("transport", Kind::String),
    Argument::optional("type", Kind::String),
    Argument::optional("host", Kind::String),
    Argument::optional("port", Kind::String),
    Argument::optional("path", Kind::String),
];

/// One entry of `channels`.
pub(super) const CHANNEL: &[Argument] =
    &[Argument::required("channel-type", Kind::String), Argument::required("addr", Kind::Object(ADDRESS))];

/// The address in `uri` or `channels`, of which one must be given.
pub(super) fn address(arguments: Arguments<'_>) -> Result<Address, CommandError> {
    let uri = match (arguments.string("uri"), arguments.objects("channels")) {
        (Some(uri), None) => uri.to_owned(),
        (None, Some(channels)) => main_channel(&channels.collect::<Vec<_>>()).map_err(CommandError::generic)?,
        (Some(_), Some(_)) => {
            return Err(CommandError::generic("give one of `uri` and `channels`, not both"));
        }
        (None, None) => {
            return Err(CommandError::generic("argument `uri` is missing (or `channels` in its place)"));
        }
    };
    uri.parse().map_err(|error| CommandError::generic(format!("argument `uri`: {error}")))
}

/// The only channel, as a URI.
fn main_channel(channels: &[Arguments<'_>]) -> Result<String, String> {
    let [channel] = channels else {
        return Err(format!("`channels` must have one entry, not {}", channels.len()));
    };
    match channel.string("channel-type") {
        Some("main") => {}
        other => {
            return Err(format!("`channels[0].channel-type` must be `main`, not `{}`", other.unwrap_or_default()));
        }
    }
    let member = |name: &str| channel.object("addr").and_then(|address| address.string(name));
    match (member("transport"), member("type"), member("host"), member("port"), member("path")) {
        (Some("socket"), Some("inet"), Some(host), Some(port), None) if host.contains(':') => {
            Ok(format!("tcp:[{host}]:{port}"))
        }
        (Some("socket"), Some("inet"), Some(host), Some(port), None) => Ok(format!("tcp:{host}:{port}")),
        (Some("socket"), Some("unix"), None, None, Some(path)) => Ok(format!("unix:{path}")),
        (Some("socket"), Some("inet"), ..) => {
            Err("`channels[0].addr` of type `inet` takes `host` and `port`".to_owned())
        }
        (Some("socket"), Some("unix"), ..) => Err("`channels[0].addr` of type `unix` takes `path`".to_owned()),
        (Some("socket"), ..) => Err("`channels[0].addr.type` must be `inet` or `unix`".to_owned()),
        (other, ..) => {
            Err(format!("`channels[0].addr.transport` must be `socket`, not `{}`", other.unwrap_or_default()))
        }
    }
}
