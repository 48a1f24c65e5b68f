//! A run that a file shows.

use migration_draw::Trace;
use migration_table::model::Machine;

use crate::outcome::Outcome;

/// A run that was found in a file.
pub(in crate::commands) struct Found<'t> {
    pub(in crate::commands) trace: Trace<'t>,
    /// What the file comes to: findings, if it is no run to its end.
    pub(in crate::commands) outcome: Outcome,
    /// The steps of a saved walk that come out differently now, a line each.
    pub(in crate::commands) different: Vec<String>,
}

impl Found<'_> {
    /// The machines among these that took steps, or all if none did.
    pub(in crate::commands) fn gone<'m>(&self, machines: Vec<&'m Machine>) -> Vec<&'m Machine> {
        let went = |machine: &&Machine| self.trace.steps.iter().any(|step| step.machine == machine.name);
        if machines.iter().any(went) { machines.into_iter().filter(went).collect() } else { machines }
    }
}
