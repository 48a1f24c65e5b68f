//! The screen of `qmp-shell`: commands as people type them, in all its ways: with and without echo, pretty or not; and
//! the file that it keeps.

use serde_json::{Map, Value};

use super::definition::{Format, Read, Taken};
use super::memory::Memory;
use crate::log::line::{Message, Origin};
use crate::log::python;
use crate::names::Names;

pub(super) const FORMAT: Format = Format {
    name: "qmp-shell",
    doc: "its screen, with and without `-v` and `-p`, and the file that it keeps; it shows events when it is asked",
    sample: "(QEMU) migrate uri=tcp:127.0.0.1:4444\n{\"return\": {}}\n\
             (QEMU) \n{'event': 'MIGRATION', 'data': {'status': 'setup'}}\n",
    read: Read::Record(read),
};

const PROMPT: &str = "(QEMU)";

/// Whether a message is the echo of the command that was typed just before. With `-v` the shell shows what it sends.
pub(in crate::log) fn is_echo(memory: &mut Memory, message: &Message) -> bool {
    if std::mem::take(&mut memory.shell.is_told) {
        return false;
    }
    let typed = memory.shell.typed.take();
    matches!(message, Message::Command { name, tag: None, .. } if typed.as_ref() == Some(name))
}

fn read(memory: &mut Memory, line: &str, _: &mut Origin, _: &Names) -> Taken {
    if memory.human.is_shell {
        return Taken::No;
    }
    let Some(typed) = at_prompt(line) else { return Taken::No };
    let Some((name, arguments)) = command(typed) else {
        return if typed.contains('{') { Taken::No } else { Taken::Said(Vec::new()) };
    };
    (memory.shell.typed, memory.shell.is_told) = (Some(name.clone()), true);
    Taken::Said(vec![Message::Command { name, arguments, out_of_band: false, tag: None }])
}

/// What stands behind the prompts at the beginning of a line; `None` if there is no prompt.
fn at_prompt(line: &str) -> Option<&str> {
    let mut rest = line.trim().strip_prefix(PROMPT)?;
    while let Some(next) = rest.trim_start().strip_prefix(PROMPT) {
        rest = next;
    }
    Some(rest.trim_start())
}

/// A command at the prompt: a name and arguments as `key=value`, values as JSON or as plain text.
fn command(typed: &str) -> Option<(String, Value)> {
    let mut words = words(typed).into_iter();
    let name = words.next().filter(|name| !name.contains(['{', '}']))?;
    let mut arguments = Map::new();
    for word in words {
        let (key, text) = word.split_once('=')?;
        insert(&mut arguments, key, value(text))?;
    }
    Some((name.to_owned(), Value::Object(arguments)))
}

/// Words with spaces between them; spaces in quotes belong to the word.
fn words(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote, mut is_escaped) = (Vec::new(), None, None, false);
    for (at, c) in text.char_indices() {
        match quote {
            Some(_) if is_escaped => is_escaped = false,
            Some(_) if c == '\\' => is_escaped = true,
            Some(end) if c == end => quote = None,
            Some(_) => {}
            None if c.is_whitespace() => words.extend(start.take().map(|start: usize| &text[start..at])),
            None => {
                start = start.or(Some(at));
                quote = matches!(c, '"' | '\'').then_some(c);
            }
        }
    }
    words.extend(start.map(|start| &text[start..]));
    words
}

/// Puts a value at a path of keys with dots between them; `None` if something else is there.
fn insert(arguments: &mut Map<String, Value>, path: &str, value: Value) -> Option<()> {
    match path.split_once('.') {
        None => arguments.insert(path.to_owned(), value).is_none().then_some(()),
        Some((key, rest)) => {
            let inner = arguments.entry(key).or_insert_with(|| Value::Object(Map::new()));
            insert(inner.as_object_mut()?, rest, value)
        }
    }
}

fn value(text: &str) -> Value {
    let word = text.to_lowercase();
    if let "true" | "false" = word.as_str() {
        return Value::Bool(word == "true");
    }
    let is_json = text.starts_with(['{', '[']) || text.parse::<i64>().is_ok();
    let json = |text: &str| serde_json::from_str(text).ok();
    let value = is_json.then(|| json(text).or_else(|| json(&python::as_json(text)?))).flatten();
    value.unwrap_or_else(|| Value::from(text))
}
