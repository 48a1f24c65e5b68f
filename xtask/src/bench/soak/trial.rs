//! One migration with one trouble, and how it ended.

use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use migration_testkit::host::Host;
use migration_testkit::qmp::{Client, next_event};
use rustix::process::Signal;
use serde_json::{Value, json};

/// How long the sides wait for each other. The destination gives up before the source's wait ends, as by default.
const SOURCE: [&str; 6] = [
    "--timeout=negotiating=2000",
    "--timeout=active=1000",
    "--timeout=pre_switchover=1000",
    "--timeout=device=1000",
    "--timeout=handing_over=2500",
    "--timeout=in_doubt=2500",
];
const DESTINATION: [&str; 4] =
    ["--incoming", "tcp:127.0.0.1:0", "--timeout=loading=1500", "--timeout=standing_by=1200"];

/// No migration takes longer, whatever happens.
const PATIENCE: Duration = Duration::from_secs(60);

/// Connections of a flood.
const FLOOD: usize = 300;

/// What happens during a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Nothing,
    Cancel,
    CancelAtDestination,
    KillSource,
    KillDestination,
    StallSource,
    StallDestination,
    Flood,
}

pub(super) const TROUBLES: [Trouble; 8] = [
    Trouble::Nothing,
    Trouble::Cancel,
    Trouble::CancelAtDestination,
    Trouble::KillSource,
    Trouble::KillDestination,
    Trouble::StallSource,
    Trouble::StallDestination,
    Trouble::Flood,
];

/// How a migration ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// The guest runs on the destination.
    Moved,
    /// The user's cancel was in time.
    Cancelled,
    /// The attempt failed, and the guest runs on the source.
    Stayed,
    /// The source did not know; the guest did not run on the destination, so an operator ran it on the source.
    Settled,
    /// The host that had the guest was killed.
    LostWithHost,
}

#[derive(Clone, Debug)]
pub(super) struct Trial {
    trouble: Trouble,
    /// When it comes, after the command.
    after: Duration,
    /// How long a stall lasts.
    stall: Duration,
    /// Bytes a second; 0 is no limit.
    bandwidth: u64,
}

/// Both hosts, while they live.
struct Hosts {
    from: Host,
    to: Host,
    source: Client,
    destination: Client,
}

impl Trouble {
    pub(super) fn name(self) -> &'static str {
        match self {
            Trouble::Nothing => "no trouble",
            Trouble::Cancel => "cancel",
            Trouble::CancelAtDestination => "cancel at destination",
            Trouble::KillSource => "source killed",
            Trouble::KillDestination => "destination killed",
            Trouble::StallSource => "source stalls",
            Trouble::StallDestination => "destination stalls",
            Trouble::Flood => "flood of connections",
        }
    }
}

impl End {
    pub(super) const ALL: [End; 5] = [End::Moved, End::Cancelled, End::Stayed, End::Settled, End::LostWithHost];

    pub(super) fn name(self) -> &'static str {
        match self {
            End::Moved => "moved",
            End::Cancelled => "cancelled",
            End::Stayed => "failed, stayed",
            End::Settled => "in doubt, settled",
            End::LostWithHost => "lost with its host",
        }
    }
}

impl Trial {
    /// Draws a trial.
    pub(super) fn draw(random: &mut fastrand::Rng) -> Self {
        Self {
            trouble: TROUBLES[random.usize(..TROUBLES.len())],
            after: Duration::from_micros(random.u64(..700_000)),
            stall: Duration::from_millis(random.u64(50..5_000)),
            bandwidth: [0, 32 << 20, 8 << 20][random.usize(..3)],
        }
    }

    /// The place of its trouble in the list.
    pub(super) fn trouble_index(&self) -> usize {
        TROUBLES.iter().position(|trouble| *trouble == self.trouble).unwrap_or_default()
    }

    /// Runs it.
    ///
    /// # Errors
    /// When a guest is lost although its host lives, runs on both sides, or is not whole; or when a side does not end.
    pub(super) fn run(&self, program: &Path) -> Result<End> {
        let from = Host::small(program, "8M", &[&SOURCE[..], &["--pages-per-second", "2000"]].concat())?;
        let to = Host::small(program, "8M", &DESTINATION)?;
        let (source, destination) = (from.client()?, to.client()?);
        let mut hosts = Hosts { from, to, source, destination };
        let uri = hosts.destination.execute("query-migrate", json!({}))?["x-listens-at"].clone();
        let uri = uri.as_str().context("the destination does not listen")?.to_owned();
        let limits = json!({
            "max-bandwidth": self.bandwidth, "downtime-limit": 300, "x-limit": 4000, "x-on-limit": "switch-over",
        });
        hosts.source.execute("migrate-set-parameters", limits)?;
        let flood = if self.trouble == Trouble::Flood { flood(&uri) } else { Vec::new() };
        hosts.source.execute("migrate", json!({ "uri": uri }))?;
        thread::sleep(self.after);
        self.happen(&mut hosts)?;
        let ends = self.ends(&mut hosts)?;
        drop(flood);
        self.judge(&mut hosts, ends)
    }

    fn happen(&self, hosts: &mut Hosts) -> Result<()> {
        match self.trouble {
            Trouble::Nothing | Trouble::Flood => {}
            // It may be too late.
            Trouble::Cancel => drop(hosts.source.execute("migrate_cancel", json!({}))),
            Trouble::CancelAtDestination => drop(hosts.destination.execute("migrate_cancel", json!({}))),
            Trouble::KillSource => hosts.from.kill()?,
            Trouble::KillDestination => hosts.to.kill()?,
            Trouble::StallSource => self.stall(&hosts.from)?,
            Trouble::StallDestination => self.stall(&hosts.to)?,
        }
        Ok(())
    }

    fn stall(&self, host: &Host) -> Result<()> {
        host.signal(Signal::STOP)?;
        thread::sleep(self.stall);
        host.signal(Signal::CONT)
    }

    /// Waits until both sides have ended, and returns the state of each; `None` where the host was killed.
    fn ends(&self, hosts: &mut Hosts) -> Result<[Option<String>; 2]> {
        let source = if self.trouble == Trouble::KillSource { None } else { Some(end(&mut hosts.source)?) };
        // A source that never connected leaves the destination waiting.
        if self.trouble != Trouble::KillDestination
            && hosts.destination.execute("query-migrate", json!({}))?["x-state"] == "listening"
        {
            return Ok([source, Some("listening".to_owned())]);
        }
        let destination =
            if self.trouble == Trouble::KillDestination { None } else { Some(end(&mut hosts.destination)?) };
        Ok([source, destination])
    }

    fn judge(&self, hosts: &mut Hosts, [source, destination]: [Option<String>; 2]) -> Result<End> {
        let here = source.is_some() && runs(&mut hosts.source)?;
        let there = destination.is_some() && runs(&mut hosts.destination)?;
        ensure!(!(here && there), "the guest runs on both sides");
        let killed = source.is_none() || destination.is_none();
        if there {
            let state = source.unwrap_or_else(|| "unknown".to_owned());
            let knows = ["completed", "unknown"].contains(&state.as_str());
            ensure!(knows, "the guest runs on the destination, and the source is `{state}`");
            whole(&mut hosts.destination)?;
            return Ok(End::Moved);
        }
        if here {
            let state = source.unwrap_or_default();
            whole(&mut hosts.source)?;
            return match state.as_str() {
                "cancelled" => Ok(End::Cancelled),
                "failed" => Ok(End::Stayed),
                other => bail!("the guest runs on the source, which is `{other}`"),
            };
        }
        match source.as_deref() {
            // Nobody has it: whoever asks both sides knows that it will not run there, and runs it here.
            Some("unknown") => {
                hosts.source.execute("cont", json!({}))?;
                whole(&mut hosts.source)?;
                Ok(End::Settled)
            }
            None => Ok(End::LostWithHost),
            Some("completed") if killed => Ok(End::LostWithHost),
            Some(state) => bail!("the guest runs nowhere: the source is `{state}`, the destination {destination:?}"),
        }
    }
}

/// Waits until a side has ended, and returns its state.
fn end(client: &mut Client) -> Result<String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let told = client.execute("query-migrate", json!({}))?;
        if ["completed", "failed", "cancelled"].iter().any(|status| told["status"] == *status) {
            return Ok(told["x-state"].as_str().unwrap_or_default().to_owned());
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let event = next_event(&mut [client], left)?;
        ensure!(event.is_some(), "a side does not end: {told}");
    }
}

fn runs(client: &mut Client) -> Result<bool> {
    Ok(client.execute("query-status", json!({}))?["running"] == true)
}

fn whole(client: &mut Client) -> Result<()> {
    client.execute("stop", json!({}))?;
    let verdict: Value = client.execute("x-verify-guest", json!({}))?;
    ensure!(verdict["whole"] == true, "the guest's memory is damaged: {}", verdict["faults"]);
    Ok(())
}

/// Connections that say nothing. Some may not be let in.
fn flood(uri: &str) -> Vec<TcpStream> {
    let at = uri.strip_prefix("tcp:").unwrap_or(uri);
    (0..FLOOD).filter_map(|_| TcpStream::connect(at).ok()).collect()
}
