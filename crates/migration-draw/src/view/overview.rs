//! What a client sees of a machine: statuses, and what leads from one to another.
//!
//! What is drawn is what the projection of the public side finds (see [`migration_contract::public`]): a row counts in a status only
//! if some run takes it there. Where the same leads from one status to another in several rows, it is said once.

mod changes;
mod rows;

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::super::figure::Place;
use super::super::plan;
use super::super::subject::{Line, Subject};
use changes::{AtTimes, Change, Changes};
use migration_contract::public::Taken;
use migration_table::model::{FactId, Kind, Machine, State, StateId, StatusId, Table};

/// The machine with the states of each status in one; what has to be said beside the picture is added to the notes.
pub(super) fn subject<'t>(table: &'t Table, machine: &'t Machine, notes: &mut Vec<String>) -> Subject<'t> {
    let (taken, more) = rows::counting(table, machine);
    notes.extend(more);
    let shown: BTreeSet<StatusId> = taken.states.iter().map(|state| machine.state(*state).shows).collect();
    let place = |status: StatusId| shown.iter().position(|other| *other == status);
    let of_status = |status: StatusId| place(status).and_then(|at| u16::try_from(at).ok()).map(StateId);
    let of_state = |state: &StateId| of_status(machine.state(*state).shows);
    let mut happy_path: Vec<StateId> = Vec::new();
    for state in machine.happy_path.iter().filter_map(of_state) {
        if !happy_path.contains(&state) {
            happy_path.push(state);
        }
    }
    let ends = [machine.happy_path.last(), machine.happy_path.first()].map(|state| state.and_then(&of_state));
    let is_whole = happy_path.len() > 1 && ends == [happy_path.last().copied(), happy_path.first().copied()];
    let path_comes_back = machine.path_comes_back && is_whole;
    let changes = Changes::new(machine, &taken).all();
    let status = |status: &StatusId| of_status(*status).unwrap_or(StateId(0));
    let contracted = Machine {
        states: shown.iter().map(|status| state(table, machine, &taken, *status)).collect(),
        initial: of_state(&machine.initial).unwrap_or(StateId(0)),
        groups: Vec::new(),
        rows: changes.iter().map(|change| change.row(machine, &status)).collect(),
        answers: Vec::new(),
        happy_path,
        path_comes_back,
        ..machine.clone()
    };
    let mut subject = Subject::new(Cow::Borrowed(table), Cow::Owned(contracted));
    subject.is_of_statuses = true;
    // What goes wrong is known of the states; the rows between statuses have lost some of the causes.
    let whole = plan::nodes(machine);
    for (node, status) in subject.nodes.iter_mut().zip(&shown).filter(|(node, _)| node.place != Place::Path) {
        let states = showing(machine, &taken, *status);
        let goes_wrong = states.iter().all(|state| whole[state.index()].place == Place::Aside);
        node.place = if goes_wrong { Place::Aside } else { Place::Detour };
    }
    for (shade, status) in subject.states.iter_mut().zip(&shown) {
        shade.notes.push(format!("states that show it: {}", names(machine, &showing(machine, &taken, *status))));
        shade.notes.push(format!("since {}", table.statuses[status.index()].since));
    }
    for (line, change) in subject.rows.iter_mut().zip(&changes) {
        *line = said(table, machine, change, &status);
    }
    subject
}

/// The states that show a status, of those that some run enters.
fn showing(machine: &Machine, taken: &Taken, status: StatusId) -> BTreeSet<StateId> {
    taken.states.iter().copied().filter(|state| machine.state(*state).shows == status).collect()
}

/// A status as a state: idle where one of its states is, since runs end there then; of the other kinds the one that they
/// share.
fn state(table: &Table, machine: &Machine, taken: &Taken, status: StatusId) -> State {
    let declared = &table.statuses[status.index()];
    let kinds: BTreeSet<Kind> =
        showing(machine, taken, status).iter().map(|state| machine.state(*state).kind).collect();
    let kind = match kinds.len() {
        1 => kinds.first().copied().unwrap_or(Kind::Work),
        _ if kinds.contains(&Kind::Idle) => Kind::Idle,
        _ => Kind::Work,
    };
    State {
        name: declared.name.clone(),
        kind,
        shows: status,
        holds: Vec::new(),
        timeout: None,
        timer: None,
        may_stay: false,
        reconnects: false,
        doc: declared.doc.clone(),
        span: declared.span,
    }
}

/// In which statuses a change does not always follow from its command, and why.
fn said(table: &Table, machine: &Machine, change: &Change, place: &dyn Fn(&StatusId) -> StateId) -> Line {
    let mut line = Line::default();
    for (status, AtTimes { triggers, with, without }) in &change.at_times {
        let triggers: Vec<&str> = triggers.iter().map(|id: &FactId| machine.fact(*id).name.as_str()).collect();
        let (triggers, without) = (triggers.join(" and "), names(machine, without));
        let taken = match with.is_empty() {
            // It was raised before, and has waited.
            true => format!("{triggers} is not taken any more"),
            false => format!("{triggers} is taken in {}, and not in {without}", names(machine, with)),
        };
        line.at_times.insert(place(status), format!("{}: {taken}", table.statuses[status.index()].name));
    }
    line
}

fn names(machine: &Machine, states: &BTreeSet<StateId>) -> String {
    let names: Vec<&str> = states.iter().map(|state| machine.state(*state).name.as_str()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests;
