//! Logs whose lines are JSON, with the message in a text: the journal (`MESSAGE`), virt-launcher (`msg`), docker (`log`).
//!
//! What is no message is looked through: an object in it may be one, and the texts in it are read as lines are. The
//! journal writes a text with unusual characters as a list of bytes.

use serde_json::{Map, Value};

use super::definition::{Format, Read, Told};
use crate::log::line::Origin;
use crate::log::object;
use crate::log::time;
use crate::names::Names;

pub(super) const FORMAT: Format = Format {
    name: "JSON log",
    doc: "`journalctl --output json`, KubeVirt's virt-launcher, docker's log files, and whatever holds a message as an \
          object or in a text",
    sample: "{\"component\":\"virt-launcher\",\"msg\":\"QEMU_MONITOR_RECV_EVENT: mon=0x7faa8801f5d0 \
             event={\\\"event\\\": \\\"MIGRATION\\\", \\\"data\\\": {\\\"status\\\": \\\"setup\\\"}}\",\"thread\":\"80\"}\n",
    read: Read::Object(read),
};

/// Members that say when, the better ones first.
const TIMES: &[&str] =
    &["_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP", "timestamp", "time", "ts", "@timestamp", "at"];
/// Members that say which thread.
const THREADS: &[&str] = &["thread", "TID", "_PID", "pid"];
/// Members by which the journal tells processes apart, and those that name the program.
const HOST: &str = "_HOSTNAME";
const PID: &str = "_PID";
const PROGRAMS: &[&str] = &["SYSLOG_IDENTIFIER", "_COMM"];
/// How programs are called that log what many processes say.
const MANAGERS: &[&str] = &["libvirt", "virt"];
/// How deep texts are looked for.
const DEPTH_MAX: usize = 4;

/// An object that holds a message as an object.
fn read(object: &mut Map<String, Value>, _: &Names, origin: &mut Origin) -> Told {
    let is_one = |value: &Value| value.as_object().is_some_and(object::has_key);
    let key = object.iter().find(|(_, value)| is_one(value)).map(|(key, _)| key.clone());
    let Some(key) = key else { return Told::No };
    place(object, origin);
    if let Some(process) = object.get("proc").and_then(Value::as_str) {
        origin.process = process.to_owned();
    }
    match object.remove(&key) {
        Some(Value::Object(inner)) => Told::Holds(inner),
        Some(_) | None => Told::No,
    }
}

/// The texts in an object that is no message, and where they come from.
pub(in crate::log) fn texts(object: &Map<String, Value>, origin: &mut Origin) -> Vec<String> {
    place(object, origin);
    let mut texts = Vec::new();
    object.values().for_each(|value| collect(value, DEPTH_MAX, &mut texts));
    texts
}

fn collect(value: &Value, depth: usize, texts: &mut Vec<String>) {
    match value {
        Value::String(text) if may_say_something(text) => texts.push(text.clone()),
        Value::Array(values) if values.len() > 1 && values.iter().all(|value| byte(value).is_some()) => {
            let bytes: Vec<u8> = values.iter().filter_map(byte).collect();
            texts.push(String::from_utf8_lossy(&bytes).into_owned());
        }
        Value::Array(values) if depth > 0 => values.iter().for_each(|value| collect(value, depth - 1, texts)),
        Value::Object(members) if depth > 0 => members.values().for_each(|value| collect(value, depth - 1, texts)),
        Value::String(_) | Value::Array(_) | Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a text is more than a word: names, levels and times are no records, and hold no objects.
fn may_say_something(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_whitespace() || byte == b'{')
}

fn byte(value: &Value) -> Option<u8> {
    value.as_u64().and_then(|number| u8::try_from(number).ok())
}

fn place(object: &Map<String, Value>, origin: &mut Origin) {
    let rank = |key: &String| TIMES.iter().position(|time| time == key);
    let times = object.iter().filter_map(|(key, value)| Some((rank(key)?, time::any(value)?)));
    origin.time = times.min_by_key(|(rank, _)| *rank).map(|(_, time)| time).or(origin.time);
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if let Some(host) = object.get(HOST).and_then(Value::as_str) {
        origin.host = host.to_owned();
    }
    if let Some(thread) = THREADS.iter().find_map(|key| object.get(*key)) {
        origin.thread = format!("{} {}", origin.host, text(thread));
    }
    if let Some(pid) = object.get(PID) {
        let program = PROGRAMS.iter().find_map(|key| object.get(*key)?.as_str()).unwrap_or_default();
        if !MANAGERS.iter().any(|manager| program.starts_with(manager)) {
            let pid = text(pid);
            origin.process = if program.is_empty() { format!("pid {pid}") } else { format!("{program}[{pid}]") };
        }
    }
}
