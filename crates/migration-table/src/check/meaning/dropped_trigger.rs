//! T0402 `dropped-trigger`: a trigger was accepted, and then nothing ever comes of it.

use std::collections::BTreeMap;

use crate::bdd::{Bdd, TooLarge};
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{FactId, FactSet, Machine, Row, StateId};
use crate::span::Span;
use crate::step;

pub(super) const CHECK: Check = Check {
    code: Code("T0402"),
    name: "dropped-trigger",
    severity: Severity::Error,
    explain: "A trigger was accepted and is still pending when this transition fires, and in the state that it leads \
              to no row mentions it. The user was told that the command succeeded, and nothing will come of it; or it is \
              passed over, and comes late: it stays pending, and a row of a later state mentions it. That \
              may be right, as when a cancel overtakes it; then the row says so with `drops:`. Decided over \
              everything that can happen, also for a caller that sets several flags before it looks: a trigger is \
              lost once it has waited from one look to the next. Of facts that are set for one look, the precedence \
              has decided, and the row need say nothing. An idle state ends the attempt and with it whatever was asked of it, so \
              rows that lead there are not reported. Not to be silenced: `drops:` is the way to say it.",
    run: Run::Explored(run),
};

/// For a row and a trigger that it loses, the first state where it does, and with which facts.
pub(super) type Lost = BTreeMap<(usize, FactId), (StateId, Bdd)>;

/// Every trigger that a row loses. A trigger is lost if it has waited: the machine has looked, and left it pending. Of
/// facts that are set for one look, precedence or a formula has decided which is acted upon.
pub(super) fn lost(subject: &mut Subject<'_>) -> Result<Lost, TooLarge> {
    let mut waited: BTreeMap<FactId, Vec<Bdd>> = BTreeMap::new();
    for trigger in subject.machine.triggers() {
        waited.insert(trigger, subject.space.waited(&subject.reached, trigger)?);
    }
    let mut lost = Lost::new();
    for state in subject.reached_states() {
        for step in subject.moves(state) {
            let row = subject.space.row(&step);
            let kept = subject.machine.triggers() - step::gone(subject.machine, row);
            // What the state that is left does not mention was lost on the way into it, and is reported there.
            let heard = kept & subject.space.place_of(state).mentions;
            let unheard = heard - subject.space.place_of(row.to).mentions;
            for trigger in unheard.iter() {
                // Our own machine sets one fact for a look, so nothing but this trigger has decided.
                let own = subject.space.diagrams.branch(trigger, Bdd::NEVER, subject.reached.arrived(state))?;
                let waited = waited.get(&trigger).map_or(Bdd::NEVER, |waited| waited[state.index()]);
                let pending = subject.space.diagrams.or(own, waited)?;
                let pending = subject.space.diagrams.and(pending, step.fires)?;
                if !pending.is_never() {
                    lost.entry((step.row, trigger)).or_insert((state, pending));
                }
            }
        }
    }
    Ok(lost)
}

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    // `drops:` is said of a line, for all cases of its formula.
    let mut by_line: BTreeMap<Span, Vec<(StateId, FactId, Bdd, usize)>> = BTreeMap::new();
    for ((row, trigger), (state, pending)) in lost(subject)? {
        let span = subject.machine.rows[row].span;
        by_line.entry(span).or_default().push((state, trigger, pending, row));
    }
    for mut losses in by_line.into_values() {
        losses.sort_unstable_by_key(|(state, trigger, ..)| (*trigger, *state));
        losses.dedup_by_key(|(_, trigger, ..)| *trigger);
        let mut facts = Vec::new();
        for (.., pending, _) in &losses {
            facts.push(subject.smallest(*pending)?);
        }
        facts.dedup();
        let (machine, (state, .., row)) = (subject.machine, losses[0]);
        let triggers: FactSet = losses.iter().map(|(_, trigger, ..)| *trigger).collect();
        let late = triggers & subject.heard_from(machine.rows[row].to);
        out.push(finding(machine, (state, &machine.rows[row]), (triggers, late), &facts));
    }
    Ok(())
}

/// The finding that a row that leaves a state loses these triggers, each with the facts that show it, or passes over some.
fn finding(
    machine: &Machine,
    (state, row): (StateId, &Row),
    (triggers, late): (FactSet, FactSet),
    facts: &[String],
) -> Finding {
    let (names, from, to) = (wording::facts(machine, triggers), machine.state(state), machine.state(row.to));
    let count = triggers.iter().count();
    let (noun, verb) = (wording::plural(count, "trigger", "triggers"), wording::plural(count, "is", "are"));
    let becomes = if triggers == late { "passed over" } else { "lost" };
    let message =
        format!("{noun} {names}, accepted before, {verb} {becomes} on the way from `{}` to `{}`", from.name, to.name);
    let label = format!("no row of `{}` mentions {}", to.name, wording::plural(count, &names, "them"));
    let finding = Finding::error(CHECK.code, row.span, message, label);
    let finding = match row.case == row.when {
        true => finding,
        false => finding.with_note(format!("the case `{}` of the formula does not use it up", row.case)),
    };
    let finding = match late.is_empty() {
        true => finding,
        false => {
            let stays = [
                "stays pending, and a row of a later state mentions it",
                "stay pending, and rows of later states mention them",
            ];
            let stays = wording::plural(late.iter().count(), stays[0], stays[1]);
            finding.with_note(format!("{} {stays}", wording::facts(machine, late)))
        }
    };
    let finding = facts.iter().fold(finding, |finding, facts| finding.with_note(format!("it happens with {facts}")));
    let mut listed: Vec<&str> = triggers.iter().map(|id| machine.fact(id).name.as_str()).collect();
    listed.sort_unstable();
    let drop = if row.drops.is_empty() {
        format!("say `drops: [{}]` if that is meant", wording::line(listed))
    } else {
        format!("add `{}` to `drops:` if that is meant", wording::line(listed).replace(", ", "` and `"))
    };
    let needs = wording::plural(count, "a transition that needs it", "transitions that need them");
    finding.with_help(format!("{drop}, or give `{}` {needs}", to.name))
}
