//! Two tables in the page: what has changed, what clients notice of it, what the checks say, and where that is in the
//! pictures.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

use migration_contract::load;
use migration_replay::walk::{Action, Walker};
use migration_table::model::Table;
use serde_json::{Value, json};

use super::super::run::{commit, states, table as written, xtask};
use super::browser::Browser;
use super::scripts::{Page, whole};

const SIDE: &str = "document.getElementById('side').innerText";

/// What a picture of changes colours.
const COLOURED: &str = "document.querySelectorAll('.canvas .good, .canvas .bad, .canvas .seen, .canvas .mark').length";

/// The table with a row that clients of events notice: a cancel can fail.
pub(super) fn changed() -> String {
    let before = "      - { from: cancelling,     when: cleaned_up,";
    let row = "      - { from: cancelling, when: failed, to: failing, public: true }\n";
    let text = states().replacen(before, &format!("{row}{before}"), 1);
    assert_ne!(text, states());
    text
}

/// What `api diff` says of two tables, as JSON.
fn api_diff(old: &str, new: &str) -> Value {
    let run = xtask(&["api", "diff", old, new, "--format", "json"]).ended(1);
    serde_json::from_str(&run.stdout).expect("it is JSON")
}

#[test]
fn what_has_changed_is_shown_with_both_sides() {
    let changed = states()
        .replacen(
            "completing:     { kind: cleanup, shows: device, ",
            "completing:     { kind: cleanup, shows: completed, ",
            1,
        )
        .replacen("from: active,         when: converged, ", "from: active, when: converged or loaded, ", 1);
    assert!(
        changed.contains("shows: completed, ") && changed.contains("converged or loaded"),
        "both are there to change"
    );
    let (_directory, path) = written(&changed);
    let page = Page::new(&["--table", &path, "--against", &whole("states.yaml")]);
    let Some(mut browser) = page.show("tab=changes") else { return };
    let text = browser.text(SIDE);
    for part in ["shows: device before, completed now", "active \u{2192} stopping when loaded"] {
        assert!(text.contains(part), "`{part}` is missing from:\n{text}");
    }
    assert!(browser.evaluate(COLOURED).as_u64() > Some(1), "what has changed is marked");
    let same = Page::new(&["--against", &whole("states.yaml")]);
    browser.open(&same.url("tab=changes"));
    let text = browser.text(SIDE);
    for part in ["Nothing has changed", "No client notices anything", "What the check finds\n\nNothing."] {
        assert!(text.contains(part), "`{part}` is missing from:\n{text}");
    }
    assert_eq!(browser.evaluate(COLOURED), 0, "nothing is coloured");
}

/// The page says what `api diff` says, each finding with its evidence, and shows the rows that make them.
#[test]
fn what_clients_notice_is_shown_with_its_evidence() {
    let (_directory, path) = written(&changed());
    let told = api_diff(&whole("states.yaml"), &path);
    let page = Page::new(&["--table", &path, "--against", &whole("states.yaml")]);
    let Some(mut browser) = page.show("tab=changes") else { return };
    let verdict = browser.text("document.getElementById('api').innerText");
    assert!(verdict.contains("Clients that are promised compatibility cannot live with this"), "{verdict}");
    let findings = told["findings"].as_array().expect("a list");
    assert!(findings.len() > 1, "{told}");
    let shown =
        browser.evaluate("document.querySelectorAll('[aria-label=\"Findings of the API check\"] .finding').length");
    assert_eq!(shown, findings.len());
    let texts = "[...document.querySelectorAll('[aria-label=\"Findings of the API check\"] .finding')].map((it) => it.textContent)";
    let texts = browser.evaluate(texts);
    for finding in findings {
        let message = finding["message"].as_str().expect("a text").replace('`', "");
        let rule = finding["rule"].as_str().expect("a text");
        let evidence = finding["evidence"].as_array().expect("a list").iter();
        let evidence: Vec<&str> = evidence.filter_map(|step| step["name"].as_str()).collect();
        let is_it = |text: &Value| {
            let text = text.as_str().expect("a text");
            let (_, mut rest) = text.split_once(&message).unwrap_or_default();
            let follows = |name: &&str| rest.split_once(*name).map(|(_, after)| rest = after).is_some();
            text.contains(rule) && text.contains(&message) && evidence.iter().all(follows)
        };
        assert!(texts.as_array().is_some_and(|texts| texts.iter().any(is_it)), "{rule}: {message}: {evidence:?}");
    }
    pointing_shows_the_row(&mut browser);
    evidence_is_walked(&mut browser);
}

/// What is pointed at or focused has its row in the picture, and so has what is chosen, and it can be seen there.
fn pointing_shows_the_row(browser: &mut Browser) {
    let show = "[...document.querySelectorAll('.finding button')].find((it) => it.textContent === 'Show the row')";
    let pointed = "document.querySelectorAll('.arrow.pointed').length";
    let widest = |class: &str| {
        format!(
            "Math.max(0, ...[...document.querySelectorAll('.arrow.{class} .line')].map((it) => parseFloat(getComputedStyle(it).strokeWidth)))"
        )
    };
    let usual = browser.evaluate(&widest("can-choose")).as_f64();
    assert_eq!(browser.evaluate(pointed), 0);
    browser.evaluate(&format!("{show}.focus()"));
    assert!(browser.evaluate(pointed).as_u64() > Some(0), "the row is shown while the focus is on what speaks of it");
    assert!(browser.evaluate(&widest("pointed")).as_f64() > usual, "and can be seen");
    browser.evaluate("document.activeElement.blur()");
    assert_eq!(browser.evaluate(pointed), 0);
    browser.evaluate(&format!("{show}.dataset.mark = 'first'"));
    let place =
        browser.text("document.querySelector('[data-mark=first]').closest('li').querySelector('details').textContent");
    browser.click("[data-mark=first]");
    assert!(browser.evaluate("document.querySelectorAll('.arrow.picked').length").as_u64() > Some(0));
    let title = browser.text("document.querySelector('#detail h2').textContent");
    let line = title.rsplit(':').next().expect("a line").to_owned();
    assert!(title.starts_with("A row of ") && place.contains(&format!(":{line}")), "{title}: {place}");
}

/// The evidence of a finding can be walked; that of something that is lost cannot, and that is said.
fn evidence_is_walked(browser: &mut Browser) {
    browser.press("d");
    browser.click("[data-key^='walk-event-new-successor']");
    assert_eq!(browser.text("document.querySelector('[aria-selected=true]').textContent"), "Walk");
    let told = "[...document.querySelectorAll('#told li')].map((it) => it.firstChild.textContent).join(' ')";
    assert_eq!(browser.text(told), "setup cancelling failing");
    let note = browser.text("document.getElementById('note').textContent");
    assert_eq!(note, "event-new-successor: after cancelling a client can now see failing");
    browser.click("[data-key='undo']");
    assert_eq!(browser.evaluate("document.getElementById('note') === null"), true);
    let (_directory, path) = written(&changed());
    let lost = Page::new(&["--against", &path]);
    browser.open(&lost.url("tab=changes"));
    assert_eq!(browser.evaluate("document.querySelector(\"[data-key^='walk-event-lost-successor']\") === null"), true);
    let text = browser.text(SIDE);
    assert!(text.contains("No walk over the new table shows it"), "{text}");
}

/// Rules that tell of what only the older table can show.
const OF_LOSS: [&str; 2] = ["command-rejected", "event-lost-successor"];

/// Whatever is new of QEMU to a client of its last release has a walk, which the interpreter takes, too, and in which a client
/// sees the evidence.
#[test]
fn walks_that_show_evidence_are_walks() {
    let (old_path, new_path) = (whole("tests/tables/qemu-10.2.yaml"), whole("tests/tables/qemu-11.0.yaml"));
    let page = Page::new(&["--table", &new_path, "--against", &old_path]);
    let told = page.data()["difference"]["api"].take();
    let has_way = |finding: &&Value| finding["machine"].is_string() && finding["evidence"] != json!([]);
    let findings: Vec<&Value> = told["findings"].as_array().expect("a list").iter().filter(has_way).collect();
    let read = |path: &str| fs::read_to_string(path).expect("there is such a file");
    let [old, table] = [old_path, new_path].map(|path| load(&read(&path)).table.expect("the table makes sense"));
    let names = |table: &Table| table.statuses.iter().map(|status| status.name.clone()).collect::<BTreeSet<_>>();
    let added: Vec<String> = names(&table).difference(&names(&old)).cloned().collect();
    let mut many = 0;
    for finding in findings {
        let rule = finding["rule"].as_str().expect("a text");
        let Some(steps) = finding["walk"].as_array() else {
            assert!(OF_LOSS.contains(&rule), "no walk for {finding:#}");
            continue;
        };
        many += 1;
        let machine = table.machine(finding["machine"].as_str().expect("a name")).expect("the table has it");
        let mut walker = Walker::new(&table, machine);
        let text = |step: &Value| {
            format!("{} {}", step["verb"].as_str().expect("a verb"), step["name"].as_str().expect("a name"))
        };
        let mut shown = Vec::new();
        for step in steps {
            let action: Action = text(step).parse().unwrap_or_else(|error| panic!("{error}: {step}"));
            let outcome = walker.take(&action).unwrap_or_else(|error| panic!("{error}: {step}"));
            shown.extend(outcome.into_iter().flat_map(|outcome| outcome.publishes));
        }
        shown.retain(|status| !added.contains(status));
        let evidence = finding["evidence"].as_array().expect("a list").iter();
        let events = evidence.filter(|step| step["kind"] == "event").filter_map(|step| step["name"].as_str());
        let events: Vec<&str> = events.collect();
        // Who asks sees what is shown then, from the first status on, and need not see every status.
        let classes = ["breaks", "seen_by"].map(|of| finding[of].as_array().expect("a list").iter());
        if classes.into_iter().flatten().all(|class| class == "P" || class == "P!") {
            let first = &table.statuses[machine.state(machine.initial).shows.index()].name;
            let mut shown = std::iter::once(first).chain(&shown);
            assert!(events.iter().all(|event| shown.any(|shown| shown == event)), "{finding:#}");
            continue;
        }
        // The last command may lead on at once.
        assert!(shown.iter().map(String::as_str).take(events.len()).eq(events), "{shown:?}: {finding:#}");
    }
    assert!(many >= 6, "{many} walks");
}

/// An arrow of the older table alone is not taken for a row of the new one that stands in the same line.
#[test]
fn arrows_of_the_older_table_are_said_to_be_that() {
    let fewer: String = states()
        .lines()
        .filter(|line| !line.contains("when: continue,"))
        .fold(String::new(), |text, line| text + line + "\n");
    assert_ne!(fewer, states());
    let (_directory, path) = written(&fewer);
    let page = Page::new(&["--table", &path, "--against", &whole("states.yaml")]);
    let Some(mut browser) = page.show("tab=changes") else { return };
    let gone = "Promise.resolve(explorer).then((app) => app.data.pictures['changes-source'].arrows.filter((it) => it.gone).map((it) => it.id))";
    let gone = browser.evaluate(gone);
    let [id] = gone.as_array().map(Vec::as_slice).expect("a list") else { panic!("one row is gone: {gone}") };
    browser.evaluate(&format!(
        "Promise.resolve(explorer).then((app) => {{ app.choose({{ machine: 'source', arrow: {id} }}); }})"
    ));
    let text = browser.text("document.getElementById('detail').innerText");
    assert!(
        text.contains("From pre_switchover to device") && text.contains("Only the older table has this arrow"),
        "{text}"
    );
}

/// What the checks say is shown with what is new of it and what is gone.
#[test]
fn what_the_checks_find_is_shown() {
    let bad = states().replacen("to: abandoning,     public: true", "to: abandoning,     public: false", 1);
    assert_ne!(bad, states());
    let (_directory, path) = written(&bad);
    let (with, before) =
        (Page::new(&["--table", &path, "--against", &whole("states.yaml")]), Page::new(&["--against", &path]));
    let Some(mut browser) = Browser::start() else { return };
    let check = xtask(&["check", "--table", &path, "--format", "json"]);
    let check = check.json();
    let found = "document.getElementById('findings').innerText";
    browser.open(&with.url("tab=changes"));
    let text = browser.text(found);
    for finding in check["findings"].as_array().expect("a list") {
        let message = finding["message"].as_str().expect("a text").replace('`', "");
        assert!(text.contains(&message) && text.contains(" new"), "`{message}` is missing from:\n{text}");
    }
    browser.open(&with.url("tab=walk"));
    assert_eq!(
        browser.evaluate(&format!("{found}.includes('What the check finds')")),
        true,
        "without a difference too"
    );
    browser.open(&before.url("tab=changes"));
    let text = browser.text(found);
    assert!(text.contains("Nothing.") && text.contains("Gone (1)"), "{text}");
}

/// What has changed since a commit is shown as what has changed since a file is.
#[test]
fn the_older_table_can_be_a_commit() {
    let (directory, path) = written(&states());
    commit(directory.path());
    fs::write(&path, changed()).expect("the directory can be written to");
    let [by_commit, by_file] = [String::from("HEAD"), whole("states.yaml")]
        .map(|old| Page::new(&["--table", &path, "--against", &old]).data()["difference"].take());
    assert_eq!(by_commit["old"], "HEAD:broken.yaml");
    assert_eq!(by_commit["machines"], by_file["machines"]);
    assert_eq!(by_commit["api"]["findings"][0]["rule"], "event-new-successor");
    let run = xtask(&["explorer", "--table", &path, "--against", "nonsense"]).ended_without_result(2);
    run.stderr_has("`nonsense` is no file, no release and no commit here");
}

/// Where `api diff` gives up, the page says what it says, and nothing that could be taken for a pass.
#[test]
fn a_comparison_that_is_given_up_is_no_pass() {
    let whole_table = states();
    let (mut guards, mut names) = (String::new(), Vec::new());
    for at in 0..13 {
        let _ = writeln!(guards, "  hidden_{at}: {{ fixed: true, doc: \"nobody knows\" }}");
        names.push(format!("hidden_{at}"));
    }
    // Whether guarantees are kept could not be decided either, and then there is no page.
    let (head, guarantees) = whole_table.split_once("guarantees:\n").expect("it has guarantees");
    let (_, rest) = guarantees.split_once("\n\n").unwrap_or_default();
    let any = format!("when: continue and ({}), ", names.join(" or "));
    let large = format!("{head}{rest}").replacen("guards:\n", &format!("guards:\n{guards}"), 1).replacen(
        "when: continue, ",
        &any,
        1,
    );
    let (_directory, path) = written(&large);
    let run = xtask(&["api", "diff", &whole("states.yaml"), &path]).ended(2);
    let page = Page::new(&["--table", &path, "--against", &whole("states.yaml")]);
    let Some(mut browser) = page.show("tab=changes") else { return };
    let text = browser.text("document.getElementById('api').textContent");
    let why = run.stderr.trim().trim_start_matches("error: ").replace('`', "");
    assert_eq!(text, format!("What clients notice is not known{why}"));
}
