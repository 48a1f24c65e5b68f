//! Nobody waits for ever, except for a user.

use migration_table::model::{Cube, FactSet, Kind, Machine, StateId};

use crate::automaton::Local;
use crate::counterexample::Counterexample;
use crate::decide::fair_loops;
use crate::graph::{Edge, Graph};
use crate::property::{Outcome, Verdict};

pub(super) fn decide(graph: &Graph<'_, '_>) -> Vec<Verdict> {
    let composition = graph.composition;
    if !graph.figures().is_exhausted {
        return vec![verdict(Outcome::NotExhausted)];
    }
    let mut found = Vec::new();
    for host in 0..composition.hosts.len() {
        let automaton = composition.automaton(host);
        let is_first =
            composition.hosts[..host].iter().all(|other| other.automaton != composition.hosts[host].automaton);
        if !is_first {
            continue;
        }
        let machine = automaton.machine;
        let waits: Vec<bool> = machine.state_ids().map(|state| may_wait(machine, state)).collect();
        let is_asked =
            |local: &Local| !local.is_down && !waits[local.state.index()] && !lacks_only_a_command(machine, *local);
        let asked: Vec<bool> = automaton.locals.iter().map(is_asked).collect();
        let local = |at: u32| automaton.locals[usize::from(graph.locals(at)[host])];
        let region: Vec<u32> = (0..graph.len()).filter(|at| asked[usize::from(graph.locals(*at)[host])]).collect();
        let stays = |edge: &Edge| usize::from(edge.effect.moved) != host;
        for (state, stuck) in fair_loops(graph, &region, stays, |at| local(at).state.index()) {
            let mut run = graph.run_to(stuck.entry);
            let repeats_from = (!stuck.cycle.is_empty()).then_some(run.len());
            run.extend(stuck.cycle.iter().map(|edge| (edge.action, graph.config(edge.to))));
            let state = &automaton.machine.states[state];
            let because =
                format!("{} can stay in `{}` for ever (line {})", automaton.machine.name, state.name, state.span.line);
            let counterexample = Counterexample::tell(composition, &run, repeats_from, because);
            found.push(verdict(Outcome::Fails(Box::new(counterexample))));
        }
    }
    if found.is_empty() { vec![verdict(Outcome::Holds { needs: Vec::new() })] } else { found }
}

/// Whether a host may stay in a state for ever: nothing is in progress there, it waits for a user, it serves until a user
/// ends it, or the table says why it has no timeout.
fn may_wait(machine: &Machine, state: StateId) -> bool {
    let of_state = machine.state(state);
    let others = machine.triggers() | machine.outside_events();
    let hears_others = machine.rows.iter().any(|row| row.from.contains(&state) && row.mentions.intersects(others));
    let waits_for_others = of_state.kind == Kind::Wait && !of_state.is_bounded() && hears_others;
    of_state.kind == Kind::Idle || waits_for_others || serves_until_told(machine, state) || of_state.may_stay
}

/// Whether work goes on in a state until a user ends it: every way on, failures and limits of time apart, is a command
/// alone.
fn serves_until_told(machine: &Machine, state: StateId) -> bool {
    let bounds: FactSet = machine.state(state).bounds().map(|bound| bound.event).collect();
    let failures: FactSet = machine.fact_ids().filter(|id| machine.fact(*id).carries_cause).collect();
    let (triggers, evidence) = (machine.triggers(), machine.events());
    let leaving = machine.rows.iter().filter(|row| row.from.contains(&state));
    let mut ways = leaving.flat_map(|row| &row.cubes).filter(|case| !case.set.intersects(bounds | failures)).peekable();
    let is_command = |case: &Cube| case.set.intersects(triggers) && !case.set.intersects(evidence);
    machine.state(state).kind == Kind::Work && ways.peek().is_some() && ways.all(is_command)
}

/// Whether a row would fire if a user gave a command, and all the evidence that it needs is there: then the host waits
/// for the user, whatever its state is for.
fn lacks_only_a_command(machine: &Machine, local: Local) -> bool {
    let (triggers, evidence) = (machine.triggers(), machine.events());
    let rows = machine.rows.iter().filter(|row| row.from.contains(&local.state));
    rows.flat_map(|row| &row.cubes).any(|case| {
        let lacking = case.set - local.facts - machine.open_guards();
        let has_evidence = case.set.intersects(evidence) && !case.clear.intersects(local.facts);
        has_evidence && !lacking.is_empty() && (lacking - triggers).is_empty()
    })
}

fn verdict(result: Outcome) -> Verdict {
    Verdict::new(
        "nobody-waits-for-ever",
        "a host leaves every state in the end, unless the state waits for a user or serves until one ends it",
        result,
    )
}
