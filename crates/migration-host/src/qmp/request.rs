//! A command as a client sends it: `{"execute": NAME, "arguments": {..}, "id": ANY}`.

use serde_json::{Map, Value};

use super::arguments::article;
use super::framing::Frame;
use super::json;
use super::reply::CommandError;

/// A well-formed command.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The command's name.
    pub command: String,
    /// Its arguments; empty when left out.
    pub arguments: Map<String, Value>,
    /// What the reply must repeat.
    pub id: Option<Value>,
}

/// Something that is not a command: the error, and the `id` if that could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct NoRequest {
    /// What is wrong.
    pub error: CommandError,
    /// What the reply must repeat.
    pub id: Option<Value>,
}

impl Request {
    /// Reads a piece of the stream as a command.
    ///
    /// # Errors
    /// When it is not JSON, or not a command object.
    pub fn read(frame: Frame) -> Result<Request, NoRequest> {
        let parsed = match frame {
            Frame::Malformed(mistake) => Err(mistake),
            Frame::Value(bytes) => json::from_slice(&bytes).map_err(|error| error.to_string()),
        };
        match parsed {
            Ok(Value::Object(members)) => Request::from_members(members),
            Ok(other) => Err(no_request(format!("a command must be an object, not {}", article(&other)), None)),
            Err(mistake) => Err(no_request(format!("invalid JSON: {mistake}"), None)),
        }
    }

    fn from_members(mut members: Map<String, Value>) -> Result<Request, NoRequest> {
        let id = members.shift_remove("id");
        let execute = members.shift_remove("execute");
        let arguments = members.shift_remove("arguments");
        let error = if members.contains_key("exec-oob") {
            "out-of-band execution is not enabled; use `execute`".to_owned()
        } else if let Some(unknown) = members.keys().next() {
            format!("a command has no member `{unknown}` (it has `execute`, `arguments`, `id`)")
        } else {
            match (execute, arguments.unwrap_or_else(|| Value::Object(Map::new()))) {
                (Some(Value::String(command)), Value::Object(arguments)) => {
                    return Ok(Request { command, arguments, id });
                }
                (None, _) => "a command must have the member `execute`".to_owned(),
                (Some(Value::String(_)), other) => {
                    format!("member `arguments` must be an object, not {}", article(&other))
                }
                (Some(other), _) => {
                    format!("member `execute` must be a string, not {}", article(&other))
                }
            }
        };
        Err(no_request(error, id))
    }
}

fn no_request(desc: String, id: Option<Value>) -> NoRequest {
    NoRequest { error: CommandError::generic(desc), id }
}
