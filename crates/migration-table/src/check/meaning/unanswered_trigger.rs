//! T0404 `unanswered-trigger`: a user can ask for something, and the table does not say what the answer is.

use std::collections::BTreeMap;

use crate::bdd::{Bdd, TooLarge};
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::check::{widened, wording};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{FactId, FactSet, Machine, StateId};

pub(super) const CHECK: Check = Check {
    code: Code("T0404"),
    name: "unanswered-trigger",
    severity: Severity::Warning,
    explain: "No row of the state takes the trigger and no line of `answers:` says what to do with it, so it is \
              refused without a reason, and a user is left to guess. A trigger that rows take only under some values \
              of fixed guards needs an answer for the others. Only triggers that the machine names somewhere are \
              asked for, and only in states that some run enters. Silence it in a state where a refusal without a reason \
              is what you want; in other states it is still found.",
    run: Run::Explored(run),
};

/// How many states are shown besides the first, and how many the line that can be added names; where there are more, it
/// names none, and so is for all of them.
const SHOWN_MAX: usize = 4;

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let machine = subject.machine;
    // By the states in which nothing is said: often one state was forgotten in every answer.
    let mut by_states: BTreeMap<Vec<StateId>, Vec<FactId>> = BTreeMap::new();
    for trigger in machine.fact_ids().filter(|id| machine.fact(*id).is_trigger()) {
        let mut silent = Vec::new();
        for state in subject.reached_states() {
            let listed = machine.answers.iter().any(|row| row.trigger == trigger && row.states.contains(&state));
            if listed || is_told_better(machine, state, trigger) {
                continue;
            }
            let left = unanswered(subject, state, trigger)?;
            let is_taken = subject.space.place_of(state).takes.iter().any(|(taken, _)| *taken == trigger);
            if !is_taken {
                silent.push(state);
            } else if !left.is_never() {
                let guards = subject.space.smallest(left)?.unwrap_or_default();
                out.push(sometimes(subject, state, trigger, guards));
            }
        }
        // Who silences it for one state has not looked at the others.
        let is_silenced = |state: &StateId| {
            let mut allowances = subject.table.allowances.iter();
            allowances.any(|known| known.code == CHECK.code.0 && known.covers(machine.state(*state).span))
        };
        let (silenced, silent): (Vec<StateId>, Vec<StateId>) = silent.into_iter().partition(is_silenced);
        for state in silenced {
            out_of_words(subject, &[trigger], &[state], out);
        }
        by_states.entry(silent).or_default().push(trigger);
    }
    by_states.retain(|silent, _| !silent.is_empty());
    if machine.answers.is_empty() && by_states.len() > 1 {
        out.push(no_answers(machine, &by_states));
        return Ok(());
    }
    by_states.iter().for_each(|(silent, triggers)| out_of_words(subject, triggers, silent, out));
    Ok(())
}

/// Whether the formula of a row that would take the trigger contradicts itself, which is reported.
fn is_told_better(machine: &Machine, state: StateId, trigger: FactId) -> bool {
    let mut never = machine.rows.iter().filter(|row| row.cubes.is_empty());
    never.any(|row| row.mentions.contains(trigger) && row.from.contains(&state))
}

/// The fixed guards under which no row of the state takes the trigger.
fn unanswered(subject: &mut Subject<'_>, state: StateId, trigger: FactId) -> Result<Bdd, TooLarge> {
    let fixed = subject.machine.fixed_guards();
    let taken = subject.space.place_of(state).takes.iter().find(|(taken, _)| *taken == trigger);
    let taken = taken.map_or(Bdd::NEVER, |(_, when)| *when);
    if subject.space.is_idle(state) {
        return subject.space.diagrams.not(taken);
    }
    let anything = subject.reached.present(state);
    let guards = subject.space.diagrams.exists(anything, !fixed)?;
    subject.space.diagrams.minus(guards, taken)
}

/// The finding for a machine that has no answers at all.
fn no_answers(machine: &Machine, by_states: &BTreeMap<Vec<StateId>, Vec<FactId>>) -> Finding {
    let triggers: FactSet = by_states.values().flatten().copied().collect();
    let (all, name) = (wording::facts(machine, triggers), &machine.name);
    let message = format!(
        "nothing is said about triggers {all} in the states in which no transition takes them: machine `{name}` has no \
         `answers:`"
    );
    let first = by_states.keys().filter_map(|states| states.first()).min();
    let span = first.map_or(machine.span, |state| machine.state(*state).span);
    let finding = Finding::warning(CHECK.code, span, message, "here, one of them would be refused without a reason");
    let names: Vec<&str> = triggers.iter().map(|trigger| machine.fact(trigger).name.as_str()).collect();
    let line = format!("{{ trigger: [{}], answer: ... }}", wording::line(names));
    finding.with_help(format!(
        "add `answers:` with `{line}`, which is for every state in which no transition takes them, and `ignore`, `handle`, or \
         `refuse` and `because:`"
    ))
}

fn out_of_words(subject: &Subject<'_>, triggers: &[FactId], silent: &[StateId], out: &mut Findings) {
    let Some((first, others)) = silent.split_first() else { return };
    let machine = subject.machine;
    let names: Vec<&str> = triggers.iter().map(|trigger| machine.fact(*trigger).name.as_str()).collect();
    let all = wording::facts(machine, triggers.iter().copied().collect());
    let what = wording::plural(triggers.len(), "trigger", "triggers");
    let message = format!("nothing is said about {what} {all} in {}", wording::states(machine, silent));
    let mut finding =
        Finding::warning(CHECK.code, machine.state(*first).span, message, "would be refused without a reason");
    for state in others.iter().take(SHOWN_MAX) {
        finding = finding.with_place(machine.state(*state).span, "here too");
    }
    let states = wording::line(silent.iter().map(|state| machine.state(*state).name.as_str()));
    let line = wording::line(names.iter().copied());
    let named = if names.len() == 1 { line } else { format!("[{line}]") };
    let line = if silent.len() > SHOWN_MAX {
        format!("{{ trigger: {named}, answer: ... }}")
    } else {
        format!("{{ in: [{}], trigger: {named}, answer: ... }}", states)
    };
    let place = match machine.answers.is_empty() {
        true => format!("`answers:` with `{line}`, and"),
        false => format!("`{line}` to `answers:`, with"),
    };
    let answer = format!("add {place} `ignore`, `handle`, or `refuse` and `because:`");
    let [trigger] = triggers else {
        out.push(finding.with_help(format!("{answer}; or let transitions take them")));
        return;
    };
    finding.offers = widened::offers(machine, silent, (*trigger).into(), &answer);
    out.push(finding.with_help(format!("{answer}; or add a transition that needs {all}")));
}

fn sometimes(subject: &Subject<'_>, state: StateId, trigger: FactId, guards: FactSet) -> Finding {
    let (state, name) = (subject.machine.state(state), &subject.machine.fact(trigger).name);
    let message = format!("trigger `{name}` is taken in `{}`, but not under every fixed guard", state.name);
    let finding = Finding::warning(CHECK.code, state.span, message, "would sometimes be refused without a reason");
    let when = if guards.is_empty() {
        "no fixed guard holds".to_owned()
    } else {
        format!("of the fixed guards just {} holds", wording::facts(subject.machine, guards))
    };
    let finding = finding.with_note(format!("no row takes it when {when}"));
    finding.with_help("add an answer for this case to `answers:`")
}
