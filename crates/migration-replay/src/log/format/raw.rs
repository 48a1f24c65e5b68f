//! What crosses a QMP socket, as it is: commands, replies, events and greetings.

use serde_json::{Map, Value};

use super::definition::{Format, Read, Told};
use crate::log::line::{BadObject, Message, Origin, Stamp};
use crate::log::object;
use crate::names::Names;

pub(super) const FORMAT: Format = Format {
    name: "QMP",
    doc: "what crosses a socket, with anything around it, as JSON or as Python prints it; `socat -v` too",
    sample: "{\"execute\": \"query-migrate\", \"id\": 1}\n{\"return\": {}, \"id\": 1}\n",
    read: Read::Object(read),
};

fn read(object: &mut Map<String, Value>, _: &Names, origin: &mut Origin) -> Told {
    if !object::has_key(object) {
        return Told::No;
    }
    if let Some(process) = object.get("proc").and_then(Value::as_str) {
        origin.process = process.to_owned();
    }
    messages(object).transpose().map_or(Told::No, Told::Said)
}

/// The file of `qmp-shell` has a command and its reply in one object.
fn messages(object: &mut Map<String, Value>) -> Result<Option<Vec<Message>>, BadObject> {
    let tag = object.remove("id");
    let mut said = Vec::new();
    for (key, out_of_band) in [("execute", false), ("exec-oob", true)] {
        if object.contains_key(key) {
            let name = object::text(object, key)?;
            let arguments = object.remove("arguments").unwrap_or(Value::Null);
            said.push(Message::Command { name, arguments, out_of_band, tag: tag.clone() });
            break;
        }
    }
    if said.is_empty() && object.contains_key("event") {
        let name = object::text(object, "event")?;
        let stamp = object.get("timestamp").and_then(stamp);
        let data = object.remove("data").unwrap_or(Value::Null);
        said.push(Message::Event { name, data, stamp, is_late: false });
    } else if object.contains_key("return") || object.get("error").is_some_and(is_error) {
        said.push(Message::Return { name: None, tag, body: Value::Object(std::mem::take(object)) });
    } else if said.is_empty() && object.contains_key("QMP") {
        said.push(Message::Greeting);
    }
    Ok((!said.is_empty()).then_some(said))
}

/// An error of QMP is an object; other programs log texts under this name.
fn is_error(error: &Value) -> bool {
    error.is_object()
}

fn stamp(value: &Value) -> Option<Stamp> {
    Some((value.get("seconds")?.as_i64()?, value.get("microseconds")?.as_i64()?))
}
