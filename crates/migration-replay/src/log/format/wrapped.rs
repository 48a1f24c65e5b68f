//! The project's own recordings: an object for everything that was seen, with its process and its time.

use serde_json::{Map, Value};

use super::definition::{Format, Read, Told};
use crate::log::line::{Message, Origin};
use crate::log::{object, time};
use crate::names::Names;

pub(super) const FORMAT: Format = Format {
    name: "recording",
    doc: "`{\"ts\", \"side\", \"proc\", \"kind\", \"name\", \"data\"}`, several processes in one recording. `data` of a \
          `command` is `{\"arguments\": ..., \"oob\": true}`, of a `return` the whole reply, `{\"return\": ...}` or \
          `{\"error\": {\"class\", \"desc\"}}`, of an `event` the data of the event; a `process` is a `start`, `kill` or \
          `exit`",
    sample: "{\"ts\": 0.1, \"proc\": \"source0\", \"kind\": \"event\", \"name\": \"MIGRATION\", \
             \"data\": {\"status\": \"setup\"}}\n",
    read: Read::Object(read),
};

fn read(object: &mut Map<String, Value>, _: &Names, origin: &mut Origin) -> Told {
    let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    let (Some(process), Some(kind)) = (text("proc"), text("kind")) else { return Told::No };
    if !matches!(kind.as_str(), "command" | "return" | "event" | "process") {
        return Told::No;
    }
    origin.process = process;
    origin.time = object.get("ts").and_then(time::any).or(origin.time);
    let data = object.remove("data").unwrap_or(Value::Null);
    Told::Said(object::text(object, "name").map(|name| vec![message(&kind, name, data)]))
}

fn message(kind: &str, name: String, data: Value) -> Message {
    match kind {
        "command" => {
            let arguments = data.get("arguments").cloned().unwrap_or(Value::Null);
            let out_of_band = data.get("oob").and_then(Value::as_bool).unwrap_or(false);
            Message::Command { name, arguments, out_of_band, tag: None }
        }
        "return" => Message::Return { name: Some(name), tag: None, body: data },
        "event" => Message::Event { name, data, stamp: None, is_late: false },
        _ => Message::Process { name, data },
    }
}
