//! A live QMP socket: the session is opened, the process is asked where it is, and then it is followed.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use anyhow::{Context, Result};
use migration_table::model::Table;
use serde_json::{Value, json};

use super::super::recording::{Assumed, Follower, Trouble};
use crate::outcome::Outcome;
use crate::output::{say, to_stdout};

/// The command that tells whether statuses are published; also its id.
const CAPABILITIES: &str = "query-migrate-capabilities";

/// The command that tells the status that is shown; also its id. What comes before its reply is history.
const STATUS: &str = "query-migrate";

/// Follows the process at a socket.
///
/// It has begun long ago as far as we know, so it is asked for its status first. A session shows its own commands and
/// everybody's events, so others may do unseen what any client may do: what is published must follow from some commands.
/// Nothing is changed in the process; where it does not publish statuses, that is said.
pub(super) fn run(table: &Table, table_name: &str, socket: &Path, assumed: &Assumed) -> Result<Outcome> {
    let name = socket.display();
    let cannot = || format!("cannot follow the process at `{name}`");
    let mut stream = UnixStream::connect(socket).with_context(cannot)?;
    let mut lines = BufReader::new(stream.try_clone().with_context(cannot)?);
    // Whoever follows a live process comes late, and is not alone.
    let mut follower = Follower::new(table, &assumed.of_a_spectator());
    for command in ["qmp_capabilities", CAPABILITIES, STATUS] {
        let line = json!({ "execute": command, "id": command }).to_string() + "\n";
        stream.write_all(line.as_bytes()).with_context(cannot)?;
    }
    to_stdout(&format!("following `{name}` as a run of `{table_name}`\n"))?;
    let (mut line, mut has_begun) = (String::new(), false);
    loop {
        line.clear();
        if lines.read_line(&mut line).with_context(cannot)? == 0 {
            to_stdout(&format!("the process at `{name}` is gone; all that it did is explained\n"))?;
            return Ok(Outcome::Clean);
        }
        if !has_begun {
            to_stdout(&line)?;
            if is_silent(&line) {
                say(format_args!("{name}: statuses are not published: the capability `events` is off"));
            }
            if let Some(status) = status(&line) {
                follower.begin(status);
                has_begun = true;
            }
            continue;
        }
        let troubles = follower.line(&line);
        if troubles.is_empty() {
            to_stdout(&line)?;
        }
        for trouble in troubles {
            match trouble {
                Trouble::BadLine(bad) => say(format_args!("{name}: {bad}")),
                Trouble::Unexplained(stop) => {
                    to_stdout(&stop.to_string())?;
                    return Ok(Outcome::Findings);
                }
            }
        }
    }
}

/// The status in the reply to our question, if the line is that.
fn status(line: &str) -> Option<Option<String>> {
    let reply: Value = serde_json::from_str(line).ok()?;
    (reply["id"] == STATUS).then(|| reply["return"]["status"].as_str().map(str::to_owned))
}

/// Whether the line is the reply that says that statuses are not published.
fn is_silent(line: &str) -> bool {
    let reply: Value = serde_json::from_str(line).unwrap_or(Value::Null);
    let capabilities = reply["return"].as_array().into_iter().flatten();
    let mut events = capabilities.filter(|entry| entry["capability"] == "events");
    reply["id"] == CAPABILITIES && events.any(|entry| entry["state"] == false)
}
