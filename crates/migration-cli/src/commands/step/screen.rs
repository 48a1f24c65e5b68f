//! What a walk looks like: where the machine is, and what can be done there.

use migration_replay::walk::{Action, Outcome, Said, Verb, Walker};
use migration_table::Style;
use migration_table::interpret::Evidence;
use migration_table::model::{Answer, FactKind, FactSet, Kind, Machine, Table};
use migration_table::step;

/// How things are shown.
pub(super) struct Screen<'t> {
    table: &'t Table,
    style: Style,
}

/// What a text is, for its colour.
#[derive(Clone, Copy)]
enum Ink {
    /// Where we are.
    Place,
    /// A part of the screen.
    Title,
    /// Something happens.
    Go,
    /// Nothing happens.
    Still,
}

impl<'t> Screen<'t> {
    pub(super) fn new(table: &'t Table, style: Style) -> Screen<'t> {
        Screen { table, style }
    }

    /// Before the words of a person.
    pub(super) fn prompt(&self, walker: &Walker<'_>) -> String {
        let state = &walker.machine().state(walker.run().state()).name;
        format!("{}> ", self.ink(Ink::Place, &format!("{}.{state}", walker.machine().name)))
    }

    /// What came of a step.
    pub(super) fn outcome(&self, action: &Action, outcome: Option<&Outcome>) -> String {
        match outcome {
            Some(outcome) => format!("{action}: {}\n", self.ink(ink(&outcome.said), &outcome.to_string())),
            None => format!("{action}\n"),
        }
    }

    /// Where the machine is, and what can be done.
    pub(super) fn now(&self, walker: &Walker<'_>) -> String {
        let (machine, run) = (walker.machine(), walker.run());
        let state = machine.state(run.state());
        let mut text = format!(
            "\n{}  {}: {}\n",
            self.ink(Ink::Place, &format!("{}.{}", machine.name, state.name)),
            state.kind.name(),
            state.doc
        );
        let status = &self.table.statuses[state.shows.index()].name;
        text += &format!("  shows {status}; visit {}, attempt {}\n", run.visit(), run.attempt());
        if let Some(reason) = run.reason() {
            text += &format!("  reason {}\n", self.table.reasons[reason.index()].name);
        }
        if !state.holds.is_empty() {
            let held: Vec<&str> = state.holds.iter().map(|id| self.table.resources[id.index()].name.as_str()).collect();
            text += &format!("  holds {}\n", held.join(", "));
        }
        text += &format!("  pending: {}\n", or_nothing(&names(machine, run.facts() - machine.guards())));
        text += &self.guards(walker);
        text + &self.choices(walker)
    }

    /// What guards say; of those that are fixed, what they said when the attempt began.
    fn guards(&self, walker: &Walker<'_>) -> String {
        let (machine, run) = (walker.machine(), walker.run());
        if machine.guards().is_empty() {
            return String::new();
        }
        let mut text = format!("  guards that hold: {}", or_nothing(&names(machine, walker.guards())));
        let fixed = machine.fixed_guards();
        let is_under_way = machine.state(run.state()).kind != Kind::Idle;
        if is_under_way && run.facts() & fixed != walker.guards() & fixed {
            text += &format!("; fixed for this attempt: {}", or_nothing(&names(machine, run.facts() & fixed)));
        }
        text + "\n"
    }

    fn choices(&self, walker: &Walker<'_>) -> String {
        let choices = walker.choices();
        let margin = choices.iter().map(|action| action.name.chars().count()).max().unwrap_or(0);
        let mut text = String::new();
        let mut last = "";
        for (index, action) in choices.iter().enumerate() {
            let title = match action.verb {
                Verb::Raise => "triggers",
                Verb::Report | Verb::ReportLate => "events",
                Verb::Set | Verb::Clear => "guards",
            };
            if title != last {
                text += &format!("{}\n", self.ink(Ink::Title, title));
                last = title;
            }
            text += &format!("  {:>2}  {:margin$}  {}\n", index + 1, action.name, self.preview(walker, action));
        }
        text
    }

    /// What would come of it, in few words.
    fn preview(&self, walker: &Walker<'_>, action: &Action) -> String {
        let mut after = walker.clone();
        let Ok(outcome) = after.take(action) else { return String::new() };
        let Some(outcome) = outcome else {
            return turned(walker, action);
        };
        let has_fired = after.run().visit() != walker.run().visit();
        let mut text = match &outcome.said {
            Said::Answer(Answer::Refuse(reason)) if !reason.is_empty() => format!("refuse: {reason}"),
            Said::Answer(Answer::Refuse(_)) => "refuse".to_owned(),
            Said::Answer(Answer::Ignore) => "ignore".to_owned(),
            Said::Answer(Answer::Handle) => "handle".to_owned(),
            Said::Evidence(Evidence::Stale) => "stale".to_owned(),
            Said::Answer(Answer::Accept) | Said::Evidence(Evidence::Fired | Evidence::Pending) if !has_fired => {
                format!("waits in {}", outcome.state)
            }
            Said::Answer(Answer::Accept) | Said::Evidence(_) => format!("go {}", outcome.state),
        };
        if !outcome.publishes.is_empty() {
            text += &format!(", publishes {}", outcome.publishes.join(", "));
        }
        if !outcome.sends.is_empty() {
            text += &format!(", sends {}", outcome.sends.join(", "));
        }
        if let Some(guards) = lacking(walker, action) {
            text += &format!("; but a host refuses it without {guards}");
        }
        self.ink(ink(&outcome.said), &text)
    }

    fn ink(&self, ink: Ink, text: &str) -> String {
        let code = match (self.style, ink) {
            (Style::Plain, _) => return text.to_owned(),
            (Style::Coloured, Ink::Place) => "1;36",
            (Style::Coloured, Ink::Title) => "1",
            (Style::Coloured, Ink::Go) => "32",
            (Style::Coloured, Ink::Still) => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// What a command needs and does not have, so that a host refuses it before it asks the machine.
pub(super) fn lacking(walker: &Walker<'_>, action: &Action) -> Option<String> {
    let machine = walker.machine();
    let fact = machine.fact(machine.fact_id(&action.name)?);
    let FactKind::Trigger { admission, .. } = &fact.kind else { return None };
    match step::admits(step::needed_by(machine, admission), walker.guards(), FactSet::EMPTY) {
        Some(false) => Some(admission.needs.join(" or ")),
        Some(true) | None => None,
    }
}

/// What comes of turning a guard.
fn turned(walker: &Walker<'_>, action: &Action) -> String {
    let (machine, run) = (walker.machine(), walker.run());
    let turn = if action.verb == Verb::Set { "set it" } else { "clear it" };
    let is_fixed = machine.fact_id(&action.name).is_some_and(|id| machine.fact(id).is_fixed());
    let is_idle = machine.state(run.state()).kind == Kind::Idle;
    if is_fixed && !is_idle { format!("{turn} for the next attempt") } else { turn.to_owned() }
}

fn ink(said: &Said) -> Ink {
    match said {
        Said::Answer(Answer::Accept) | Said::Evidence(Evidence::Fired) => Ink::Go,
        Said::Answer(Answer::Ignore | Answer::Handle | Answer::Refuse(_))
        | Said::Evidence(Evidence::Pending | Evidence::Stale) => Ink::Still,
    }
}

fn names(machine: &Machine, facts: FactSet) -> String {
    let names: Vec<&str> = facts.iter().map(|id| machine.fact(id).name.as_str()).collect();
    names.join(", ")
}

fn or_nothing(names: &str) -> &str {
    if names.is_empty() { "none" } else { names }
}
