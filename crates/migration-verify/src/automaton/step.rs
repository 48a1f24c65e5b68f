//! The steps of one machine: what goes in, the rows that fire, and what comes out.

use migration_table::model::{Answer, FactId, FactKind, FactSet, Kind, Machine, StateId};
use migration_table::step;

use super::local::{Local, LocalId};
use super::relevance::Relevance;
use super::signature::{Letter, Signature};
use crate::names::Invalid;

/// Rows that may fire in one step before the table is called endless.
const ROWS_MAX: usize = 64;

/// What goes into a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Input {
    /// A user raises a trigger. Where that begins an attempt, these fixed guards hold.
    Raise { trigger: FactId, fixed: FactSet },
    /// The work, or something outside, reports an event. Where that begins an attempt, these fixed guards hold.
    Report { event: FactId, fixed: FactSet },
    /// A message arrives.
    Receive { fact: FactId, letter: Letter },
    /// An operator does something to the host.
    Act(usize),
}

/// One step of a machine, ready for the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) input: Input,
    pub(crate) to: LocalId,
    /// The rows that fire, in order.
    pub(crate) rows: Vec<u16>,
    /// The letters that are sent, in order.
    pub(crate) sends: Vec<Letter>,
    /// Whether an attempt begins. One that is over in the same step, and says nothing to the peer, is none: a machine
    /// that goes from one idle state to another may do so as often as it likes.
    pub(crate) begins: bool,
    /// Whether the attempt ends.
    pub(crate) ends: bool,
    /// Whether a new connection is opened within the attempt.
    pub(crate) reconnects: bool,
    /// Whether the state is left, or entered again.
    pub(crate) moves: bool,
    /// Whether this is the timeout of the state.
    pub(crate) is_timeout: bool,
    /// Whether nothing changes but where the host is.
    pub(crate) is_silent: bool,
    /// Whether the machine takes this step in the end if it stays possible: work that finishes, a timeout that runs
    /// out. Users and failures need not come.
    pub(crate) is_fair: bool,
}

/// What comes out of one input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) local: Local,
    rows: Vec<u16>,
    sends: Vec<Letter>,
    reconnects: bool,
}

impl Step {
    pub(crate) fn new(
        machine: &Machine,
        signature: &Signature,
        input: Input,
        outcome: &Outcome,
        from: Local,
        to: LocalId,
    ) -> Step {
        let is_idle = |state: StateId| machine.state(state).kind == Kind::Idle;
        let runs_out = |event: FactId| machine.state(from.state).bounds().any(|bound| bound.event == event);
        let is_timeout = matches!(input, Input::Report { event, .. } if runs_out(event));
        assert!(signature.sends.len() == machine.rows.len(), "every row has its letters");
        let begins = is_idle(from.state)
            && !outcome.rows.is_empty()
            && (!is_idle(outcome.local.state) || !outcome.sends.is_empty());
        let ends = is_idle(outcome.local.state) && !is_idle(from.state);
        let reads = matches!(input, Input::Receive { .. });
        Step {
            input,
            to,
            rows: outcome.rows.clone(),
            sends: outcome.sends.clone(),
            begins,
            ends,
            reconnects: outcome.reconnects,
            moves: !outcome.rows.is_empty(),
            is_timeout,
            is_silent: !(begins || ends || reads || outcome.reconnects) && outcome.sends.is_empty(),
            is_fair: is_timeout || is_progress(machine, from, input),
        }
    }
}

/// Whether work that goes on brings this in the end. What it has reported it does not report again, so that an event
/// which found a guard false waits for something else to come in.
fn is_progress(machine: &Machine, from: Local, input: Input) -> bool {
    match input {
        Input::Receive { .. } => true,
        Input::Report { event, .. } => {
            let kind = machine.state(from.state).kind;
            let (works, fact) = (matches!(kind, Kind::Work | Kind::Cleanup), machine.fact(event));
            works && !from.facts.contains(event) && !fact.carries_cause && !fact.is_rare && !fact.is_outside
        }
        Input::Raise { .. } | Input::Act(_) => false,
    }
}

/// Lists every input that a configuration can be given and everything that can come of it.
pub(crate) fn outcomes(
    machine: &Machine,
    signature: &Signature,
    relevance: &Relevance,
    local: Local,
) -> Result<Vec<(Input, Outcome)>, Invalid> {
    if local.is_down {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for (input, facts) in inputs(machine, signature, relevance, local) {
        let start = Outcome { local: Local { facts, ..local }, rows: vec![], sends: vec![], reconnects: false };
        let mut ends = Vec::new();
        settle(machine, signature, relevance, start, &mut ends)?;
        found.extend(ends.into_iter().map(|end| (input, end)));
    }
    for (act, marker) in &signature.acts {
        let local = Local { markers: local.markers | marker, ..local };
        found.push((Input::Act(*act), Outcome { local, rows: vec![], sends: vec![], reconnects: false }));
    }
    Ok(found)
}

/// Every input that changes something, with the facts that are there then.
fn inputs(machine: &Machine, signature: &Signature, relevance: &Relevance, local: Local) -> Vec<(Input, FactSet)> {
    let awaited = step::awaited(machine, local.state);
    let asked = relevance.sampled & (step::asked_anew(machine, local.state) - signature.without);
    let possible = || asked.subsets().filter(|guards| signature.may_hold(asked, *guards, local.markers));
    let mut found = Vec::new();
    let facts = machine.fact_ids().zip(&machine.facts);
    for (id, fact) in facts.filter(|(id, _)| !signature.without.contains(*id)) {
        if fact.is_trigger() {
            let samples = possible().map(|guards| step::sampled(machine, local.state, local.facts, guards));
            let taken = samples.filter(|sample| is_admitted(machine, local.state, id, *sample));
            found.extend(taken.map(|sample| {
                let facts = step::accepted(machine, local.facts, sample, id);
                (Input::Raise { trigger: id, fixed: sample }, facts)
            }));
        } else if awaited.contains(id) && relevance.remembered(local.state).contains(id) {
            let letter = signature.letters.iter().find(|(received, _)| *received == id).map(|(_, letter)| *letter);
            found.extend(possible().map(|guards| {
                let fixed = step::sampled(machine, local.state, local.facts, guards);
                let report = Input::Report { event: id, fixed };
                let input = letter.map_or(report, |letter| Input::Receive { fact: id, letter });
                (input, step::accepted(machine, local.facts, fixed, id))
            }));
        }
    }
    found.sort_by_key(|(input, _)| matches!(input, Input::Receive { .. }));
    found
}

/// Whether the command of a trigger reaches the machine and is accepted there.
fn is_admitted(machine: &Machine, state: StateId, trigger: FactId, fixed: FactSet) -> bool {
    let FactKind::Trigger { admission, .. } = &machine.fact(trigger).kind else { return false };
    // Guards that are not fixed may say anything.
    let passes = step::admits(step::needed_by(machine, admission), fixed, machine.open_guards());
    passes != Some(false) && step::answer(machine, state, trigger, fixed) == Answer::Accept
}

/// Fires rows until none is enabled, for every answer that guards can give on the way.
fn settle(
    machine: &Machine,
    signature: &Signature,
    relevance: &Relevance,
    now: Outcome,
    ends: &mut Vec<Outcome>,
) -> Result<(), Invalid> {
    if now.rows.len() > ROWS_MAX {
        return Err(Invalid::TooLarge(format!("machine `{}` never comes to rest", machine.name)));
    }
    let asked = relevance.asked(now.local.state) - signature.without;
    for guards in asked.subsets().filter(|guards| signature.may_hold(asked, *guards, now.local.markers)) {
        let Some(index) = step::advance(machine, now.local.state, now.local.facts | guards) else {
            let facts = now.local.facts & relevance.remembered(now.local.state);
            let end = Outcome { local: Local { facts, ..now.local }, ..now.clone() };
            if !ends.contains(&end) {
                ends.push(end);
            }
            continue;
        };
        let row = &machine.rows[index];
        let mut next = now.clone();
        next.local.facts -= step::gone(machine, row);
        next.local.state = row.to;
        next.local.markers = signature.entering(next.local.markers, row.to);
        next.rows.push(u16::try_from(index).unwrap_or(u16::MAX));
        next.sends.extend(&signature.sends[index]);
        next.reconnects |= signature.reconnects[row.to.index()];
        settle(machine, signature, relevance, next, ends)?;
    }
    Ok(())
}
