//! Commands as people type them: at the prompt of `qmp-shell`, and in the human monitor.

use serde_json::{Map, Value};

use crate::replay::observation::Command;

const PROMPT: &str = "(QEMU) ";

/// A command at the prompt of `qmp-shell`: a name and arguments as `key=value`, values as JSON or as plain text.
pub(super) fn command(line: &str) -> Option<(String, Value)> {
    let words = line.trim().strip_prefix(PROMPT)?;
    let mut words = words.split_whitespace();
    let name = words.next()?;
    if name.contains('{') {
        return None;
    }
    let mut arguments = Map::new();
    for word in words {
        let (key, value) = word.split_once('=')?;
        arguments.insert(key.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)));
    }
    Some((name.to_owned(), Value::Object(arguments)))
}

/// A line of the human monitor, as the QMP command that does the same.
pub(super) fn human(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    let mut command = Command { human: true, ..Command::default() };
    command.name = match name {
        "migrate_cancel" | "quit" => name.to_owned(),
        "savevm" => "snapshot-save".to_owned(),
        "migrate_continue"
        | "migrate_start_postcopy"
        | "migrate_pause"
        | "migrate_recover"
        | "migrate_incoming"
        | "x_colo_lost_heartbeat" => name.replace('_', "-"),
        "migrate_set_capability" => {
            if let [capability, state] = rest[..] {
                command.capabilities = vec![(capability.to_owned(), matches!(state, "on" | "yes" | "true"))];
            }
            "migrate-set-capabilities".to_owned()
        }
        "migrate_set_parameter" => {
            if let [name, value] = rest[..] {
                command.arguments = vec![(name.to_owned(), value.to_owned())];
            }
            "migrate-set-parameters".to_owned()
        }
        "migrate" => {
            if rest.contains(&"-r") {
                command.arguments = vec![("resume".to_owned(), "true".to_owned())];
            }
            name.to_owned()
        }
        _ => name.to_owned(),
    };
    command
}
