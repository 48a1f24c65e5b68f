//! Whether the guest runs, and if not, why: what `query-status` says.
//!
//! Not to be confused with the status of a migration. The names and the moves between them are QEMU's, so that a
//! client can tell a guest that its user paused from one that waits for, or has left by, a migration.

/// Why the guest runs or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runstate {
    /// It runs, or its user or nobody has stopped it: as it would be without a migration.
    Own(Resting),
    /// It is awaited from another host.
    InMigrate {
        /// Whether it is to run once it is here.
        autostart: bool,
        /// How it was over there; known once its state has arrived.
        was: Option<Resting>,
    },
    /// A migration has stopped it, to move the rest of it.
    FinishMigrate {
        /// How it was before, and will be again if the migration ends without it having left.
        was: Resting,
        /// Whether its state, `was` included, has been saved for the destination.
        saved: bool,
    },
    /// It has left, or nobody knows whether it has. Only its user can start it here again.
    PostMigrate,
}

/// How a guest is without a migration; this travels with it.
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
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Runstate::Own(Resting::Running) => "running",
            Runstate::Own(Resting::Paused) => "paused",
            Runstate::Own(Resting::Prelaunch) => "prelaunch",
            Runstate::InMigrate { .. } => "inmigrate",
            Runstate::FinishMigrate { .. } => "finish-migrate",
            Runstate::PostMigrate => "postmigrate",
        }
    }

    /// Whether the guest runs.
    #[must_use]
    pub fn is_running(self) -> bool {
        self == Runstate::Own(Resting::Running)
    }
}
