//! Every place where the table uses a name: is it declared, and as what is needed there?

use std::collections::BTreeMap;

use super::ends::{self, End, Uses};
use super::scope::{self, Scope, Space};
use super::{declared, groups};
use crate::declare::{
    AnswerDecl, AnswerWord, GuardDecl, MachineDecl, MessageDecl, Name, Names, RowDecl, StateDecl, TableDecl,
};
use crate::finding::{Finding, Findings};
use crate::formula;
use crate::model::Kind;
use crate::nearest::nearest;
use crate::rule::names::{INITIAL_STATE, LISTED_TWICE};
use crate::rule::shape::{INVALID_FORMULA, POINTLESS_KEY, UNKNOWN_WORD};
use crate::span::Span;
use crate::syntax::Text;

/// The classes of errors of QMP, for a table that lists none.
const QMP_CLASSES: [&str; 5] =
    ["GenericError", "CommandNotFound", "DeviceNotActive", "DeviceNotFound", "KVMMissingCap"];

/// Looks up every name that the table uses.
pub(super) fn judge<'t>(table: &'t TableDecl, scope: &mut Scope<'t>, out: &mut Findings) {
    for message in table.messages.iter().flat_map(|messages| &messages.entries) {
        if let Some(decl) = &message.value {
            judge_message(decl, scope);
        }
    }
    ends::to_itself(table, out);
    for trigger in table.triggers.iter().flat_map(|triggers| &triggers.entries) {
        let needs = trigger.value.iter().filter_map(|decl| decl.needs.as_ref());
        for needs in needs {
            each_once(&needs.names, out);
            for name in &needs.names {
                scope.find(&scope::GUARD, &name.0, "trigger needs");
            }
        }
    }
    for guard in table.guards.iter().flat_map(|guards| &guards.entries) {
        if let Some(decl) = &guard.value {
            judge_guard(decl, out);
        }
    }
    let mut uses = Uses::default();
    for machine in table.machines.iter().flat_map(|machines| &machines.entries) {
        if let Some(decl) = &machine.value {
            scope.enter(decl);
            Judge { table, machine: &machine.name.text, scope, uses: &mut uses, out }.machine(decl);
        }
    }
    uses.judge(table, out);
}

fn judge_message(decl: &MessageDecl, scope: &mut Scope<'_>) {
    let mut end = |side: &Option<Name>, place: &str| scope.find(&scope::MACHINE, &side.as_ref()?.0, place);
    end(&decl.from, "message comes from");
    end(&decl.to, "message goes to");
    if let Some(event) = &decl.unsent {
        scope.find(&scope::EVENT, &event.0, "message that cannot be sent reports");
    }
}

/// A guard has one thing behind it: a capability or a parameter.
fn judge_guard(decl: &GuardDecl, out: &mut Findings) {
    if let (Some(_), Some(parameter)) = (&decl.capability, &decl.parameter) {
        let message = "a guard has both a capability and a parameter behind it";
        let finding = Finding::error(POINTLESS_KEY.code, parameter.span, message, "the capability decides already");
        out.push(finding.with_help("leave one of them out, or make two guards"));
    }
    let is_unreadable = || out.iter().any(|finding| (decl.span.start..decl.span.end).contains(&finding.span.start));
    if let (None, Some(value)) = (&decl.parameter, &decl.is)
        && !is_unreadable()
    {
        let message = "a guard has a value, but no parameter";
        let finding = Finding::error(POINTLESS_KEY.code, value.span, message, "the value of nothing");
        out.push(finding.with_help("name the `parameter` that has this value"));
    }
}

/// Judges the names of one machine.
struct Judge<'t, 'j> {
    table: &'t TableDecl,
    machine: &'t str,
    scope: &'j mut Scope<'t>,
    uses: &'j mut Uses<'t>,
    out: &'j mut Findings,
}

impl<'t> Judge<'t, '_> {
    fn machine(&mut self, decl: &MachineDecl) {
        self.precedence(decl.precedence.as_ref());
        self.happy_path(decl.happy_path.as_ref());
        for group in decl.groups.iter().flat_map(|groups| &groups.entries) {
            self.states(group.value.as_ref(), "group contains");
        }
        for marker in
            decl.markers.iter().flat_map(|markers| &markers.entries).filter_map(|marker| marker.value.as_ref())
        {
            self.states(marker.set_in.as_ref(), "marker is set in");
            self.states(marker.cleared_in.as_ref(), "marker is cleared in");
            if let Some(guard) = &marker.guard {
                self.scope.look(&scope::GUARD, &guard.0, "marker decides");
            }
        }
        groups::judge(decl, self.out);
        let mut initial = None;
        for state in decl.states.iter().flat_map(|states| &states.entries) {
            state.value.iter().for_each(|decl| self.state(decl));
        }
        for state in declared::well_named(decl.states.as_ref()) {
            state.value.iter().for_each(|decl| self.initial(&state.name, decl, &mut initial));
        }
        for row in decl.transitions.iter().flatten() {
            self.row(row);
        }
        for answer in decl.answers.iter().flatten() {
            self.answer(answer);
        }
    }

    fn state(&mut self, decl: &StateDecl) {
        if let Some(status) = &decl.shows {
            self.scope.find(&scope::STATUS, &status.0, scope::SHOWS);
        }
        self.reconnects(decl);
        self.names(decl.holds.as_ref(), &scope::RESOURCE, "state holds");
        for (bound, what) in [(&decl.timeout, "timeout reports"), (&decl.timer, "timer reports")] {
            if let Some(event) = bound.as_ref().and_then(|bound| bound.event.as_ref()) {
                self.scope.find(&scope::EVENT, &event.0, what);
            }
        }
    }

    /// A new connection is one within an attempt, and to a peer that says something.
    fn reconnects(&mut self, decl: &StateDecl) {
        let Some(given) = decl.reconnects.filter(|given| given.value) else { return };
        let (label, help) = if decl.kind.is_some_and(|kind| kind.value == Kind::Idle) {
            ("no attempt runs in an idle state", "give the state another kind, or leave `reconnects` out")
        } else if self.table.messages.is_none() {
            ("nothing is sent and nothing is received", "leave `reconnects` out")
        } else {
            return;
        };
        let message = "a state opens a new connection where there is none";
        let finding = Finding::error(POINTLESS_KEY.code, given.span, message, label);
        self.out.push(finding.with_help(help));
    }

    fn initial(&mut self, name: &Text, decl: &StateDecl, first: &mut Option<(String, Span)>) {
        let Some(here) = decl.initial.filter(|initial| initial.value) else { return };
        match first {
            None => *first = Some((name.text.clone(), here.span)),
            Some((other, place)) => {
                let message =
                    format!("machine `{}` has two initial states: `{other}` and `{}`", self.machine, name.text);
                let finding = Finding::error(INITIAL_STATE.code, here.span, message, "the second one");
                self.out.push(finding.with_place(*place, "the first one"));
            }
        }
    }

    fn row(&mut self, row: &RowDecl) {
        self.states(row.from.as_ref(), "transition leaves");
        self.states(row.except.as_ref(), "transition does not leave");
        if let Some(when) = &row.when {
            self.formula(when);
        }
        if let Some(to) = &row.to {
            self.scope.find(&scope::STATE, &to.0, "transition goes to");
        }
        if let Some(reason) = &row.reason {
            self.scope.find(&scope::REASON, &reason.0, "transition gives");
        }
        self.names(row.drops.as_ref(), &scope::TRIGGER, "transition drops");
        self.names(row.sends.as_ref(), &scope::MESSAGE, "transition sends");
        for name in row.sends.iter().flat_map(|sends| &sends.names) {
            if let Some(message) = self.scope.index(Space::Messages, &name.0.text) {
                self.uses.add(message, self.machine, End::Sender, name.0.span);
            }
        }
    }

    fn formula(&mut self, when: &Text) {
        let formula = match formula::parse(&when.text) {
            Ok(formula) => formula,
            Err(error) => {
                // A name of a wrong form that is declared so is reported there, and renamed from there.
                let word = &when.text[error.at..error.at + error.len];
                if !formula::is_name(word) && self.scope.is_declared(&scope::FACT, word) {
                    return;
                }
                let written = when.word(error.at, error.len);
                if self.scope.trigger_of(word).is_some() {
                    self.scope.look(&scope::FACT, &written, "formula names");
                    return;
                }
                let help = match &error.meant {
                    Some(meant) => self.scope.known(&scope::FACT, meant),
                    None => None,
                };
                let help =
                    help.map(|name| format!("write `{}`", if when.plain { written.as_written(&name) } else { name }));
                let help = if error.meant.is_some() { help } else { error.help };
                let span = when.part(error.at, error.len);
                let finding = Finding::error(INVALID_FORMULA.code, span, error.message, "in this formula");
                return self.out.push(Finding { help, ..finding });
            }
        };
        for (name, at) in formula.names() {
            let word = when.word(*at, name.len());
            if let Some((Space::Messages, message)) = self.scope.find(&scope::FACT, &word, "formula names") {
                self.uses.add(message, self.machine, End::Receiver, word.span);
            }
        }
    }

    fn answer(&mut self, answer: &AnswerDecl) {
        self.states(answer.r#in.as_ref(), "answer is for");
        self.states(answer.except.as_ref(), "answer is not for");
        self.names(answer.trigger.as_ref(), &scope::TRIGGER, "answer is to");
        answer.class.iter().for_each(|class| self.class(class));
        let done = match answer.answer.map(|word| word.value) {
            Some(AnswerWord::Ignore) => "ignored",
            Some(AnswerWord::Handle) => "handled",
            Some(AnswerWord::Refuse) | None => return,
        };
        let told = [(&answer.because, "because", "a reason"), (&answer.class, "class", "a class of errors")];
        let told: Vec<_> = told.into_iter().filter_map(|(text, key, what)| Some((text.as_ref()?, key, what))).collect();
        let Some(((first, _, what), others)) = told.split_first() else { return };
        let message = format!("a trigger that is {done} is given {what}");
        let finding = Finding::error(POINTLESS_KEY.code, first.span, message, "nobody is told");
        let finding = others.iter().fold(finding, |finding, (text, ..)| finding.with_place(text.span, "nor this"));
        let keys: Vec<String> = told.iter().map(|(_, key, _)| format!("`{key}`")).collect();
        self.out.push(finding.with_help(format!("leave {} out, or write `answer: refuse`", keys.join(" and "))));
    }

    /// Looks up a class of errors.
    fn class(&mut self, class: &Text) {
        let own = self.table.qmp.as_ref().and_then(|qmp| qmp.classes.as_ref());
        let known: Vec<&str> = match own {
            Some(names) => names.names.iter().map(|name| name.0.text.as_str()).collect(),
            None => QMP_CLASSES.to_vec(),
        };
        if known.contains(&class.text.as_str()) {
            return;
        }
        let message = format!("`{}` is not a class of errors", class.text);
        let label = format!("expected `{}`", known.join("`, `"));
        let finding = Finding::error(UNKNOWN_WORD.code, class.span, message, label);
        self.out.push(match nearest(&class.text, known) {
            Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
            None => finding.with_help("list it under `classes` of `qmp`, with all others that are used"),
        });
    }

    /// Looks up names of states, groups and kinds.
    fn states(&mut self, names: Option<&Names>, place: &str) {
        let Some(names) = names else { return };
        each_once(&names.names, self.out);
        for name in &names.names {
            if name.0.text != groups::ANY && !Kind::ALL.iter().any(|kind| kind.name() == name.0.text) {
                self.scope.find(&scope::STATES, &name.0, place);
            }
        }
    }

    /// Looks up what precedence names. To rank a fact is not to use it.
    fn precedence(&mut self, names: Option<&Names>) {
        let Some(names) = names else { return };
        each_once(&names.names, self.out);
        for name in &names.names {
            self.scope.look(&scope::FACT, &name.0, "precedence names");
        }
    }

    /// Looks up the states of the happy path. Whether it names one twice is asked where its transitions are known.
    fn happy_path(&mut self, path: Option<&Names>) {
        for name in path.iter().flat_map(|path| &path.names) {
            self.scope.find(&scope::STATE, &name.0, "happy path passes");
        }
    }

    fn names(&mut self, names: Option<&Names>, wanted: &scope::Wanted, place: &str) {
        let Some(names) = names else { return };
        each_once(&names.names, self.out);
        for name in &names.names {
            self.scope.find(wanted, &name.0, place);
        }
    }
}

/// Says so when a list names something twice.
fn each_once(names: &[Name], out: &mut Findings) {
    let mut places = BTreeMap::new();
    for name in names {
        if let Some(first) = places.get(name.0.text.as_str()) {
            let message = format!("`{}` is listed twice", name.0.text);
            let finding = Finding::warning(LISTED_TWICE.code, name.0.span, message, "again here");
            out.push(finding.with_place(*first, "first here").with_help("leave it out here"));
        } else {
            places.insert(name.0.text.as_str(), name.0.span);
        }
    }
}
