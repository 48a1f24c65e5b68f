//! A migration between two hosts of ours.

use std::path::Path;
use std::sync::mpsc::channel;

use anyhow::{Result, ensure};
use serde_json::json;

use super::pair::{Moved, Pair, Side};
use super::{Options, Room};
use crate::hosts::{Client, Host};

/// Moves an idle guest without zero pages, and has every byte of it checked where it arrives.
pub(super) fn migrate(program: &Path, folder: &Path, options: &Options, room: Room) -> Result<Moved> {
    let memory = format!("{}M", options.memory_mib);
    let guest = ["--memory", &memory, "--hot", "0", "--zero-one-in", "0", "--log", "warn", "--guest", &options.guest];
    let awaits: &[&str] = match room {
        Room::Fresh => &["--incoming", "defer"],
        Room::Prefaulted => &["--incoming", "defer", "--prealloc"],
    };
    let (send, events) = channel();
    let start = |side: &'static str, arguments: &[&str]| -> Result<Side> {
        let socket = folder.join(format!("{side}.qmp"));
        let host = Host::start(program, &socket, arguments)?;
        Ok(Side { host, client: Client::connect(side, &socket, send.clone())? })
    };
    let source = start("source", &guest)?;
    let destination = start("destination", &[&guest[..], awaits].concat())?;
    let mut pair = Pair { source, destination, events };
    let moved = pair.migrate(options)?;
    let there = &mut pair.destination.client;
    there.run("stop", &json!({}))?;
    let verdict = there.run("x-verify-guest", &json!({}))?;
    ensure!(verdict["whole"] == true, "the guest's memory is damaged: {}", verdict["faults"]);
    let pages = (options.memory_mib << 20) / 4096;
    ensure!(verdict["pages-checked"] == pages, "only {} of {pages} pages were checked", verdict["pages-checked"]);
    Ok(moved)
}
