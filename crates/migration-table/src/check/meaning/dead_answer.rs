//! T0405 `dead-answer`: the answer that is listed is never given.

use crate::bdd::{Bdd, TooLarge};
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::check::wording;
use crate::explore::Move;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Answer, AnswerRow, FactId, Machine, StateId};
use crate::step;

/// How many more states are listed by name before `except:` is shorter to read.
const LISTED_MORE: usize = 2;

pub(super) const CHECK: Check = Check {
    code: Code("T0405"),
    name: "dead-answer",
    severity: Severity::Warning,
    explain: "`answers:` says that a trigger is ignored or refused in a state where a transition takes it. The \
              transition counts, so the line misleads whoever reads it. Often a group was named that contains one \
              state too many. A line without `in:` is for the states in which nothing else is said; where there is none, it \
              says nothing. A line that is needed under some values of fixed guards is not reported. Silence it \
              while rows are being moved from one state to another, and not for longer: name the states that are meant.",
    run: Run::Explored(run),
};

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let machine = subject.machine;
    let mut found: Vec<(&AnswerRow, Vec<StateId>)> = Vec::new();
    for answer in &machine.answers {
        if answer.states.is_empty() {
            out.push(for_no_state(machine, answer));
        }
        let dead = dead(subject, answer)?;
        found.push((answer, dead));
    }
    for (answer, dead) in &found {
        let Some(first) = dead.first() else { continue };
        let name = &machine.fact(answer.trigger).name;
        let message = format!(
            "trigger `{name}` is accepted in {}, so this answer is not given there",
            wording::states(machine, dead)
        );
        let label = if *dead == answer.states { "never given" } else { "not given in every state that it names" };
        let mut finding = Finding::warning(CHECK.code, answer.span, message, label);
        let taker = subject.moves(*first).into_iter().map(|step| subject.space.row(&step));
        if let Some(row) = taker.into_iter().find(|row| step::needs(row, answer.trigger)) {
            finding = finding.with_place(row.span, "this transition takes it");
        }
        let is_of_all = found.iter().all(|(other, others)| other.span != answer.span || others == dead);
        out.push(finding.with_help(match is_of_all {
            true => help(machine, answer, dead),
            false => help_for_one(machine, answer, dead),
        }));
    }
    Ok(())
}

/// The states of an answer in which a transition takes the trigger, whatever the fixed guards.
fn dead(subject: &mut Subject<'_>, answer: &AnswerRow) -> Result<Vec<StateId>, TooLarge> {
    let mut dead: Vec<StateId> = Vec::new();
    for state in &answer.states {
        let takes = subject.space.place_of(*state).takes.iter().find(|(trigger, _)| *trigger == answer.trigger);
        let Some((_, when)) = takes.copied() else { continue };
        let takes_it = |step: &Move| subject.space.row(step).mentions.contains(answer.trigger);
        // Of a row that never fires, that is reported.
        let is_told =
            subject.moves(*state).iter().filter(|step| takes_it(step)).all(|step| subject.dead.contains(&step.row));
        if !subject.reached.is_reached(*state) || is_told || starts_nothing(subject, *state, answer.trigger)? {
            continue;
        }
        let guards = if subject.space.is_idle(*state) {
            Bdd::ALWAYS
        } else {
            let anything = subject.reached.present(*state);
            subject.space.diagrams.exists(anything, !subject.machine.fixed_guards())?
        };
        if subject.space.diagrams.minus(guards, when)?.is_never() {
            dead.push(*state);
        }
    }
    Ok(dead)
}

/// Whether the trigger may be accepted in an idle state and start nothing, which is reported.
fn starts_nothing(subject: &mut Subject<'_>, state: StateId, trigger: FactId) -> Result<bool, TooLarge> {
    let place = subject.space.place_of(state).rests;
    let rests = subject.space.diagrams.and(subject.reached.arrived(state), place)?;
    let waits = subject.space.diagrams.branch(trigger, Bdd::NEVER, rests)?;
    Ok(subject.space.is_idle(state) && !waits.is_never())
}

/// The finding that nothing is left over for an answer that is for the states in which nothing else is said.
fn for_no_state(machine: &Machine, answer: &AnswerRow) -> Finding {
    let name = &machine.fact(answer.trigger).name;
    let message =
        format!("everywhere a transition or another answer is for trigger `{name}`, so this answer is never given");
    let finding = Finding::warning(CHECK.code, answer.span, message, "no state is left over");
    let lines = machine.answers.iter().filter(|other| other.span == answer.span).count();
    finding.with_help(match lines {
        1 => removed(machine, answer),
        _ => format!("take `{name}` out of this line"),
    })
}

/// Says that the line is to go, and what would be left without a line.
fn removed(machine: &Machine, answer: &AnswerRow) -> String {
    match machine.answers.iter().all(|other| other.span == answer.span) {
        true => "remove this line, and the line `answers:`".to_owned(),
        false => "remove this line".to_owned(),
    }
}

/// Says how the line names only the states in which no transition takes the trigger.
fn help(machine: &Machine, answer: &AnswerRow, dead: &[StateId]) -> String {
    let list = |states: &[StateId]| wording::line(states.iter().map(|state| machine.state(*state).name.as_str()));
    let states = &answer.states;
    let alive: Vec<StateId> = states.iter().copied().filter(|state| !dead.contains(state)).collect();
    if alive.is_empty() {
        removed(machine, answer)
    } else if answer.has_except {
        format!("add `{}` to `except:`", list(dead).replace(", ", "` and `"))
    } else if states.len() == machine.states.len() {
        "leave `in:` out: an answer without it is for every state in which nothing else is said".to_owned()
    } else if alive.len() <= dead.len() + LISTED_MORE {
        format!("write `in: [{}]`", list(&alive))
    } else {
        format!("add `except: [{}]`", list(dead))
    }
}

/// Says how the line names only other triggers, where a transition takes those in other states or in none.
fn help_for_one(machine: &Machine, answer: &AnswerRow, dead: &[StateId]) -> String {
    let name = &machine.fact(answer.trigger).name;
    let out = format!("take `{name}` out of this line");
    // What another line says of the trigger needs no second one.
    let others = || machine.answers.iter().filter(|it| it.trigger == answer.trigger && it.span != answer.span);
    let is_said = |state: &StateId| others().any(|other| other.states.is_empty() || other.states.contains(state));
    let open: Vec<StateId> =
        answer.states.iter().copied().filter(|state| !dead.contains(state) && !is_said(state)).collect();
    if open.is_empty() {
        return out;
    }
    let states = if open.len() + dead.len() == machine.states.len() {
        String::new()
    } else {
        format!("in: [{}], ", wording::line(open.iter().map(|state| machine.state(*state).name.as_str())))
    };
    let text = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let said = match &answer.answer {
        Answer::Accept | Answer::Ignore => "ignore".to_owned(),
        Answer::Handle => "handle".to_owned(),
        Answer::Refuse(because) if because.is_empty() => "refuse".to_owned(),
        Answer::Refuse(because) => format!("refuse, because: {}", text(because)),
    };
    let class = answer.class.as_ref().map_or(String::new(), |class| format!(", class: {class}"));
    let trigger = wording::line([name.as_str()]);
    format!("{out}, and add `{{ {states}trigger: {trigger}, answer: {said}{class} }}` to `answers:`")
}
