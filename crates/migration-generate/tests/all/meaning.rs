//! Generated code means what the table means: for every state and every set of facts that matters there, the generated
//! functions and the interpreter say the same.

use std::fmt::Debug;

use migration_table::model::{Answer, FactId, FactKind, FactSet, GENERIC_ERROR, Machine, Row, StateId, Table};
use migration_table::step;

use crate::table;

/// Up to this many facts, every set of them is tried; beyond, some, always the same.
const FACTS_EXHAUSTIVE_MAX: u32 = 12;

/// How many sets are tried where there are too many.
const SAMPLES: u64 = 1 << FACTS_EXHAUSTIVE_MAX;

/// A row that fires, in words.
#[derive(Debug, PartialEq, Eq)]
struct Fires {
    to: String,
    public: bool,
    reason: Option<String>,
    consumes: u64,
    drops: u64,
    sends: Vec<String>,
    line: u32,
}

/// What the table says of a state, in words.
#[derive(Debug, PartialEq, Eq)]
struct Says {
    name: String,
    shows: String,
    kind: String,
    holds: Vec<String>,
    timeout: Option<(String, u32)>,
    timer: Option<(String, u32)>,
}

/// The generated code of one machine, for a reader that does not know its types.
struct Generated {
    name: &'static str,
    initial: String,
    states: Vec<Says>,
    triggers: Vec<String>,
    events: Vec<String>,
    guards: Vec<(String, bool)>,
    masks: [u64; 4],
    unsent: Vec<Option<String>>,
    received: Vec<Option<String>>,
    advance: fn(usize, u64) -> Option<Fires>,
    answer: fn(usize, usize, u64) -> Answer,
    refusal_class: fn(usize, usize) -> Option<&'static str>,
}

/// Generates a table and compares its machines with the interpreter.
macro_rules! same_meaning {
    ($name:ident, $text:literal, $path:literal, [$($machine:ident::$role:ident),+]) => {
        mod $name {
            mod generated {
                #![allow(dead_code, reason = "not all of a generated machine is compared here")]
                #![allow(deprecated, reason = "these tables have warnings, and so has the code")]

                migration_macros::state_machine!($path);
            }

            $(mod $machine {
                use super::generated::$machine::{Event, Facts, Guard, $role as R, State, Transition, Trigger};
                use super::generated::Message;
                use crate::meaning::{Fires, Generated, Says};
                use migration_machine::{Answer, Role};
                use migration_table::model;

                fn fires(transition: &Transition) -> Fires {
                    Fires {
                        to: transition.to.to_string(),
                        public: transition.public,
                        reason: transition.reason.map(|reason| reason.to_string()),
                        consumes: transition.consumes.bits(),
                        drops: transition.drops.bits(),
                        sends: transition.sends.iter().map(|message| message.to_string()).collect(),
                        line: transition.line,
                    }
                }

                fn advance(state: usize, facts: u64) -> Option<Fires> {
                    R::advance(State::ALL[state], facts_of(facts)).map(fires)
                }

                fn facts_of(bits: u64) -> Facts {
                    let triggers = Trigger::ALL.iter().map(|trigger| trigger.fact());
                    let events = Event::ALL.iter().map(|event| event.fact());
                    let guards = Guard::ALL.iter().map(|guard| guard.fact());
                    let named = triggers.chain(events).chain(guards).filter(|fact| fact.bits() & bits != 0);
                    named.fold(Facts::EMPTY, Facts::union)
                }

                fn answer(state: usize, trigger: usize, fixed_guards: u64) -> model::Answer {
                    match R::answer(State::ALL[state], Trigger::ALL[trigger], facts_of(fixed_guards)) {
                        Answer::Accept => model::Answer::Accept,
                        Answer::Ignore => model::Answer::Ignore,
                        Answer::Handle => model::Answer::Handle,
                        Answer::Refuse(because) => model::Answer::Refuse(because.to_owned()),
                    }
                }

                fn refusal_class(state: usize, trigger: usize) -> Option<&'static str> {
                    R::refusal_class(State::ALL[state], Trigger::ALL[trigger])
                }

                fn says(state: State) -> Says {
                    Says {
                        name: state.to_string(),
                        shows: R::shows(state).to_string(),
                        kind: R::kind(state).to_string(),
                        holds: state.holds().iter().map(|resource| resource.to_string()).collect(),
                        timeout: state.timeout().map(|timeout| (timeout.event.to_string(), timeout.after_ms)),
                        timer: state.timer().map(|timer| (timer.event.to_string(), timer.after_ms)),
                    }
                }

                #[test]
                fn agrees_with_the_interpreter() {
                    let events = |of: fn(Message) -> Option<Event>| {
                        Message::ALL.map(|message| of(message).map(|event| event.to_string())).to_vec()
                    };
                    let masks = [R::TRIGGERS, R::EVENTS, R::GUARDS, R::FIXED];
                    let generated = Generated {
                        name: R::NAME,
                        initial: R::INITIAL.to_string(),
                        states: State::ALL.iter().copied().map(says).collect(),
                        triggers: Trigger::ALL.iter().map(|trigger| trigger.to_string()).collect(),
                        events: Event::ALL.iter().map(|event| event.to_string()).collect(),
                        guards: Guard::ALL.iter().map(|guard| (guard.to_string(), guard.is_fixed())).collect(),
                        masks: masks.map(Facts::bits),
                        unsent: events(R::unsent),
                        received: events(R::received),
                        advance,
                        answer,
                        refusal_class,
                    };
                    crate::meaning::compare(include_str!($text), &generated);
                }
            })+
        }
    };
}

// The macro tries the directory of the package second; a path from there is one that `include_str!` cannot share.
same_meaning!(states, "../../../../states.yaml", "../../../../states.yaml", [source::Source, destination::Destination]);
same_meaning!(
    formulas,
    "../../../../migration-macros/tests/tables/formulas.yaml",
    "../../migration-macros/tests/tables/formulas.yaml",
    [pump::Pump, tank::Tank]
);
same_meaning!(
    wide,
    "../../../../migration-macros/tests/tables/wide.yaml",
    "../../migration-macros/tests/tables/wide.yaml",
    [watcher::Watcher]
);
same_meaning!(
    hasty,
    "../../../../migration-macros/tests/tables/hasty.yaml",
    "../../../../migration-macros/tests/tables/hasty.yaml",
    [tram::Tram]
);
same_meaning!(
    tiny,
    "../../../../migration-macros/tests/tables/tiny.yaml",
    "../../../../migration-macros/tests/tables/tiny.yaml",
    [door::Door]
);
same_meaning!(
    reasons,
    "../../../../migration-macros/tests/tables/reasons.yaml",
    "../../../../migration-macros/tests/tables/reasons.yaml",
    [peer::Peer]
);
same_meaning!(
    names,
    "../../../../migration-macros/tests/tables/names.yaml",
    "../../../../migration-macros/tests/tables/names.yaml",
    [kept_thing::KeptThing]
);
same_meaning!(
    job,
    "../../../../crates/migration-table/tests/fixtures/machines/job.yaml",
    "../../../../crates/migration-table/tests/fixtures/machines/job.yaml",
    [job::Job]
);
same_meaning!(
    pod,
    "../../../../crates/migration-table/tests/fixtures/machines/pod.yaml",
    "../../../../crates/migration-table/tests/fixtures/machines/pod.yaml",
    [pod::Pod]
);

fn compare(text: &str, generated: &Generated) {
    let table = table(text);
    let machine = table.machine(generated.name).expect("a machine of the table");
    assert!(machine.state_ids().all(|state| machine.rows_of(state).iter().all(|row| !row.cubes.is_empty())));
    compare_words(&table, machine, generated);
    for state in machine.state_ids() {
        compare_advance(&table, machine, state, generated);
        compare_answers(machine, state, generated);
    }
}

fn compare_words(table: &Table, machine: &Machine, generated: &Generated) {
    let says = |id| {
        let state = machine.state(id);
        Says {
            name: state.name.clone(),
            shows: table.statuses[state.shows.index()].name.clone(),
            kind: state.kind.name().to_owned(),
            holds: state.holds.iter().map(|id| table.resources[id.index()].name.clone()).collect(),
            timeout: state.timeout.map(|timeout| (machine.fact(timeout.event).name.clone(), timeout.after_ms)),
            timer: state.timer.map(|timer| (machine.fact(timer.event).name.clone(), timer.after_ms)),
        }
    };
    assert_eq!(generated.states, machine.state_ids().map(says).collect::<Vec<_>>());
    assert_eq!(generated.initial, machine.state(machine.initial).name);
    let of = |mask: u64| machine.fact_ids().filter(move |id| bits(*id) & mask != 0).map(|id| machine.fact(id));
    let names = |mask| of(mask).map(|fact| fact.name.clone()).collect::<Vec<_>>();
    assert_eq!(generated.triggers, names(bits(machine.triggers())));
    assert_eq!(generated.events, names(bits(machine.events())));
    let guards: Vec<_> = of(bits(machine.guards())).map(|fact| (fact.name.clone(), fact.is_fixed())).collect();
    assert_eq!(generated.guards, guards);
    let masks =
        [bits(machine.triggers()), bits(machine.events()), bits(machine.guards()), bits(machine.fixed_guards())];
    assert_eq!(generated.masks, masks);
    let unsent = table.messages.iter().map(|message| message.unsent.clone().filter(|_| message.from == machine.name));
    assert_eq!(generated.unsent, unsent.collect::<Vec<_>>());
    let received = (0..).zip(&table.messages).map(|(index, message)| {
        let is_it = |kind: &FactKind| matches!(kind, FactKind::Message(id) if id.0 == index);
        machine.facts.iter().any(|fact| is_it(&fact.kind)).then(|| message.name.clone())
    });
    assert_eq!(generated.received, received.collect::<Vec<_>>());
}

fn compare_advance(table: &Table, machine: &Machine, state: StateId, generated: &Generated) {
    let mentioned = machine.rows_of(state).iter().fold(0, |facts, row| facts | bits(row.mentions));
    let others = (bits(machine.triggers()) | bits(machine.events()) | bits(machine.guards())) & !mentioned;
    for facts in subsets(mentioned).flat_map(|facts| [facts, facts | others]) {
        let expected =
            step::advance(machine, state, set(facts)).map(|index| fires(table, machine, &machine.rows[index]));
        same((generated.advance)(state.index(), facts), expected, machine, state, facts);
    }
}

fn fires(table: &Table, machine: &Machine, row: &Row) -> Fires {
    Fires {
        to: machine.state(row.to).name.clone(),
        public: row.public,
        reason: row.reason.map(|id| table.reasons[id.index()].name.clone()),
        consumes: row.cubes.iter().fold(0, |all, case| all | bits(case.set)) & bits(machine.triggers()),
        drops: bits(row.drops),
        sends: row.sends.iter().map(|id| table.messages[id.index()].name.clone()).collect(),
        line: u32::try_from(row.span.line).expect("a short table"),
    }
}

fn compare_answers(machine: &Machine, state: StateId, generated: &Generated) {
    let triggers = machine.fact_ids().filter(|id| machine.fact(*id).is_trigger());
    for (index, trigger) in triggers.enumerate() {
        let class = step::refusal_class(machine, state, trigger);
        same(
            (generated.refusal_class)(state.index(), index).unwrap_or(GENERIC_ERROR),
            class,
            machine,
            state,
            bits(trigger),
        );
        for fixed in subsets(bits(machine.fixed_guards())) {
            let expected = step::answer(machine, state, trigger, set(fixed));
            same((generated.answer)(state.index(), index, fixed), expected, machine, state, fixed | bits(trigger));
        }
    }
}

/// Facts as the numbers that generated code takes.
fn bits(facts: impl Into<FactSet>) -> u64 {
    facts.into().iter().fold(0, |bits, fact| bits | 1 << fact.0)
}

/// The facts of a number that generated code takes.
fn set(bits: u64) -> FactSet {
    (0..64).filter(|bit| bits >> bit & 1 != 0).map(FactId).collect()
}

#[track_caller]
fn same<T: Debug + PartialEq>(generated: T, expected: T, machine: &Machine, state: StateId, facts: u64) {
    let name = &machine.state(state).name;
    assert_eq!(generated, expected, "machine `{}`, state `{name}`, facts {facts:#b}", machine.name);
}

/// Every subset of a bit set, or as many as are tried.
fn subsets(of: u64) -> Box<dyn Iterator<Item = u64>> {
    let count = of.count_ones();
    if count <= FACTS_EXHAUSTIVE_MAX {
        Box::new((0..1 << count).map(move |dense| spread(dense, of)))
    } else {
        Box::new((0..SAMPLES).map(move |index| mixed(index) & of))
    }
}

/// The bits of `dense`, from the lowest, at the places where `of` has bits.
fn spread(dense: u64, of: u64) -> u64 {
    let places = (0..64).filter(|bit| of >> bit & 1 == 1);
    places.enumerate().fold(0, |facts, (index, place)| facts | (dense >> index & 1) << place)
}

/// Bits that look like chance and are always the same (the finaliser of SplitMix64).
fn mixed(index: u64) -> u64 {
    let mut bits = index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}
