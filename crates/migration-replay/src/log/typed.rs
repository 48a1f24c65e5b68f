//! Commands as people type them: at the prompt of `qmp-shell`, and in the human monitor.

use serde_json::{Map, Value};

use super::python;
use crate::observation::Command;

const PROMPT: &str = "(QEMU)";

/// What stands behind the prompts at the beginning of a line; none if there is no prompt.
pub(super) fn at_prompt(line: &str) -> Option<&str> {
    let mut rest = line.trim().strip_prefix(PROMPT)?;
    while let Some(next) = rest.trim_start().strip_prefix(PROMPT) {
        rest = next;
    }
    Some(rest.trim_start())
}

/// A command at the prompt of `qmp-shell`: a name and arguments as `key=value`, values as JSON or as plain text.
pub(super) fn command(typed: &str) -> Option<(String, Value)> {
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

/// Puts a value at a path of keys with dots between them; none if something else is there.
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

/// A line of the human monitor, as the QMP command that does the same.
pub(super) fn human(line: &str) -> Command {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    let mut command = Command { human: true, ..Command::default() };
    command.name = match name {
        "migrate_cancel" | "quit" => name.to_owned(),
        "savevm" => "snapshot-save".to_owned(),
        "migrate_continue"
        | "migrate_start_postcopy"
        | "migrate_pause"
        | "migrate_recover"
        | "migrate_incoming"
        | "x_colo_lost_heartbeat" => name.replace('_', "-"),
        "migrate_set_capability" => {
            if let [capability, state] = rest[..] {
                command.capabilities = vec![(capability.to_owned(), matches!(state, "on" | "yes" | "true"))];
            }
            "migrate-set-capabilities".to_owned()
        }
        "migrate_set_parameter" => {
            if let [name, value] = rest[..] {
                command.arguments = vec![(name.to_owned(), value.to_owned())];
            }
            "migrate-set-parameters".to_owned()
        }
        "migrate" => {
            if rest.contains(&"-r") {
                command.arguments = vec![("resume".to_owned(), "true".to_owned())];
            }
            name.to_owned()
        }
        _ => name.to_owned(),
    };
    command
}
