//! Post-copy between two host processes: it completes, is paused and recovered, or is given up, as the table says; and the
//! guest, which runs meanwhile, is whole.

mod kills;

use std::time::{Duration, Instant};

use migration_runtime::channel::{Channel, Raiser, Wait};
use migration_runtime::postcopy::Fetch;
use migration_runtime::states::Message;
use migration_runtime::transfer::{receive_message, send_message};
use migration_runtime::wire::{Refusal, Token, encode_membership};
use migration_testkit::certificates::Authority;
use migration_testkit::host::Host;
use migration_testkit::network::Network;
use migration_testkit::qmp::Client;
use migration_testkit::skip::skipped;
use serde_json::{Value, json};

use super::hosts;

/// A guest whose memory is not moved before the post-copy begins, and pages that come slowly enough to be waited for.
const DELAY: Duration = Duration::from_millis(4);

/// Timeouts in the same order as the table's, so that tests need not wait for these.
const HURRY: [&str; 5] = [
    "--timeout=postcopy_standing_by=500",
    "--timeout=postcopy_handing_over=3000",
    "--timeout=postcopy_in_doubt=3000",
    "--timeout=postcopy_recover_setup=3000",
    "--timeout=postcopy_awaiting=20000",
];

/// Two hosts with a network between them, and a post-copy that can be started.
struct Hosts {
    source: Client,
    destination: Client,
    from: Host,
    to: Host,
    network: Network,
}

impl Hosts {
    /// `None` where post-copy cannot be had on this machine.
    fn start(kind: &str) -> Option<Hosts> {
        Hosts::start_with(kind, &[])
    }

    /// The same, with options of both.
    fn start_with(kind: &str, options: &[&str]) -> Option<Hosts> {
        if let Err(error) = Fetch::check_host() {
            skipped(error);
            return None;
        }
        let of = |own: &[&str]| hosts::host_of(kind, &[&HURRY[..], options, own].concat());
        let (from, to) = (of(&[]), of(&["--incoming", "defer"]));
        let (mut source, mut destination) = (from.client().expect("it serves"), to.client().expect("it serves"));
        for client in [&mut source, &mut destination] {
            client.capability("postcopy-ram").expect("it can be set");
        }
        destination.ask("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0" }));
        let network = Network::start(&destination.listens_at()).expect("a port is free");
        Some(Hosts { source, destination, from, to, network })
    }

    /// Moves memory slowly, and starts a post-copy over a slow network as soon as it can be.
    fn begin(&mut self) {
        self.source.slow_down();
        self.source.ask("migrate", json!({ "uri": self.network.address() }));
        self.source.wait_for("active");
        self.network.slow_down(DELAY);
        self.source.ask("migrate-start-postcopy", json!({}));
    }

    fn recover(&mut self) {
        self.destination.ask("migrate-recover", json!({ "uri": "tcp:127.0.0.1:0" }));
        self.network.lead_to(&self.destination.listens_at());
        self.source.ask("migrate", json!({ "uri": self.network.address(), "resume": true }));
    }

    fn wait_for_pause(&mut self) {
        self.source.wait_for("postcopy-paused");
        self.destination.wait_for("postcopy-paused");
    }

    /// Waits until both sides have completed, and checks what became of the guest.
    fn complete(&mut self) {
        self.source.wait_for("completed");
        self.destination.wait_for("completed");
        self.assert_moved();
    }

    /// Checks that the guest has left and is whole where it went.
    fn assert_moved(&mut self) {
        assert_eq!(self.source.runstate(), "postmigrate");
        assert_eq!(self.destination.runstate(), "running");
        let before = pass(&mut self.destination);
        while pass(&mut self.destination) == before {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert!(self.destination.is_whole());
    }
}

fn pass(client: &mut Client) -> Value {
    client.ask("x-query-guest", json!({}))["writes-counted"].clone()
}

fn statuses(events: &[String]) -> Vec<&str> {
    events.iter().filter_map(|event| event.strip_prefix("MIGRATION ")).collect()
}

fn completes(kind: &str) {
    let Some(mut hosts) = Hosts::start(kind) else { return };
    hosts.begin();
    let source = hosts.source.events_until("MIGRATION completed");
    let destination = hosts.destination.events_until("MIGRATION completed");
    assert_eq!(statuses(&source), ["device", "postcopy-device", "postcopy-active", "completed"]);
    let shown = ["setup", "active", "postcopy-device", "postcopy-active", "completed"];
    assert_eq!(statuses(&destination), shown);
    assert!(
        destination.iter().position(|event| event == "RESUME")
            < destination.iter().rposition(|event| event.starts_with("MIGRATION"))
    );
    let (sent, fetched) = (hosts.source.migration(), hosts.destination.migration());
    assert_eq!(sent["status"], "completed");
    assert!(fetched["x-postcopy"]["requests"].as_u64() > Some(0), "{fetched}");
    assert_eq!(fetched["x-postcopy"]["missing-pages"], 0);
    let waits: u64 =
        fetched["postcopy-latency-dist"].as_array().expect("a list").iter().filter_map(Value::as_u64).sum();
    assert!(waits > 0 && fetched["postcopy-latency"].as_u64() > Some(0), "{fetched}");
    hosts.assert_moved();
}

#[test]
fn a_post_copy_of_a_guest_in_plain_memory_completes() {
    completes("memory");
}

#[test]
fn a_post_copy_of_a_guest_with_kvm_completes() {
    if let Err(error) = std::fs::OpenOptions::new().read(true).write(true).open("/dev/kvm") {
        return skipped(format!("/dev/kvm: {error}"));
    }
    completes("kvm");
}

#[test]
fn a_migration_that_takes_too_long_becomes_a_post_copy_if_its_user_wants_that() {
    let Some(mut hosts) = Hosts::start("memory") else { return };
    hosts.source.slow_down();
    hosts.source.ask("migrate-set-parameters", json!({ "x-limit": 200, "x-on-limit": "postcopy" }));
    hosts.source.ask("migrate", json!({ "uri": hosts.network.address() }));
    let source = hosts.source.events_until("MIGRATION completed");
    assert_eq!(statuses(&source), ["setup", "active", "device", "postcopy-device", "postcopy-active", "completed"]);
    hosts.destination.wait_for("completed");
    hosts.assert_moved();
}

#[test]
fn a_post_copy_and_its_recovery_are_encrypted() {
    let authority = Authority::new().expect("certificates can be made");
    let creds = authority.host().expect("they can be written");
    let creds = ["--tls-creds", creds.path().to_str().expect("a path in UTF-8")];
    let Some(mut hosts) = Hosts::start_with("memory", &creds) else { return };
    hosts.begin();
    hosts.source.wait_for("postcopy-active");
    hosts.network.cut();
    hosts.wait_for_pause();
    hosts.recover();
    hosts.complete();
}

#[test]
fn a_network_that_breaks_pauses_both_sides_and_both_recover() {
    let Some(mut hosts) = Hosts::start("memory") else { return };
    hosts.begin();
    hosts.source.wait_for("postcopy-active");
    hosts.network.cut();
    hosts.wait_for_pause();
    let refused = hosts.source.refused("migrate_cancel", json!({}));
    assert!(refused.contains("handed over"), "{refused}");
    let accepted = "(accepted: `migrate` with `resume`, `migrate-give-up`)";
    assert!(refused.contains("command `migrate_cancel` is refused") && refused.ends_with(accepted), "{refused}");
    for client in [&mut hosts.source, &mut hosts.destination] {
        let why = client.migration()["error-desc"].to_string();
        assert!(why.contains("connection") || why.contains("peer"), "{why}");
    }
    // The guest runs, and lacks memory: it does not go on to a third host, whatever is switched off meanwhile.
    let off = json!({ "capabilities": [{ "capability": "postcopy-ram", "state": false }] });
    let onwards = json!({ "uri": "tcp:127.0.0.1:1" });
    for (command, arguments) in [("migrate-set-capabilities", off), ("migrate", onwards)] {
        let refused = hosts.destination.refused(command, arguments);
        assert!(refused.contains("There's a migration process in progress"), "{command}: {refused}");
    }
    // The page that it counts in may be missing: the answer comes all the same, and other commands go on.
    for _ in 0..3 {
        if let Err(error) = hosts.destination.execute("x-query-guest", json!({})) {
            assert!(error.to_string().contains("yet to arrive"), "{error}");
        }
    }
    // A recovery that finds no destination leaves both paused.
    hosts.source.ask("migrate", json!({ "uri": "tcp:127.0.0.1:1", "resume": true }));
    assert_eq!(
        statuses(&hosts.source.events_until("MIGRATION postcopy-paused")),
        ["postcopy-recover-setup", "postcopy-paused"]
    );
    let why = hosts.source.migration()["error-desc"].to_string();
    assert!(why.contains("Connection refused"), "{why}");
    hosts.recover();
    assert_eq!(
        statuses(&hosts.source.events_until("MIGRATION completed")),
        ["postcopy-recover-setup", "postcopy-recover", "postcopy-active", "completed"]
    );
    assert_eq!(
        statuses(&hosts.destination.events_until("MIGRATION completed")),
        ["postcopy-recover", "postcopy-active", "completed"]
    );
    hosts.assert_moved();
}

#[test]
fn a_user_pauses_on_either_side_and_what_comes_too_late_is_answered() {
    for at_source in [true, false] {
        let Some(mut hosts) = Hosts::start("memory") else { return };
        assert!(hosts.source.refused("migrate-pause", json!({})).contains("only a post-copy"));
        assert!(
            hosts.destination.refused("migrate-recover", json!({ "uri": "tcp:127.0.0.1:0" })).contains("no paused")
        );
        hosts.begin();
        hosts.source.wait_for("postcopy-active");
        hosts.destination.wait_for("postcopy-active");
        let pauses = if at_source { &mut hosts.source } else { &mut hosts.destination };
        pauses.ask("migrate-pause", json!({}));
        hosts.wait_for_pause();
        for client in [&mut hosts.source, &mut hosts.destination] {
            client.ask("migrate-pause", json!({}));
        }
        hosts.recover();
        hosts.complete();
        assert!(hosts.source.refused("migrate-give-up", json!({})).contains("no paused"));
    }
}

#[test]
fn whoever_connects_to_a_destination_that_waits_for_its_source_disturbs_nothing() {
    use std::io::Write;
    let Some(mut hosts) = Hosts::start("memory") else { return };
    hosts.begin();
    hosts.source.wait_for("postcopy-active");
    hosts.network.cut();
    hosts.wait_for_pause();
    hosts.destination.ask("migrate-recover", json!({ "uri": "tcp:127.0.0.1:0" }));
    let at = hosts.destination.listens_at();
    for words in [&b""[..], b"GET / HTTP/1.1\r\n\r\n", &[0; 64]] {
        let mut visitor = std::net::TcpStream::connect(at.trim_start_matches("tcp:")).expect("it listens");
        visitor.write_all(words).expect("it takes bytes");
    }
    // The source of another attempt is not the one that is awaited.
    let never = Raiser::new().expect("a descriptor is free");
    let wait = Wait::new(&never, Duration::from_secs(20));
    let mut other = Channel::connect(&at.parse().expect("an address"), &wait).expect("it listens");
    let token = encode_membership(Token::from_bytes([9; 16]));
    send_message(&mut other, Message::ResumeRequest.number(), &token, &wait).expect("it takes bytes");
    let answer = receive_message(&mut other, &wait).expect("it answers");
    assert_eq!(answer.number, Message::Refused.number());
    assert!(Refusal::decode(&answer.payload).text().contains("another attempt"));
    hosts.network.lead_to(&at);
    hosts.source.ask("migrate", json!({ "uri": hosts.network.address(), "resume": true }));
    hosts.complete();
}

#[test]
fn a_source_that_is_killed_leaves_a_destination_that_can_be_ended() {
    let Some(mut hosts) = Hosts::start("memory") else { return };
    hosts.begin();
    hosts.destination.wait_for("postcopy-active");
    hosts.from.kill().expect("it can be killed");
    hosts.network.cut();
    hosts.destination.wait_for("postcopy-paused");
    hosts.destination.ask("migrate-give-up", json!({}));
    hosts.destination.wait_for("failed");
    let migration = hosts.destination.migration();
    assert_eq!((&migration["status"], &migration["reason"]), (&json!("failed"), &json!("given-up")));
    assert_eq!(hosts.destination.runstate(), "internal-error");
    let refused = hosts.destination.refused("cont", json!({}));
    assert!(refused.contains("is lost"), "{refused}");
}

#[test]
fn a_destination_that_is_killed_leaves_a_source_that_can_be_ended() {
    let Some(mut hosts) = Hosts::start("memory") else { return };
    hosts.begin();
    hosts.source.wait_for("postcopy-active");
    hosts.to.kill().expect("it can be killed");
    hosts.source.wait_for("postcopy-paused");
    hosts.source.ask("migrate-give-up", json!({}));
    hosts.source.wait_for("failed");
    let migration = hosts.source.migration();
    assert_eq!((&migration["reason"], &migration["x-state"]), (&json!("given-up"), &json!("unknown")));
    assert_eq!(hosts.source.runstate(), "postmigrate");
    assert!(migration["error-desc"].to_string().contains("the guest ran on the destination"), "{migration}");
    for (command, arguments) in [("cont", json!({})), ("migrate", json!({ "uri": "tcp:127.0.0.1:1" }))] {
        let refused = hosts.source.refused(command, arguments);
        assert!(refused.contains("the guest ran on the destination"), "{command}: {refused}");
    }
    assert_eq!(hosts.source.runstate(), "postmigrate");
}

#[test]
fn a_source_whose_post_copy_is_paused_ends_when_it_is_asked_to() {
    let Some(mut hosts) = Hosts::start("memory") else { return };
    hosts.begin();
    hosts.source.wait_for("postcopy-active");
    hosts.source.ask("migrate-pause", json!({}));
    hosts.source.wait_for("postcopy-paused");
    let why = hosts.source.migration()["error-desc"].to_string();
    assert!(why.contains("a user asked for it (`migrate-pause`)"), "{why}");
    let asked = Instant::now();
    hosts.source.ask("quit", json!({}));
    assert_eq!(hosts.from.wait().expect("it ends").code(), Some(0));
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
}

#[test]
fn a_post_copy_needs_the_capability_on_both_sides() {
    let mut hosts = hosts::pair();
    hosts.migrate();
    hosts.complete();
    let refused = hosts.source.refused("migrate-start-postcopy", json!({}));
    assert!(refused.contains("while memory is being moved"), "{refused}");
    if let Err(error) = Fetch::check_host() {
        return skipped(error);
    }
    let mut hosts = hosts::pair();
    hosts.source.capability("postcopy-ram").expect("it can be set");
    hosts.migrate();
    hosts.source.wait_for("failed");
    let migration = hosts.source.migration();
    let why = migration["error-desc"].as_str().unwrap_or_default().to_owned();
    assert!(why.contains("set `postcopy-ram` on both sides"), "{why}");
    assert_eq!(hosts.source.runstate(), "running");
    // Without the capability a post-copy is refused, and the migration goes on.
    let mut hosts = hosts::pair();
    hosts.source.slow_down();
    hosts.migrate();
    hosts.source.wait_for("active");
    let refused = hosts.source.refused("migrate-start-postcopy", json!({}));
    assert!(refused.contains("`postcopy-ram` before the migration begins"), "{refused}");
    hosts.source.speed_up();
    hosts.complete();
}

#[test]
fn a_guest_that_waits_for_a_page_does_not_hold_the_user_up() {
    let Some(mut hosts) = Hosts::start("memory") else { return };
    hosts.begin();
    hosts.destination.wait_for("postcopy-active");
    hosts.network.cut();
    hosts.wait_for_pause();
    // It goes on until it needs a page that is missing.
    let refused = loop {
        let asked = Instant::now();
        let stopped = hosts.destination.execute("stop", json!({}));
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?} until {stopped:?}", asked.elapsed());
        match stopped {
            Ok(_) => hosts.destination.ask("cont", json!({})),
            Err(error) => break format!("{error:#}"),
        };
    };
    assert!(refused.contains("waits for memory that has yet to arrive"), "{refused}");
    assert_eq!(hosts.destination.runstate(), "running");
    hosts.recover();
    hosts.complete();
}
