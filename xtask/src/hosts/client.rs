//! A QMP client: one connection to one host, whose events go to a queue that several hosts may share.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};

/// How long a host may take to listen, and to reply: filling or checking gigabytes of memory takes its time.
const PATIENCE: Duration = Duration::from_secs(60);

/// One event of one host.
pub(crate) struct Event {
    /// The side that sent it.
    pub(crate) side: &'static str,
    /// Its name, for example `MIGRATION`; empty when the host hung up.
    pub(crate) name: String,
    /// Its data.
    pub(crate) data: Value,
    /// When it happened by the host's clock, since 1970; to the microsecond.
    pub(crate) at: Duration,
}

/// A connection to one host.
pub(crate) struct Client {
    side: &'static str,
    stream: UnixStream,
    replies: Receiver<Value>,
}

impl Client {
    /// Connects to the host that listens, or is about to, at `path`, and leaves negotiation mode.
    pub(crate) fn connect(side: &'static str, path: &Path, events: Sender<Event>) -> Result<Self> {
        let stream = connect(path).with_context(|| format!("the {side} host does not listen at {}", path.display()))?;
        let lines = BufReader::new(stream.try_clone()?);
        let (reply, replies) = channel();
        thread::spawn(move || read(side, lines, &reply, &events));
        let mut client = Self { side, stream, replies };
        client.reply()?; // the greeting
        client.run("qmp_capabilities", &json!({}))?;
        Ok(client)
    }

    /// Runs a command and returns what it returns.
    pub(crate) fn run(&mut self, command: &str, arguments: &Value) -> Result<Value> {
        let line = json!({ "execute": command, "arguments": arguments }).to_string();
        writeln!(self.stream, "{line}").with_context(|| format!("the {} host hung up", self.side))?;
        let mut reply = self.reply()?;
        match reply.get_mut("return") {
            Some(value) => Ok(value.take()),
            None => bail!("the {} host refused `{command}`: {}", self.side, reply["error"]["desc"]),
        }
    }

    fn reply(&self) -> Result<Value> {
        let late = |_| anyhow!("the {} host did not reply within {} s", self.side, PATIENCE.as_secs());
        self.replies.recv_timeout(PATIENCE).map_err(late)
    }
}

fn connect(path: &Path) -> Result<UnixStream> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match UnixStream::connect(path) {
            Ok(stream) => return Ok(stream),
            Err(error) if Instant::now() > deadline => return Err(error.into()),
            Err(_) => thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Sorts the lines of a host into replies and events until it hangs up.
fn read(side: &'static str, lines: impl BufRead, replies: &Sender<Value>, events: &Sender<Event>) {
    for line in lines.lines().map_while(Result::ok) {
        let Ok(mut value) = serde_json::from_str::<Value>(&line) else { continue };
        let sent = match value["event"].as_str().map(str::to_owned) {
            Some(name) => {
                let at = time(&value["timestamp"]);
                events.send(Event { side, name, data: value["data"].take(), at }).is_ok()
            }
            None => replies.send(value).is_ok(),
        };
        if !sent {
            return;
        }
    }
    // Nobody listens any more once everything is over.
    let _ = events.send(Event { side, name: String::new(), data: Value::Null, at: Duration::ZERO });
}

fn time(stamp: &Value) -> Duration {
    let number = |member: &str| stamp[member].as_u64().unwrap_or_default();
    Duration::from_secs(number("seconds")) + Duration::from_micros(number("microseconds"))
}
