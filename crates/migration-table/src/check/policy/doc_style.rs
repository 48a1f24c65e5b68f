//! T0502 `doc-style`: a text for people that does not read like the others.

use crate::check::definition::{Check, Run};
use crate::declare::{Declared, MachineDecl, Named, TableDecl};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::syntax::Text;

pub(super) const CHECK: Check = Check {
    code: Code("T0502"),
    name: "doc-style",
    severity: Severity::Warning,
    explain: "Texts for people are put into tables, pictures, tooltips and error messages beside each other, so they \
              have one form, that of messages: a phrase that begins with a small letter and ends without a full stop. A text that ends with a quote begins with one: to YAML, a quote \
              that nothing opens is a part of the text. \
              A `doc` that only repeats the name tells a reader nothing that they did not see already. A word whose \
              second letter is no small letter, such as an abbreviation, may begin with a capital one, and so may `I`. Silence it for \
              other names that are written so everywhere.",
    run: Run::Declared(run),
};

fn run(table: &TableDecl, out: &mut Findings) {
    let mut judge = Judge { out };
    judge.docs(table.statuses.as_ref(), |decl| decl.doc.as_ref());
    judge.docs(table.reasons.as_ref(), |decl| decl.doc.as_ref());
    judge.docs(table.triggers.as_ref(), |decl| decl.doc.as_ref());
    judge.docs(table.events.as_ref(), |decl| decl.doc.as_ref());
    judge.docs(table.guards.as_ref(), |decl| decl.doc.as_ref());
    judge.docs(table.messages.as_ref(), |decl| decl.doc.as_ref());
    judge.docs(table.resources.as_ref(), |decl| decl.doc.as_ref());
    judge.docs(table.machines.as_ref(), |decl| decl.doc.as_ref());
    judge.docs(table.reserved.as_ref(), |decl| decl.doc.as_ref());
    judge.docs(table.observers.as_ref(), |decl| decl.doc.as_ref());
    judge.docs(table.guarantees.as_ref(), |decl| decl.doc.as_ref());
    let triggers = table.triggers.iter().flat_map(|triggers| &triggers.entries);
    triggers.filter_map(|trigger| trigger.value.as_ref()?.veto.as_ref()).for_each(|veto| judge.form("`veto`", veto));
    let machines = table.machines.iter().flat_map(|machines| &machines.entries);
    machines.filter_map(|machine| machine.value.as_ref()).for_each(|machine| judge.machine(machine));
}

struct Judge<'j> {
    out: &'j mut Findings,
}

impl Judge<'_> {
    fn machine(&mut self, machine: &MachineDecl) {
        self.docs(machine.states.as_ref(), |decl| decl.doc.as_ref());
        let reasons = machine.answers.iter().flatten().filter_map(|answer| answer.because.as_ref());
        reasons.for_each(|because| self.form("`because`", because));
    }

    fn docs<T>(&mut self, named: Option<&Named<T>>, doc: impl Fn(&T) -> Option<&Text>) {
        for Declared { name, value } in named.iter().flat_map(|named| &named.entries) {
            let Some(doc) = value.as_ref().and_then(&doc) else { continue };
            self.form(&format!("`doc` of `{}`", name.text), doc);
            if words(&doc.text) == words(&name.text) {
                let message = format!("`doc` of `{}` repeats the name", name.text);
                let finding = Finding::warning(CHECK.code, doc.span, message, "tells nothing");
                self.out.push(finding.with_help("say what it means to somebody who did not choose the name"));
            }
        }
    }

    fn form(&mut self, what: &str, text: &Text) {
        let mut letters = text.text.chars();
        let capital = letters.next().is_some_and(char::is_uppercase)
            && letters.next().is_none_or(|c| c.is_lowercase() || c.is_whitespace());
        // A name keeps its capitals: `CrashLoopBackOff`, `Restart=on-failure`.
        let first = text.text.split_whitespace().next().unwrap_or_default().trim_end_matches([',', ':', ';', '.']);
        let is_i = first == "I" || first.starts_with("I'");
        if capital && !is_i && first.chars().skip(1).all(|c| c.is_lowercase() || c == '\'') {
            let message = format!("{what} begins with a capital letter");
            let finding = Finding::warning(CHECK.code, text.span, message, "a phrase, not a sentence");
            self.out.push(finding.with_help("begin with a small letter"));
        }
        let text_end = text.text.trim_end();
        // YAML takes a quote for a part of a text that does not begin with one.
        if text_end.ends_with('"') && text_end.matches('"').count() % 2 == 1 {
            let message = format!("{what} ends with a quote that nothing opens");
            let finding = Finding::warning(CHECK.code, text.span, message, "begins without one");
            self.out.push(finding.with_help("begin the text with a quote as well"));
        }
        if text_end.ends_with('.') && !text_end.ends_with("..") {
            let message = format!("{what} ends with a full stop");
            let finding = Finding::warning(CHECK.code, text.span, message, "a phrase, not a sentence");
            self.out.push(finding.with_help("leave the full stop out"));
        }
    }
}

/// The words of a text, in small letters.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).filter(|word| !["a", "an", "the"].contains(&word.as_str())).collect()
}
