//! What clients of QEMU have lived through: its releases compared as if their public side had been frozen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use migration_contract::compare::{Change, Headline, Level, Report, compare};
use migration_contract::public::{Label, Public, PublicName, Reply, project};
use migration_table::read;

/// The steps from one release to the next of which there is a table.
const STEPS: [(&str, &str); 4] = [("9.0", "9.1"), ("9.1", "10.0"), ("10.0", "10.2"), ("10.2", "11.0")];

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn public(text: &str) -> Public {
    let table = read(text);
    let table = table.table.unwrap_or_else(|| panic!("the table cannot be resolved: {:#?}", table.findings));
    project(&table).expect("the tables here are small")
}

fn release(name: &str) -> Public {
    public(&text(&file(&format!("tables/qemu-{name}.yaml"))))
}

/// The verdicts and the findings, a line each. What a step did to clients is looked at by a person when it changes.
///
/// How to read it against what is known of these releases:
///
/// - 9.0 to 9.1 added `postcopy-recover-setup` between `postcopy-paused` and `postcopy-recover`: it breaks who knows all
///   statuses. Who passes over it is shown `postcopy-paused` a second time when the reconnection fails: a client that
///   acts on each event recovers twice. One to which a repeat is nothing does not notice.
/// - 9.1 to 10.0 passes through `device` always. No name is new, and it breaks everybody, those who ask as well: the
///   step that broke COLO. It is the only one of which a list of changed names shows nothing.
/// - 10.0 to 10.2 added `postcopy-device` and 10.2 to 11.0 added `failing`: they break who fails at what it does not
///   know. What else is found there is about commands, about endings and about the destination, which a comparison of
///   the statuses of the source alone cannot show.
#[test]
fn each_step_is_told() {
    for (before, after) in STEPS {
        let report = compare(&release(after), &release(before)).expect("the tables here are small");
        assert_eq!(known(after, &report), Ok(()));
        insta::assert_snapshot!(format!("api_{}_to_{}", before, after).replace('.', "_"), told(&report));
    }
}

/// What is known of these releases comes out.
fn known(after: &str, report: &Report) -> Result<(), String> {
    let is = |rule: &str, subject: &str, breaks: &[&str]| {
        let found = broken_by(report, rule, subject);
        if found == breaks { Ok(()) } else { Err(format!("{rule}: {subject} breaks {found:?}")) }
    };
    match after {
        "9.1" => {
            is("status-added", "postcopy-recover-setup", &["E!", "P!"])?;
            is("event-duplicated", "postcopy-paused", &["E"])
        }
        "10.0" => is("event-new-successor", "active -> device", &["E", "E!", "El", "P", "P!"]),
        "10.2" => is("status-added", "postcopy-device", &["E!", "P!"]),
        "11.0" => is("status-added", "failing", &["E!", "P!"]),
        other => Err(format!("nothing is said of {other}")),
    }
}

fn told(report: &Report) -> String {
    let mut out = String::new();
    for machine in report.verdicts.iter().map(|verdict| &verdict.machine).collect::<BTreeSet<_>>() {
        let verdicts = report.verdicts.iter().filter(|verdict| verdict.machine == *machine);
        let words = verdicts.map(|verdict| {
            let lives = if verdict.compatible { "lives" } else { "breaks" };
            format!("{} {} {lives}", verdict.observer, verdict.headline.name())
        });
        writeln!(out, "{machine}: {}", words.collect::<Vec<_>>().join(", ")).expect("a text grows");
    }
    for change in &report.changes {
        let breaks: Vec<&str> = change.breaks.iter().map(String::as_str).collect();
        let breaks = if breaks.is_empty() { String::new() } else { format!("\n    breaks {}", breaks.join(", ")) };
        let steps: Vec<String> = change
            .evidence
            .iter()
            .map(|step| {
                let rest = || "(nothing more)".to_string();
                let change = || step.changes().map_or_else(rest, |change| format!("set {change}"));
                let word = step.label.as_ref().map_or_else(change, word);
                if step.assumed { format!("[{word}]") } else { word }
            })
            .collect();
        let steps = if steps.is_empty() { String::new() } else { format!("\n    {}", steps.join(", ")) };
        writeln!(out, "\n{} {}{breaks}{steps}", change.level.name(), change.key()).expect("a text grows");
    }
    out
}

fn word(label: &Label) -> String {
    match label {
        Label::Event(shown) => shown.to_string(),
        Label::Reply(command, Reply::Success) => format!("?{command}"),
        Label::Reply(command, Reply::Error(class)) => format!("?{command} {class}"),
    }
}

fn broken_by<'r>(report: &'r Report, rule: &str, subject: &str) -> Vec<&'r str> {
    let found: Vec<&Change> =
        report.changes.iter().filter(|change| change.rule == rule && change.subject == subject).collect();
    assert_eq!(found.len(), 1, "{rule}: {subject}");
    found[0].breaks.iter().map(String::as_str).collect()
}

/// A machine whose attempt ends at once when its work fails.
const FAILS_AT_ONCE: &str = r#"
format: 1
machine: small
statuses:
  none:      { since: "1.0", doc: "nothing was ever sent" }
  active:    { since: "1.0", doc: "memory is being moved" }
  completed: { since: "1.0", doc: "the guest is elsewhere" }
  failed:    { since: "1.0", doc: "the guest is still here" }
observers:
  libvirt_events: { channel: events, unknown: skip, repeat: skip, doc: "logs a status that it does not know" }
  libvirt_query:  { channel: poll, unknown: fail, doc: "fails at a status that it does not know" }
triggers:
  migrate: { command: migrate, doc: "move the guest" }
events:
  moved:  { doc: "everything is moved" }
  broken: { carries: cause, doc: "the work cannot go on" }
  closed: { doc: "everything is released" }
machines:
  source:
    doc: "the side that sends"
    precedence: [broken]
    states:
      none:      { kind: idle, shows: none, initial: true, doc: "nothing was ever sent" }
      active:    { kind: work, shows: active, doc: "moves memory" }
      closing:   { kind: cleanup, shows: active, doc: "releases everything" }
      completed: { kind: idle, shows: completed, doc: "the guest is elsewhere" }
      failed:    { kind: idle, shows: failed, doc: "the guest is still here" }
    transitions:
      - { from: idle,    when: migrate, to: active, public: true }
      - { from: active,  when: moved,   to: closing }
      - { from: closing, when: closed,  to: completed, public: true }
      - { from: active,  when: broken,  to: failed, public: true }
    answers:
      - { in: [work, cleanup], trigger: migrate, answer: refuse, because: "it is under way" }
"#;

/// The change that the whole project is about: a state in which an error was seen and clean-up runs.
fn with_failing(shows: &str, flag: &str) -> String {
    let state = format!("      failing:   {{ kind: cleanup, shows: {shows}, doc: \"cleans up\" }}\n      completed:");
    let rows = format!(
        "      - {{ from: active,  when: broken,  to: failing{flag} }}\n      \
         - {{ from: failing, when: closed, to: failed, public: true }}\n"
    );
    let text = FAILS_AT_ONCE.replacen("      completed:", &state, 1);
    text.replace("      - { from: active,  when: broken,  to: failed, public: true }\n", &rows)
}

#[test]
fn an_internal_state_that_shows_what_was_shown_changes_nothing() {
    let report = compare(&public(&with_failing("active", "")), &public(FAILS_AT_ONCE)).expect("it is small");
    assert_eq!((report.headline, report.changes.as_slice()), (Headline::Identical, [].as_slice()));
}

#[test]
fn a_status_for_it_is_felt_by_who_asks_and_not_by_who_is_told() {
    let new = with_failing("failing", ", public: true");
    let new = new.replacen(
        "  failed:    {",
        "  failing:   { since: \"1.1\", doc: \"an error was seen\" }\n  failed:    {",
        1,
    );
    let report = compare(&public(&new), &public(FAILS_AT_ONCE)).expect("it is small");
    assert_eq!(
        report.changes.iter().map(|change| change.key().to_string()).collect::<Vec<_>>(),
        ["status-added: failing"]
    );
    assert_eq!(broken_by(&report, "status-added", "failing"), ["E!", "P!", "libvirt_query"]);
    assert_eq!(report.changes[0].level, Level::Break);
    assert!(report.is_compatible("libvirt_events") && !report.is_compatible("libvirt_query"));
}

/// The names that each release had, read off its sources.
#[test]
fn the_vocabulary_of_every_release_is_followed() {
    let history = text(&file("data/migration-status-history.json"));
    let history: Vec<serde_json::Value> = serde_json::from_str(&history).expect("a list of releases");
    let names = |release: &serde_json::Value, key: &str| -> Vec<String> {
        let list = release[key].as_array().expect("a list of names");
        list.iter().map(|name| name.as_str().expect("a name").to_string()).collect()
    };
    let vocabulary = |statuses: &[String]| {
        let mut public = public(FAILS_AT_ONCE);
        (public.machines, public.commands, public.observers) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        public.statuses = statuses.iter().map(|name| (name.clone(), PublicName::default())).collect();
        public
    };
    assert_eq!(history.len(), 34);
    let mut old = vocabulary(&[]);
    for release in &history {
        let new = vocabulary(&names(release, "members"));
        let report = compare(&new, &old).expect("names alone are few");
        let found = |rule: &str| -> BTreeSet<String> {
            report.changes.iter().filter(|change| change.rule == rule).map(|change| change.subject.clone()).collect()
        };
        assert_eq!(found("status-added"), names(release, "added").into_iter().collect(), "{}", release["version"]);
        assert_eq!(found("status-removed"), names(release, "removed").into_iter().collect(), "{}", release["version"]);
        let is_same = report.headline == Headline::Identical;
        assert_eq!(is_same, names(release, "added").is_empty() && names(release, "removed").is_empty());
        old = new;
    }
}
