//! The runstate of the guest: whether it runs, and if not, why. `query-status` reports it.
//!
//! This is not the status of a migration. The names and the moves between them are QEMU's, so that a client can tell a
//! guest that its user paused from one that a migration will bring or has taken away.

/// Why the guest runs or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runstate {
    /// No migration has a part in it.
    Own(Resting),
    /// A migration is to bring it from another host.
    InMigrate {
        /// Whether it runs once it is here.
        autostart: bool,
        /// Its runstate on the source; known once its state has arrived.
        was: Option<Resting>,
    },
    /// A migration has stopped it for the switchover.
    FinishMigrate {
        /// Its runstate before, to which it returns if the migration does not complete.
        was: Resting,
        /// Whether its state, `was` included, has been saved for the destination.
        saved: bool,
    },
    /// It ran here, and part of its memory is gone with the source of a post-copy. Nothing can start it again.
    Lost,
    /// It has left, or the source does not know whether it has. Only its user can start it here again.
    PostMigrate,
}

/// The runstate of a guest without a migration. It travels with the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resting {
    /// It runs.
    Running,
    /// Its user has stopped it.
    Paused,
    /// It was never started.
    Prelaunch,
}

impl Runstate {
    /// Returns the name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Runstate::Own(Resting::Running) => "running",
            Runstate::Own(Resting::Paused) => "paused",
            Runstate::Own(Resting::Prelaunch) => "prelaunch",
            Runstate::InMigrate { .. } => "inmigrate",
            Runstate::FinishMigrate { .. } => "finish-migrate",
            Runstate::PostMigrate => "postmigrate",
            Runstate::Lost => "internal-error",
        }
    }

    /// Returns whether the guest runs.
    pub fn is_running(self) -> bool {
        self == Runstate::Own(Resting::Running)
    }
}
