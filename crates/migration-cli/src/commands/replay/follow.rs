//! A live QMP socket: the session is opened, the process is asked where it is, and then it is followed.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::{Context, Result};
use migration_replay::Query;
use migration_replay::log::printable;
use migration_table::model::Table;
use serde_json::{Value, json};

use crate::commands::explorer::{LivePage, PAUSE};
use crate::commands::recording::{Assumed, Follower, Trouble};
use crate::outcome::Outcome;
use crate::output::{say, to_stdout};
use crate::table_file::TableFile;

/// The command that tells whether statuses are published; also its id.
const CAPABILITIES: &str = "query-migrate-capabilities";

/// A line of a live process is not longer than this, in bytes.
const LINE_BYTES_MAX: u64 = 16 << 20;

/// Follows the process at a socket.
///
/// It has begun long ago as far as we know, so it is asked for its status first. A session shows its own commands and
/// everybody's events, so others may do unseen what any client may do: what is published must follow from some commands.
/// Nothing is changed in the process; where it does not publish statuses, that is said. A page is written anew whenever
/// something was seen.
pub(super) fn run(
    file: &TableFile,
    table: &Table,
    socket: &Path,
    page: Option<&Path>,
    assumed: &Assumed,
) -> Result<Outcome> {
    let name = printable(&socket.display().to_string());
    let cannot = || format!("cannot follow the process at `{name}`");
    let mut stream = UnixStream::connect(socket).with_context(cannot)?;
    let mut lines = BufReader::new(stream.try_clone().with_context(cannot)?);
    let mut page = match page {
        None => None,
        Some(path) => match LivePage::begin(file, path, &name)? {
            None => return Ok(Outcome::Findings),
            page => page,
        },
    };
    // Whoever follows a live process comes late, and is not alone.
    let mut follower = Follower::new(table, &assumed.of_a_spectator());
    // The reply to the last one tells the status that is shown. What comes before it is history.
    let query = migration_replay::query_of(table);
    for command in ["qmp_capabilities", CAPABILITIES, query.command.as_str()] {
        let line = json!({ "execute": command, "id": command }).to_string() + "\n";
        stream.write_all(line.as_bytes()).with_context(cannot)?;
    }
    to_stdout(&format!("following `{name}` as a run of `{}`\n", file.name()))?;
    if page.is_some() {
        stream.set_read_timeout(Some(PAUSE)).with_context(cannot)?;
    }
    let (mut line, mut has_begun) = (Vec::new(), false);
    loop {
        match read_line(&mut lines, &mut line).with_context(cannot)? {
            Came::Line => {}
            Came::Nothing => {
                page.iter_mut().try_for_each(LivePage::write)?;
                continue;
            }
            Came::End if !has_begun => {
                say(format_args!(
                    "the process at `{name}` is gone, and never answered `{}`: nothing that it did was judged",
                    query.command
                ));
                return Ok(Outcome::CouldNotRun);
            }
            Came::End => {
                let text = "is gone; all that it did is explained";
                page.iter_mut().try_for_each(|page| page.end("go", text))?;
                to_stdout(&format!("the process at `{name}` {text}\n"))?;
                return Ok(Outcome::Clean);
            }
        }
        let line = std::mem::take(&mut line);
        let line = String::from_utf8_lossy(&line);
        let shown = printable(line.trim_end()) + "\n";
        if !has_begun {
            to_stdout(&shown)?;
            if is_silent(&line) {
                say(format_args!("{name}: statuses are not published: the capability `events` is off"));
            }
            if let Some(status) = status(&line, &query) {
                follower.begin(status);
                has_begun = true;
            }
            continue;
        }
        let troubles = follower.line(&line, |seen, replay| page.iter_mut().for_each(|page| page.add(seen, replay)));
        page.iter_mut().try_for_each(LivePage::write)?;
        if troubles.is_empty() {
            to_stdout(&shown)?;
        }
        for trouble in troubles {
            match trouble {
                Trouble::BadLine(bad) => say(format_args!("{name}: {}", printable(&bad.why))),
                Trouble::Unexplained(stop) => {
                    page.iter_mut().try_for_each(|page| page.end("stop", &stop.what))?;
                    to_stdout(&stop.to_string())?;
                    return Ok(if stop.gave_up { Outcome::CouldNotRun } else { Outcome::Findings });
                }
            }
        }
    }
}

/// What came of a process.
enum Came {
    Line,
    /// No whole line within the time that is waited for one.
    Nothing,
    End,
}

/// Reads until `line` is a whole one, or as long as a line may be. What came of it before a pause stays in it.
fn read_line(lines: &mut BufReader<UnixStream>, line: &mut Vec<u8>) -> io::Result<Came> {
    let rest = LINE_BYTES_MAX.saturating_sub(line.len() as u64);
    match lines.by_ref().take(rest).read_until(b'\n', line) {
        Ok(0) if line.is_empty() => Ok(Came::End),
        Ok(_) => Ok(Came::Line),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => Ok(Came::Nothing),
        Err(error) => Err(error),
    }
}

/// The status in the reply to our question, if the line is that.
fn status(line: &str, query: &Query) -> Option<Option<String>> {
    let reply: Value = serde_json::from_str(line).ok()?;
    let is_reply = reply["id"] == query.command.as_str();
    is_reply.then(|| reply["return"][query.member.as_str()].as_str().map(str::to_owned))
}

/// Whether the line is the reply that says that statuses are not published.
fn is_silent(line: &str) -> bool {
    let reply: Value = serde_json::from_str(line).unwrap_or(Value::Null);
    let capabilities = reply["return"].as_array().into_iter().flatten();
    let mut events = capabilities.filter(|entry| entry["capability"] == "events");
    reply["id"] == CAPABILITIES && events.any(|entry| entry["state"] == false)
}
