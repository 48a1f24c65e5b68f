//! Every place where the table declares a name: has it the right form, and is it the only one of its kind?

use std::collections::BTreeMap;

use heck::ToUpperCamelCase;

use super::groups::ANY;
use super::spelling::{self, LENGTH_MAX, Reserved};
use crate::declare::{Declared, MachineDecl, Named, TableDecl};
use crate::finding::{Finding, Findings};
use crate::model::Kind;
use crate::rule::names::{COLLIDING, COMMAND_TWICE, DECLARED_TWICE, INVALID_NAME, NUMBER_TWICE, RESERVED};
use crate::span::Span;
use crate::syntax::Text;

/// Words of formulas.
const FORMULA_WORDS: &[&str] = &["and", "or", "not"];

/// Words that cannot become the name of a module or a method of Rust. `Self` and such are no names of the table.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else",
    "enum", "extern", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait", "try", "type",
    "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Types and modules that the generated code has or uses, as names of machines.
const GENERATED: &[&str] = &[
    "answer",
    "core",
    "event",
    "event_entry",
    "fact_set",
    "facts",
    "guard",
    "guard_entry",
    "kind",
    "message",
    "none",
    "option",
    "performs",
    "reason",
    "reason_entry",
    "reported",
    "resource",
    "result",
    "role",
    "some",
    "state",
    "state_entry",
    "state_head",
    "status",
    "std",
    "timeout",
    "transition",
    "trigger",
    "trigger_entry",
    "unsent",
    "visit",
    "visit_over",
    "work",
];

/// Judges every name that the table declares.
pub(super) fn judge(table: &TableDecl, out: &mut Findings) {
    if let Some(name) = &table.machine {
        spelling::judge(&[name], &[], ("a table", &['_', '-']), &[], out);
    }
    let statuses = names(table.statuses.as_ref());
    each(&statuses, &[], ("a status", &['_', '-']), &[], out);
    each(&names(table.reasons.as_ref()), &[], ("a reason", &['_', '-']), &[], out);
    wires(table, out);
    let facts = [
        ("a trigger", names(table.triggers.as_ref())),
        ("an event", names(table.events.as_ref())),
        ("a message", names(table.messages.as_ref())),
        ("a guard", names(table.guards.as_ref())),
    ];
    let all: Vec<&Text> = facts.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    for (noun, names) in &facts {
        each(names, &all, (noun, &['_']), &[(FORMULA_WORDS, "a word of formulas")], out);
    }
    apart(facts.iter().flat_map(|(noun, names)| names.iter().map(|name| (*noun, *name))), out);
    collide(&[&facts[1].1[..], &facts[2].1].concat(), ("an event", &['_']), out);
    each(&names(table.resources.as_ref()), &[], ("a resource", &['_']), &[], out);
    each(&names(table.observers.as_ref()), &[], ("an observer", &['_', '-']), &[], out);
    each(&names(table.guarantees.as_ref()), &[], ("a guarantee", &['_', '-']), &[], out);
    each(&names(table.operator.as_ref()), &[], ("an act of the operator", &['_', '-']), &[], out);
    each(&names(table.properties.as_ref()), &[], ("a property", &['_', '-']), &[], out);
    seen_by_clients(&names(table.reserved.as_ref()), out);
    let reserved = [(KEYWORDS, "a keyword of Rust"), (GENERATED, "a part of the generated code")];
    each(&names(table.machines.as_ref()), &[], ("a machine", &['_']), &reserved, out);
    numbers(table, out);
    commands(table, out);
    for machine in table.machines.iter().flat_map(|machines| &machines.entries) {
        if let Some(decl) = &machine.value {
            judge_machine(decl, out);
        }
    }
}

fn judge_machine(decl: &MachineDecl, out: &mut Findings) {
    let kinds = Kind::ALL.map(Kind::name);
    let states = names(decl.states.as_ref());
    let reserved = [
        (&kinds[..], "a kind, which stands for all states of the kind"),
        (&[ANY], "the word for every state"),
        (KEYWORDS, "a keyword of Rust"),
        (&["send"], "the method of the generated code that sends a message"),
    ];
    let (groups, markers) = (names(decl.groups.as_ref()), names(decl.markers.as_ref()));
    let all = [&states[..], &groups, &markers].concat();
    each(&states, &all, ("a state", &['_']), &reserved, out);
    let reserved =
        [(&kinds[..], "a kind, which stands for all states of the kind"), (&[ANY], "the word for every state")];
    spelling::judge(&groups, &all, ("a group", &['_']), &reserved, out);
    groups.iter().for_each(|group| reserve(group, "a group", &reserved, out));
    spelling::judge(&markers, &all, ("a marker", &['_']), &[], out);
    let states = states.iter().map(|name| ("a state", *name));
    let groups = groups.iter().map(|name| ("a group", *name));
    apart(states.chain(groups).chain(markers.iter().map(|name| ("a marker", *name))), out);
}

fn names<T>(named: Option<&Named<T>>) -> Vec<&Text> {
    named.iter().flat_map(|named| &named.entries).map(|declared| &declared.name).collect()
}

/// Judges names that become the variants of one enum. `others` are named in the same places.
fn each(names: &[&Text], others: &[&Text], kind: (&str, &[char]), reserved: &Reserved<'_>, out: &mut Findings) {
    spelling::judge(names, others, kind, reserved, out);
    names.iter().for_each(|name| reserve(name, kind.0, reserved, out));
    collide(names, kind, out);
}

fn reserve(name: &Text, noun: &str, reserved: &Reserved<'_>, out: &mut Findings) {
    let variant = name.text.to_upper_camel_case() == "Self";
    let meaning = reserved.iter().find(|(words, _)| words.contains(&name.text.as_str())).map(|(_, meaning)| *meaning);
    // What does not have the form of a name is reported as that, with another one to take.
    let variant = variant && name.text.starts_with(|c: char| c.is_ascii_lowercase());
    if let Some(meaning) = meaning.or(variant.then_some("a keyword of Rust")) {
        let message = format!("`{}` is reserved and cannot be the name of {noun}", name.text);
        let finding = Finding::error(RESERVED.code, name.span, message, format!("this is {meaning}"));
        let kind = noun.rsplit(' ').next().unwrap_or(noun);
        out.push(finding.with_help(format!("choose another name, such as `{}_{kind}`", name.text)));
    }
}

/// Says so when names become the same variant of an enum. One that does not have the form of a name is reported as that,
/// with another one to take.
fn collide(names: &[&Text], (noun, joints): (&str, &[char]), out: &mut Findings) {
    let mut first: BTreeMap<String, &Text> = BTreeMap::new();
    for name in names.iter().filter(|name| spelling::is_name(&name.text, joints)) {
        let variant = name.text.to_upper_camel_case();
        match first.get(&variant) {
            Some(other) if other.text != name.text => {
                let message =
                    format!("`{}` and `{}`, each {noun}, become the same name in Rust", other.text, name.text);
                let finding = Finding::error(COLLIDING.code, name.span, message, format!("becomes `{variant}`"));
                out.push(finding.with_place(other.span, "becomes the same"));
            }
            Some(_) => {}
            None => drop(first.insert(variant, name)),
        }
    }
}

/// Says so when one name is declared as two things that are named in the same places.
fn apart<'t>(names: impl Iterator<Item = (&'static str, &'t Text)>, out: &mut Findings) {
    let mut first: BTreeMap<&str, (&str, &Text)> = BTreeMap::new();
    let mut names: Vec<_> = names.collect();
    names.sort_by_key(|(_, name)| name.span);
    for (noun, name) in names {
        if let Some((other, place)) = first.get(name.text.as_str()) {
            let message = format!("`{}` is declared twice: as {other} and as {noun}", name.text);
            let finding = Finding::error(DECLARED_TWICE.code, name.span, message, "again here");
            out.push(finding.with_place(place.span, "first here"));
        } else {
            first.insert(&name.text, (noun, name));
        }
    }
}

/// Says so when two statuses or two reasons have one name on the wire.
fn wires(table: &TableDecl, out: &mut Findings) {
    let statuses = table.statuses.iter().flat_map(|named| &named.entries);
    let statuses = statuses.map(|it| (&it.name, it.value.as_ref().and_then(|decl| decl.wire.as_ref())));
    sent_once(statuses, "status", out);
    let reasons = table.reasons.iter().flat_map(|named| &named.entries);
    let reasons = reasons.map(|it| (&it.name, it.value.as_ref().and_then(|decl| decl.wire.as_ref())));
    sent_once(reasons, "reason", out);
}

fn sent_once<'t>(names: impl Iterator<Item = (&'t Text, Option<&'t Text>)>, noun: &str, out: &mut Findings) {
    // A name of a wrong form is reported as that, and is perhaps another one in other letters.
    let names: Vec<_> = names.filter(|(name, _)| spelling::is_name(&name.text, &['_', '-'])).collect();
    for (at, (name, wire)) in names.iter().enumerate() {
        let sent = wire.unwrap_or(name);
        if sent.text.len() > LENGTH_MAX {
            let message = format!("{noun} `{}` is sent under a name of more than {LENGTH_MAX} bytes", name.text);
            let finding = Finding::error(INVALID_NAME.code, sent.span, message, "too long for a name");
            out.push(finding.with_help("choose a shorter name"));
        }
        let before = names[..at].iter().map(|(name, wire)| (name, wire.unwrap_or(name)));
        // Without `wire:`, the name itself is declared twice, which is reported as that.
        let same = before.into_iter().find(|(other, known)| known.text == sent.text && other.text != name.text);
        if let Some((other, known)) = same {
            let message =
                format!("{noun} `{}` and {noun} `{}` are sent under one name, `{}`", other.text, name.text, sent.text);
            let finding = Finding::error(DECLARED_TWICE.code, sent.span, message, "nothing tells them apart");
            out.push(finding.with_place(known.span, "the same here").with_help("give one of them another name"));
        }
    }
}

/// Judges reserved names. They are names as clients saw them, and what is sent may be any word.
fn seen_by_clients(names: &[&Text], out: &mut Findings) {
    for name in names.iter().filter(|name| !name.lacks_quotes()) {
        let problem = match name.text.as_str() {
            "" => "an empty text is no name that a client can have seen",
            text if text.len() > LENGTH_MAX => "this is too long for a name",
            text if text.contains(char::is_control) => "a name has no control characters",
            _ => continue,
        };
        let finding = Finding::error(INVALID_NAME.code, name.span, "a reserved name cannot be a name", problem);
        out.push(finding.with_help("write the name that clients saw"));
    }
}

/// The declarations whose names have the form of a name. One that has not is reported as that, and is perhaps another one
/// in other letters.
pub(super) fn well_named<T>(named: Option<&Named<T>>) -> impl Iterator<Item = &Declared<T>> {
    let entries = named.into_iter().flat_map(|named| &named.entries);
    entries.filter(|declared| spelling::is_name(&declared.name.text, &['_']))
}

/// Says so when two messages have one number.
fn numbers(table: &TableDecl, out: &mut Findings) {
    let mut first: BTreeMap<u16, (&str, Span)> = BTreeMap::new();
    for message in well_named(table.messages.as_ref()) {
        let Some(number) = message.value.as_ref().and_then(|decl| decl.number) else { continue };
        if let Some((other, place)) = first.get(&number.value) {
            let text = format!("messages `{other}` and `{}` have the same number", message.name.text);
            let finding = Finding::error(NUMBER_TWICE.code, number.span, text, "taken already");
            out.push(finding.with_place(*place, "taken here"));
        } else {
            first.insert(number.value, (&message.name.text, number.span));
        }
    }
}

/// Says so when two triggers are the same command with the same arguments.
fn commands(table: &TableDecl, out: &mut Findings) {
    let mut first = BTreeMap::new();
    for trigger in well_named(table.triggers.as_ref()) {
        let Some(decl) = &trigger.value else { continue };
        let Some(command) = &decl.command else { continue };
        if decl.with.as_ref().is_some_and(|with| !with.readable) {
            continue;
        }
        let arguments = decl.with.iter().flat_map(|with| &with.entries);
        let argument = |argument: &crate::declare::Declared<crate::declare::Argument>| {
            (argument.name.text.clone(), argument.value.as_ref().map(|value| value.0.text.clone()))
        };
        let mut arguments: Vec<_> = arguments.map(argument).collect();
        arguments.sort();
        if let Some((other, place)) = first.get(&(&command.text, arguments.clone())) {
            let message = format!("triggers `{other}` and `{}` are the same command", trigger.name.text);
            let finding = Finding::error(COMMAND_TWICE.code, command.span, message, "nothing tells them apart");
            out.push(
                finding.with_place(*place, "the same here").with_help("tell them apart by `with: { argument: value }`"),
            );
        } else {
            first.insert((&command.text, arguments), (trigger.name.text.as_str(), command.span));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_machine_is_named_like_a_part_of_the_generated_code() {
        for name in GENERATED.iter().chain(KEYWORDS) {
            let text = format!("format: 1\nmachine: m\nmachines:\n  {name}: {{ doc: d }}\n");
            let loaded = crate::load(&text);
            assert!(loaded.findings.iter().any(|finding| finding.code == RESERVED.code), "{name}");
        }
    }
}
