//! From JSON to words: lines of both formats, and the members of a message that matter.

use serde_json::{Map, Value};

use super::{BadLine, Line, Seen, typed};
use crate::replay::observation::{Command, Observation, Reply, Start};

/// Reads one line.
pub(super) fn line(text: &str) -> Result<Line, BadLine> {
    if let Some((name, arguments)) = typed::command(text) {
        return Ok(Line::Command { process: String::new(), name, arguments, out_of_band: false, tag: None });
    }
    let Some(start) = text.find('{') else { return Ok(Line::Nothing) };
    let value: Value = serde_json::from_str(text[start..].trim_end()).map_err(|error| bad_json(&error))?;
    let Value::Object(object) = value else { return Err(BadLine("no JSON object".to_owned())) };
    if object.contains_key("kind") { wrapped(object) } else { raw(object) }
}

/// What is wrong with the JSON. Its own line and column are left out: they would be taken for those of the recording.
fn bad_json(error: &serde_json::Error) -> BadLine {
    let text = error.to_string();
    BadLine(format!("no JSON object: {}", text.split(" at line ").next().unwrap_or(&text)))
}

fn wrapped(mut object: Map<String, Value>) -> Result<Line, BadLine> {
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
        "event" => Line::Event { process, name, data },
        "process" => Line::Process { process, name, data },
        other => return Err(BadLine(format!("unknown kind `{other}`"))),
    })
}

fn raw(mut object: Map<String, Value>) -> Result<Line, BadLine> {
    let process = String::new();
    let tag = object.remove("id");
    if let Some((key, out_of_band)) =
        [("execute", false), ("exec-oob", true)].into_iter().find(|(key, _)| object.contains_key(*key))
    {
        let name = text(&object, key)?;
        let arguments = object.remove("arguments").unwrap_or(Value::Null);
        return Ok(Line::Command { process, name, arguments, out_of_band, tag });
    }
    if object.contains_key("event") {
        let name = text(&object, "event")?;
        return Ok(Line::Event { process, name, data: object.remove("data").unwrap_or(Value::Null) });
    }
    if object.contains_key("return") || object.contains_key("error") {
        return Ok(Line::Return { process, name: None, tag, body: Value::Object(object) });
    }
    if object.contains_key("QMP") {
        return Ok(Line::Nothing);
    }
    Err(BadLine("neither a command, a reply, an event nor a greeting".to_owned()))
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

/// What an event means.
pub(super) fn event(process: String, name: &str, data: &Value) -> Result<Option<Seen>, BadLine> {
    let (observation, words) = match name {
        "MIGRATION" => {
            let status = data.get("status").and_then(Value::as_str);
            let status = status.ok_or_else(|| BadLine("event `MIGRATION` without a status".to_owned()))?;
            (Observation::Published(status.to_owned()), format!("event `MIGRATION` with status `{status}`"))
        }
        "SHUTDOWN" => (Observation::Ending, "event `SHUTDOWN`".to_owned()),
        _ => return Ok(None),
    };
    Ok(Some(Seen { process, observation, words }))
}

/// What it means that a process was started, killed or has exited.
pub(super) fn process(process: String, name: &str, data: &Value) -> Option<Seen> {
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
    Some(Seen { process, observation, words: format!("{name} of the process") })
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

fn text(object: &Map<String, Value>, key: &str) -> Result<String, BadLine> {
    let text = object.get(key).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| BadLine(format!("member `{key}` is missing or no text")))
}
