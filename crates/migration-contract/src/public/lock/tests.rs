//! What is written is read back, and nothing else is.

mod damaged;
mod hostile;

use std::collections::BTreeMap;

use super::*;
use crate::public::project;
use crate::public::{AT_ANY_TIME, Public, PublicGuarantee, PublicName, PublicObserver, Term};
use crate::testing::random;
use migration_table::model::{Anchor, Channel, Promise, Repeat, Unknown, Was};
use migration_table::testing::load;

const STATES: &str = include_str!("../../../../../states.yaml");

/// A small machine with a setting.
const SMALL: &str = r#"
format: 1
machine: small
statuses:
  none:   { since: "1.0", doc: "nothing" }
  active: { since: "1.0", doc: "something" }
  paused: { since: "1.2", doc: "waits" }
triggers:
  go:   { command: go, doc: "begin" }
  stop: { command: go, with: { stop: true }, doc: "end" }
events:
  done: { doc: "the work is done" }
guards:
  pause: { capability: pause, fixed: true, doc: "wait in between" }
machines:
  worker:
    doc: "works"
    states:
      none:   { kind: idle, shows: none, initial: true, doc: "nothing" }
      active: { kind: work, shows: active, doc: "something" }
      paused: { kind: wait, shows: paused, doc: "waits" }
    transitions:
      - { from: none,   when: go,                 to: active, public: true }
      - { from: active, when: done and not pause, to: none,   public: true }
      - { from: active, when: done and pause,     to: paused, public: true }
      - { from: paused, when: stop,               to: none,   public: true }
      - { from: paused, when: done,               to: none,   public: true }
    answers:
      - { in: [work, wait],  trigger: go,   answer: refuse, because: "it is at work", class: DeviceNotActive }
      - { in: [none, active], trigger: stop, answer: ignore }
"#;

fn lock(text: &str) -> String {
    write(&project(&load(text)).unwrap())
}

fn check(public: &Public) {
    let text = write(public);
    assert_eq!(read(&text).as_ref(), Ok(public), "{text}");
    assert!(text.ends_with("\n\nend\n"));
}

#[test]
fn a_lock_is_read_by_people() {
    insta::assert_snapshot!(lock(SMALL));
}

#[test]
fn what_is_written_of_a_table_is_read_back() {
    for text in [
        STATES,
        SMALL,
        include_str!("../../../../../tests/tables/qemu-9.0.yaml"),
        include_str!("../../../../../tests/tables/qemu-9.1.yaml"),
        include_str!("../../../../../tests/tables/qemu-10.0.yaml"),
        include_str!("../../../../../tests/tables/qemu-10.2.yaml"),
        include_str!("../../../../../tests/tables/qemu-11.0.yaml"),
    ] {
        check(&project(&load(text)).unwrap());
    }
}

#[test]
fn what_is_written_of_random_machines_is_read_back() {
    let mut telling = 0;
    for seed in 0..2000 {
        let public = project(&random(seed)).unwrap();
        check(&public);
        telling += usize::from(write(&public).contains("\nquery "));
    }
    assert!(telling > 100, "{telling}");
}

#[test]
fn a_query_tells_something_or_has_no_line() {
    let publics = (0..2000).map(|seed| project(&random(seed)).unwrap());
    let mut texts = publics.map(|public| write(&public)).filter(|text| text.contains("\nquery "));
    let text = texts.find(|text| text.contains("\ncase always\n")).unwrap();
    let line = text.lines().find(|line| line.starts_with("query ")).unwrap();
    let (name, _) = line["query ".len()..].split_once(": ").unwrap();
    let status = name.split(['#', '+']).next().unwrap();
    let rests = if text.lines().any(|line| line.starts_with(&format!("at {name}: rests"))) { " rests" } else { "" };
    let refused = |new: String| {
        let error = read(&text.replace(line, &new)).unwrap_err();
        assert!(error.to_string().contains("a query that tells nothing"), "{new}: {error}");
    };
    refused(format!("query {name}: {status} -> {name}{rests}"));
    // No query tells of a status that the state does not show.
    let others = text.lines().filter_map(|line| line.strip_prefix("status ")?.split(' ').next());
    let other = others.into_iter().find(|other| !name.contains(*other)).unwrap();
    refused(line.replacen(&format!(": {status}"), &format!(": {other}"), 1));
    let error = read(&text.replace(line, &format!("{line}\n{line}"))).unwrap_err();
    assert!(error.to_string().contains("said before"), "{error}");
}

/// Every kind of promise, with names that would be something else without quotes.
fn odd() -> Public {
    let name = |since: &str| PublicName { since: Some(since.to_owned()), ..PublicName::default() };
    let mut public = project(&load(SMALL)).unwrap();
    public.table = "when \"odd\" \\ \n\u{7f} names -> come".to_owned();
    let names = ["", "and", "a b", "end", "#", "-", "a->b", "<<<<<<<", "\u{202e}", "status", "ä"];
    public.statuses.extend(names.map(|text| (text.to_owned(), name("since"))));
    let old =
        PublicName { deprecated: Some("2.0".to_owned()), renamed_from: Some("gone by".to_owned()), ..name("1.1") };
    public.commands.insert("resume x=\"y\"".to_owned(), old);
    public.settings.insert("not".to_owned());
    let argument = (Term::Argument("go stop=true".to_owned()), "when".to_owned());
    let setting = (Term::Setting("a=*".to_owned()), AT_ANY_TIME.to_owned());
    let of_qmp = [Term::Event, Term::Member, Term::Reason, Term::Query, Term::Capability];
    public.terms =
        of_qmp.into_iter().map(|term| (term, "setting \"x\"".to_owned())).chain([argument, setting]).collect();
    public.deprecated_for = 7;
    let all = |channel, gate| PublicObserver { channel, unknown: Unknown::Fail, repeat: Repeat::See, gate };
    let some = PublicObserver { channel: Channel::Poll, unknown: Unknown::Skip, repeat: Repeat::Skip, gate: false };
    let observers = [("a b", some), ("gate", all(Channel::Events, true)), ("or", all(Channel::Poll, false))];
    public.observers = observers.map(|(name, observer)| (name.to_owned(), observer)).into();
    for was in [Was::Status, Was::Reason, Was::Command, Was::Capability] {
        public.reserved.insert((was, "removed".to_owned()), "removed".to_owned());
    }
    let text = str::to_owned;
    let ends = vec![text("after"), text("ends")];
    let promises = [
        Promise::Before { before: text("after"), comes: text("unless") },
        Promise::Before { before: text("x"), comes: text("y") },
        Promise::Ends { after: Anchor::Command(text("go stop=true")), ends: ends.clone() },
        Promise::Ends { after: Anchor::Status(text("ends")), ends },
    ];
    let promises = promises.into_iter().zip(["a", "b", "c", "not"]);
    let promise = |(promise, name)| (text(name), PublicGuarantee { machine: text("of"), promise });
    public.guarantees = promises.map(promise).collect::<BTreeMap<_, _>>();
    public
}

#[test]
fn odd_names_and_every_promise_are_read_back() {
    check(&odd());
}

#[test]
fn one_more_state_changes_lines_about_it_and_no_others() {
    let more = SMALL
        .replace("  paused: { since", "  device: { since: \"1.3\", doc: \"in between\" }\n  paused: { since")
        .replace(
            "      paused: { kind",
            "      device: { kind: work, shows: device, doc: \"in between\" }\n      paused: { kind",
        )
        .replace("when: done and pause,     to: paused", "when: done and pause, to: device")
        .replace(
            "      - { from: paused,",
            "      - { from: device, when: done, to: paused, public: true }\n      - { from: paused,",
        )
        .replace("[none, active]", "[none, active, device]");
    let (before, after) = (lock(SMALL), lock(&more));
    let gone: Vec<&str> = before.lines().filter(|line| !after.lines().any(|other| other == *line)).collect();
    assert_eq!(gone, ["after active -> paused when pause", "on active: !paused -> paused when pause"]);
    let new: Vec<&str> = after.lines().filter(|line| !before.lines().any(|other| other == *line)).collect();
    assert!(new.iter().all(|line| line.contains("device")), "{new:#?}");
}

#[test]
fn what_is_only_internal_changes_nothing() {
    let more = SMALL
        .replace(
            "      paused: { kind",
            "      second: { kind: work, shows: active, doc: \"more\" }\n      paused: { kind",
        )
        .replace("[none, active]", "[none, active, second]")
        .replace("to: active, public", "to: second, public")
        .replace(
            "      - { from: paused,",
            "      - { from: second, when: done, to: active }\n      - { from: paused,",
        );
    assert_eq!(lock(SMALL), lock(&more));
}
