//! One guest, on real hosts: it runs on one side at most, and an operator who asks can find out which, although the
//! network between the hosts holds packets back and lets them go later.

mod relay;

use migration_runtime::states::Message;
use migration_runtime::wire::Frame;
use migration_testkit::host::HostPair;
use migration_testkit::qmp::Client;
use serde_json::json;

use super::hosts;
use relay::{Relay, Way};

/// Timeouts in the same order as the table's, so that tests need not wait for these.
///
/// A destination that has given up leaves the source two seconds to hang up before it says `failed`.
const HURRY: [&str; 3] = ["--timeout=standing_by=500", "--timeout=handing_over=4000", "--timeout=in_doubt=4000"];

fn pair() -> HostPair {
    pair_with(&HURRY, &HURRY)
}

/// A source and a destination with options of their own.
fn pair_with(of_source: &[&str], of_destination: &[&str]) -> HostPair {
    let incoming = ["--incoming", "tcp:127.0.0.1:0"];
    let (from, to) = (hosts::host(of_source), hosts::host(&[&incoming[..], of_destination].concat()));
    let (source, destination) = (from.client().expect("it serves"), to.client().expect("it serves"));
    HostPair { source, destination, from, to }
}

/// Moves the guest through a network that holds back what its sender says from this message on.
fn migrate_holding(hosts: &mut HostPair, way: Way, message: Message) -> Relay {
    migrate_holding_all(hosts, &[way], message)
}

/// Moves the guest through a network that, from this message on, holds back everything that goes these ways.
fn migrate_holding_all(hosts: &mut HostPair, ways: &[Way], message: Message) -> Relay {
    let is_held =
        move |_: Way, frame: &Frame| matches!(frame, Frame::Message { number, .. } if *number == message.number());
    let relay = Relay::start(&hosts.destination.listens_at(), ways, is_held);
    hosts.source.ask("migrate", json!({ "uri": relay.address() }));
    relay.wait_until_it_holds();
    relay
}

/// What an operator sees on a host: the status and the state of its migration, and the runstate of its guest.
fn seen(client: &mut Client) -> [String; 3] {
    let migration = client.migration();
    let text = |key: &str| migration[key].as_str().unwrap_or_default().to_owned();
    [text("status"), text("x-state"), client.runstate()]
}

#[test]
fn a_hand_over_that_arrives_late_starts_nothing() {
    let mut hosts = pair();
    let relay = migrate_holding_all(&mut hosts, &[Way::There, Way::Back], Message::HandOver);
    hosts.source.wait_for("failed");
    // What the source says is true: the destination has given up, and waits for the source to hang up at most.
    hosts.destination.wait_for("failed");
    assert_eq!(seen(&mut hosts.destination), ["failed", "failed", "inmigrate"]);
    assert_eq!(seen(&mut hosts.source), ["failed", "unknown", "postmigrate"]);
    let told = hosts.source.migration()["error-desc"].as_str().expect("it says why").to_owned();
    assert!(told.contains("if it is `failed` or its process is gone, the guest will never run there"), "{told}");
    hosts.source.ask("cont", json!({}));
    relay.release();
    assert_eq!(seen(&mut hosts.destination), ["failed", "failed", "inmigrate"]);
    assert_eq!(hosts.source.runstate(), "running");
    assert!(hosts.source.is_whole());
}

#[test]
fn a_guest_in_doubt_leaves_again_once_its_user_runs_it_here() {
    let mut hosts = pair();
    let relay = migrate_holding_all(&mut hosts, &[Way::There, Way::Back], Message::HandOver);
    hosts.source.wait_for("failed");
    hosts.destination.wait_for("failed");
    let doubtful = hosts.source.refused("migrate", json!({ "uri": relay.address() }));
    assert!(doubtful.contains("may run elsewhere"), "{doubtful}");
    hosts.source.ask("cont", json!({}));
    relay.release();
    hosts.destination.ask("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0" }));
    hosts.migrate();
    hosts.complete();
    assert_eq!(seen(&mut hosts.source), ["completed", "completed", "postmigrate"]);
    assert!(hosts.destination.is_whole());
}

#[test]
fn a_source_that_is_to_wait_less_than_the_destination_stands_by_waits_longer() {
    let hasty = ["--timeout", "handing_over=300", "--timeout", "in_doubt=300"];
    let mut hosts = pair_with(&hasty, &["--timeout", "standing_by=3000"]);
    let relay = migrate_holding_all(&mut hosts, &[Way::There, Way::Back], Message::HandOver);
    hosts.source.wait_for("failed");
    // The source has said that it does not know. By then the destination has to have given up.
    let [_, state, runstate] = seen(&mut hosts.destination);
    assert!(["failing", "failed"].contains(&state.as_str()), "the destination is in `{state}`");
    assert_eq!((seen(&mut hosts.source)[1].as_str(), runstate.as_str()), ("unknown", "inmigrate"));
    relay.release();
    hosts.destination.wait_for("failed");
    assert_eq!(seen(&mut hosts.destination), ["failed", "failed", "inmigrate"]);
}

#[test]
fn a_refusal_that_arrives_in_time_lets_the_guest_go_on() {
    let mut hosts = pair();
    let relay = migrate_holding(&mut hosts, Way::There, Message::HandOver);
    hosts.source.wait_for("failed");
    // What the source says is true: the destination has given up, and waits for the source to hang up at most.
    hosts.destination.wait_for("failed");
    assert_eq!(seen(&mut hosts.destination), ["failed", "failed", "inmigrate"]);
    // The refusal of the destination came in time, so the guest goes on on the source, and on the source alone.
    assert_eq!(seen(&mut hosts.source), ["failed", "failed", "running"]);
    relay.release();
    assert_eq!(seen(&mut hosts.destination), ["failed", "failed", "inmigrate"]);
    assert_eq!(hosts.source.runstate(), "running");
    assert!(hosts.source.is_whole());
}

#[test]
fn a_host_that_was_stopped_starts_nothing_when_it_goes_on() {
    let mut hosts = pair();
    let relay = migrate_holding(&mut hosts, Way::There, Message::HandOver);
    hosts.to.signal(rustix::process::Signal::STOP).expect("it lives");
    hosts.source.wait_for("failed");
    hosts.source.ask("cont", json!({}));
    // The hand-over is there to be read when the host goes on, long after its time.
    let released = std::thread::spawn(move || relay.release());
    hosts.to.signal(rustix::process::Signal::CONT).expect("it lives");
    hosts.destination.wait_for("failed");
    released.join().expect("everything is let go");
    assert_eq!(seen(&mut hosts.destination), ["failed", "failed", "inmigrate"]);
    assert!(hosts.source.is_whole());
}

#[test]
fn a_guest_that_runs_there_is_found_there_when_the_answer_is_held_back() {
    let mut hosts = pair();
    let relay = migrate_holding(&mut hosts, Way::Back, Message::Running);
    hosts.source.wait_for("failed");
    assert_eq!(seen(&mut hosts.source), ["failed", "unknown", "postmigrate"]);
    assert_eq!(seen(&mut hosts.destination), ["completed", "completed", "running"]);
    relay.release();
    assert_eq!(seen(&mut hosts.source), ["failed", "unknown", "postmigrate"]);
    assert!(hosts.destination.is_whole());
}

#[test]
fn a_hand_over_that_is_refused_lets_the_guest_go_on_here() {
    let mut hosts = pair();
    let relay = migrate_holding(&mut hosts, Way::There, Message::HandOver);
    hosts.destination.ask("migrate_cancel", json!({}));
    hosts.destination.wait_for("failed");
    hosts.source.wait_for("failed");
    assert_eq!(seen(&mut hosts.source), ["failed", "failed", "running"]);
    let told = hosts.source.migration()["error-desc"].as_str().expect("it says why").to_owned();
    assert!(told.contains("the migration was cancelled on the destination"), "{told}");
    relay.release();
    assert_eq!(seen(&mut hosts.destination), ["failed", "failed", "inmigrate"]);
    // Nothing of that attempt is left: the next one moves the guest.
    hosts.destination.ask("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0" }));
    hosts.migrate();
    hosts.complete();
    assert!(hosts.destination.is_whole());
}

#[test]
fn a_guest_that_is_not_here_does_not_leave_again() {
    let mut hosts = pair();
    hosts.migrate();
    hosts.complete();
    let third = hosts::host(&["--incoming", "tcp:127.0.0.1:0"]);
    let uri = third.client().expect("it serves").listens_at();
    let gone = hosts.source.refused("migrate", json!({ "uri": uri }));
    assert!(gone.contains("was moved to the destination"), "{gone}");
    // Not even when its user runs what is left of it here.
    hosts.source.ask("cont", json!({}));
    let gone = hosts.source.refused("migrate", json!({ "uri": uri }));
    assert!(gone.contains("the guest is not here, or may not be"), "{gone}");
}
