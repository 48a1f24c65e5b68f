//! T0405 `dead-answer`: the answer that is listed is never given.

use crate::bdd::{Bdd, TooLarge};
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{AnswerRow, Machine, StateId};
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
    for answer in &machine.answers {
        if answer.states.is_empty() {
            out.push(for_no_state(machine, answer));
            continue;
        }
        let mut dead: Vec<StateId> = Vec::new();
        for state in &answer.states {
            let takes = subject.space.place_of(*state).takes.iter().find(|(trigger, _)| *trigger == answer.trigger);
            let Some((_, when)) = takes.copied() else { continue };
            if !subject.reached.is_reached(*state) {
                continue;
            }
            let guards = if subject.space.is_idle(*state) {
                Bdd::ALWAYS
            } else {
                let anything = subject.reached.present(*state);
                subject.space.diagrams.exists(anything, !machine.fixed_guards())?
            };
            if subject.space.diagrams.minus(guards, when)?.is_never() {
                dead.push(*state);
            }
        }
        let Some(first) = dead.first() else { continue };
        let name = &machine.fact(answer.trigger).name;
        let message = format!(
            "trigger `{name}` is accepted in {}, so this answer is not given there",
            wording::states(machine, &dead)
        );
        let label = if dead == answer.states { "never given" } else { "not given in every state that it names" };
        let mut finding = Finding::warning(CHECK.code, answer.span, message, label);
        let taker = subject.moves(*first).into_iter().map(|step| subject.space.row(&step));
        if let Some(row) = taker.into_iter().find(|row| step::needs(row, answer.trigger)) {
            finding = finding.with_place(row.span, "this transition takes it");
        }
        out.push(finding.with_help(help(machine, answer, &dead)));
    }
    Ok(())
}

/// The finding that nothing is left over for an answer that is for the states in which nothing else is said.
fn for_no_state(machine: &Machine, answer: &AnswerRow) -> Finding {
    let name = &machine.fact(answer.trigger).name;
    let message =
        format!("everywhere a transition or another answer is for trigger `{name}`, so this answer is never given");
    let finding = Finding::warning(CHECK.code, answer.span, message, "no state is left over");
    let lines = machine.answers.iter().filter(|other| other.span == answer.span).count();
    finding.with_help(match lines {
        1 => "remove this line".to_owned(),
        _ => format!("take `{name}` out of this line"),
    })
}

/// Says how the line names only the states in which no transition takes the trigger.
fn help(machine: &Machine, answer: &AnswerRow, dead: &[StateId]) -> String {
    let names =
        |states: &[StateId]| -> Vec<&str> { states.iter().map(|state| machine.state(*state).name.as_str()).collect() };
    let list = |states: &[StateId]| wording::line(names(states));
    let states = &answer.states;
    let alive: Vec<StateId> = states.iter().copied().filter(|state| !dead.contains(state)).collect();
    // What is true of one trigger of a line need not be true of the others.
    let is_shared = machine.answers.iter().filter(|other| other.span == answer.span).count() > 1;
    let trigger = &machine.fact(answer.trigger).name;
    if is_shared && alive.is_empty() {
        format!("take `{trigger}` out of this line")
    } else if is_shared {
        format!("take `{trigger}` out of this line, and give it an answer of its own with `in: [{}]`", list(&alive))
    } else if alive.is_empty() {
        "remove this line".to_owned()
    } else if answer.has_except {
        format!("add `{}` to `except:`", names(dead).join("` and `"))
    } else if states.len() == machine.states.len() {
        "leave `in:` out: an answer without it is for every state in which nothing else is said".to_owned()
    } else if alive.len() <= dead.len() + LISTED_MORE {
        format!("write `in: [{}]`", list(&alive))
    } else {
        format!("add `except: [{}]`", list(dead))
    }
}
