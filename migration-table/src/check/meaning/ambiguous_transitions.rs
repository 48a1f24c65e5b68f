//! T0401 `ambiguous-transitions`: the same facts could lead to two places.

use std::collections::BTreeMap;

use super::super::{Check, Run, Subject, wording};
use crate::bdd::{Bdd, TooLarge};
use crate::explore::Move;
use crate::finding::{Code, Finding, Findings};
use crate::interpret;
use crate::model::{FactId, Machine, Row, StateId};

pub(super) const CHECK: Check = Check {
    code: Code("T0401"),
    name: "ambiguous-transitions",
    explain: "Two transitions of one state are enabled by the same facts, no stronger one is, and they differ in where \
              they lead, what they publish, send, or use up. The order of rows means nothing, so nobody has said which \
              of them fires. Decided over all values of the facts; the message gives the fewest that show it. Either \
              `precedence:` says which fact wins, or one formula excludes the other. Facts of which you know that they \
              are never there together should be excluded all the same: the table is where such knowledge is written \
              down. Never to be silenced.",
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
    for ((first, second), (race, states)) in pairs {
        let (first, second) = (&subject.machine.rows[first], &subject.machine.rows[second]);
        let facts = subject.smallest(race)?;
        out.push(finding(subject.machine, first, second, &facts, &states));
    }
    Ok(())
}

/// The facts with which both rows may fire and it matters which does.
fn race(subject: &mut Subject<'_>, first: &Move, second: &Move) -> Result<Bdd, TooLarge> {
    let both = subject.space.diagrams.and(first.wins, second.wins)?;
    let (first, second) = (subject.space.row(first), subject.space.row(second));
    if difference(first, second).is_some() {
        return Ok(both);
    }
    // They may still differ in the triggers that they leave pending, if one of those is pending.
    let machine = subject.machine;
    let unequal = interpret::gone(machine, first) ^ interpret::gone(machine, second);
    let mut race = Bdd::NEVER;
    for fact in machine.fact_ids().filter(|id| unequal & id.bit() != 0) {
        let pending = subject.space.diagrams.branch(fact, Bdd::NEVER, Bdd::ALWAYS)?;
        let pending = subject.space.diagrams.and(both, pending)?;
        race = subject.space.diagrams.or(race, pending)?;
    }
    Ok(race)
}

/// In what two rows differ whatever is pending.
fn difference(first: &Row, second: &Row) -> Option<&'static str> {
    if first.to != second.to {
        Some("where they lead")
    } else if first.public != second.public {
        Some("whether they publish")
    } else if first.sends != second.sends {
        Some("what they send")
    } else {
        None
    }
}

fn finding(machine: &Machine, first: &Row, second: &Row, facts: &str, states: &[StateId]) -> Finding {
    let name = |row: &Row| format!("goes to `{}`", machine.state(row.to).name);
    let what = difference(first, second).unwrap_or("which triggers they use up");
    let state = &machine.state(states[0]).name;
    let message = format!("with {facts}, two transitions of `{state}` are enabled that differ in {what}");
    let mut finding = Finding::error(CHECK.code, second.when_span, message, name(second));
    finding = finding.with_place(first.when_span, name(first));
    if states.len() > 1 {
        finding = finding.with_note(format!("so it is in {}", wording::states(machine, &states[1..])));
    }
    finding.with_help(help(machine, first, second))
}

/// The way out: a precedence between facts that only one of them needs, or a formula that excludes the other.
fn help(machine: &Machine, first: &Row, second: &Row) -> String {
    let only = |row: &Row, other: &Row| -> Option<FactId> {
        let mut facts: Vec<FactId> = machine.fact_ids().filter(|id| interpret::needs(row, *id)).collect();
        facts.retain(|id| !interpret::needs(other, *id));
        facts.into_iter().min_by_key(|id| (machine.fact(*id).is_guard(), &machine.fact(*id).name))
    };
    let (Some(mine), Some(theirs)) = (only(first, second), only(second, first)) else {
        return "let one formula exclude the other with `and not ...`".to_owned();
    };
    let (mine, theirs) = (machine.fact(mine), machine.fact(theirs));
    let exclude = format!("write `{} and not {}`", second.when, mine.name);
    if mine.is_guard() || theirs.is_guard() {
        return exclude;
    }
    let place = match machine.precedence.get(first.rank) {
        Some(fact) => format!(" before `{}`", machine.fact(*fact).name),
        None => String::new(),
    };
    format!("list `{}` or `{}` in `precedence:`{place}, the stronger first; or {exclude}", mine.name, theirs.name)
}
