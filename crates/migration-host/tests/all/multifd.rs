//! Hosts that move pages over several connections: plain and KVM guests, over TLS, and a user who sets one side only.

use std::path::Path;

use migration_host::guest::GuestKind;
use migration_testkit::certificates::Authority;
use migration_testkit::host::Host;
use migration_testkit::qmp::Client;
use serde_json::{Value, json};

use super::guest::each_kind;

const PROGRAM: &str = env!("CARGO_BIN_EXE_migration-host");

/// Two hosts and their clients; the second waits to be told where to listen.
struct Hosts {
    source: Client,
    destination: Client,
    _processes: [Host; 2],
}

impl Hosts {
    fn start(kind: GuestKind, arguments: &[&str]) -> Hosts {
        let guest = if kind == GuestKind::Kvm { "kvm" } else { "memory" };
        let guest = ["--log", "warn", "--guest", guest, "--memory", "24M", "--hot", "8M", "--pages-per-second", "4000"];
        let start =
            |more: &[&str]| Host::start("tested", Path::new(PROGRAM), &[&guest[..], arguments, more].concat()).unwrap();
        let (from, to) = (start(&[]), start(&["--incoming", "defer"]));
        Hosts { source: from.client().unwrap(), destination: to.client().unwrap(), _processes: [from, to] }
    }

    fn migrate(&mut self) {
        for client in [&mut self.source, &mut self.destination] {
            client.capability("events").unwrap();
        }
        self.destination.ask("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0" }));
        let uri = self.destination.listens_at();
        self.source.ask("migrate", json!({ "uri": uri }));
    }
}

fn set(client: &mut Client, channels: u8) {
    client.capability("multifd").unwrap();
    client.ask("migrate-set-parameters", json!({ "multifd-channels": channels }));
}

#[test]
fn a_guest_that_writes_moves_over_several_connections_plain_and_over_tls() {
    let certificates = Authority::new().unwrap().host().unwrap();
    let creds = certificates.path().to_str().unwrap();
    each_kind(|kind| {
        for (channels, arguments) in [(1, &[][..]), (4, &[][..]), (2, &["--tls-creds", creds][..])] {
            let mut hosts = Hosts::start(kind, arguments);
            set(&mut hosts.source, channels);
            set(&mut hosts.destination, channels);
            hosts.source.ask("migrate-set-parameters", json!({ "max-bandwidth": 64 << 20, "downtime-limit": 50 }));
            hosts.migrate();
            hosts.source.wait_for("completed");
            hosts.destination.wait_for("completed");
            let figures = hosts.source.migration();
            let figure = |name: &str| figures["ram"][name].as_u64().unwrap();
            // All but a few hundred bytes: the messages, and the device state.
            assert!(figure("multifd-bytes") > 1 << 20, "{figures}");
            assert!(figure("transferred") - figure("multifd-bytes") < 100_000, "{figures}");
            assert_eq!(hosts.destination.runstate(), "running");
            assert!(hosts.destination.is_whole(), "{channels} {arguments:?}");
        }
    });
}

#[test]
fn a_user_who_sets_one_side_only_is_told_so_and_can_mend_it() {
    let mut hosts = Hosts::start(GuestKind::Memory, &[]);
    set(&mut hosts.source, 3);
    hosts.migrate();
    hosts.source.wait_for("failed");
    let why: Value = hosts.source.migration()["error-desc"].clone();
    assert!(why.as_str().unwrap().contains("set `multifd` on both sides, or on neither"), "{why}");
    assert_eq!(hosts.source.runstate(), "running");
    // The destination goes on waiting, for a source that has none.
    let uri = hosts.destination.listens_at();
    let off = json!({ "capabilities": [{ "capability": "multifd", "state": false }] });
    hosts.source.ask("migrate-set-capabilities", off);
    hosts.source.ask("migrate", json!({ "uri": uri }));
    hosts.source.wait_for("completed");
    assert_eq!(hosts.source.migration()["ram"]["multifd-bytes"], 0);
    hosts.destination.wait_for("completed");
    assert!(hosts.destination.is_whole());
}
