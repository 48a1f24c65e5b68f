//! The arguments of a command, declared as data, and one strict check for all commands.
//!
//! A command declares its [`Argument`]s. The check refuses unknown, missing, mistyped and out-of-range ones with an
//! error that names the argument by its path, so the commands themselves only ever see what they declared.

use serde_json::{Map, Number, Value};

use super::reply::CommandError;

/// One argument that a command takes, or one member of an object among them.
#[derive(Debug)]
pub struct Argument {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it must be.
    pub kind: Kind,
    /// Whether it may be left out.
    pub presence: Presence,
}

/// What an argument must be.
#[derive(Debug)]
pub enum Kind {
    /// Any string.
    String,
    /// `true` or `false`.
    Boolean,
    /// A whole number between the two, both included.
    Integer(u64, u64),
    /// A list of any strings.
    Strings,
    /// An object with these members.
    Object(&'static [Argument]),
    /// A list of objects with these members.
    Objects(&'static [Argument]),
}

/// Whether an argument may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must be given.
    Required,
    /// It may be left out.
    Optional,
}

impl Argument {
    /// An argument that must be given.
    pub const fn required(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, presence: Presence::Required }
    }

    /// An argument that may be left out.
    pub const fn optional(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, presence: Presence::Optional }
    }
}

/// Arguments that passed the check against what the command declares.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a>(&'a Map<String, Value>);

impl<'a> Arguments<'a> {
    /// Checks `given` against `declared`.
    ///
    /// # Errors
    /// The first mistake: unknown arguments before missing ones, because a misspelt one is both.
    pub fn check(given: &'a Map<String, Value>, declared: &'static [Argument]) -> Result<Self, CommandError> {
        check_members(given, declared, "").map_err(CommandError::generic)?;
        Ok(Self(given))
    }

    /// Returns the string argument `name`, if given.
    pub fn string(self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// Returns the boolean argument `name`, if given.
    pub fn boolean(self, name: &str) -> Option<bool> {
        self.0.get(name).and_then(Value::as_bool)
    }

    /// Returns the integer argument `name`, if given.
    pub fn integer(self, name: &str) -> Option<u64> {
        self.0.get(name).and_then(Value::as_u64)
    }

    /// Returns the object argument `name`, if given.
    pub fn object(self, name: &str) -> Option<Arguments<'a>> {
        self.0.get(name).and_then(Value::as_object).map(Arguments)
    }

    /// Returns the list of objects `name`, or `None` if it was left out.
    pub fn objects(self, name: &str) -> Option<impl Iterator<Item = Arguments<'a>>> {
        let list = self.0.get(name).and_then(Value::as_array)?;
        Some(list.iter().filter_map(Value::as_object).map(Arguments))
    }

    /// Returns the list of strings `name`, or `None` if it was left out.
    pub fn strings(self, name: &str) -> Option<impl Iterator<Item = &'a str>> {
        let list = self.0.get(name).and_then(Value::as_array)?;
        Some(list.iter().filter_map(Value::as_str))
    }
}

fn check_members(given: &Map<String, Value>, declared: &[Argument], path: &str) -> Result<(), String> {
    if let Some(unknown) = given.keys().find(|name| declared.iter().all(|argument| argument.name != *name)) {
        let takes: Vec<String> = declared.iter().map(|argument| format!("`{}`", argument.name)).collect();
        let takes = if takes.is_empty() { "none is taken".to_owned() } else { format!("taken: {}", takes.join(", ")) };
        return Err(format!("argument `{path}{unknown}` is unknown ({takes})"));
    }
    for argument in declared {
        match (given.get(argument.name), argument.presence) {
            (Some(value), _) => check_value(value, &argument.kind, &format!("{path}{}", argument.name))?,
            (None, Presence::Required) => {
                return Err(format!("argument `{path}{}` is missing", argument.name));
            }
            (None, Presence::Optional) => {}
        }
    }
    Ok(())
}

fn check_value(value: &Value, kind: &Kind, path: &str) -> Result<(), String> {
    let mistyped = |wanted: &str| Err(format!("argument `{path}` must be {wanted}, not {}", article(value)));
    match (kind, value) {
        (Kind::String, Value::String(_)) | (Kind::Boolean, Value::Bool(_)) => Ok(()),
        (Kind::Integer(min, max), Value::Number(number)) => match number.as_u64() {
            Some(value) if (*min..=*max).contains(&value) => Ok(()),
            Some(_) => Err(format!("argument `{path}` is {number}, but must be between {min} and {max}")),
            None if is_huge(number) => {
                let what = if number.as_f64() < Some(0.0) { "small" } else { "large" };
                Err(format!("argument `{path}` is too {what}: it must be between {min} and {max}"))
            }
            None if number.is_f64() => mistyped("an integer"),
            None => Err(format!("argument `{path}` is {number}, but must be between {min} and {max}")),
        },
        (Kind::Object(members), Value::Object(object)) => check_members(object, members, &format!("{path}.")),
        (Kind::Objects(members), Value::Array(list)) => list.iter().enumerate().try_for_each(|(index, item)| {
            let path = format!("{path}[{index}]");
            match item.as_object() {
                Some(object) => check_members(object, members, &format!("{path}.")),
                None => Err(format!("argument `{path}` must be an object, not {}", article(item))),
            }
        }),
        (Kind::Strings, Value::Array(list)) => list
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| check_value(item, &Kind::String, &format!("{path}[{index}]"))),
        (Kind::String, _) => mistyped("a string"),
        (Kind::Boolean, _) => mistyped("a boolean"),
        (Kind::Integer(..), _) => mistyped("an integer"),
        (Kind::Object(_), _) => mistyped("an object"),
        (Kind::Objects(_), _) => mistyped("a list of objects"),
        (Kind::Strings, _) => mistyped("a list of strings"),
    }
}

/// Whether a number is an integer that does not fit into 64 bits. It is held as a fractional number.
fn is_huge(number: &Number) -> bool {
    number.is_f64() && number.as_f64().is_some_and(|value| value.abs() >= 2_f64.powi(63))
}

/// What a value is, in words: `a string`.
pub(super) fn article(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if is_huge(number) => "a huge number",
        Value::Number(number) if number.is_f64() => "a fractional number",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DECLARED: &[Argument] = &[
        Argument::required("uri", Kind::String),
        Argument::optional("limit", Kind::Integer(1, 9)),
        Argument::optional("channels", Kind::Objects(&[Argument::required("addr", Kind::Object(&[]))])),
        Argument::optional("enable", Kind::Strings),
        Argument::optional("resume", Kind::Boolean),
    ];

    #[test]
    fn each_mistake_names_its_argument() {
        let cases = [
            (json!({}), "argument `uri` is missing"),
            (json!({"url": "x"}), "argument `url` is unknown (taken: `uri`, `limit`, `channels`, `enable`, `resume`)"),
            (json!({"uri": 5}), "argument `uri` must be a string, not an integer"),
            (json!({"uri": null}), "argument `uri` must be a string, not null"),
            (json!({"uri": "x", "limit": 0}), "argument `limit` is 0, but must be between 1 and 9"),
            (json!({"uri": "x", "limit": -3}), "argument `limit` is -3, but must be between 1 and 9"),
            (json!({"uri": "x", "limit": 1.5}), "argument `limit` must be an integer, not a fractional number"),
            (
                json!({"uri": "x", "limit": 18_446_744_073_709_551_616_f64}),
                "argument `limit` is too large: it must be between 1 and 9",
            ),
            (json!({"uri": "x", "limit": "1"}), "argument `limit` must be an integer, not a string"),
            (json!({"uri": "x", "resume": 1}), "argument `resume` must be a boolean, not an integer"),
            (json!({"uri": "x", "enable": ["a", 1]}), "argument `enable[1]` must be a string, not an integer"),
            (json!({"uri": "x", "channels": {}}), "argument `channels` must be a list of objects, not an object"),
            (json!({"uri": "x", "channels": [1]}), "argument `channels[0]` must be an object, not an integer"),
            (json!({"uri": "x", "channels": [{}]}), "argument `channels[0].addr` is missing"),
            (
                json!({"uri": "x", "channels": [{"addr": {"a": 1}}]}),
                "argument `channels[0].addr.a` is unknown (none is taken)",
            ),
        ];
        for (given, expected) in cases {
            let error = Arguments::check(given.as_object().unwrap(), DECLARED).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn what_passed_can_be_read() {
        let given = json!({"uri": "x", "limit": 9, "enable": ["a"], "channels": [{"addr": {}}], "resume": false});
        let arguments = Arguments::check(given.as_object().unwrap(), DECLARED).unwrap();
        assert_eq!(arguments.string("uri"), Some("x"));
        assert_eq!(arguments.integer("limit"), Some(9));
        assert_eq!(arguments.boolean("resume"), Some(false));
        assert!(arguments.strings("enable").unwrap().eq(["a"]));
        assert!(arguments.objects("channels").unwrap().next().unwrap().object("addr").is_some());
    }
}
