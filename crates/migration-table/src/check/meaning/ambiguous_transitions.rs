//! T0401 `ambiguous-transitions`: the same facts could lead to two places.

use std::collections::BTreeSet;

use super::collisions::{Collision, collisions, difference};
use super::ranking;
use crate::bdd::TooLarge;
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::check::wording;
use crate::finding::{Code, Edit, Finding, Findings, Offer, Part, Severity};
use crate::model::{FactId, FactSet, Machine, Row, StateId};
use crate::span::Span;
use crate::step;

pub(super) const CHECK: Check = Check {
    code: Code("T0401"),
    name: "ambiguous-transitions",
    severity: Severity::Error,
    explain: "Transitions of one state are enabled by the same facts, no stronger one is, and they differ in where they \
              lead, what they publish, send, give as the reason, or use up. The order of rows means nothing, so nobody has said which of \
              them fires. Asked about facts that can be present together: the machine of `migration-machine` looks after every fact, but \
              a caller may set several flags before it looks; in an idle state there is one trigger at a \
              time. There is one finding for a machine, with the fewest facts that show it. `precedence:` says which \
              fact wins: the line that the finding proposes is one that settles all of it, in an order that you may \
              want to change. Where no order can, one formula must exclude the other. Never to be silenced.",
    run: Run::Explored(run),
};

/// The most rows of one finding that are shown in the text of the table.
const SHOWN_MAX: usize = 12;

/// The most rows for which one finding says how to exclude others.
const EXCLUDING_MAX: usize = 4;

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let collisions = collisions(subject)?;
    let Some(example) = example(subject, &collisions)? else { return Ok(()) };
    let machine = subject.machine;
    let ((first, second), state, facts) = example;
    let (first, second) = (&machine.rows[first], &machine.rows[second]);
    let message = format!(
        "transitions `{}` and `{}` of `{}` are both enabled with {}",
        first.case,
        second.case,
        machine.state(state).name,
        wording::facts(machine, facts)
    );
    let goes = |row: &Row| format!("`{}` goes to `{}`", row.case, machine.state(row.to).name);
    let mut finding = Finding::error(CHECK.code, second.when_span, message, goes(second));
    finding = finding.with_place(first.when_span, goes(first));
    // By what is said of them, so that the order of the file does not choose which are shown.
    let mut others: BTreeSet<(String, Span)> = BTreeSet::new();
    for index in collisions.iter().flat_map(|collision| [collision.rows.0, collision.rows.1]) {
        let row = &machine.rows[index];
        others.insert((goes(row), row.when_span));
    }
    others.remove(&(goes(first), first.when_span));
    others.remove(&(goes(second), second.when_span));
    for (text, span) in others.iter().take(SHOWN_MAX) {
        finding = finding.with_place(*span, format!("{text}, and collides with others too"));
    }
    if let Some(more) = others.len().checked_sub(SHOWN_MAX).filter(|more| *more > 0) {
        let what = wording::plural(more, "transition collides", "transitions collide");
        finding = finding.with_note(format!("{more} more {what}"));
    }
    if first.to == second.to {
        finding = finding.with_note(format!("they differ in {}", difference(first, second).unwrap_or(USED_UP)));
    }
    let states: BTreeSet<StateId> = collisions.iter().map(|collision| collision.state).collect();
    if states.len() > 1 {
        let states: Vec<StateId> = states.into_iter().collect();
        finding = finding.with_note(format!("transitions collide in {}", wording::states(machine, &states)));
    }
    let order = ranking::settling(subject.table, machine, &collisions)?;
    let line = order.as_ref().map(|order| {
        let names = order.iter().map(|fact| machine.fact(*fact).name.as_str());
        format!("write `precedence: [{}]`", wording::line(names))
    });
    // What is not ranked loses against all that is, so another fact before those is a change too.
    let is_kept = order.is_some_and(|order| order.starts_with(&machine.precedence));
    if let Some(line) = line.as_ref().filter(|_| is_kept) {
        out.push(finding.with_help(format!("{line}, in the order in which they are to win")));
        return Ok(());
    }
    let otherwise = line.map_or(String::new(), |line| format!("; or {line}, which changes the order that is there"));
    let shared = colliding(machine, &collisions, &[first, second]);
    let mut offers = match first.cubes == second.cubes {
        true => leaving_out(machine, first, second, &collisions),
        false => excluding(machine, &collisions, first, second),
    };
    offers.iter_mut().for_each(|offer| offer.help += &otherwise);
    finding.offers = offers;
    let what = match first.cubes == second.cubes {
        true => format!("let only one of them leave {}, or let", wording::states(machine, &shared)),
        false => "let".to_owned(),
    };
    out.push(finding.with_help(format!("{what} one formula exclude the other with `and not ...`{otherwise}")));
    Ok(())
}

/// Two rows, the state in which they collide, and the facts with which they do.
type Example = ((usize, usize), StateId, FactSet);

/// The collision with the fewest facts; among equals the one whose facts, state and rows come first by name.
fn example(subject: &mut Subject<'_>, collisions: &[Collision]) -> Result<Option<Example>, TooLarge> {
    let mut best = None;
    for Collision { rows, state, facts } in collisions {
        let facts = subject.space.smallest(*facts)?.unwrap_or_default();
        let machine = subject.machine;
        let mut names: Vec<&str> = facts.iter().map(|fact| machine.fact(fact).name.as_str()).collect();
        names.sort_unstable();
        let said = |row: usize| (&machine.rows[row].case, machine.rows[row].to);
        let (one, other) = (said(rows.0), said(rows.1));
        let rows = if one <= other { *rows } else { (rows.1, rows.0) };
        let key = (names.len(), names, *state, one.min(other), one.max(other));
        if best.as_ref().is_none_or(|(known, _)| key < *known) {
            best = Some((key, (rows, *state, facts)));
        }
    }
    Ok(best.map(|(_, example)| example))
}

/// In what rows differ that differ in nothing else.
const USED_UP: &str = "which triggers they use up";

/// The states in which all of some lines collide, each with another of them, or with any where it is one line.
fn colliding(machine: &Machine, collisions: &[Collision], lines: &[&Row]) -> Vec<StateId> {
    let is_of = |line: &Row, collision: &Collision| {
        [collision.rows.0, collision.rows.1].iter().any(|row| machine.rows[*row].span == line.span)
    };
    let all = collisions.iter().filter(|collision| lines.iter().all(|line| is_of(line, collision)));
    let states: BTreeSet<StateId> = all.map(|collision| collision.state).collect();
    states.into_iter().collect()
}

/// The ways out for two rows with one formula: one of them leaves out the states that they share, or all in which it
/// collides with something.
fn leaving_out(machine: &Machine, first: &Row, second: &Row, collisions: &[Collision]) -> Vec<Offer> {
    let edit = |row: &Row, states: &[StateId]| {
        let names = states.iter().map(|state| machine.state(*state).name.clone());
        Edit { row: row.span, part: Part::Fewer(names.collect()) }
    };
    let shared = colliding(machine, collisions, &[first, second]);
    let either = Offer {
        changes: vec![vec![edit(first, &shared)], vec![edit(second, &shared)]],
        help: format!("leave {} out of `from:` of one of the two", wording::every_state(machine, &shared)),
    };
    let of_one = |row: &Row| {
        let (states, to) = (colliding(machine, collisions, &[row]), &machine.state(row.to).name);
        let help = format!("leave {} out of `from:` of the one to `{to}`", wording::every_state(machine, &states));
        Offer { changes: vec![vec![edit(row, &states)]], help }
    };
    // Two to one state cannot be told apart by where they lead.
    let apart = if first.to == second.to { Vec::new() } else { vec![of_one(first), of_one(second)] };
    [either].into_iter().chain(apart).collect()
}

/// The ways out where no precedence settles it: one formula excludes a fact that only the other row needs, or all that
/// collide exclude what they have to.
fn excluding(machine: &Machine, collisions: &[Collision], first: &Row, second: &Row) -> Vec<Offer> {
    let [one, other] = [only(machine, first, second), only(machine, second, first)];
    let single = [one.map(|fact| (second, fact)), other.map(|fact| (first, fact))].into_iter().flatten();
    let single = single.map(|(row, fact)| vec![(row, vec![fact])]);
    let all = exclusions(machine, collisions, first, second).filter(|rows| (2..=EXCLUDING_MAX).contains(&rows.len()));
    let ways: Vec<Vec<(&Row, Vec<FactId>)>> = single.chain(all).collect();
    // A line that leaves other states too need not change there.
    let apart = ways.iter().filter_map(|rows| written_apart(machine, collisions, rows));
    let apart: Vec<Offer> = apart.collect();
    ways.into_iter().map(|rows| written(machine, rows)).chain(apart).collect()
}

/// What proposes that each of these rows excludes these facts.
fn written(machine: &Machine, rows: Vec<(&Row, Vec<FactId>)>) -> Offer {
    let excluded = |(row, facts): (&Row, Vec<FactId>)| {
        let (case, when) = without(machine, row, &facts);
        (Edit { row: row.span, part: Part::When(when) }, format!("`{case}` in place of `{}`", row.case))
    };
    let (change, words): (Vec<Edit>, Vec<String>) = rows.into_iter().map(excluded).unzip();
    Offer { changes: vec![change], help: format!("write {}", words.join(", and ")) }
}

/// What proposes that each of these rows excludes these facts, but only where it collides: there it gets a line of its own.
/// `None` where that would be all states of its line, or where there are several rows.
fn written_apart(machine: &Machine, collisions: &[Collision], rows: &[(&Row, Vec<FactId>)]) -> Option<Offer> {
    let [(row, facts)] = rows else { return None };
    let states = colliding(machine, collisions, &[row]);
    let mut of_line = machine.rows.iter().filter(|other| other.span == row.span).flat_map(|other| &other.from);
    of_line.find(|state| !states.contains(state))?;
    let (_, when) = without(machine, row, facts);
    let help = format!(
        "give {} a transition of its own like `{}` to `{}`, with `{when}`, and leave {} out of `from:` of that one",
        wording::every_state(machine, &states),
        row.when,
        machine.state(row.to).name,
        wording::plural(states.len(), "it", "them"),
    );
    let states = states.iter().map(|state| machine.state(*state).name.clone()).collect();
    Some(Offer { changes: vec![vec![Edit { row: row.span, part: Part::Apart { states, when } }]], help })
}

/// The case of a row with `and not` for some facts, and the formula of its line with that case.
fn without(machine: &Machine, row: &Row, facts: &[FactId]) -> (String, String) {
    let facts: String = facts.iter().map(|fact| format!(" and not {}", machine.fact(*fact).name)).collect();
    let case = format!("{}{facts}", row.case);
    let when = row.when.replacen(&row.case, &case, 1);
    (case, when)
}

/// The rows whose formulas have to exclude facts so that no two collide, each with these facts, beginning with one of
/// two rows. `None` where two have nothing to exclude.
fn exclusions<'m>(
    machine: &'m Machine,
    collisions: &[Collision],
    first: &'m Row,
    second: &'m Row,
) -> Option<Vec<(&'m Row, Vec<FactId>)>> {
    let mut rows: Vec<(&Row, Vec<FactId>)> = Vec::new();
    // By what they say, so that the order of the file does not choose.
    let said = |row: &'m Row| (row.case.as_str(), row.to);
    let ordered = |collision: &Collision| {
        let (one, other) = (&machine.rows[collision.rows.0], &machine.rows[collision.rows.1]);
        if said(one) <= said(other) { (one, other) } else { (other, one) }
    };
    let mut pairs: Vec<(&Row, &Row)> = collisions.iter().map(ordered).collect();
    pairs.sort_by_key(|(one, other)| (said(one), said(other)));
    for (one, other) in std::iter::once((first, second)).chain(pairs) {
        let excludes = |row: &Row, needing: &Row| {
            let mut facts = rows.iter().filter(|(known, _)| is_same(known, row)).flat_map(|(_, facts)| facts);
            facts.any(|fact| step::needs(needing, *fact))
        };
        if excludes(one, other) || excludes(other, one) {
            continue;
        }
        let (row, fact) = match (only(machine, one, other), only(machine, other, one)) {
            (Some(fact), _) => (other, fact),
            (None, Some(fact)) => (one, fact),
            (None, None) => return None,
        };
        match rows.iter_mut().find(|(known, _)| is_same(known, row)) {
            Some((_, facts)) => facts.push(fact),
            None => rows.push((row, vec![fact])),
        }
    }
    Some(rows)
}

/// Whether two rows are parts of one case of a line.
fn is_same(one: &Row, other: &Row) -> bool {
    one.span == other.span && one.cubes == other.cubes
}

/// A fact that the row needs and the other does not; an event or a trigger rather than a guard.
fn only(machine: &Machine, row: &Row, other: &Row) -> Option<FactId> {
    let facts = machine.fact_ids().filter(|id| step::needs(row, *id) && !step::needs(other, *id));
    facts.min_by_key(|id| (machine.fact(*id).is_guard(), &machine.fact(*id).name))
}
