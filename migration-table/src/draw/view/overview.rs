//! What a client sees of a machine: statuses, and what leads from one to another.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::super::subject::Subject;
use crate::model::{Kind, Machine, Row, State, StateId, StatusId, Table};

/// The machine with the states of each status in one.
pub(super) fn subject<'t>(table: &'t Table, machine: &'t Machine) -> Subject<'t> {
    let shown: BTreeSet<StatusId> = machine.states.iter().map(|state| state.shows).collect();
    let place = |status: StatusId| shown.iter().position(|other| *other == status);
    let of_status = |status: StatusId| StateId(place(status).and_then(|at| u16::try_from(at).ok()).unwrap_or(0));
    let of_state = |state: StateId| of_status(machine.state(state).shows);
    let row = |row: &Row| {
        let to = of_state(row.to);
        let from: BTreeSet<StateId> =
            row.from.iter().map(|state| of_state(*state)).filter(|from| *from != to).collect();
        let from: Vec<StateId> = from.into_iter().collect();
        let is_seen = row.public && !from.is_empty();
        is_seen.then(|| Row { from, to, sends: Vec::new(), drops: 0, ..row.clone() })
    };
    let mut happy_path: Vec<StateId> = Vec::new();
    for state in machine.happy_path.iter().map(|state| of_state(*state)) {
        if !happy_path.contains(&state) {
            happy_path.push(state);
        }
    }
    let contracted = Machine {
        states: shown.iter().map(|status| state(table, machine, *status)).collect(),
        initial: of_state(machine.initial),
        groups: Vec::new(),
        rows: machine.rows.iter().filter_map(row).collect(),
        answers: Vec::new(),
        happy_path,
        ..machine.clone()
    };
    let mut subject = Subject::new(Cow::Borrowed(table), Cow::Owned(contracted));
    subject.is_of_statuses = true;
    for (shade, status) in subject.states.iter_mut().zip(&shown) {
        let states = machine.states.iter().filter(|state| state.shows == *status);
        let names: Vec<&str> = states.map(|state| state.name.as_str()).collect();
        shade.notes.push(format!("states that show it: {}", names.join(", ")));
        shade.notes.push(format!("since {}", table.statuses[status.index()].since));
    }
    subject
}

/// A status as a state: idle where each of its states is, and of the other kinds the one that they share.
fn state(table: &Table, machine: &Machine, status: StatusId) -> State {
    let declared = &table.statuses[status.index()];
    let kinds: BTreeSet<Kind> =
        machine.states.iter().filter(|state| state.shows == status).map(|state| state.kind).collect();
    let kind = match kinds.len() {
        1 => kinds.first().copied().unwrap_or(Kind::Work),
        _ => Kind::Work,
    };
    State {
        name: declared.name.clone(),
        kind,
        shows: status,
        holds: Vec::new(),
        timeout: None,
        doc: declared.doc.clone(),
        span: declared.span,
    }
}
