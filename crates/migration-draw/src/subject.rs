//! What a view looks at: a machine, which may be a part of one, a contraction of one or two in one, and what is to be
//! said of its states and rows.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::figure::{Mark, Number};
use super::plan::{self, Attempts, Node};
use migration_table::model::{Machine, StateId, Table};

/// A machine to draw, and what is said of its parts.
#[derive(Clone, Debug)]
pub(super) struct Subject<'t> {
    /// Where statuses, messages and resources are named.
    pub(super) table: Cow<'t, Table>,
    /// The machine.
    pub(super) machine: Cow<'t, Machine>,
    /// Where each state belongs, in the order of the states.
    pub(super) nodes: Vec<Node>,
    /// What is said of each state.
    pub(super) states: Vec<Shade>,
    /// What is said of each row.
    pub(super) rows: Vec<Line>,
    /// Whether rows of which different things are said may be one arrow.
    pub(super) marking: Marking,
    /// Where the arrows of new attempts lead.
    pub(super) attempts: Attempts,
    /// Whether the machine's start is shown.
    pub(super) is_whole: bool,
    /// Whether the states stand for statuses.
    pub(super) is_of_statuses: bool,
}

/// What is said of a state.
#[derive(Clone, Debug, Default)]
pub(super) struct Shade {
    pub(super) mark: Mark,
    /// The steps that enter it, and whether the trace ends in it.
    pub(super) steps: Vec<Number>,
    /// Lines for the tooltip.
    pub(super) notes: Vec<String>,
}

impl Shade {
    /// Says that a run ends here; of several that do, it is said once.
    pub(super) fn end_here(&mut self) {
        if !self.steps.contains(&Number::End) {
            self.steps.push(Number::End);
        }
    }
}

/// What is said of a row.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub(super) mark: Mark,
    /// What it says in the old table, if it differs.
    pub(super) was: Option<String>,
    /// The steps that it was, with the state that it left.
    pub(super) taken: Vec<(StateId, Number)>,
    /// What is said of it in the states that no step left along it; if not given, as of a run that passes by.
    pub(super) passed_by: Option<Mark>,
    /// The states, of those that stand for statuses, in which it does not always count, and why, in a sentence.
    pub(super) at_times: BTreeMap<StateId, String>,
}

/// Whether rows of which different things are said may be one arrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marking {
    /// They may.
    Together,
    /// They may not.
    Apart,
}

impl<'t> Subject<'t> {
    /// A machine as it is, with nothing said of it.
    pub(super) fn whole(table: &'t Table, machine: &'t Machine) -> Subject<'t> {
        Subject::new(Cow::Borrowed(table), Cow::Borrowed(machine))
    }

    /// Another machine, with nothing said of it.
    pub(super) fn new(table: Cow<'t, Table>, machine: Cow<'t, Machine>) -> Subject<'t> {
        Subject {
            nodes: plan::nodes(&machine),
            states: vec![Shade::default(); machine.states.len()],
            rows: vec![Line::default(); machine.rows.len()],
            table,
            machine,
            marking: Marking::Together,
            attempts: Attempts::ToCopies,
            is_whole: true,
            is_of_statuses: false,
        }
    }

    /// The name of a state in the table, where a status has its own: on the wire it may have any characters.
    pub(super) fn id_of(&self, state: StateId) -> &str {
        let state = self.machine.state(state);
        if self.is_of_statuses { &self.table.statuses[state.shows.index()].key } else { &state.name }
    }
}
