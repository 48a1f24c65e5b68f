//! `x-query-guest` and `x-verify-guest`: our own, to see that the guest arrived whole and goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use migration_runtime::guest::Guest;
use serde_json::{Map, Value};

use super::command::Command;
use crate::host::Host;
use crate::qmp::CommandError;

/// A look at the memory of a guest that lacks pages may take this long.
const LOOK_MAX: Duration = Duration::from_millis(200);

/// Whether an earlier look still waits for a page.
static WAITS: AtomicBool = AtomicBool::new(false);

pub(super) const QUERY: Command = Command {
    name: "x-query-guest",
    about: "report the kind of guest and how far it has counted",
    arguments: &[],
    run: |host, _| {
        let mut reply = look(host)?;
        reply.insert("running".to_owned(), host.vm.is_running().into());
        Ok(reply.into())
    },
};

pub(super) const VERIFY: Command = Command {
    name: "x-verify-guest",
    about: "check every byte of the stopped guest's memory",
    arguments: &[],
    run: |host, _| {
        if host.migrations.query().lacks_memory() {
            return Err(CommandError::generic("a guest whose memory still follows cannot be verified"));
        }
        if host.vm.is_running() {
            return Err(CommandError::generic("a running guest cannot be verified; send `stop` first"));
        }
        host.guest.verify().map_err(CommandError::generic)
    },
};

/// Looks at the guest. Whoever touches a page that is missing waits for it, and a command must not: meanwhile no other
/// would be carried out, not even the one that brings the page.
fn look(host: &Host) -> Result<Map<String, Value>, CommandError> {
    if !host.migrations.query().lacks_memory() {
        return Ok(host.guest.look());
    }
    let missing = || CommandError::generic("the guest counts in memory that has yet to arrive; ask again later");
    if WAITS.swap(true, Ordering::SeqCst) {
        return Err(missing());
    }
    let (tell, told) = sync_channel(1);
    let guest = Arc::clone(&host.guest);
    let thread = thread::Builder::new().name("look".to_owned()).spawn(move || {
        let found = guest.look();
        WAITS.store(false, Ordering::SeqCst);
        // Nobody waits any more where it took too long.
        let _ = tell.send(found);
    });
    thread.map_err(|error| CommandError::generic(format!("no thread can be started: {error}")))?;
    told.recv_timeout(LOOK_MAX).map_err(|_| missing())
}
