//! What a command means to the table.

use super::names::Names as Wire;
use super::observation::Command;
use migration_table::model::{FactId, FactKind, Machine, Table};

/// A command that matters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Request {
    /// The command as it was observed.
    pub(super) command: Command,
    pub(super) wish: Wish,
}

/// What a command asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Wish {
    /// Something of the machines: for each machine that knows the command, its index and the trigger.
    Trigger(Vec<(usize, FactId)>),
    Status,
    Capabilities,
    /// A change of parameters.
    Parameters,
}

impl Request {
    /// What the command means; `None` if it means nothing to this table.
    pub(super) fn of(table: &Table, wire: &Wire, parameters_matter: bool, command: Command) -> Option<Request> {
        let triggers = triggers(table, &command);
        let wish = match command.name.as_str() {
            _ if !triggers.is_empty() => Wish::Trigger(triggers),
            name if name == wire.wire.query => Wish::Status,
            "query-migrate-capabilities" => Wish::Capabilities,
            // Where the table has no trigger for it, it is a change that is made if the process says so.
            "migrate-set-capabilities" => Wish::Trigger(Vec::new()),
            "migrate-set-parameters" if parameters_matter => Wish::Parameters,
            _ => return None,
        };
        Some(Request { command, wish })
    }

    /// Whether it may be refused before any machine is asked: the table says so, or there are arguments of which the
    /// table knows nothing.
    pub(super) fn may_be_vetoed(&self, table: &Table) -> bool {
        let Wish::Trigger(triggers) = &self.wish else { return true };
        triggers.is_empty()
            || triggers.iter().any(|(machine, trigger)| {
                let FactKind::Trigger { with, admission, .. } = &table.machines[*machine].fact(*trigger).kind else {
                    return false;
                };
                let has_surplus = with.is_empty() && admission.expects.is_none() && !self.command.arguments.is_empty();
                admission.veto.is_some() || has_surplus
            })
    }
}

/// For each machine the trigger that the command is, by the arguments that tell it from others.
fn triggers(table: &Table, command: &Command) -> Vec<(usize, FactId)> {
    let find = |(index, machine): (usize, &Machine)| {
        let fits = machine.fact_ids().filter_map(|id| Some((fit(machine, id, command)?, id)));
        fits.max_by_key(|(arguments, _)| *arguments).map(|(_, id)| (index, id))
    };
    table.machines.iter().enumerate().filter_map(find).collect()
}

/// How many arguments say that the command is this trigger; none if it is not.
fn fit(machine: &Machine, id: FactId, command: &Command) -> Option<usize> {
    let FactKind::Trigger { command: name, with, .. } = &machine.fact(id).kind else { return None };
    let all = with.iter().all(|pair| command.arguments.contains(pair));
    (*name == command.name && all).then_some(with.len())
}
