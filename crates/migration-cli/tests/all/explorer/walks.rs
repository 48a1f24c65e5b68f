//! The page means what the interpreter means: the same random walks through both, compared step by step.
//!
//! What is compared of a step is everything that can be seen of a machine: what was said and why, the state, all facts,
//! the visit, the attempt, every row that has fired, every status that was published and the reason that is kept. Besides,
//! both functions that say everything about a moment are asked about random facts in every state.

use fastrand::Rng;
use migration_contract::load;
use migration_table::interpret::{Evidence, Run};
use migration_table::model::{Answer, FactId, FactSet, Machine, StateId, Table};
use migration_table::step;
use serde_json::{Value, json};

use super::super::run::table as written;
use super::scripts::{Page, tables, whole};

/// How many walks are taken over each machine.
const WALKS: usize = 300;

/// How many steps a walk has.
const STEPS: usize = 40;

/// How many sets of facts are tried in each state.
const SETS: usize = 25;

#[test]
fn the_page_means_what_the_interpreter_means() {
    for path in tables() {
        let text = std::fs::read_to_string(whole(&path)).expect("there is such a table");
        let table = load(&text).table.expect("the table makes sense");
        compare(&path, &Page::of(&whole(&path)), &table);
    }
}

/// The last fact of a full machine is the highest bit of a 64-bit set.
#[test]
fn a_machine_with_64_facts_means_the_same() {
    let text = full();
    let table = load(&text).table.unwrap_or_else(|| panic!("the table makes sense:\n{text}"));
    let machine = &table.machines[0];
    assert_eq!(machine.facts.len(), 64);
    assert!(machine.guards().contains(FactId(63)), "the last fact is a guard");
    let (_directory, path) = written(&text);
    compare(&path, &Page::new(&["--table", &path]), &table);
}

fn compare(path: &str, page: &Page, table: &Table) {
    let mut chance = Rng::with_seed(7);
    let (mut walks, mut expected) = (Vec::new(), Vec::new());
    for machine in &table.machines {
        let mut taken: Vec<_> = (0..WALKS).map(|_| walk(machine, &mut chance)).collect();
        taken.push(moments(machine, &mut chance));
        for (steps, words) in taken {
            walks.push(json!({ "machine": machine.name, "steps": steps }));
            expected.push(words);
        }
    }
    let Some(answers) = page.drive("walks", &json!(walks)) else { return };
    let answers = answers.as_array().expect("a list of walks");
    assert_eq!(answers.len(), expected.len());
    for ((walk, answer), expected) in walks.iter().zip(answers).zip(&expected) {
        let answer: Vec<&str> = answer.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (at, (page, interpreter)) in answer.iter().zip(expected).enumerate() {
            assert_eq!(page, interpreter, "{path}, step {at} of {walk}");
        }
        assert_eq!(answer.len(), expected.len(), "{path}");
    }
}

/// A random walk: its steps, and what came of each.
fn walk(machine: &Machine, chance: &mut Rng) -> (Vec<Value>, Vec<String>) {
    let mut run = Run::new(machine);
    let facts: Vec<FactId> = machine.fact_ids().collect();
    let triggers: Vec<FactId> = facts.iter().copied().filter(|id| machine.fact(*id).is_trigger()).collect();
    let events: Vec<FactId> = facts.iter().copied().filter(|id| machine.fact(*id).is_event()).collect();
    let mut taken = (Vec::new(), Vec::new());
    for _ in 0..STEPS {
        let (step, said) = match chance.usize(..8) {
            0 => {
                let guards = set(chance.u64(..)) & machine.guards();
                run.set_guards(guards);
                (json!(["guards", numbers(guards)]), String::new())
            }
            1 | 2 if !triggers.is_empty() => {
                let trigger = triggers[chance.usize(..triggers.len())];
                (json!(["raise", trigger.index()]), answered(&run.raise(trigger)))
            }
            kind => {
                // Mostly what the state awaits, so that walks get somewhere; sometimes anything, sometimes late.
                let awaited = awaited(machine, run.state());
                let event = if kind > 3 && !awaited.is_empty() {
                    awaited[chance.usize(..awaited.len())]
                } else {
                    events[chance.usize(..events.len())]
                };
                let late = if chance.usize(..10) == 0 { 1 + chance.usize(..2) as u64 } else { 0 };
                let visit = run.visit().saturating_sub(late);
                (json!(["report", visit, event.index()]), evidence(run.report(visit, event)).to_owned())
            }
        };
        taken.0.push(step);
        taken.1.push(seen(&run, &said));
    }
    taken
}

fn awaited(machine: &Machine, state: StateId) -> Vec<FactId> {
    (machine.mentioned_in(state) & machine.events()).iter().collect()
}

/// What both functions of a moment say in every state, for random sets of facts.
fn moments(machine: &Machine, chance: &mut Rng) -> (Vec<Value>, Vec<String>) {
    let mut taken = (Vec::new(), Vec::new());
    for state in machine.state_ids() {
        for _ in 0..SETS {
            // Few facts and many, since few are what runs have.
            let facts =
                chance.u64(..) & chance.u64(..) & if chance.usize(..2) == 0 { chance.u64(..) } else { u64::MAX };
            let facts = set(facts) & machine.all_facts();
            taken.0.push(json!(["advance", state.index(), numbers(facts)]));
            let row = step::advance(machine, state, facts);
            taken.1.push(row.map_or_else(|| "none".to_owned(), |row| row.to_string()));
            for trigger in machine.fact_ids().filter(|id| machine.fact(*id).is_trigger()) {
                let fixed = set(chance.u64(..)) & machine.fixed_guards();
                taken.0.push(json!(["answer", state.index(), trigger.index(), numbers(fixed)]));
                taken.1.push(answered(&step::answer(machine, state, trigger, fixed)));
            }
        }
    }
    taken
}

/// The numbers of some facts, in order.
fn numbers(facts: FactSet) -> Vec<usize> {
    facts.iter().map(FactId::index).collect()
}

/// The facts whose bits these are.
fn set(bits: u64) -> FactSet {
    (0..64).filter(|bit| bits >> bit & 1 != 0).map(FactId).collect()
}

fn seen(run: &Run<'_>, said: &str) -> String {
    let list = |ids: Vec<usize>| ids.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    let published = run.published().map(|status| status.index()).collect();
    format!(
        "{said} {} {} {} {} {} {} {}",
        run.state().index(),
        list(numbers(run.facts())),
        run.visit(),
        run.attempt(),
        list(run.fired().to_vec()),
        list(published),
        run.reason().map_or_else(|| "-".to_owned(), |reason| reason.index().to_string())
    )
}

fn answered(answer: &Answer) -> String {
    match answer {
        Answer::Accept => "accept".to_owned(),
        Answer::Ignore => "ignore ()".to_owned(),
        Answer::Handle => "handle ()".to_owned(),
        Answer::Refuse(reason) => format!("refuse ({reason})"),
    }
}

fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Fired => "fired",
        Evidence::Pending => "pending",
        Evidence::Stale => "stale",
    }
}

/// A table whose one machine has as many facts as there can be, in rows that look at the first and the last of them.
fn full() -> String {
    let events: String = (0..55).map(|at| format!("  e{at}: {{ doc: \"event {at}\" }}\n")).collect();
    let guards: String = (0..5)
        .map(|at| format!("  g{at}: {{ capability: c{at}, fixed: {}, doc: \"guard {at}\" }}\n", at % 2 == 0))
        .collect();
    let rows: String = (0..55)
        .map(|at| {
            let (guard, other, to) = (at % 5, (at + 17) % 55, ["b", "c"][at % 2]);
            let from = ["c", "b"][at % 2];
            let rest = if at % 9 == 0 { format!(" and (g{guard} or not e{other})") } else { String::new() };
            format!("      - {{ from: {from}, when: e{at}{rest}, to: {to} }}\n")
        })
        .collect();
    format!(
        "format: 1\nmachine: full\nstatuses:\n  none: {{ since: \"1.0\", doc: \"nothing\" }}\n  \
         busy: {{ since: \"1.0\", doc: \"something\" }}\ntriggers:\n  t0: {{ command: c0, doc: \"start\" }}\n  \
         t1: {{ command: c1, doc: \"stop\" }}\n  t2: {{ command: c2, doc: \"wish\" }}\n  \
         t3: {{ command: c3, doc: \"another\" }}\nevents:\n{events}guards:\n{guards}machines:\n  only:\n    \
         doc: \"all\"\n    precedence: [t1]\n    states:\n      \
         a: {{ kind: idle, shows: none, initial: true, doc: \"idle\" }}\n      \
         b: {{ kind: work, shows: busy, doc: \"one\" }}\n      c: {{ kind: work, shows: busy, doc: \"two\" }}\n    \
         transitions:\n      - {{ from: a, when: t0, to: b, public: true }}\n{rows}      \
         - {{ from: [b, c], when: t1 and not g4, to: a, public: true }}\n      \
         - {{ from: b, when: t3 and e54 and g4, to: c }}\n      \
         - {{ from: c, when: t2 and e1, to: b }}\n"
    )
}
