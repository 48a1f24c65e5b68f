//! Traces of QEMU: changes of state, commands, and what the monitor answers, as its backends write them.
//!
//! `log` writes `THREAD@SECONDS:` before a point if it was asked for times: the number is that of a thread, and one
//! process has many. `simpletrace.py` writes `name=value` for every argument; others put the name of the program first.
//! A change of state is traced whether or not it is published; where both are there, they are one.

use serde_json::Value;

use super::definition::{Format, Read, Taken};
use super::memory::Memory;
use crate::log::line::{Holds, Message, Origin};
use crate::log::text::{is_number, value_of};
use crate::names::Names;

pub(super) const FORMAT: Format = Format {
    name: "trace of QEMU",
    doc: "`migrate_set_state`, `qmp_enter_*`, `qmp_exit_*`, `qmp_cmd_name`, `handle_qmp_command` and \
          `monitor_qmp_respond`, with and without times; the number before `@` is a thread, and all threads of a \
          trace are one process; each `pid=` of `simpletrace.py` is a process of its own",
    sample: "29821@1709891234.123456:migrate_set_state new state setup\n",
    read: Read::Record(read),
};

const CHANGE: &str = "migrate_set_state";
const ENTER: &str = "qmp_enter_";
const EXIT: &str = "qmp_exit_";
const NAME: &str = "qmp_cmd_name: ";
/// Points whose text has a whole message in it.
const MESSAGES: &[&str] = &["monitor_qmp_respond ", "handle_qmp_command "];

/// Before a state, as `simpletrace.py` and LTTng write arguments.
const VALUES: &[&str] = &["new_state=b'", "new_state = \"", "new_state="];

const NUMBERS: &str = "QEMU before 2.5 traced states as numbers, which differ from release to release: \
                       record events, or trace with a newer release";

fn read(_: &mut Memory, line: &str, origin: &mut Origin, names: &Names) -> Taken {
    let points = [CHANGE, ENTER, EXIT, NAME].iter().chain(MESSAGES);
    let Some(start) = points.filter_map(|point| line.find(point)).min().filter(|at| is_point(line, *at)) else {
        return Taken::No;
    };
    let text = &line[start..];
    let taken = point(text, start, names);
    if !matches!(taken, Taken::No) {
        place(&line[..start], text, origin);
    }
    taken
}

fn point(text: &str, start: usize, names: &Names) -> Taken {
    if let Some(rest) = text.strip_prefix(CHANGE) {
        return change(rest);
    }
    if let Some(rest) = text.strip_prefix(ENTER) {
        let (name, arguments) = rest.split_once(' ').unwrap_or((rest, ""));
        return command(&names.command(name), arguments, start + text.len() - arguments.len());
    }
    if let Some(rest) = text.strip_prefix(NAME) {
        let (name, arguments) = rest.split_once(", arguments: ").unwrap_or((rest.trim(), ""));
        return command(name, arguments, start + text.len() - arguments.len());
    }
    if let Some(rest) = text.strip_prefix(EXIT) {
        let (name, result) = rest.split_once(' ').unwrap_or((rest, ""));
        let key = if result.trim_end().ends_with(" 0") { "error" } else { "return" };
        let value = serde_json::Deserializer::from_str(result).into_iter().next();
        let body = serde_json::json!({ key: value.and_then(Result::ok).unwrap_or(Value::Null) });
        return Taken::Said(vec![Message::Return { name: Some(names.command(name)), tag: None, body }]);
    }
    Taken::Object(start, Holds::Message)
}

/// ` new state X`, or with the name of the argument.
fn change(rest: &str) -> Taken {
    let status = match rest.split_once("new state ") {
        Some((_, status)) => status.split_whitespace().next(),
        None => VALUES.iter().find_map(|key| value_of(rest, key)),
    };
    match status {
        None => Taken::No,
        Some(number) if is_number(number) => Taken::Unreadable(NUMBERS),
        Some(status) => Taken::Said(vec![Message::Changed { status: status.to_owned() }]),
    }
}

fn command(name: &str, arguments: &str, at: usize) -> Taken {
    let command = name.trim().to_owned();
    if arguments.contains('{') {
        return Taken::Object(at, Holds::Arguments { command });
    }
    let arguments = Value::Null;
    Taken::Said(vec![Message::Command { name: command, arguments, out_of_band: false, tag: None }])
}

/// Whether the name of a point begins here: at the beginning, or after what a backend puts before it.
fn is_point(line: &str, at: usize) -> bool {
    at == 0 || line[..at].ends_with([' ', ':', '\t'])
}

/// Takes the time from what stands before a point, `THREAD@SECONDS:`, or the process from `pid=PID` after it.
fn place(before: &str, text: &str, origin: &mut Origin) {
    origin.is_record = true;
    let mark = before.trim_end_matches([':', ' ']).rsplit(' ').next().unwrap_or_default();
    if let Some((thread, seconds)) = mark.split_once('@')
        && is_number(thread)
    {
        origin.time = seconds.parse().ok().or(origin.time);
    } else if let Some(pid) = value_of(text, " pid=").filter(|pid| is_number(pid)) {
        origin.process = format!("pid {pid}");
    }
}
