//! A migration between two hosts of ours.

use std::path::Path;

use anyhow::{Result, ensure};
use migration_testkit::host::Host;
use serde_json::json;

use super::free::FreePages;
use super::options::{Options, Room};
use super::pair::{Moved, Pair};

/// Moves an idle guest without zero pages, and has every byte of it checked where it arrives.
pub(super) fn migrate(program: &Path, options: &Options, room: Room, tls: Option<&Path>) -> Result<Moved> {
    let memory = format!("{}M", options.memory_mib);
    let guest = ["--memory", &memory, "--hot", "0", "--zero-one-in", "0", "--log", "warn", "--guest", &options.guest];
    let tls = tls.map(|creds| creds.to_string_lossy().into_owned());
    let guest = [&guest[..], &tls.iter().flat_map(|creds| ["--tls-creds", creds]).collect::<Vec<_>>()].concat();
    let awaits: &[&str] = match room {
        Room::Fresh => &["--incoming", "defer"],
        Room::Prefaulted => &["--incoming", "defer", "--prealloc"],
    };
    let from = Host::start("source", program, &guest)?;
    let to = Host::start("destination", program, &[&guest[..], awaits].concat())?;
    let (mut source, mut destination) = (from.client()?, to.client()?);
    let pages = FreePages::prepare(program, options, room)?;
    let moved = Pair { processes: [&from, &to], clients: [&mut source, &mut destination], pages }.migrate(options)?;
    destination.execute("stop", json!({}))?;
    let verdict = destination.execute("x-verify-guest", json!({}))?;
    ensure!(verdict["whole"] == true, "the guest's memory is damaged: {}", verdict["faults"]);
    let pages = (options.memory_mib << 20) / 4096;
    ensure!(verdict["pages-checked"] == pages, "only {} of {pages} pages were checked", verdict["pages-checked"]);
    Ok(moved)
}
