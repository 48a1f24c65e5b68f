//! Replies to commands: success, or an error with the class that a program looks at and the sentence that a person reads.

use serde_json::{Map, Value, json};

/// The classes of errors in the protocol, for programs to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorClass {
    /// Everything that has no class of its own.
    GenericError,
    /// There is no such command, or not in this phase of the session.
    CommandNotFound,
    /// What the command is about is not active.
    DeviceNotActive,
    /// What the command is about does not exist.
    DeviceNotFound,
    /// The command needs KVM to do something that it cannot.
    KvmMissingCap,
}

impl ErrorClass {
    /// All of them.
    pub const ALL: [ErrorClass; 5] = [
        ErrorClass::GenericError,
        ErrorClass::CommandNotFound,
        ErrorClass::DeviceNotActive,
        ErrorClass::DeviceNotFound,
        ErrorClass::KvmMissingCap,
    ];

    /// Returns the class of that name, or `None` if the protocol has none.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }

    /// Returns the name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            ErrorClass::GenericError => "GenericError",
            ErrorClass::CommandNotFound => "CommandNotFound",
            ErrorClass::DeviceNotActive => "DeviceNotActive",
            ErrorClass::DeviceNotFound => "DeviceNotFound",
            ErrorClass::KvmMissingCap => "KVMMissingCap",
        }
    }
}

/// Why a command was not carried out, for the client that sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{desc}")]
pub struct CommandError {
    class: ErrorClass,
    desc: String,
}

impl CommandError {
    /// Returns an error without a class of its own.
    pub fn generic(desc: impl Into<String>) -> Self {
        Self { class: ErrorClass::GenericError, desc: desc.into() }
    }

    /// Returns an error of a class.
    pub fn new(class: ErrorClass, desc: impl Into<String>) -> Self {
        Self { class, desc: desc.into() }
    }

    /// Returns the error of a command that does not exist, or not in this phase.
    pub fn not_found(desc: impl Into<String>) -> Self {
        Self { class: ErrorClass::CommandNotFound, desc: desc.into() }
    }

    /// Returns the class, for programs.
    pub fn class(&self) -> ErrorClass {
        self.class
    }
}

/// Returns the reply to one command, with the `id` that the client gave it.
pub fn reply(result: Result<Value, CommandError>, id: Option<Value>) -> Value {
    let mut reply = Map::new();
    match result {
        Ok(value) => reply.insert("return".to_owned(), value),
        Err(error) => reply.insert("error".to_owned(), json!({ "class": error.class.name(), "desc": error.desc })),
    };
    if let Some(id) = id {
        reply.insert("id".to_owned(), id);
    }
    Value::Object(reply)
}

/// Returns a value as it goes over the wire: a line.
pub fn line(value: &Value) -> Vec<u8> {
    let mut line = value.to_string().into_bytes();
    line.extend_from_slice(b"\r\n");
    line
}
