//! Objects as text, as JSON or as others print it, and whether they are messages.

use serde_json::{Map, Value};

use super::line::BadObject;
use super::{python, sparse};

/// Members by one of which a message is known.
const KEYS: [&str; 6] = ["execute", "exec-oob", "return", "error", "event", "QMP"];

/// How a message may begin that is damaged: with a key, in either kind of quotes.
fn has_key_text(text: &str) -> bool {
    let is_key = |key: &&str| {
        [format!("\"{key}\""), format!("'{key}'")]
            .iter()
            .any(|key| text.find(key.as_str()).is_some_and(|at| text[at + key.len()..].trim_start().starts_with(':')))
    };
    let keys = ["execute", "exec-oob", "return", "event", "QMP"];
    keys.iter().any(is_key) || (is_key(&"proc") && is_key(&"kind"))
}

/// Whether the object has a member by which a message is known.
pub(super) fn has_key(object: &Map<String, Value>) -> bool {
    object.keys().any(|key| KEYS.contains(&key.as_str()))
}

/// Reads an object, and says whether Python has printed it.
pub(super) fn object(text: &str) -> Result<(Map<String, Value>, bool), BadObject> {
    let is_python = python::is_python(text);
    match json(text) {
        Ok(Value::Object(object)) => Ok((object, is_python)),
        Ok(_) => Err(BadObject { why: "no JSON object".to_owned(), is_message: false }),
        Err(why) => Err(BadObject { why, is_message: has_key_text(text) }),
    }
}

/// Reads a text that is an object as JSON, and nothing else.
pub(super) fn json_alone(text: &str) -> Option<Map<String, Value>> {
    match sparse::from_str(text) {
        Ok(Value::Object(object)) => Some(object),
        Ok(_) | Err(_) => None,
    }
}

/// What is wrong with an object that has no end.
pub(super) fn without_end(text: &str) -> BadObject {
    BadObject { why: "no JSON object: it has no end".to_owned(), is_message: has_key_text(text) }
}

/// Whether the text is one that this module reads.
pub(super) fn is_message(text: &str) -> bool {
    let is_one = |value: &Value| value.as_object().is_some_and(|object| has_key(object) || object.contains_key("kind"));
    json(text).is_ok_and(|value| is_one(&value))
}

/// What is left of an object that has been cut off: its members up to the last whole one.
pub(super) fn salvaged(text: &str) -> Option<Map<String, Value>> {
    let commas = text.char_indices().rev().filter(|(_, c)| *c == ',').map(|(at, _)| at);
    // The cut may be right behind a value; otherwise the last member is not whole.
    for at in std::iter::once(text.len()).chain(commas).take(8) {
        let piece = text[..at].trim_end().trim_end_matches(',');
        let (mut closing, mut quoted, mut escaped) = (Vec::new(), false, false);
        for c in piece.chars() {
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                _ if quoted => {}
                '{' => closing.push('}'),
                '[' => closing.push(']'),
                '}' | ']' => drop(closing.pop()),
                _ => {}
            }
        }
        if !quoted {
            let whole: String = piece.chars().chain(closing.into_iter().rev()).collect();
            if let Ok(Value::Object(object)) = serde_json::from_str(&whole) {
                return Some(object);
            }
        }
    }
    None
}

/// Reads JSON without what nobody asks for, as it is or as others print it: `socat` doubles backslashes, Python has quotes of its own.
fn json(text: &str) -> Result<Value, String> {
    let read = sparse::from_str;
    read(text).or_else(|error| {
        let single = python::as_json(text).unwrap_or_else(|| text.replace("\\\\", "\\"));
        // Some programs log a text as it stands in another text.
        let unescaped = || read(&text.replace("\\\"", "\""));
        // Tests of QEMU compare logs without their times.
        read(&single)
            .or_else(|_| unescaped())
            .or_else(|_| read(&text.replace(" TIMESTAMP", " null")))
            .map_err(|_| bad_json(&error))
    })
}

/// What is wrong with the JSON. Its own line and column are left out: they would be taken for those of the recording.
fn bad_json(error: &serde_json::Error) -> String {
    let text = error.to_string();
    format!("no JSON object: {}", text.split(" at line ").next().unwrap_or(&text))
}

/// The text that a member is.
pub(super) fn text(object: &Map<String, Value>, key: &str) -> Result<String, BadObject> {
    let text = object.get(key).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| BadObject::message(format!("member `{key}` is missing or no text")))
}
