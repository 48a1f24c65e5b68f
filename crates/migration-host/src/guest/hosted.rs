//! What both kinds of guest offer beyond what a migration needs.

use migration_runtime::guest::{Guest, GuestError};

use super::layout::Plan;
use super::ram::Ram;
use super::verify::Verdict;

/// A guest that this process can host.
pub trait HostedGuest: Guest {
    /// Returns the memory, to look at.
    fn ram(&self) -> &Ram;

    /// Returns the kind with the version of its device state, such as `kvm-1`: what it tells a destination of itself.
    fn kind(&self) -> &'static str;

    /// Returns the kind in one word, for people: `kvm` or `memory`.
    fn kind_name(&self) -> &'static str;

    /// Checks all memory of the stopped guest, and reports how far it has counted.
    ///
    /// # Errors
    /// When the guest runs.
    fn verdict(&self) -> Result<Verdict, GuestError>;

    /// Returns why the guest broke down and stopped by itself, if it did.
    ///
    /// It can be run again only after other device state was loaded.
    fn failure(&self) -> Option<String>;
}

/// Checks that the memory holds our program: it may not have arrived, or be another's.
pub(super) fn check_program(memory: &Ram) -> Result<(), GuestError> {
    Plan::of(memory).map(|_plan| ()).map_err(|error| GuestError::new(error.to_string()))
}
