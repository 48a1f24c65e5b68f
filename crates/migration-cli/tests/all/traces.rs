//! `diagram trace`: recordings as pictures of the run that explains them.

use std::fs;

use tempfile::TempDir;

use super::run::{Run, file, names_in, root, xtask};

fn recording(name: &str) -> String {
    root().join(format!("tests/data/traces/{name}.jsonl")).display().to_string()
}

fn trace(file: &str, more: &[&str]) -> Run {
    let table = root().join("tests/tables/qemu-10.0.yaml").display().to_string();
    xtask(&[&["diagram", "trace", file, "--table", &table], more].concat())
}

fn read(name: &str) -> String {
    fs::read_to_string(recording(name)).expect("there is such a recording")
}

#[test]
fn a_recording_is_drawn_in_every_format() {
    let file = recording("precopy-tcp-success");
    for format in ["svg", "dot", "mermaid", "plantuml", "ascii", "markdown", "rst"] {
        let run = trace(&file, &["--format", format]).ended(0);
        let said = ["(2) setup", "(4) active", "(5) device", "(6, end) completed", "(7, end) completed", "(2) migrate"];
        for word in said {
            run.stdout_has(word);
        }
        // Text may be broken into lines.
        let flat: String = run.stdout.split_whitespace().collect();
        assert!(flat.contains("takessteps1,3,7"), "{format}: {}", run.stdout);
        run.stderr_has("`source0` takes steps 2, 4-6");
        assert_eq!(run.stdout, trace(&file, &["--format", format]).stdout, "{format}: the same again");
    }
    trace(&file, &["--format", "scxml"]).ended_without_result(2);
}

#[test]
fn machines_that_do_nothing_are_left_out() {
    let directory = TempDir::new().expect("a directory can be made");
    let into = format!("{}/", directory.path().display());
    for (name, files) in
        [("bad-uris", &["source-trace.svg"][..]), ("cancel-in-active", &["destination-trace.svg", "source-trace.svg"])]
    {
        trace(&recording(name), &["--format", "svg", "-o", &into]).ended(0);
        assert_eq!(names_in(directory.path()), files, "{name}");
    }
}

/// The run is drawn as far as it goes, with what `replay` says.
#[test]
fn what_is_not_explained_is_drawn_up_to_there_and_is_status_1() {
    let text = read("precopy-tcp-success");
    let is_device = |line: &&str| !line.contains("\"status\": \"device\"");
    let damaged: String = text.lines().filter(is_device).map(|line| format!("{line}\n")).collect();
    let (_directory, path) = file("recording.jsonl", &damaged);
    let number = damaged.lines().position(|line| line.contains("\"completed\"")).expect("it completes") + 1;
    let run = trace(&path, &["--format", "markdown"]).ended(1);
    let table = root().join("tests/tables/qemu-10.0.yaml").display().to_string();
    let replayed = xtask(&["replay", "--table", &table, &path]);
    assert!(run.stderr.contains(&replayed.stdout), "{}\n{}", run.stderr, replayed.stdout);
    let note = format!(
        "it stops before line {number} of the recording, where event `MIGRATION` with status `completed` of `source0` \
         is not explained"
    );
    run.stdout_has(&note);
    run.stdout_has("(4, end) active");
    assert!(!run.stdout.contains("(5)"), "{}", run.stdout);
}

#[test]
fn what_cannot_be_read_is_refused_with_the_reason() {
    let text = read("precopy-tcp-success");
    let (first, rest) = text.split_once('\n').expect("there are several lines");
    let (_directory, path) = file("recording.jsonl", &format!("{}\n{rest}", &first[..first.len() - 5]));
    let run = trace(&path, &[]).ended_without_result(2);
    run.stderr_has(&format!("{path}:1: no JSON object: it has no end\n"));
    run.stderr_has(&format!("error: `{path}` is damaged: "));
    let (_directory, path) = file("recording.jsonl", "dear diary\n");
    trace(&path, &[]).ended_without_result(2).stderr_has(&format!("error: `{path}` is neither a walk nor a recording"));
    trace("/nowhere/at/all", &[]).ended_without_result(2);
}

/// Whoever recorded it was stopped; what is there is drawn.
#[test]
fn a_recording_that_is_cut_off_is_drawn() {
    let text = read("precopy-tcp-success");
    let (_directory, path) = file("recording.jsonl", &text[..text.trim_end().len() - 5]);
    trace(&path, &["--format", "ascii"]).ended(0).stderr_has(": the recording ends in the middle of this\n");
}

/// What is assumed for `replay` is assumed here.
#[test]
fn a_run_can_begin_anywhere() {
    let event = |status: &str| format!("{{\"event\": \"MIGRATION\", \"data\": {{\"status\": \"{status}\"}}}}\n");
    let (_directory, path) = file("recording.jsonl", &(event("device") + &event("completed")));
    let run = trace(&path, &["--format", "markdown", "--machine", "source", "--attached", "--others"]).ended(0);
    run.stdout_has("it is not known where the process began");
    let known: String = run.stdout.replace('?', "");
    assert!(known.contains("(1) device") && known.contains("(2, end) completed"), "{}", run.stdout);
    trace(&path, &["--assume", "sent"]).ended_without_result(2).stderr_has("`sent` is no rare event");
    xtask(&["diagram", "full", "--others"]).ended_without_result(2).stderr_has("are for `diagram trace`");
}

/// What is new can be drawn over the new table and what is lost over the old one; over the other, the run ends where
/// that one does otherwise.
#[test]
fn the_evidence_of_a_difference_is_drawn() {
    let tables =
        ["9.1", "10.0"].map(|name| root().join(format!("tests/tables/qemu-{name}.yaml")).display().to_string());
    let report = xtask(&["api", "diff", &tables[0], &tables[1], "--format", "json"]);
    let (_directory, path) = file("recording.jsonl", &report.stdout);
    let report = report.json();
    let findings = report["findings"].as_array().expect("it has findings");
    let mut drawn = 0;
    for (at, finding) in findings.iter().enumerate() {
        let statuses = match finding["rule"].as_str() {
            Some("event-new-successor") => [Some(1), Some(0)],
            Some("event-lost-successor") => [Some(0), Some(1)],
            _ => continue,
        };
        let (number, last) = ((at + 1).to_string(), finding["evidence"].as_array().expect("it has evidence").len());
        for (table, status) in tables.iter().zip(statuses) {
            let more = ["--finding", &number, "--format", "markdown"];
            let run = xtask(&[&["diagram", "trace", &path, "--table", table], &more[..]].concat());
            assert_eq!(run.status, status, "{number} over {table}: {}", run.stderr);
            let key = finding["key"].as_str().expect("it has a key");
            run.stdout_has(&format!("the evidence of {key}"));
            let stops = format!("the table does not show step {last} of {last} of the evidence");
            assert_eq!(run.stdout.contains(&stops), status == Some(1), "{number} over {table}: {}", run.stdout);
            drawn += 1;
        }
    }
    assert!(drawn >= 10, "only {drawn}");
    let new = "event-new-successor: source: active -> device";
    let run =
        xtask(&["diagram", "trace", &path, "--table", &tables[1], "--finding", new, "--format", "ascii"]).ended(0);
    run.stdout_has("* (3, end) device");
    let refused = |more: &[&str], says: &str| {
        xtask(&[&["diagram", "trace", &path], more].concat()).ended_without_result(2).stderr_has(says);
    };
    refused(&[], "has several: choose one with `--finding`\n  1  ");
    refused(&["--finding", "nothing"], "has no finding `nothing` with evidence");
    refused(&["--finding", "99"], "has no finding `99` with evidence");
}

/// The numbers are a run of the table that can take it: of the new one where something came, of the old one where
/// something went.
#[test]
fn a_difference_is_drawn_with_a_run_that_shows_it() {
    let [before, after] =
        ["9.1", "10.0"].map(|name| root().join(format!("tests/tables/qemu-{name}.yaml")).display().to_string());
    let drawn = |tables: [&str; 2], more: &[&str]| {
        let run = xtask(
            &[&["diagram", "diff", tables[0], tables[1], "--machine", "source", "--format", "ascii"], more].concat(),
        )
        .ended(0);
        // As if its lines were not wrapped.
        run.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let shows = "table that shows event-new-successor: source: active -> device";
    let there = drawn([&before, &after], &[]);
    assert!(there.contains(&format!("the numbers are a run of the new {shows}")), "{there}");
    assert!(there.contains("+ (3) converged") && there.contains("(3, end) device"), "{there}");
    let back = drawn([&after, &before], &["--finding", "event-lost-successor: source: active -> device"]);
    assert!(back.contains("the numbers are a run of the old table that shows event-lost-successor"), "{back}");
    assert!(back.contains("- (3) converged") && back.contains("(3, end) device"), "{back}");
    // The numbers of findings are those of the report.
    let report = xtask(&["api", "diff", &before, &after, "--format", "json"]);
    let report = report.json();
    let findings = report["findings"].as_array().expect("it has findings");
    let rule = "event-new-successor: source: ";
    let is_meant = |finding: &serde_json::Value| finding["key"].as_str().is_some_and(|key| key.starts_with(rule));
    let at = findings.iter().rposition(is_meant).expect("it is among them");
    let chosen = drawn([&before, &after], &["--finding", &(at + 1).to_string()]);
    assert!(chosen.contains(findings[at]["key"].as_str().expect("it has a key")), "{chosen}");
    let same = drawn([&after, &after], &[]);
    assert!(!same.contains("the numbers are") && !same.contains("(1)"), "{same}");
    for (finding, says) in [
        ("nothing", "no change `nothing` has evidence; these have, by their numbers:\n  "),
        ("event-", "`--finding event-` fits several:\n  "),
    ] {
        xtask(&["diagram", "diff", &before, &after, "--finding", finding]).ended_without_result(2).stderr_has(says);
    }
    let run = xtask(&["diagram", "diff", "nonsense"]).ended_without_result(2);
    run.stderr_has("`nonsense` is no file, no release and no commit here");
    let run = xtask(&["diagram", "diff", &after, &after, "--finding", "1"]).ended_without_result(2);
    assert_eq!(run.stderr, "error: what is drawn differs in nothing that a client could see\n");
}

#[test]
fn a_report_without_evidence_and_a_finding_without_a_report_are_refused() {
    let (_directory, path) = file("recording.jsonl", "{ \"findings\": [{ \"code\": \"T0203\" }] }");
    xtask(&["diagram", "trace", &path]).ended(2).stderr_has("has evidence that could be drawn");
    trace(&recording("precopy-tcp-success"), &["--finding", "1"]).ended(2).stderr_has("`--finding` is for a report");
}

/// How a promise is broken is drawn from the report on the table.
#[test]
fn a_promise_that_is_not_kept_is_drawn() {
    let table =
        root().join("crates/migration-contract/tests/fixtures/T0430-promise-not-kept/fires.yaml").display().to_string();
    let (_directory, path) = file("recording.jsonl", &xtask(&["check", "--table", &table, "--format", "json"]).stdout);
    let arguments = ["diagram", "trace", &path, "--table", &table, "--format", "markdown", "--finding"];
    let run = xtask(&[&arguments[..], &["T0430: cancel_ends"]].concat()).ended(0);
    assert!(
        run.stdout.contains("the evidence of T0430: cancel_ends") && run.stdout.contains("end) done"),
        "{}",
        run.stdout
    );
}
