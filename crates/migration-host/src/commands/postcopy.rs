//! `migrate-start-postcopy`, `migrate-pause`, `migrate-recover`, `migrate-give-up`. A paused post-copy is resumed on the
//! source by `migrate` with `resume`.

use super::channels::{CHANNEL, address};
use super::command::{Command, answered};
use crate::qmp::{Argument, Kind};

pub(super) const START: Command = Command {
    name: "migrate-start-postcopy",
    about: "switch over now, and let the rest of the memory follow; the capability `postcopy-ram` must be set on both sides",
    arguments: &[],
    run: |host, _| answered(host.migrations.start_postcopy()),
};

pub(super) const PAUSE: Command = Command {
    name: "migrate-pause",
    about: "shut the connections of a post-copy, to recover it on others",
    arguments: &[],
    run: |host, _| answered(host.migrations.pause()),
};

pub(super) const RECOVER: Command = Command {
    name: "migrate-recover",
    about: "wait at `uri` for the source of a paused post-copy",
    arguments: &[Argument::optional("uri", Kind::String), Argument::optional("channels", Kind::Objects(CHANNEL))],
    run: |host, arguments| {
        let at = address(arguments)?;
        answered(host.migrations.recover(at))
    },
};

pub(super) const GIVE_UP: Command = Command {
    name: "migrate-give-up",
    about: "end a paused post-copy whose other side is gone for good; a guest that lacks memory is stopped for ever",
    arguments: &[],
    run: |host, _| answered(host.migrations.give_up()),
};
