//! Something that happens at a host: a step, as a property names it.
//!
//! `source accepts cancel`, `destination hears hand_over`, `source reports failed`, `source sends hello`,
//! `source enters completed`, `source begins`, `source ends`.

use crate::automaton::{Input, Step};
use crate::composition::Action;
use crate::config::{HOSTS_MAX, Locals};
use crate::formula::Scope;
use crate::names::{Invalid, event, sent_by, states, trigger};

/// A set of steps.
#[derive(Clone, Debug)]
pub(crate) struct Happening {
    /// For each host its steps, by configuration and by step; none where it is no such host.
    matches: [Vec<Vec<bool>>; HOSTS_MAX],
    /// For each host and each configuration of it whether any step matches.
    near: [Vec<bool>; HOSTS_MAX],
    /// Whether it is what makes a host take the step, and not what the host does in it.
    is_cause: bool,
}

#[derive(Clone, Debug)]
enum Pattern {
    /// The machine has no such name.
    Nothing,
    Begins,
    Ends,
    Accepts(migration_table::model::FactId),
    Reports(migration_table::model::FactId),
    Sends(u8),
    Enters(Vec<migration_table::model::StateId>),
}

impl Happening {
    /// Reads a happening.
    pub(crate) fn parse(text: &str, scope: &Scope<'_, '_>) -> Result<Happening, Invalid> {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.first().is_some_and(|word| word.contains('.')) || words.get(1) == Some(&"shows") {
            return Err(unreadable(text, "a formula stands where something that happens is expected"));
        }
        let hosts = scope.hosts_of(words.first().copied().unwrap_or_default())?;
        let mut matches = <[Vec<Vec<bool>>; HOSTS_MAX]>::default();
        for host in hosts {
            let automaton = scope.automaton(host);
            let pattern = match pattern(text, &words[1..], scope, host) {
                Err(Invalid::States { .. } | Invalid::Fact { .. }) if scope.is_foreign(host) => Pattern::Nothing,
                found => found?,
            };
            let of_local = |steps: &Vec<Step>| steps.iter().map(|step| is_match(&pattern, step, automaton)).collect();
            matches[host] = automaton.steps.iter().map(of_local).collect();
        }
        let is_cause = matches!(words.get(1), Some(&("begins" | "accepts" | "reports" | "hears")));
        let near = |of_host: &Vec<Vec<bool>>| of_host.iter().map(|steps| steps.contains(&true)).collect();
        Ok(Happening { near: matches.each_ref().map(near), matches, is_cause })
    }

    /// Whether this comes before the other one where both are one step: a host takes something in, and then acts.
    pub(crate) fn precedes(&self, other: &Happening) -> bool {
        self.is_cause && !other.is_cause
    }

    /// Whether some step out of a configuration would be this.
    pub(crate) fn is_near(&self, locals: &Locals) -> bool {
        self.near.iter().zip(locals).any(|(near, local)| near.get(usize::from(*local)).is_some_and(|near| *near))
    }

    /// Whether this is what an action out of a configuration is.
    pub(crate) fn is(&self, locals: &Locals, action: Action) -> bool {
        let Action::Step { host, step, .. } = action else { return false };
        let steps = self.matches[usize::from(host)].get(usize::from(locals[usize::from(host)]));
        steps.is_some_and(|steps| steps[usize::from(step)])
    }
}

fn pattern(text: &str, words: &[&str], scope: &Scope<'_, '_>, host: usize) -> Result<Pattern, Invalid> {
    let machine = scope.automaton(host).machine;
    match words {
        ["begins"] => Ok(Pattern::Begins),
        ["ends"] => Ok(Pattern::Ends),
        ["accepts", name] => Ok(Pattern::Accepts(trigger(machine, name)?)),
        ["reports" | "hears", name] => Ok(Pattern::Reports(event(machine, name)?)),
        ["enters", name] => Ok(Pattern::Enters(states(machine, name)?)),
        ["sends", name] => {
            // Of a machine of another release, the messages are not all those of the table.
            if !scope.is_foreign(host) {
                sent_by(scope.table, machine, name)?;
            }
            let letter = scope.letters.iter().position(|letter| letter == name);
            let letter = letter.and_then(|letter| u8::try_from(letter).ok());
            let unknown = || Invalid::Fact { machine: machine.name.clone(), name: (*name).to_owned() };
            Ok(Pattern::Sends(letter.ok_or_else(unknown)?))
        }
        ["accepts" | "reports" | "hears" | "enters" | "sends", _, ..] => {
            Err(unreadable(text, "more than one thing stands where one thing that happens is expected"))
        }
        _ => Err(unreadable(
            text,
            "after the machine comes `begins`, `ends`, `accepts`, `reports`, `hears`, `enters` or `sends`",
        )),
    }
}

/// The verbs of a happening that are followed by a name.
pub(crate) const VERBS: [&str; 5] = ["accepts", "reports", "hears", "enters", "sends"];

fn unreadable(text: &str, why: &str) -> Invalid {
    Invalid::Formula { text: text.to_owned(), why: why.to_owned(), at: 0..text.len(), help: None }
}

fn is_match(pattern: &Pattern, step: &Step, automaton: &crate::automaton::Automaton<'_>) -> bool {
    match pattern {
        Pattern::Nothing => false,
        Pattern::Begins => step.begins,
        Pattern::Ends => step.ends,
        Pattern::Accepts(fact) => matches!(step.input, Input::Raise { trigger, .. } if trigger == *fact),
        Pattern::Reports(fact) => {
            matches!(step.input, Input::Report { event, .. } | Input::Receive { fact: event, .. } if event == *fact)
        }
        Pattern::Sends(letter) => step.sends.contains(letter),
        Pattern::Enters(states) => {
            let rows = step.rows.iter().map(|row| &automaton.machine.rows[usize::from(*row)]);
            rows.into_iter().any(|row| states.contains(&row.to))
        }
    }
}
