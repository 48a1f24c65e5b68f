//! What readers remember from line to line.

use std::collections::BTreeMap;

/// All of it.
#[derive(Clone, Debug, Default)]
pub(in crate::log) struct Memory {
    pub(super) container: Container,
    pub(super) libvirt: Libvirt,
    pub(super) human: Human,
    pub(super) shell: Shell,
    pub(super) diff: Diff,
    /// The domain that `virsh` has passed a command on to last, or the side that a heading has named since.
    pub(super) place: String,
}

impl Memory {
    /// Whether what was read last goes on in the next line, whatever that is.
    pub(super) fn goes_on(&self) -> bool {
        !self.libvirt.unfinished.is_empty() || self.human.reply.is_some() || !self.container.parts.is_empty()
    }
}

/// Of a diff.
#[derive(Clone, Debug, Default)]
pub(super) struct Diff {
    /// The line in which the first one began.
    pub(super) first_line: Option<usize>,
    /// How many lines of the old and of the new side are to come in this piece.
    pub(super) old: usize,
    pub(super) new: usize,
}

/// Of what a container runtime writes.
#[derive(Clone, Debug, Default)]
pub(super) struct Container {
    /// Parts of a line whose last one has not come.
    pub(super) parts: String,
}

/// Of a log of libvirt.
#[derive(Clone, Debug, Default)]
pub(super) struct Libvirt {
    /// The thread and the time of the last record, whose text may go on in the next line.
    pub(super) thread: String,
    pub(super) time: Option<f64>,
    /// The text of a record that has named a message and not come to it.
    pub(super) unfinished: String,
    /// Whether messages are told with the names of their monitors, so that the lines without are copies.
    pub(super) names_monitors: bool,
    /// The monitor that each thread served last.
    pub(super) served: BTreeMap<String, String>,
    /// How often each monitor of a host was closed: its address may be used again.
    pub(super) closed: BTreeMap<(String, String), usize>,
}

/// Of a human monitor.
#[derive(Clone, Debug, Default)]
pub(super) struct Human {
    /// The text that followed the last command, if it has no reply yet, and the process that it was given to.
    pub(super) reply: Option<(String, String)>,
    /// Whether the prompt of `qmp-shell` is one of the human monitor.
    pub(super) is_shell: bool,
}

/// Of the screen of `qmp-shell`.
#[derive(Clone, Debug, Default)]
pub(super) struct Shell {
    /// The command at the last prompt, if nothing has come since: what comes next may be its echo.
    pub(super) typed: Option<String>,
    /// Whether it is being told.
    pub(super) is_told: bool,
}
