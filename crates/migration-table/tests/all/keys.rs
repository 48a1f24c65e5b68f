//! Every key of the format: one table uses each as it is meant, and is silent; each value, spoiled, is found where it
//! stands.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use migration_table::{Style, load, render};
use serde_json::Value;

const ALL: &str = include_str!("../fixtures/keys/all.yaml");
const SCHEMA: &str = include_str!("../../../../docs/states.schema.json");

/// A key, a piece of the table in which it stands, and the same with a value that is wrong.
type Spoiled = (&'static str, &'static str, &'static str);

/// Values of another type than the key needs, or words that it does not know.
const WRONG_VALUE: &[Spoiled] = &[
    ("format", "format: 1", "format: one"),
    ("machine", "machine: every-key", "machine: Every Key"),
    ("statuses", "statuses:\n", "statuses: [none]\nmore_statuses:\n"),
    ("deprecated_for", "deprecated_for: 3", "deprecated_for: 0"),
    ("since", r#"since: "1.1""#, "since: 1.1"),
    ("deprecated", r#"deprecated: { since: "1.1", use: paused }"#, "deprecated: true"),
    ("use", "use: paused", "use: [paused]"),
    ("renamed_from", "renamed_from: asleep", "renamed_from: [asleep]"),
    ("was", "was: command", "was: event"),
    ("removed", r#"removed: "1.1""#, "removed: soon"),
    ("channel", "channel: poll", "channel: polls"),
    ("unknown", "unknown: skip, repeat", "unknown: true, repeat"),
    ("repeat", "repeat: see", "repeat: hear"),
    ("gate", "gate: false", "gate: open"),
    ("ends", "ends: [done, failed]", "ends: []"),
    ("after", "after: migrate_cancel", "after: [migrate_cancel]"),
    ("markers", "markers:\n", "markers: lively\n    groups_too:\n"),
    ("initially", "initially: true, set_in", "initially: never, set_in"),
    ("reconnects", "reconnects: true", "reconnects: again"),
    ("set_in", "set_in: [failed, resting]", "set_in: { failed: true }"),
    ("cleared_in", "cleared_in: stopping", "cleared_in: stoping"),
    ("guard", "guard: busy,", "guard: bussy,"),
    ("operator", "operator:\n", "operator: [me]\nmore_acts:\n"),
    ("sets", "sets: lively", "sets: living"),
    ("properties", "properties:\n", "properties: [safe]\nmore_properties:\n"),
    ("never", "never: source.done and source.lively", "never: [source.done]"),
    ("at_most_one", "at_most_one: lively", "at_most_one: [lively]"),
    ("until", "until: source begins", "until: true"),
    ("first", "first: source sends hello", "first: 1"),
    ("then", "then: destination enters loading", "then: [loading]"),
    ("whenever", "whenever: source begins", "whenever: [source]"),
    ("eventually", "eventually: source.idle", "eventually: { source: idle }"),
    ("waiting", "waiting: source.paused", "waiting: true"),
    ("possible", "possible: source.done", "possible: true"),
    ("class", "class: DeviceNotActive", "class: NotActive"),
    ("doc", r#"doc: "waits for the user" }"#, "doc: true }"),
    ("allow", r#"allow: { T0203: "clients know it" }"#, "allow: T0203"),
    ("command", "command: migrate_cancel", "command: [migrate_cancel]"),
    ("with", r#"with: { resume: true, tries: 2, mode: "quick" }"#, "with: resume"),
    ("with", "resume: true, tries: 2", r#"resume: "true", tries: "2""#),
    ("expects", "expects: state", "expects: 1"),
    ("needs", "needs: [patient, cautious]", "needs: { patient: true }"),
    ("veto", r#"veto: "a bad address""#, "veto: true"),
    ("rare", "rare: true", "rare: seldom"),
    ("outside", "outside: true", "outside: often"),
    ("timer", "timer: { event: silent, after_ms: 600000 }", "timer: 600000"),
    ("carries", "carries: cause, rare", "carries: reason, rare"),
    ("capability", "capability: patient", "capability: [patient]"),
    ("parameter", "parameter: mode", "parameter: 7"),
    ("is", "is: cautious", "is: [cautious]"),
    ("fixed", "parameter: keys, fixed: true", "parameter: keys, fixed: always"),
    ("number", "number: 1", "number: 0"),
    ("doc", r#"doc: "the connection to the peer""#, "doc: {}"),
    ("precedence", "precedence: [broken, silent]", "precedence: { first: broken }"),
    ("happy_path", "happy_path: [none, active, stopping, done]", "happy_path: true"),
    ("groups", "resting: [none, done, failed]", "resting: { none: true }"),
    ("kind", "kind: wait,    shows: paused", "kind: waits,   shows: paused"),
    ("initial", "initial: false", "initial: 0"),
    ("holds", "holds: [channels], timeout: { event: silent, after_ms: 30000 }, doc: \"moves", "holds: 1, doc: \"moves"),
    ("timeout", "timeout: { event: silent, after_ms: 30000 }, doc: \"moves", "timeout: silent, doc: \"moves"),
    ("after_ms", "after_ms: 30000 }, doc: \"moves", "after_ms: 30s }, doc: \"moves"),
    ("when", "when: start", "when: start and"),
    ("public", "to: loading, public: false", "to: loading, public: never"),
    ("drops", "drops: [go_on]", "drops: true"),
    ("sends", "sends: [hello]", "sends: { hello: 1 }"),
    ("answer", "answer: ignore", "answer: pass"),
    ("because", r#"because: "nothing waits for that""#, "because: [nothing]"),
    ("transitions", "transitions:\n      - { from: idle,", "transitions: none\n    more:\n      - { from: idle,"),
    ("qmp", "qmp: { event: MOVE,", "qmp: [MOVE]\nmore: { event: MOVE,"),
    ("member", "member: state, query", "member: [state], query"),
    ("query", "query: query-move", "query: 7"),
    ("reasons", "reasons:\n", "reasons: [trouble]\nmore_reasons:\n"),
    ("wire", "wire: \"Stopping\"", "wire: [Stopping]"),
    ("reason", "reason: why", "reason: [why]"),
    ("classes", "classes: [GenericError, DeviceNotActive]", "classes: { GenericError: true }"),
    ("subjects", "subjects: [id, job-id]", "subjects: { id: true }"),
];

/// Names that nothing is declared under, or that stand for something else than is needed.
const WRONG_NAME: &[Spoiled] = &[
    ("allow", "T0203:", "T9999:"),
    ("needs", "needs: [patient, cautious]", "needs: [patient, moved]"),
    ("from", "from: source, to: destination", "from: origin, to: destination"),
    ("to", "from: destination, to: source", "from: destination, to: destination"),
    ("unsent", "unsent: broken", "unsent: brocken"),
    ("unsent", "unsent: broken", "unsent: cancel"),
    ("precedence", "precedence: [broken, silent]", "precedence: [broken, quiet]"),
    ("happy_path", "happy_path: [none, active, stopping, done]", "happy_path: [none, resting, stopping, don]"),
    ("groups", "running: [active, paused]", "running: [active, pausing]"),
    ("shows", "shows: paused", "shows: pausing"),
    ("holds", "holds: [channels], doc: \"releases everything\"", "holds: [silent], doc: \"releases everything\""),
    ("event", "event: silent, after_ms: 30000 }, doc: \"moves", "event: hello, after_ms: 30000 }, doc: \"moves"),
    ("from", "from: paused,", "from: pauses,"),
    ("to", "to: loading, public: false", "to: resting, public: false"),
    ("when", "when: go_on and not busy", "when: go_on and not bussy"),
    ("when", "when: hello", "when: sorry"),
    ("reason", "reason: by-user", "reason: by-users"),
    ("drops", "drops: [go_on]", "drops: [moved]"),
    ("sends", "sends: [hello]", "sends: [sorry]"),
    ("sends", "sends: [sorry]", "sends: [sory]"),
    ("use", "use: paused", "use: pausing"),
    ("use", "use: migrate", "use: migrate_on"),
    ("renamed_from", "renamed_from: go,", "renamed_from: going,"),
    ("after", "after: migrate_cancel", "after: cancel"),
    ("ends", "ends: [done, failed]", "ends: [done, stopping]"),
    ("before", "before: done", "before: dun"),
    ("comes", "comes: active", "comes: moved"),
    ("in", "in: [idle, cleanup], trigger: cancel", "in: [idle, clean], trigger: cancel"),
    ("trigger", "trigger: await", "trigger: waits"),
    ("except", "except: idle, trigger: await", "except: idles, trigger: await"),
];

/// Keys that hold whole declarations: each is spoiled by being left out.
const LEFT_OUT: &[Spoiled] = &[
    ("triggers", "triggers:\n", "trigers:\n"),
    ("events", "events:\n", "evnts:\n"),
    ("guards", "guards:\n", "guard:\n"),
    ("messages", "messages:\n", "mesages:\n"),
    ("resources", "resources:\n", "ressources:\n"),
    ("reserved", "reserved:\n", "reserve:\n"),
    ("observers", "observers:\n", "observer:\n"),
    ("guarantees", "guarantees:\n", "guarantee:\n"),
    ("machines", "machines:\n", "machins:\n"),
    ("states", "    states:\n", "    sates:\n"),
    ("answers", "    answers:\n", "    answer:\n"),
];

fn all() -> impl Iterator<Item = &'static Spoiled> {
    [WRONG_VALUE, WRONG_NAME, LEFT_OUT].into_iter().flatten()
}

#[test]
fn a_value_that_is_wrong_is_found_where_it_stands() {
    let mut shown = String::new();
    for (key, right, wrong) in all() {
        let at = ALL.find(right).unwrap_or_else(|| panic!("`{right}` is not in the table"));
        let text = format!("{}{wrong}{}", &ALL[..at], &ALL[at + right.len()..]);
        let findings = load(&text).findings;
        let is_here =
            |line: usize| (text[..at].lines().count()..=text[..at + wrong.len()].lines().count()).contains(&line);
        assert!(findings.iter().any(|finding| is_here(finding.span.line)), "{key}: {wrong}: {findings:#?}");
        let plain = render(&findings, &text, "all.yaml", Style::Plain);
        writeln!(shown, "=== {key}: `{}`\n\n{}\n", wrong.trim().replace('\n', "⏎"), plain.trim_end()).unwrap();
    }
    insta::assert_snapshot!(shown);
}

/// The schema lists the keys; a new one needs its place in the table above, and a value that is wrong.
#[test]
fn every_key_is_shown_as_it_is_meant_and_spoiled() {
    let mut keys = BTreeSet::new();
    properties(&serde_json::from_str(SCHEMA).unwrap(), &mut keys);
    assert!(keys.len() > 40, "{keys:?}");
    for key in &keys {
        let is_used = ALL.match_indices(&format!("{key}:")).any(|(at, _)| !ALL[..at].ends_with(char::is_alphanumeric));
        assert!(is_used, "`{key}` is not used in `fixtures/keys/all.yaml`");
        assert!(all().any(|(spoiled, ..)| spoiled == key), "no value of `{key}` is spoiled in `keys.rs`");
    }
}

/// The keys of every mapping that the schema describes.
fn properties(schema: &Value, keys: &mut BTreeSet<String>) {
    match schema {
        Value::Object(entries) => {
            for (name, value) in entries {
                if let ("properties", Value::Object(own)) = (name.as_str(), value) {
                    // `properties` is a key of the format as well.
                    keys.extend(own.keys().cloned());
                    own.values().for_each(|own| properties(own, keys));
                } else {
                    properties(value, keys);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| properties(value, keys)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
