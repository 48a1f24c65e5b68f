//! Two processes between which a guest is moved, whoever made them: what is asked of both is plain QMP.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use migration_testkit::process::Process;
use migration_testkit::qmp::{Client, next_event};
use serde_json::{Value, json};

use super::found::Found;
use super::free::FreePages;
use super::options::Options;

/// How long a migration may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

/// No limit, but a number that QEMU takes as well as our hosts: bytes a second.
pub(super) const BANDWIDTH_UNLIMITED: u64 = 1 << 42;

/// A source with a running guest and a destination that awaits one, each a process and a client.
pub(super) struct Pair<'p> {
    pub(super) processes: [&'p Process; 2],
    pub(super) clients: [&'p mut Client; 2],
    /// What the destination gets its memory from.
    pub(super) pages: Option<FreePages>,
}

/// A migration that has come to its good end.
pub(super) struct Moved {
    /// From the first `MIGRATION` event of the source to the last.
    pub(super) total: Duration,
    /// From the event `STOP` of the source to the event `RESUME` of the destination.
    pub(super) standstill: Duration,
    /// What `query-migrate` says that was.
    pub(super) downtime_ms: f64,
    pub(super) source_cpu: Duration,
    pub(super) destination_cpu: Duration,
    /// How the kernel found the pages.
    pub(super) found: Found,
}

/// When what happened, by the clock that both processes share.
#[derive(Default)]
struct Times {
    began: Option<Duration>,
    stopped: Option<Duration>,
    resumed: Option<Duration>,
    completed: Option<Duration>,
    arrived: bool,
}

impl Pair<'_> {
    /// Moves the guest and waits until both sides say that it was.
    pub(super) fn migrate(&mut self, options: &Options) -> Result<Moved> {
        let limits = json!({ "max-bandwidth": BANDWIDTH_UNLIMITED, "downtime-limit": options.downtime_limit_ms });
        let [source, destination] = &mut self.clients;
        source.execute("migrate-set-parameters", limits)?;
        if options.connections > 1 {
            for client in [&mut **source, &mut **destination] {
                client.capability("multifd")?;
                client.execute("migrate-set-parameters", json!({ "multifd-channels": options.connections }))?;
            }
        }
        destination.execute("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0" }))?;
        let address = address(&destination.execute("query-migrate", json!({}))?)?;
        if let Some(pages) = self.pages.take() {
            pages.give();
        }
        let (cpu, found) = (self.processor_times()?, Found::now());
        self.clients[0].execute("migrate", json!({ "uri": address }))?;
        let times = self.follow()?;
        let figures = self.clients[0].execute("query-migrate", json!({}))?;
        let zero_pages = figures.pointer("/ram/duplicate").and_then(Value::as_u64).unwrap_or_default();
        // A few pages outside the guest's memory proper, such as QEMU's for its firmware, may be zero.
        ensure!(zero_pages < 512, "{zero_pages} pages were sent as zero, and none of the memory was to be");
        let (Some(began), Some(completed)) = (times.began, times.completed) else {
            bail!("the source did not say when it began");
        };
        let (Some(stopped), Some(resumed)) = (times.stopped, times.resumed) else {
            bail!("the hosts did not say when the guest stopped and went on");
        };
        let (cpu_after, found_after) = (self.processor_times()?, Found::now());
        Ok(Moved {
            total: completed.saturating_sub(began),
            standstill: resumed.saturating_sub(stopped),
            downtime_ms: figures["downtime"].as_f64().context("the source does not tell the downtime")?,
            source_cpu: cpu_after[0].saturating_sub(cpu[0]),
            destination_cpu: cpu_after[1].saturating_sub(cpu[1]),
            found: found_after.since(&found),
        })
    }

    fn processor_times(&self) -> Result<[Duration; 2]> {
        let [source, destination] = self.processes;
        Ok([source.processor_time()?, destination.processor_time()?])
    }

    fn follow(&mut self) -> Result<Times> {
        let deadline = Instant::now() + PATIENCE;
        let mut times = Times::default();
        while times.completed.is_none() || times.resumed.is_none() || !times.arrived {
            let left = deadline.saturating_duration_since(Instant::now());
            let (side, event) = next_event(&mut self.clients, left)?.context("the migration does not end")?;
            let status = event.data["status"].as_str().unwrap_or_default();
            match (["source", "destination"][side], event.name.as_str(), status) {
                ("source", "STOP", _) => times.stopped = Some(event.at),
                ("destination", "RESUME", _) => times.resumed = Some(event.at),
                ("destination", "MIGRATION", "completed") => times.arrived = true,
                (side, "MIGRATION", "failed") => bail!("the migration failed on the {side}"),
                ("source", "MIGRATION", "completed") => times.completed = Some(event.at),
                ("source", "MIGRATION", _) => times.began = times.began.or(Some(event.at)),
                _ => {}
            }
        }
        Ok(times)
    }
}

/// Where a destination listens that was told to take any free port.
pub(super) fn address(reply: &Value) -> Result<String> {
    if let Some(ours) = reply["x-listens-at"].as_str() {
        return Ok(ours.to_owned());
    }
    let socket = &reply["socket-address"][0];
    match (socket["host"].as_str(), socket["port"].as_str()) {
        (Some(host), Some(port)) => Ok(format!("tcp:{host}:{port}")),
        _ => bail!("the destination does not say where it listens: {reply}"),
    }
}
