//! The human monitor of QEMU: commands at its prompt, and what it says to them.
//!
//! It does not say whether a command was refused, so only the status that `info migrate` shows is compared. What follows
//! a command up to the next prompt is its reply.

use serde_json::{Value, json};

use super::definition::{Format, Read, Taken};
use super::memory::{Human, Memory};
use crate::log::line::{Message, Origin};
use crate::names::Names;
use crate::observation::{Command, Reply};

pub(super) const FORMAT: Format = Format {
    name: "human monitor",
    doc: "a session at the prompt `(qemu)`, `qmp-shell -H`, `virsh qemu-monitor-command --hmp`, and the status in what \
          `info migrate` shows",
    sample: "(qemu) migrate -d tcp:localhost:4444\n(qemu) info migrate\nMigration status: setup\n(qemu) \n",
    read: Read::Record(read),
};

/// The name of the QMP command that passes a line on to the human monitor.
pub(in crate::log) const PASSES_ON: &str = "human-monitor-command";
const PROMPT: &str = "(qemu)";
/// The prompt of `qmp-shell -H`, which says first what it is.
const SHELL_PROMPT: &str = "(QEMU)";
const SHELL_BANNER: &str = "Welcome to the HMP shell!";
/// Before the status, of older and of newer releases.
const STATUS: &[&str] = &["Migration status:", "Status:"];
/// How `virsh` passes a line on.
const VIRSH: &str = "qemu-monitor-command";
/// The longest text of a reply that is kept, in bytes.
const TEXT_BYTES_MAX: usize = 64 << 10;

/// The reply to the last command, which is over, and the process that gave it.
pub(in crate::log) fn finish(memory: &mut Memory) -> Option<(String, Message)> {
    ended(&mut memory.human)
}

fn read(memory: &mut Memory, line: &str, origin: &mut Origin, names: &Names) -> Taken {
    let state = &mut memory.human;
    if line.contains(SHELL_BANNER) {
        state.is_shell = true;
    }
    if let Some(typed) = at_prompt(state, line) {
        let is_command = !typed.is_empty() && !typed.starts_with('{');
        return begin(state, origin, is_command.then_some(typed));
    }
    if let Some((domain, typed)) = by_virsh(line) {
        origin.process = domain;
        return begin(state, origin, Some(&typed));
    }
    let is_status = shown(line, names).is_some();
    match &mut state.reply {
        Some((process, text)) if !line.trim_start().starts_with('{') => {
            origin.process.clone_from(process);
            if text.len() < TEXT_BYTES_MAX {
                text.push_str(line);
                text.push('\n');
            }
            // Nothing after it matters.
            Taken::Said(if is_status { said(ended(state)) } else { Vec::new() })
        }
        Some(_) => Taken::No,
        // What somebody copied without the command.
        None if is_status && line.trim_start().starts_with(STATUS[0]) => {
            state.reply = Some((origin.process.clone(), line.to_owned()));
            Taken::Said(std::iter::once(passed_on("info migrate")).chain(said(ended(state))).collect())
        }
        None => Taken::No,
    }
}

/// A command is given, or the prompt is there and none is; the one before is over.
fn begin(state: &mut Human, origin: &Origin, typed: Option<&str>) -> Taken {
    let before = said(ended(state));
    state.reply = typed.map(|_| (origin.process.clone(), String::new()));
    Taken::Said(before.into_iter().chain(typed.map(passed_on)).collect())
}

fn ended(state: &mut Human) -> Option<(String, Message)> {
    let (process, text) = state.reply.take()?;
    let body = json!({ "return": text });
    Some((process, Message::Return { name: Some(PASSES_ON.to_owned()), tag: None, body }))
}

fn said(reply: Option<(String, Message)>) -> Vec<Message> {
    reply.into_iter().map(|(_, message)| message).collect()
}

fn passed_on(line: &str) -> Message {
    let (name, arguments) = (PASSES_ON.to_owned(), json!({ "command-line": line }));
    Message::Command { name, arguments, out_of_band: false, tag: None }
}

/// What stands behind the prompts at the beginning of a line.
fn at_prompt<'l>(state: &Human, line: &'l str) -> Option<&'l str> {
    let prompt = if state.is_shell { SHELL_PROMPT } else { PROMPT };
    let mut rest = line.trim().strip_prefix(prompt)?;
    while let Some(next) = rest.trim_start().strip_prefix(prompt) {
        rest = next;
    }
    Some(rest.trim())
}

/// `virsh qemu-monitor-command DOMAIN --hmp LINE`, with the option anywhere: the domain and the line.
fn by_virsh(line: &str) -> Option<(String, String)> {
    let (_, rest) = line.split_once(VIRSH)?;
    let is_human = |word: &&str| *word == "--hmp";
    if !rest.split_whitespace().any(|word| is_human(&word)) {
        return None;
    }
    let mut words = rest.split_whitespace().filter(|word| !word.starts_with("--"));
    let domain = words.next()?.to_owned();
    let typed: Vec<&str> = words.collect();
    let typed = typed.join(" ");
    let typed = typed.trim_matches(['"', '\'']);
    (!typed.is_empty()).then(|| (domain, typed.to_owned()))
}

/// The status that a line of `info migrate` shows.
fn shown<'l>(line: &'l str, names: &Names) -> Option<&'l str> {
    let rest = STATUS.iter().find_map(|key| line.trim_start().strip_prefix(key))?;
    let word = rest.split_whitespace().next()?;
    names.may_be_status(word).then_some(word)
}

/// What the text of a reply says about the status.
pub(in crate::log) fn status(text: &str, names: &Names) -> Reply {
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    match lines().find_map(|line| shown(line, names)) {
        Some(status) => Reply::Status(Some(status.to_owned())),
        None if lines().all(|line| line.starts_with("globals") || line.starts_with("capabilities")) => {
            Reply::Status(None)
        }
        None => Reply::Unreadable,
    }
}

/// A line of the human monitor, as the QMP command that does the same.
pub(in crate::log) fn command(line: &str, names: &Names) -> Command {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    let mut command = Command { human: true, ..Command::default() };
    command.name = match name {
        "migrate_cancel" | "quit" => name.to_owned(),
        "q" => "quit".to_owned(),
        "info" if rest.first() == Some(&"migrate") => names.wire.query.clone(),
        "savevm" => "snapshot-save".to_owned(),
        "migrate_continue"
        | "migrate_start_postcopy"
        | "migrate_pause"
        | "migrate_recover"
        | "migrate_incoming"
        | "x_colo_lost_heartbeat" => name.replace('_', "-"),
        "migrate_set_capability" => {
            if let [capability, state] = rest[..] {
                // Names of capabilities that were experimental had a mark.
                let capability = capability
                    .strip_prefix("x-postcopy")
                    .map_or(capability.to_owned(), |rest| format!("postcopy{rest}"));
                command.capabilities = vec![(capability, matches!(state, "on" | "yes" | "true"))];
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

/// The line that a command passes on to the human monitor.
pub(in crate::log) fn line_of<'a>(name: &str, arguments: &'a Value) -> Option<&'a str> {
    (name == PASSES_ON).then(|| arguments.get("command-line")?.as_str()).flatten()
}
