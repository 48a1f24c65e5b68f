//! Walks that take everything, beside a search through all sets of what was taken.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, VecDeque};

use migration_table::interpret::Run;
use migration_table::model::{FactSet, Kind, Machine};
use migration_verify::{Cover, Move, Paths, paths};

use crate::tables::{MENDED, OWN, PROPOLIS, table};

/// A row with the state that it leaves, and before it the one that fired last where pairs are meant.
type Target = (Option<(usize, usize)>, (usize, usize));

/// The rows that a walk takes, each with the state that it leaves.
fn fired(machine: &Machine, moves: &[Move]) -> Vec<(usize, usize)> {
    let (mut run, mut guards) = (Run::new(machine), FactSet::EMPTY);
    for step in moves {
        let id = |name: &String| machine.fact_id(name).expect("the machine has the fact");
        match step {
            Move::Set(name) => guards |= id(name),
            Move::Clear(name) => guards -= FactSet::from(id(name)),
            Move::Raise(name) => drop(run.raise(id(name))),
            Move::Report(name) => drop(run.report(run.visit(), id(name))),
        }
        run.set_guards(guards);
    }
    let mut state = machine.initial.index();
    let rows = run.fired().iter().map(|row| {
        let from = std::mem::replace(&mut state, machine.rows[*row].to.index());
        (from, *row)
    });
    rows.collect()
}

fn targets(rows: &[(usize, usize)], cover: Cover) -> Vec<Target> {
    match cover {
        Cover::Rows => rows.iter().map(|row| (None, *row)).collect(),
        Cover::Pairs => rows.windows(2).map(|pair| (Some(pair[0]), pair[1])).collect(),
    }
}

fn taken(machine: &Machine, found: &Paths, cover: Cover) -> BTreeSet<Target> {
    found.walks.iter().flat_map(|walk| targets(&fired(machine, &walk.moves), cover)).collect()
}

/// Every target that a walk of this many random steps takes, guards turned at random.
fn stumbled_upon(machine: &Machine, cover: Cover, steps: usize) -> BTreeSet<Target> {
    let mut random = fastrand::Rng::with_seed(1);
    let mut found = BTreeSet::new();
    for _ in 0..steps / 40 {
        let (mut run, mut guards) = (Run::new(machine), FactSet::EMPTY);
        let mut moves = Vec::new();
        for _ in 0..40 {
            let id = random.choice(machine.fact_ids().collect::<Vec<_>>()).expect("the machine has facts");
            let name = machine.fact(id).name.clone();
            if machine.fact(id).is_guard() {
                let is_set = guards.contains(id);
                guards = if is_set { guards - FactSet::from(id) } else { guards | id };
                run.set_guards(guards);
                moves.push(if is_set { Move::Clear(name) } else { Move::Set(name) });
            } else if machine.fact(id).is_trigger() {
                run.raise(id);
                moves.push(Move::Raise(name));
            } else if machine.state(run.state()).kind != Kind::Idle {
                run.report(run.visit(), id);
                moves.push(Move::Report(name));
            }
        }
        found.extend(targets(&fired(machine, &moves), cover));
    }
    found
}

#[test]
fn walks_take_whatever_random_walks_take_and_no_less_than_they_say() {
    for text in [OWN, PROPOLIS, MENDED] {
        for machine in &table(text).machines {
            for cover in [Cover::Rows, Cover::Pairs] {
                let found = paths(machine, cover).expect("the machine is small");
                let taken = taken(machine, &found, cover);
                assert_eq!(taken.len(), found.covered, "{} {cover:?}", machine.name);
                let random = stumbled_upon(machine, cover, 60_000);
                assert!(random.is_subset(&taken), "{} {cover:?}: {:?}", machine.name, random.difference(&taken));
                let names: BTreeSet<&String> = found.walks.iter().map(|walk| &walk.name).collect();
                assert_eq!(names.len(), found.walks.len(), "names are distinct");
            }
        }
    }
}

/// The fewest steps with which walks take every row, found by going through all sets of rows that were taken.
fn fewest(machine: &Machine) -> Option<usize> {
    let mut numbers: HashMap<(usize, usize), u32> = HashMap::new();
    let start = (machine.initial.index(), FactSet::EMPTY, 0_u64);
    let (mut seen, mut queue) = (HashMap::from([(start, 0_usize)]), VecDeque::from([start]));
    let all = paths(machine, Cover::Rows).ok()?.covered;
    while let Some(node) = queue.pop_front() {
        let (state, facts, taken) = node;
        let steps = seen[&node];
        if taken.count_ones() as usize == all {
            return Some(steps);
        }
        if seen.len() > 3_000_000 {
            return None;
        }
        for (to, facts, rows) in steps_of(machine, state, facts) {
            let mut next = taken;
            for fired in rows {
                let many = numbers.len() as u32;
                next |= 1 << *numbers.entry(fired).or_insert(many);
            }
            // Ending a walk costs nothing, and every node may be the end of one.
            for node in [(to, facts, next), (start.0, start.1, next)] {
                if let Entry::Vacant(vacant) = seen.entry(node) {
                    vacant.insert(steps + 1);
                    queue.push_back(node);
                }
            }
        }
    }
    None
}

type After = (usize, FactSet, Vec<(usize, usize)>);

/// What one trigger or event does, under every value of the guards.
fn steps_of(machine: &Machine, state: usize, facts: FactSet) -> Vec<After> {
    use migration_table::step;
    let state = machine.state_ids().nth(state).expect("the state is one of the machine");
    let mut found = Vec::new();
    for guards in machine.guards().subsets() {
        for id in machine.fact_ids().filter(|id| !machine.fact(*id).is_guard()) {
            let sample = step::sampled(machine, state, facts, guards);
            let mut facts = if machine.fact(id).is_trigger() {
                if step::answer(machine, state, id, sample) != migration_table::model::Answer::Accept {
                    continue;
                }
                step::accepted(machine, facts, sample, id)
            } else if step::awaited(machine, state).contains(id) {
                facts | id
            } else {
                continue;
            };
            let (mut at, mut rows) = (state, Vec::new());
            while let Some(row) = step::advance(machine, at, facts | (guards - machine.fixed_guards())) {
                rows.push((at.index(), row));
                facts -= step::gone(machine, &machine.rows[row]);
                at = machine.rows[row].to;
            }
            found.push((at.index(), facts, rows));
        }
    }
    found
}

#[test]
fn walks_are_as_short_as_can_be_where_that_can_be_found_out() {
    let mut told = Vec::new();
    let (mut many, mut longer, mut known) = (0, 0, 0);
    let small = (0..240).map(|seed| migration_table::testing::random(&mut fastrand::Rng::with_seed(seed)));
    for machine in small.filter(|machine| machine.rows.iter().map(|row| row.from.len()).sum::<usize>() <= 14) {
        let Some(fewest) = fewest(&machine) else { continue };
        let found = paths(&machine, Cover::Rows).expect("the machine is small").steps();
        assert!(found >= fewest, "{found} steps cannot be fewer than {fewest}");
        known += 1;
        many += fewest;
        longer += found - fewest;
        if found > fewest {
            told.push(format!("{found} instead of {fewest}"));
        }
    }
    assert!(known > 60, "{known} machines are enough to see something");
    assert!(longer * 50 <= many, "{longer} steps too many of {many}, in {known} machines: {}", told.join(", "));
}

/// A chain of thousands of states has millions of ways, and its walks would fill the memory.
#[test]
fn a_machine_that_is_too_large_for_walks_is_refused() {
    let many = 4_000;
    let mut text = String::from(
        "format: 1\nmachine: chain\nstatuses:\n  none: { since: \"1.0\", doc: \"nothing\" }\n\
         triggers:\n  start: { command: start, doc: \"begin\" }\nevents:\n  next: { doc: \"one further\" }\n\
         machines:\n  one:\n    doc: \"a chain\"\n    states:\n      s0: { kind: idle, shows: none, initial: true, doc: \"rests\" }\n",
    );
    (1..many).for_each(|at| text += &format!("      s{at}: {{ kind: work, shows: none, doc: \"works\" }}\n"));
    text += "    transitions:\n      - { from: s0, when: start, to: s1 }\n";
    (1..many).for_each(|at| text += &format!("      - {{ from: s{at}, when: next, to: s{} }}\n", (at + 1) % many));
    text += "    answers:\n      - { trigger: start, answer: ignore }\n";
    let table = table(&text);
    let error = paths(&table.machines[0], Cover::Rows).expect_err("it is too large").to_string();
    assert!(error.contains("too many for walks"), "{error}");
}
