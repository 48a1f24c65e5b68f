//! What the generated `alone` says means what the table means, in every state, of every input, under all guards; and a
//! machine that asks it first, and goes the long way where it says so, is the machine of the interpreter.

use migration_table::interpret::Run;
use migration_table::model::{Answer, FactId, Kind, Machine, Row, StateId, Table};
use migration_table::step;

use crate::meaning::{Comes, Generated, bits, fires, mixed, same, set, subsets};

/// How many inputs a machine is given.
const INPUTS: u64 = 20_000;

pub(crate) fn compare(table: &Table, machine: &Machine, state: StateId, generated: &Generated) {
    for (index, input) in inputs(machine).into_iter().enumerate() {
        for guards in subsets(bits(machine.guards())) {
            let expected = expect(table, machine, state, input, guards);
            let facts = guards | bits(input);
            let comes = (generated.alone)(state.index(), index, guards);
            // What is no guard must not matter.
            let others = (bits(machine.triggers()) | bits(machine.events())) & !bits(input);
            same((generated.alone)(state.index(), index, guards | others), expected, machine, state, facts);
            if comes.rests && comes.fires.is_none() {
                forgets(machine, state, input, facts);
            }
        }
    }
}

/// What comes of an input, as the interpreter says it.
fn expect(table: &Table, machine: &Machine, state: StateId, input: FactId, guards: u64) -> Comes {
    let stays = |rests| Comes { to: machine.state(state).name.clone(), fires: None, rests };
    if !is_taken(machine, state, input, guards) {
        return stays(true);
    }
    let Some(row) = step::advance(machine, state, set(guards | bits(input))).map(|index| &machine.rows[index]) else {
        let decides = |row: &&Row| row.cubes.iter().any(|cube| cube.asks().contains(input));
        return stays(!machine.rows_of(state).iter().any(decides));
    };
    let (left, guards) = match machine.state(row.to).kind {
        Kind::Idle => (0, guards & !bits(machine.fixed_guards())),
        Kind::Work | Kind::Wait | Kind::Cleanup => (
            bits(input) & !(bits(machine.events()) | bits(row.mentions) & bits(machine.triggers()) | bits(row.drops)),
            guards,
        ),
    };
    let rests = left == 0 && step::advance(machine, row.to, set(guards)).is_none();
    Comes { to: machine.state(row.to).name.clone(), fires: Some(fires(table, machine, row)), rests }
}

fn is_taken(machine: &Machine, state: StateId, input: FactId, guards: u64) -> bool {
    if machine.fact(input).is_trigger() {
        step::answer(machine, state, input, set(guards & bits(machine.fixed_guards()))) == Answer::Accept
    } else {
        machine.state(state).kind != Kind::Idle
    }
}

/// Nothing that can come while the machine stays makes a difference to whether the input came.
fn forgets(machine: &Machine, state: StateId, input: FactId, facts: u64) {
    if !is_taken(machine, state, input, facts) {
        return;
    }
    let others = machine.rows_of(state).iter().fold(0, |facts, row| facts | bits(row.mentions)) & !bits(input);
    for others in subsets(others) {
        let [without, with] = [0, bits(input)].map(|input| step::advance(machine, state, set(others | input)));
        same(with, without, machine, state, others | bits(input));
    }
}

/// A long run, in which guards change now and then.
pub(crate) fn run(table: &Table, machine: &Machine, generated: &Generated) {
    let inputs = inputs(machine);
    let (fixed_mask, asked_mask) =
        (bits(machine.fixed_guards()), bits(machine.guards()) & !bits(machine.fixed_guards()));
    let mut run = Run::new(machine);
    let (mut state, mut pending, mut fixed, mut guards) = (machine.initial, 0, 0, 0);
    for turn in 0..INPUTS {
        let random = mixed(turn);
        if random >> 60 == 0 {
            guards = mixed(!turn) & bits(machine.guards());
            run.set_guards(set(guards));
        }
        let index = usize::try_from(random % inputs.len() as u64).expect("few inputs");
        let before = run.fired().len();
        give(&mut run, machine, inputs[index]);

        if machine.state(state).kind == Kind::Idle {
            fixed = guards & fixed_mask;
        }
        let comes = (generated.alone)(state.index(), index, fixed | guards & asked_mask);
        let mut fired = Vec::new();
        if pending == 0 && comes.rests {
            state = machine.state_id(&comes.to).expect("a state");
            fired.extend(comes.fires);
        } else if is_taken_as_generated(machine, state, inputs[index], fixed, generated) {
            pending |= bits(inputs[index]);
            while let Some(fires) = (generated.advance)(state.index(), pending | fixed | guards & asked_mask) {
                state = machine.state_id(&fires.to).expect("a state");
                pending &= !(bits(machine.events()) | fires.consumes | fires.drops);
                if machine.state(state).kind == Kind::Idle {
                    (pending, fixed) = (0, 0);
                }
                fired.push(fires);
            }
        }
        let expected: Vec<_> =
            run.fired()[before..].iter().map(|index| fires(table, machine, &machine.rows[*index])).collect();
        same((state, fired), (run.state(), expected), machine, state, pending | bits(inputs[index]));
    }
    assert!(run.attempt() > 0, "machine `{}` has got nowhere", machine.name);
}

fn give(run: &mut Run<'_>, machine: &Machine, input: FactId) {
    if machine.fact(input).is_trigger() {
        run.raise(input);
    } else {
        run.report(run.visit(), input);
    }
}

fn is_taken_as_generated(machine: &Machine, state: StateId, input: FactId, fixed: u64, generated: &Generated) -> bool {
    if machine.fact(input).is_trigger() {
        let index = inputs(machine).into_iter().position(|other| other == input).expect("one of them");
        (generated.answer)(state.index(), index, fixed) == Answer::Accept
    } else {
        machine.state(state).kind != Kind::Idle
    }
}

/// Triggers, then events.
fn inputs(machine: &Machine) -> Vec<FactId> {
    let triggers = machine.fact_ids().filter(|id| machine.fact(*id).is_trigger());
    triggers.chain(machine.fact_ids().filter(|id| machine.fact(*id).is_event())).collect()
}
