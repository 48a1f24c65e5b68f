//! What one object or one typed line of a recording says.

use serde_json::Value;

/// What an object or a typed line says.
pub(super) enum Line {
    Command { process: String, name: String, arguments: Value, out_of_band: bool, tag: Option<Value> },
    Return { process: String, name: Option<String>, tag: Option<Value>, body: Value },
    Event { process: String, name: String, data: Value, is_late: bool },
    Process { process: String, name: String, data: Value },
}

/// What is wrong with an object.
#[derive(Debug)]
pub(super) struct BadObject(pub(super) String);
