//! `x-query-guest` and `x-verify-guest`: our own, to see that the guest arrived whole and goes on.

use migration_runtime::guest::Guest;

use super::command::Command;
use crate::qmp::CommandError;

pub(super) const QUERY: Command = Command {
    name: "x-query-guest",
    about: "report the kind of guest and how far it has counted",
    arguments: &[],
    run: |host, _| {
        let mut reply = host.guest.look();
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
