//! T0401 `ambiguous-transitions`: the same facts could lead to two places.

use std::collections::BTreeMap;

use crate::bdd::{Bdd, TooLarge};
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::check::wording;
use crate::explore::Move;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{FactId, Machine, Row, StateId};
use crate::step;

pub(super) const CHECK: Check = Check {
    code: Code("T0401"),
    name: "ambiguous-transitions",
    severity: Severity::Error,
    explain: "Two transitions of one state are enabled by the same facts, no stronger one is, and they differ in \
              where they lead, what they publish, send, or use up. The order of rows means nothing, so nobody has \
              said which of them fires. Decided over all values of the facts; the message gives the fewest that show \
              it. Either `precedence:` says which fact wins, or one formula excludes the other. Facts of which you \
              know that they are never there together should be excluded all the same: the table is where such \
              knowledge is written down. Never to be silenced.",
    run: Run::Explored(run),
};

/// For a pair of rows the states in which they are ambiguous, and the facts that show it in the first of them.
type Pairs = BTreeMap<(usize, usize), (Bdd, Vec<StateId>)>;

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let mut pairs = Pairs::new();
    for state in subject.machine.state_ids() {
        let moves = subject.moves(state);
        for (index, first) in moves.iter().enumerate() {
            let rank = subject.space.row(first).rank;
            let equal = moves[index + 1..].iter().take_while(|other| subject.machine.rows[other.row].rank == rank);
            for second in equal {
                let race = race(subject, first, second)?;
                if !race.is_never() {
                    pairs.entry((first.row, second.row)).or_insert((race, Vec::new())).1.push(state);
                }
            }
        }
    }
    let mut found = Vec::new();
    for ((first, second), (race, states)) in pairs {
        let (first, second) = (&subject.machine.rows[first], &subject.machine.rows[second]);
        let facts = subject.smallest(race)?;
        found.push(finding(subject.machine, first, second, &facts, &states));
    }
    let notes = |finding: &Finding| finding.notes.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>();
    found.sort_by_key(notes);
    found.into_iter().for_each(|finding| out.push(finding));
    Ok(())
}

/// The facts with which both rows may fire and it matters which does.
fn race(subject: &mut Subject<'_>, first: &Move, second: &Move) -> Result<Bdd, TooLarge> {
    let both = subject.space.diagrams.and(first.wins, second.wins)?;
    matters(subject, first.row, second.row, both)
}

/// Those of the facts with which it matters which of two rows fires.
pub(super) fn matters(subject: &mut Subject<'_>, first: usize, second: usize, both: Bdd) -> Result<Bdd, TooLarge> {
    let (first, second) = (&subject.machine.rows[first], &subject.machine.rows[second]);
    if difference(first, second).is_some() {
        return Ok(both);
    }
    // They may still differ in the triggers that they leave pending, if one of those is pending and heard later.
    let unequal = step::gone(subject.machine, first) ^ step::gone(subject.machine, second);
    let unequal = unequal & subject.heard_from(first.to);
    let mut race = Bdd::NEVER;
    for fact in unequal.iter() {
        let pending = subject.space.diagrams.branch(fact, Bdd::NEVER, Bdd::ALWAYS)?;
        let pending = subject.space.diagrams.and(both, pending)?;
        race = subject.space.diagrams.or(race, pending)?;
    }
    Ok(race)
}

/// In what two rows differ whatever is pending.
fn difference(first: &Row, second: &Row) -> Option<&'static str> {
    if first.to != second.to {
        Some("where they go")
    } else if first.public != second.public {
        Some("whether they publish")
    } else if first.sends != second.sends {
        Some("what they send")
    } else {
        None
    }
}

fn finding(machine: &Machine, first: &Row, second: &Row, facts: &str, states: &[StateId]) -> Finding {
    let goes = |row: &Row| format!("goes to `{}`", machine.state(row.to).name);
    let state = &machine.state(states[0]).name;
    let message =
        format!("transitions `{}` and `{}` of `{state}` are both enabled with {facts}", first.case, second.case);
    let mut finding = Finding::error(CHECK.code, second.when_span, message, goes(second));
    finding = finding.with_place(first.when_span, goes(first));
    if first.to == second.to {
        let what = difference(first, second).unwrap_or("which triggers they use up");
        finding = finding.with_note(format!("they differ in {what}"));
    }
    if states.len() > 1 {
        finding = finding.with_note(format!("so it is in {}", wording::states(machine, &states[1..])));
    }
    finding.with_help(help(machine, first, second))
}

/// The way out: a fact that only one of them needs may win over the other, or be excluded by it.
fn help(machine: &Machine, first: &Row, second: &Row) -> String {
    let (mine, theirs) = (only(machine, first, second), only(machine, second, first));
    let mut ways = Vec::new();
    let names: Vec<String> = [mine, theirs]
        .into_iter()
        .flatten()
        .filter(|fact| !machine.fact(*fact).is_guard())
        .map(|fact| format!("`{}`", machine.fact(fact).name))
        .collect();
    if let [.., last] = names.as_slice() {
        let which = if names.len() == 1 { format!("if {last} is to win") } else { "whichever is to win".to_owned() };
        let place = machine.precedence.get(first.rank);
        let place = place.map_or_else(String::new, |fact| format!(" before `{}`", machine.fact(*fact).name));
        ways.push(format!("list {} in `precedence:`{place}, {which}", names.join(" or ")));
    }
    match (mine, theirs) {
        (Some(fact), _) => ways.push(excluding(machine, second, fact)),
        (None, Some(fact)) => ways.push(excluding(machine, first, fact)),
        (None, None) => ways.push("let one formula exclude the other with `and not ...`".to_owned()),
    }
    ways.join("; or ")
}

/// A fact that the row needs and the other does not; an event or a trigger rather than a guard.
fn only(machine: &Machine, row: &Row, other: &Row) -> Option<FactId> {
    let facts = machine.fact_ids().filter(|id| step::needs(row, *id) && !step::needs(other, *id));
    facts.min_by_key(|id| (machine.fact(*id).is_guard(), &machine.fact(*id).name))
}

fn excluding(machine: &Machine, row: &Row, fact: FactId) -> String {
    format!("write `{} and not {}`", row.case, machine.fact(fact).name)
}
