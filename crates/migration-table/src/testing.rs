//! Tables for tests: the table of a text, and small machines at random with two triggers, two events, a fixed guard and
//! one that is not, a few states and rows.

#![expect(clippy::unwrap_used, reason = "this serves tests alone")]

use fastrand::Rng;
use std::sync::LazyLock;

use crate::cases::{alternatives, cubes};
use crate::model::{
    Answer, AnswerRow, Condition, FactId, FactSet, Kind, Machine, ReasonId, ResourceId, Row, State, StateId, StatusId,
    Table,
};
use crate::render::{Style, render};
use crate::span::Span;

/// All facts.
pub const FACTS: FactSet = FactSet::below(6);
/// What a configuration remembers: all but the guard that is not fixed.
pub const REMEMBERED: FactSet = FactSet::below(5);

/// The words of all machines, and one of everything to start from. The names are not in the order of the bits, so that
/// a mix-up of the two shows.
const WORDS: &str = r#"
format: 1
machine: any
statuses:
  one:   { since: "1.0", doc: "a status" }
  two:   { since: "1.0", doc: "a status" }
  three: { since: "1.0", doc: "a status" }
reasons:
  bad:  { since: "1.0", doc: "a reason" }
  late: { since: "1.0", doc: "a reason" }
triggers:
  stop: { command: stop, doc: "a trigger" }
  go:   { command: go, doc: "a trigger" }
events:
  ready:  { doc: "an event" }
  broken: { carries: cause, doc: "an event" }
guards:
  paused: { fixed: true, doc: "a guard" }
  busy:   { doc: "a guard" }
resources:
  thing: { doc: "a resource" }
  other: { doc: "a resource" }
machines:
  any:
    doc: "a machine"
    states:
      s0: { kind: idle, shows: one, initial: true, doc: "a state" }
      s1: { kind: cleanup, shows: one, holds: [thing, other], doc: "a state" }
    transitions:
      - { from: s0, when: stop or go or ready or broken or paused or busy, to: s0 }
    answers:
      - { in: s0, trigger: go, answer: ignore }
"#;

static TABLE: LazyLock<Table> = LazyLock::new(|| load(WORDS));

/// Returns the table of a text. Panics with the findings if there is none.
pub fn load(text: &str) -> Table {
    let loaded = crate::load(text);
    loaded.table.unwrap_or_else(|| panic!("{}", render(&loaded.findings, text, "states.yaml", Style::Plain)))
}

pub fn table(machine: Machine) -> Table {
    Table { machines: vec![machine], ..TABLE.clone() }
}

pub fn random(dice: &mut Rng) -> Machine {
    let count = 3 + dice.usize(..3);
    let precedence: Vec<FactId> =
        (0..dice.usize(..4)).map(|_| FactId(u16::try_from(dice.usize(..6)).unwrap())).collect();
    let mut machine = Machine {
        states: (0..count).map(|index| state(dice, index)).collect(),
        rows: (0..3 + dice.usize(..6)).flat_map(|index| line(dice, index, count, &precedence)).collect(),
        answers: (0..dice.usize(..4)).map(|_| answer(dice, count)).collect(),
        precedence,
        ..TABLE.machines[0].clone()
    };
    machine.facts[2].is_outside = machine.rows.len().is_multiple_of(3);
    renumber(&mut machine);
    machine
}

/// Gives everything a place of its own, in the present order.
pub fn renumber(machine: &mut Machine) {
    let place = |start: usize| Span { start, end: start + 1, line: start, column: 1 };
    let states = machine.states.iter_mut().enumerate();
    states.for_each(|(index, state)| state.span = place(100 + index));
    for (index, row) in machine.rows.iter_mut().enumerate() {
        (row.span, row.when_span, row.to_span) = (place(200 + index), place(300 + index), place(400 + index));
    }
    let answers = machine.answers.iter_mut().enumerate();
    answers.for_each(|(index, answer)| answer.span = place(500 + index));
}

fn state(dice: &mut Rng, index: usize) -> State {
    let kind = match dice.usize(..5) {
        _ if index == 0 => Kind::Idle,
        0 => Kind::Idle,
        1 => Kind::Cleanup,
        2 => Kind::Wait,
        _ => Kind::Work,
    };
    State {
        name: format!("s{index}"),
        kind,
        shows: StatusId(u16::try_from(dice.usize(..3)).unwrap()),
        holds: (0..2).map(ResourceId).filter(|_| dice.usize(..3) == 0).collect(),
        ..TABLE.machines[0].states[0].clone()
    }
}

fn states(dice: &mut Rng, count: usize) -> Vec<StateId> {
    let mut states: Vec<StateId> =
        (0..1 + dice.usize(..2)).map(|_| StateId(u16::try_from(dice.usize(..count)).unwrap())).collect();
    states.sort_unstable();
    states.dedup();
    states
}

/// What a row may drop: one of the two triggers, or both.
fn dropped(dice: &mut Rng) -> FactSet {
    let chosen = 1 + dice.usize(..3);
    (0..2).filter(|trigger| chosen >> trigger & 1 != 0).map(FactId).collect()
}

/// The reason that a row gives: one of two, or none.
fn reason(dice: &mut Rng) -> Option<ReasonId> {
    Some(ReasonId(dice.u16(..8))).filter(|reason| reason.index() < 2)
}

/// The rows of a line: the cases of a random formula.
fn line(dice: &mut Rng, index: usize, count: usize, precedence: &[FactId]) -> Vec<Row> {
    let model = Row {
        from: states(dice, count),
        to: StateId(u16::try_from(dice.usize(..count)).unwrap()),
        public: dice.usize(..2) == 0,
        drops: if dice.usize(..3) == 0 { dropped(dice) } else { FactSet::EMPTY },
        reason: reason(&mut dice.clone()),
        ..TABLE.machines[0].rows[0].clone()
    };
    let of_case = |(number, condition): (usize, Condition)| {
        let holds = |facts: FactSet| condition.eval(facts);
        let needs = |fact: &FactId| FACTS.subsets().any(holds) && (FACTS - *fact).subsets().all(|facts| !holds(facts));
        let name = format!("row {index}, case {number}");
        Row {
            when: name.clone(),
            case: name,
            cubes: cubes(&condition).unwrap(),
            mentions: condition.mentions(),
            rank: precedence.iter().position(needs).unwrap_or(precedence.len()),
            condition,
            ..model.clone()
        }
    };
    alternatives(&condition(dice, 2)).unwrap().into_iter().enumerate().map(of_case).collect()
}

fn answer(dice: &mut Rng, count: usize) -> AnswerRow {
    let is_refused = dice.usize(..2) != 0;
    let trigger = FactId(u16::try_from(dice.usize(..2)).unwrap());
    let states = states(dice, count);
    let answer = match (is_refused, states.len()) {
        (true, _) => Answer::Refuse("no".to_owned()),
        (false, 1) => Answer::Ignore,
        (false, _) => Answer::Handle,
    };
    AnswerRow { states, trigger, answer, ..TABLE.machines[0].answers[0].clone() }
}

pub fn condition(dice: &mut Rng, depth: usize) -> Condition {
    let parts = |dice: &mut Rng| (0..2).map(|_| condition(dice, depth - 1)).collect();
    match if depth == 0 { 0 } else { dice.usize(..6) } {
        0..=2 => Condition::Fact(FactId(u16::try_from(dice.usize(..6)).unwrap())),
        3 => Condition::Not(Box::new(condition(dice, depth - 1))),
        4 => Condition::And(parts(dice)),
        _ => Condition::Or(parts(dice)),
    }
}

/// A machine in few words, for the message of a failed comparison.
pub fn shown(machine: &Machine) -> Vec<String> {
    let states = machine.states.iter().map(|state| format!("{} {}", state.name, state.kind.name()));
    let rows = machine.rows.iter().map(|row| {
        let (from, to) = (&row.from, row.to);
        format!("{from:?} -> {to:?} rank {} drops {:?} when {:?}", row.rank, row.drops, row.condition)
    });
    states.chain(rows).collect()
}
