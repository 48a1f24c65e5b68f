//! The trace that our own host writes: of its steps, those that publish.

use serde_json::{Map, Value};

use super::definition::{Format, Read, Told};
use crate::log::line::{Message, Origin};
use crate::names::Names;

pub(super) const FORMAT: Format = Format {
    name: "trace of our host",
    doc: "an object for every step of a machine, of which the published status is taken",
    sample: "{\"step\": \"source\", \"publishes\": \"setup\"}\n",
    read: Read::Object(read),
};

fn read(object: &mut Map<String, Value>, names: &Names, origin: &mut Origin) -> Told {
    if !object.contains_key("step") {
        return Told::No;
    }
    if let Some(process) = object.get("proc").and_then(Value::as_str) {
        origin.process = process.to_owned();
    }
    let event = |status| {
        let mut data = Map::new();
        data.insert(names.wire.member.clone(), Value::from(status));
        Message::Event { name: names.wire.event.clone(), data: Value::Object(data), stamp: None, is_late: false }
    };
    let status = object.get("publishes").and_then(Value::as_str);
    Told::Said(Ok(status.map(event).into_iter().collect()))
}
