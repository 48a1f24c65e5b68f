//! `cargo xtask demo`: the main job once through, as a person would see it: a guest is moved between two processes
//! while it runs, and what arrives is proved whole.

mod postcopy;
mod screen;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use migration_testkit::build::{self, Profile};
use migration_testkit::host::Host;
use migration_testkit::network::Network;
use migration_testkit::qmp::{Client, next_event};
use serde_json::{Value, json};

use screen::{Screen, number};

/// How long any ending may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the guest may stand still.
const DOWNTIME_LIMIT_MS: u64 = 100;
/// How often progress is asked for.
const TICK: Duration = Duration::from_millis(100);
/// How fast the guest writes: slower than it is sent, so that the rounds come to an end.
const GUEST_PAGES_PER_SECOND: &str = "4000";
/// How much of the memory has been sent when the demo cancels or kills, in percent.
const INTERRUPT_AT_PERCENT: u64 = 50;

/// Which way the migration ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Complete,
    /// It pauses before the switchover, is told to go on, and completes.
    Pause,
    /// It is cancelled half-way.
    Cancel,
    /// The destination process is killed half-way.
    KillDestination,
    /// A post-copy is started half-way, and completes.
    Postcopy,
    /// A post-copy is started half-way. The network is cut, both sides pause, recover and complete.
    Recover,
}

impl Ending {
    fn has_postcopy(self) -> bool {
        match self {
            Ending::Postcopy | Ending::Recover => true,
            Ending::Complete | Ending::Pause | Ending::Cancel | Ending::KillDestination => false,
        }
    }
}

/// What the demo is asked to show.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// Which way the migration ends.
    pub(crate) ending: Ending,
    /// The kind of guest: `auto`, `kvm` or `memory`.
    pub(crate) guest: String,
    /// The guest's memory in MiB.
    pub(crate) memory_mib: u64,
    /// The bound on the rate in MiB/s, so that there is something to watch.
    pub(crate) rate_mib: u64,
}

/// Moves a guest between two hosts and proves what came of it.
///
/// # Errors
///
/// When the ending is not the one that was asked for, or the proof fails.
pub(crate) fn run(options: &Options) -> Result<()> {
    let screen = Screen::new();
    screen.step("building the host program");
    let program = build::program("migration-host", Profile::Dev)?;
    let mut demo = Demo::start(&program, options, screen)?;
    demo.let_guest_write()?;
    demo.migrate(options)?;
    let status = demo.follow(options)?;
    demo.prove(options, &status)
}

struct Demo {
    screen: Screen,
    source: Client,
    destination: Client,
    _source_host: Host,
    destination_host: Host,
    address: String,
    kind: String,
    network: Option<Network>,
    destination_alive: bool,
    interrupted: bool,
    /// What `query-migrate` said last while the migration went on.
    figures: Value,
}

impl Demo {
    fn start(program: &Path, options: &Options, screen: Screen) -> Result<Self> {
        let memory = format!("{}M", options.memory_mib);
        let common = ["--memory", &memory, "--pages-per-second", GUEST_PAGES_PER_SECOND, "--log", "error"];
        let start = |side, own: &[&str]| Host::start(side, program, &[&common[..], &["--name", side], own].concat());
        let source_host = start("source", &["--guest", &options.guest])?;
        let mut source = source_host.client()?;
        // Both sides must be of one kind; the source's choice settles it.
        let kind = text(&source.execute("x-query-guest", json!({}))?, "kind")?;
        let destination_host = start("destination", &["--guest", &kind, "--incoming", "defer"])?;
        let mut destination = destination_host.client()?;
        if options.ending.has_postcopy() {
            source.capability("postcopy-ram")?;
            destination.capability("postcopy-ram")?;
        }
        let mut address = format!("unix:{}", destination_host.dir().join("migration").display());
        let mut network = None;
        if options.ending == Ending::Recover {
            network = Some(postcopy::network(&mut destination)?);
        } else {
            destination.execute("migrate-incoming", json!({ "uri": address }))?;
        }
        if let Some(network) = &network {
            network.address().clone_into(&mut address);
        }
        screen.step(&format!(
            "two hosts run: source (process {}) with {} MiB of a {kind} guest, destination (process {})",
            source_host.id(),
            options.memory_mib,
            destination_host.id(),
        ));
        Ok(Self {
            screen,
            source,
            destination,
            _source_host: source_host,
            destination_host,
            address,
            kind,
            network,
            destination_alive: true,
            interrupted: false,
            figures: Value::Null,
        })
    }

    /// Waits until the guest has been once through its memory, so that there is something to prove.
    fn let_guest_write(&mut self) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let first = pass(&mut self.source)?;
        loop {
            let now = pass(&mut self.source)?;
            if now > first + 2 {
                self.screen.step(&format!("the guest writes: it is in pass {now} through its memory"));
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "the guest does not count: it is still in pass {now}");
            self.wait_event(TICK, &mut String::new())?;
        }
    }

    fn migrate(&mut self, options: &Options) -> Result<()> {
        let parameters = json!({ "max-bandwidth": options.rate_mib << 20, "downtime-limit": DOWNTIME_LIMIT_MS });
        self.source.execute("migrate-set-parameters", parameters)?;
        if options.ending == Ending::Pause {
            self.source.capability("pause-before-switchover")?;
        }
        self.screen.step(&format!("migrate to {} at {} MiB/s", self.address, options.rate_mib));
        self.screen.start();
        self.source.execute("migrate", json!({ "uri": self.address }))?;
        Ok(())
    }

    /// Shows progress and events until the source's attempt is over; the last status.
    fn follow(&mut self, options: &Options) -> Result<String> {
        let deadline = Instant::now() + PATIENCE;
        let mut status = String::new();
        while !matches!(status.as_str(), "completed" | "failed" | "cancelled") {
            ensure!(Instant::now() < deadline, "the migration does not end: its status is `{status}`");
            if self.wait_event(TICK, &mut status)? {
                self.react(options, &status)?;
            } else {
                let figures = self.source.execute("query-migrate", json!({}))?;
                self.screen.progress(&figures);
                self.interrupt_half_way(options, &figures)?;
                if figures["ram"].is_object() {
                    self.figures = figures;
                }
            }
        }
        // The destination's last words may come after the source's.
        while self.destination_alive && self.wait_event(TICK, &mut String::new())? {}
        self.screen.finish();
        Ok(status)
    }

    fn react(&mut self, options: &Options, status: &str) -> Result<()> {
        if options.ending == Ending::Pause && status == "pre-switchover" && !self.interrupted {
            self.interrupted = true;
            self.screen.note("the guest is stopped; nothing happens until `migrate-continue`");
            self.source.execute("migrate-continue", json!({ "state": "pre-switchover" }))?;
        }
        if status == "postcopy-active"
            && let Some(network) = self.network.take()
        {
            postcopy::cut(&network);
            self.screen.note("the network between the hosts is cut");
            postcopy::recover(&network, &mut self.source, &mut self.destination, &self.screen)?;
        }
        Ok(())
    }

    fn interrupt_half_way(&mut self, options: &Options, figures: &Value) -> Result<()> {
        let (total, left) = (number(figures, "/ram/total"), number(figures, "/ram/remaining"));
        let half = figures["status"] == "active" && left * 100 <= total * (100 - INTERRUPT_AT_PERCENT);
        if !half || self.interrupted {
            return Ok(());
        }
        match options.ending {
            Ending::Complete | Ending::Pause => return Ok(()),
            Ending::Postcopy | Ending::Recover => {
                self.screen.note("half-way: migrate-start-postcopy");
                if let Some(network) = &self.network {
                    postcopy::slow_down(network);
                }
                self.source.execute("migrate-start-postcopy", json!({}))?;
            }
            Ending::Cancel => {
                self.screen.note("half-way: migrate_cancel");
                self.source.execute("migrate_cancel", json!({}))?;
            }
            Ending::KillDestination => {
                self.screen.note("half-way: the destination process is killed");
                self.destination_host.kill()?;
                self.destination_alive = false;
            }
        }
        self.interrupted = true;
        Ok(())
    }

    /// Takes one event, shows it, and notes the source's status. Returns false if none came in time.
    fn wait_event(&mut self, limit: Duration, status: &mut String) -> Result<bool> {
        let mut clients = vec![&mut self.source];
        if self.destination_alive {
            clients.push(&mut self.destination);
        }
        let Some((index, event)) = next_event(&mut clients, limit)? else { return Ok(false) };
        let side = ["source", "destination"][index];
        if side == "source" && event.name == "MIGRATION" {
            *status = text(&event.data, "status")?;
        }
        self.screen.event(side, &event.name, &event.data);
        Ok(true)
    }

    /// Ends with the figures, and with the proof that the guest is whole where it is and goes on counting.
    fn prove(&mut self, options: &Options, status: &str) -> Result<()> {
        let figures = self.source.execute("query-migrate", json!({}))?;
        // An attempt that came to nothing has no final figures; its last ones say how far it came.
        self.screen.figures(if figures["ram"].is_object() { &figures } else { &self.figures });
        if options.ending.has_postcopy() {
            self.screen.step(&postcopy::figures(&self.destination.execute("query-migrate", json!({}))?));
        }
        if let Some(why) = figures["error-desc"].as_str() {
            self.screen.step(&format!("why it ended: {why}"));
        }
        let (expected, side) = match options.ending {
            Ending::Complete | Ending::Pause | Ending::Postcopy | Ending::Recover => ("completed", "destination"),
            Ending::Cancel => ("cancelled", "source"),
            Ending::KillDestination => ("failed", "source"),
        };
        ensure!(status == expected, "the migration ended as `{status}`, not as `{expected}`");
        let left_at = if side == "destination" { pass(&mut self.source)? } else { 0 };
        if side == "destination" {
            let state = text(&self.source.execute("query-status", json!({}))?, "status")?;
            ensure!(state == "postmigrate", "the source's guest is `{state}`, and not stopped for good");
        }
        let holder = if side == "destination" { &mut self.destination } else { &mut self.source };
        let running = holder.execute("query-status", json!({}))?["running"] == true;
        ensure!(running, "the guest does not run on the {side}");
        let first = pass(holder)?;
        let deadline = Instant::now() + PATIENCE;
        while pass(holder)? < first + 2 {
            ensure!(Instant::now() < deadline, "the guest on the {side} does not go on counting");
        }
        holder.execute("stop", json!({}))?;
        let verdict = holder.execute("x-verify-guest", json!({}))?;
        let counted = pass(holder)?;
        ensure!(verdict["whole"] == true, "the guest's memory on the {side} is damaged: {}", verdict["faults"]);
        ensure!(counted >= left_at, "the guest lost count: {counted} on the {side}, {left_at} when it left the source");
        self.screen.step(&format!(
            "proved: the {} guest runs on the {side} alone; all {} pages hold what they must; it counted on to pass \
             {counted}{}",
            self.kind,
            verdict["pages-checked"],
            if left_at > 0 { format!(" (it left the source in pass {left_at})") } else { String::new() },
        ));
        Ok(())
    }
}

/// The pass through its memory that a guest is in.
fn pass(client: &mut Client) -> Result<u64> {
    let guest = client.execute("x-query-guest", json!({}))?;
    guest["pass"].as_u64().context("the host does not say how far its guest has counted")
}

fn text(value: &Value, member: &str) -> Result<String> {
    value[member].as_str().map(str::to_owned).with_context(|| format!("the host's reply lacks `{member}`: {value}"))
}
