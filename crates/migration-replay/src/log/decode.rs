//! From JSON to words: objects of all formats, and the members of a message that matter.

use serde_json::{Map, Value};

use super::line::{BadObject, Line};
use super::{python, typed};
use crate::observation::{Command, Observation, Reply, Start};

/// Members by one of which a message is known, raw or wrapped.
const KEYS: [&str; 8] = ["execute", "exec-oob", "return", "error", "event", "QMP", "kind", "step"];

/// Reads one object: most say one thing; what `qmp-shell` keeps of a command holds its reply too.
pub(super) fn object(text: &str) -> Result<Vec<Line>, BadObject> {
    let Value::Object(object) = json(text)? else { return Err(BadObject("no JSON object".to_owned())) };
    let (object, process) = unwrapped(object);
    let is_late = python::as_json(text).is_some();
    if object.contains_key("step") {
        return Ok(step(&object, process));
    }
    if object.contains_key("kind") { Ok(vec![wrapped(object)?]) } else { raw(object, process, is_late) }
}

/// Whether the text is one that this module reads.
pub(super) fn is_message(text: &str) -> bool {
    json(text).is_ok_and(|value| KEYS.iter().any(|key| value.get(key).is_some()))
}

/// Reads JSON, as it is or as others print it: `socat` doubles backslashes, Python has quotes of its own.
fn json(text: &str) -> Result<Value, BadObject> {
    let read = |text: &str| serde_json::from_str::<Value>(text);
    read(text).or_else(|error| {
        let single = python::as_json(text).unwrap_or_else(|| text.replace("\\\\", "\\"));
        read(&single).map_err(|_| bad_json(&error))
    })
}

/// What is wrong with the JSON. Its own line and column are left out: they would be taken for those of the recording.
fn bad_json(error: &serde_json::Error) -> BadObject {
    let text = error.to_string();
    BadObject(format!("no JSON object: {}", text.split(" at line ").next().unwrap_or(&text)))
}

/// The message in an envelope of somebody else's: one member of it is a message. And of which process it is, if a member
/// says so.
fn unwrapped(mut object: Map<String, Value>) -> (Map<String, Value>, String) {
    let is_one = |object: &Map<String, Value>| KEYS.iter().any(|key| object.contains_key(*key));
    let process = object.get("proc").and_then(Value::as_str).unwrap_or_default().to_owned();
    if is_one(&object) {
        return (object, process);
    }
    let inner = object.iter().find(|(_, value)| value.as_object().is_some_and(is_one)).map(|(key, _)| key.clone());
    match inner.and_then(|key| object.remove(&key)) {
        Some(Value::Object(inner)) => (inner, process),
        _ => (object, process),
    }
}

fn wrapped(mut object: Map<String, Value>) -> Result<Line, BadObject> {
    let process = text(&object, "proc")?;
    let kind = text(&object, "kind")?;
    let name = text(&object, "name")?;
    let data = object.remove("data").unwrap_or(Value::Null);
    Ok(match kind.as_str() {
        "command" => {
            let arguments = data.get("arguments").cloned().unwrap_or(Value::Null);
            let out_of_band = data.get("oob").and_then(Value::as_bool).unwrap_or(false);
            Line::Command { process, name, arguments, out_of_band, tag: None }
        }
        "return" => Line::Return { process, name: Some(name), tag: None, body: data },
        "event" => Line::Event { process, name, data, is_late: false },
        "process" => Line::Process { process, name, data },
        other => return Err(BadObject(format!("unknown kind `{other}`"))),
    })
}

/// A step of a host's trace: of those that are to be seen from outside, what it publishes.
fn step(object: &Map<String, Value>, process: String) -> Vec<Line> {
    let status = object.get("publishes").and_then(Value::as_str);
    let event = |status| Line::Event {
        process,
        name: "MIGRATION".to_owned(),
        data: serde_json::json!({ "status": status }),
        is_late: false,
    };
    status.map(event).into_iter().collect()
}

fn raw(mut object: Map<String, Value>, process: String, is_late: bool) -> Result<Vec<Line>, BadObject> {
    let tag = object.remove("id");
    let mut lines = Vec::new();
    if let Some((key, out_of_band)) =
        [("execute", false), ("exec-oob", true)].into_iter().find(|(key, _)| object.contains_key(*key))
    {
        let (process, tag, name) = (process.clone(), tag.clone(), text(&object, key)?);
        let arguments = object.remove("arguments").unwrap_or(Value::Null);
        lines.push(Line::Command { process, name, arguments, out_of_band, tag });
    }
    if object.contains_key("event") {
        let name = text(&object, "event")?;
        let data = object.remove("data").unwrap_or(Value::Null);
        lines.push(Line::Event { process, name, data, is_late });
    } else if object.contains_key("return") || object.contains_key("error") {
        lines.push(Line::Return { process, name: None, tag, body: Value::Object(object) });
    } else if lines.is_empty() && !object.contains_key("QMP") {
        return Err(BadObject("neither a command, a reply, an event nor a greeting".to_owned()));
    }
    Ok(lines)
}

/// A command without its id.
pub(super) fn command(name: String, arguments: &Value) -> Command {
    let members = arguments.as_object().into_iter().flatten();
    let scalars = members.filter_map(|(name, value)| Some((name.clone(), scalar(value)?)));
    let command = Command {
        arguments: scalars.collect(),
        capabilities: capabilities(arguments.get("capabilities")),
        ..Command::default()
    };
    match (name.as_str(), arguments.get("command-line").and_then(Value::as_str)) {
        ("human-monitor-command", Some(line)) => typed::human(line),
        _ => Command { name, ..command },
    }
}

/// What a reply says.
pub(super) fn reply(command: &str, body: &Value) -> Reply {
    if let Some(error) = body.get("error") {
        let is_unknown = error.get("class").and_then(Value::as_str) == Some("CommandNotFound");
        return if is_unknown { Reply::Unknown } else { Reply::Refused };
    }
    let body = body.get("return").unwrap_or(&Value::Null);
    match command {
        "query-migrate" => Reply::Status(body.get("status").and_then(Value::as_str).map(str::to_owned)),
        "query-migrate-capabilities" => Reply::Capabilities(capabilities(Some(body))),
        _ => Reply::Done,
    }
}

/// The text of an error, as the end of a sentence.
pub(super) fn because(body: &Value) -> String {
    let text = body.get("error").and_then(|error| error.get("desc")).and_then(Value::as_str);
    text.map_or_else(String::new, |text| format!(" ({text})"))
}

/// What an event means, and the words for it.
pub(super) fn event(name: &str, data: &Value) -> Result<Option<(Observation, String)>, BadObject> {
    Ok(match name {
        "MIGRATION" => {
            let status = data.get("status").and_then(Value::as_str);
            let status = status.ok_or_else(|| BadObject("event `MIGRATION` without a status".to_owned()))?;
            let words = format!("event `MIGRATION` with status `{status}`");
            Some((Observation::Published(status.to_owned()), words))
        }
        "SHUTDOWN" => Some((Observation::Ending, "event `SHUTDOWN`".to_owned())),
        _ => None,
    })
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
    Some((observation, format!("{name} of the process")))
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

fn text(object: &Map<String, Value>, key: &str) -> Result<String, BadObject> {
    let text = object.get(key).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| BadObject(format!("member `{key}` is missing or no text")))
}
