//! The post-copy of the demo: a network that can be cut, and what an operator does then.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use migration_testkit::network::Network;
use migration_testkit::qmp::Client;
use serde_json::{Value, json};

use super::screen::{Screen, number};

/// What both sides take to notice that the network is cut, at most.
const PATIENCE: Duration = Duration::from_secs(30);

/// So much time passes for each 16 KiB of a slow network: pages are missing for a while.
const DELAY: Duration = Duration::from_millis(2);

/// How long the guest is watched while the post-copy is paused.
const WATCHED: Duration = Duration::from_millis(300);

/// Lets the destination wait for a guest, and returns a network that leads there.
pub(super) fn network(destination: &mut Client) -> Result<Network> {
    destination.execute("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0" }))?;
    Network::start(&listens_at(destination)?).context("no port is free")
}

/// Lets the guest fetch some pages, and cuts the network.
pub(super) fn cut(network: &Network) {
    std::thread::sleep(WATCHED);
    network.cut();
}

/// Makes the network slow, so that there is something to cut.
pub(super) fn slow_down(network: &Network) {
    network.slow_down(DELAY);
}

/// Waits until both sides of a network that was cut have paused, looks at the guest, and connects both sides again.
pub(super) fn recover(network: &Network, source: &mut Client, destination: &mut Client, screen: &Screen) -> Result<()> {
    let began = Instant::now();
    for client in [&mut *source, &mut *destination] {
        while client.execute("query-migrate", json!({}))?["status"] != "postcopy-paused" {
            ensure!(began.elapsed() < PATIENCE, "a side does not notice that the network is cut");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    let missing = number(&destination.execute("query-migrate", json!({}))?, "/x-postcopy/missing-pages");
    let before = writes(destination);
    std::thread::sleep(WATCHED);
    let does = match (before, writes(destination)) {
        (Some(before), Some(after)) => format!("has written {} pages meanwhile", after.saturating_sub(before)),
        (Some(_) | None, _) => "waits for one of them".to_owned(),
    };
    screen.note(&format!("both sides are paused and {missing} pages are missing; the guest {does}"));
    destination.execute("migrate-recover", json!({ "uri": "tcp:127.0.0.1:0" }))?;
    network.lead_to(&listens_at(destination)?);
    network.slow_down(Duration::ZERO);
    screen.note("the destination listens again, and the source connects again");
    source.execute("migrate", json!({ "uri": network.address(), "resume": true }))?;
    Ok(())
}

/// What the destination says of the pages that it has fetched.
pub(super) fn figures(migration: &Value) -> String {
    let of = |name: &str| number(migration, &format!("/x-postcopy/{name}"));
    format!(
        "{} pages were asked for, {} came because of that and {} without; a page was waited for {} us on average",
        of("requests"),
        of("pulled-pages"),
        of("pushed-pages"),
        number(migration, "/postcopy-latency") / 1000,
    )
}

/// How many pages the guest has written; `None` where it counts on a page that is missing.
fn writes(client: &mut Client) -> Option<u64> {
    let guest = client.execute("x-query-guest", json!({})).ok()?;
    Some(number(&guest, "/writes-counted"))
}

fn listens_at(destination: &mut Client) -> Result<String> {
    let migration = destination.execute("query-migrate", json!({}))?;
    migration["x-listens-at"].as_str().map(str::to_owned).context("the destination does not say where it listens")
}
