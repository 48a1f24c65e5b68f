//! From JSON to words: the members of a message that matter.

use serde_json::Value;

use super::format::{human_command, human_status, line_of};
use super::text::short;
use crate::names::Names;
use crate::observation::{Command, Observation, Reply, Start};

/// A command without its id.
pub(super) fn command(name: String, arguments: &Value, names: &Names) -> Command {
    if let Some(line) = line_of(&name, arguments) {
        return human_command(line, names);
    }
    let members = arguments.as_object().into_iter().flatten();
    let scalars = members.filter_map(|(name, value)| Some((name.clone(), scalar(value)?)));
    let capabilities = capabilities(arguments.get("capabilities"));
    Command { name, arguments: scalars.collect(), capabilities, ..Command::default() }
}

/// What a reply to a command says.
pub(super) fn reply(command: &Command, body: &Value, names: &Names) -> Reply {
    if let Some(error) = body.get("error") {
        return match error.get("class").and_then(Value::as_str) {
            Some("CommandNotFound") => Reply::Unknown,
            class => Reply::Refused(class.map(str::to_owned)),
        };
    }
    let body = body.get("return").unwrap_or(&Value::Null);
    if command.name == names.wire.query {
        return match (command.human, body) {
            (true, Value::String(text)) => human_status(text, names),
            _ => Reply::Status(names.told(body)),
        };
    }
    match command.name.as_str() {
        "query-migrate-capabilities" => Reply::Capabilities(capabilities(Some(body))),
        _ => Reply::Done,
    }
}

/// What the reply to a query says of one of several machines.
pub(super) fn reply_about(subject: &str, body: &Value, names: &Names) -> Reply {
    let entries = body.get("return").and_then(Value::as_array).into_iter().flatten();
    let is_meant = |entry: &&Value| self::subject(entry, names).as_deref() == Some(subject);
    let status = entries.filter(is_meant).find_map(|entry| names.told(entry));
    status.map_or(Reply::Unreadable, |status| Reply::Status(Some(status)))
}

/// Of which of several machines in a process a message is.
pub(super) fn subject(members: &Value, names: &Names) -> Option<String> {
    names.wire.subjects.iter().find_map(|name| members.get(name)?.as_str().map(str::to_owned))
}

/// The text of an error, as the end of a sentence.
pub(super) fn because(body: &Value) -> String {
    let text = body.get("error").and_then(|error| error.get("desc")).and_then(Value::as_str);
    text.map_or_else(String::new, |text| format!(" ({})", short(text)))
}

/// What it means that a process was started, killed or has exited, and the words for it.
pub(super) fn process(name: &str, data: &Value) -> Option<(Observation, String)> {
    let observation = match name {
        "start" => Observation::Started(match data.get("incoming").and_then(Value::as_str) {
            None | Some("defer") => Start::Fresh,
            Some(_) => Start::Listening,
        }),
        // A process that is killed by force does nothing any more.
        "kill" if data.get("signal").and_then(Value::as_str) != Some("SIGKILL") => Observation::Ending,
        "exit" => Observation::Exited,
        _ => return None,
    };
    Some((observation, format!("{} of the process", short(name))))
}

fn capabilities(list: Option<&Value>) -> Vec<(String, bool)> {
    let entries = list.and_then(Value::as_array).into_iter().flatten();
    let entry = |value: &Value| Some((value.get("capability")?.as_str()?.to_owned(), value.get("state")?.as_bool()?));
    entries.filter_map(entry).collect()
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
