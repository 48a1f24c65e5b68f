//! `diagram` and `expand`.

use std::fs;

use super::run::{broken, root, table, xtask};

#[test]
fn one_machine_goes_to_standard_output() {
    let dot = xtask(&["diagram", "--machine", "source"]);
    assert_eq!(dot.status, Some(0), "{}", dot.stderr);
    assert!(dot.stdout.starts_with("digraph \"source\" {"), "{}", dot.stdout);
    assert!(dot.stderr.contains("happy path"), "what it shows is said: {}", dot.stderr);
    let mermaid = xtask(&["diagram", "--machine", "source", "--format", "mermaid"]);
    assert!(mermaid.stdout.contains("\nstateDiagram-v2\n"), "{}", mermaid.stdout);
}

#[test]
fn all_machines_go_to_a_directory_and_are_what_is_committed() {
    let (directory, _) = table("");
    let pictures = directory.path().join("pictures");
    for (format, extension) in [("dot", "dot"), ("mermaid", "mmd")] {
        let run = xtask(&["diagram", "--format", format, "-o", pictures.to_str().expect("the path is UTF-8")]);
        assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""), "{}", run.stderr);
        for machine in ["source", "destination"] {
            let name = format!("{machine}.{extension}");
            let drawn = fs::read_to_string(pictures.join(&name)).expect("each machine has a file");
            let committed = fs::read_to_string(root().join("docs").join(&name)).expect("docs/ has each machine");
            assert_eq!(drawn, committed, "run `cargo xtask docs`");
        }
    }
}

#[test]
fn the_name_of_the_file_says_the_format() {
    let (directory, _) = table("");
    let file = directory.path().join("picture.mmd");
    let run = xtask(&["diagram", "--machine", "destination", "-o", file.to_str().expect("the path is UTF-8")]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(fs::read_to_string(file).expect("the file was written").contains("stateDiagram-v2"));
    let slip = directory.path().join("picture.svgg");
    let run = xtask(&["diagram", "-o", slip.to_str().expect("the path is UTF-8")]);
    assert_eq!(run.status, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("no format's files end in `.svgg`"), "{}", run.stderr);
    assert!(!slip.exists(), "nothing is written");
}

#[test]
fn several_machines_stand_side_by_side() {
    let run = xtask(&["diagram"]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("cluster_machine_source") && run.stdout.contains("cluster_machine_destination"));
}

#[test]
fn every_view_can_be_asked_for() {
    let walk = root().join("tests/data/walks/source_completes.walk");
    let old = root().join("states.yaml");
    let (walk, old) = (walk.to_str().expect("the path is UTF-8"), old.to_str().expect("the path is UTF-8"));
    let views: [&[&str]; 7] = [
        &["overview"],
        &["full"],
        &["phase", "cancellable"],
        &["state", "active"],
        &["trigger", "cancel"],
        &["trace", walk],
        &["diff", old],
    ];
    for view in views {
        let run = xtask(&[&["diagram"], view, &["--machine", "source", "--format", "svg", "--theme", "dark"]].concat());
        assert_eq!(run.status, Some(0), "{view:?}: {}", run.stderr);
        assert!(run.stdout.starts_with("<svg ") && run.stdout.ends_with("</svg>\n"), "{view:?}");
    }
}

#[test]
fn what_is_not_there_is_named_with_what_was_meant() {
    for (view, name, says) in [
        ("state", "actve", "there is no state `actve` (did you mean `active`?)"),
        ("trigger", "cancle", "there is no trigger `cancle` (did you mean `cancel`?)"),
        ("phase", "cancelable", "there is no phase `cancelable` (did you mean `cancellable`?)"),
    ] {
        let run = xtask(&["diagram", view, name]);
        assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""));
        assert_eq!(run.stderr, format!("error: {says}\n"));
    }
}

#[test]
fn a_picture_that_is_not_current_is_a_finding() {
    let (directory, _) = table("");
    let file = directory.path().join("source.svg");
    let path = file.to_str().expect("the path is UTF-8");
    let arguments = ["diagram", "--machine", "source", "-o", path];
    assert_eq!(xtask(&arguments).status, Some(0));
    let check = [&arguments[..], &["--check"]].concat();
    assert_eq!(xtask(&check).status, Some(0));
    let dark = [&check[..], &["--theme", "dark"]].concat();
    let run = xtask(&dark);
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert!(run.stdout.contains("not current"), "{}", run.stdout);
    std::fs::remove_file(&file).unwrap();
    let run = xtask(&check);
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert!(run.stdout.contains("not there"), "{}", run.stdout);
}

#[test]
fn a_machine_that_is_too_large_to_be_read_is_shown_in_overview_and_in_phases() {
    let large = root().join("tests/tables/qemu-9.1.yaml");
    let large = large.to_str().expect("the path is UTF-8");
    let run = xtask(&["diagram", "--table", large, "--machine", "source"]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("overview, source"), "{}", run.stdout);
    assert!(run.stderr.contains("`migration-table diagram phase phase-1 --table "), "{}", run.stderr);
    let (directory, _) = table("");
    let into = format!("{}/", directory.path().display());
    let run = xtask(&["diagram", "--table", large, "--machine", "source", "-o", &into]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    for name in ["source-overview.dot", "source-phase-1.dot", "source-phase-2.dot"] {
        assert!(directory.path().join(name).exists(), "{name}");
    }
}

#[test]
fn an_unknown_machine_is_named_with_those_that_exist() {
    let run = xtask(&["diagram", "--machine", "sorce"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""));
    assert_eq!(run.stderr, "error: the table has no machine `sorce` (it has `source`, `destination`)\n");
}

#[test]
fn a_table_with_errors_is_neither_drawn_nor_expanded() {
    let (_directory, path) = table(&broken());
    for command in [&["diagram", "--machine", "source"][..], &["expand"]] {
        let run = xtask(&[command, &["--table", &path]].concat());
        assert_eq!((run.status, run.stdout.as_str()), (Some(1), ""));
        assert!(run.stderr.contains("`negotiatign`"), "{}", run.stderr);
    }
}

#[test]
fn the_generated_code_is_printed() {
    let run = xtask(&["expand"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""));
    for part in ["pub mod source {", "pub mod destination {", "pub enum Status {", "pub trait Work {"] {
        assert!(run.stdout.contains(part), "`{part}` is missing");
    }
}

/// Rows and states that a walk takes are marked in every format, with how often; a sentence names all that nothing takes.
#[test]
fn a_coverage_is_seen_in_every_format() {
    let (directory, table) = table(include_str!("../../src/commands/init/states.yaml"));
    let walk = directory.path().join("cancel.walk");
    let steps = "raise start -> accept; now opening; publishes running\n\
                 raise cancel -> accept; now cancelling; publishes cancelling\n\
                 report closed -> fired; now cancelled; publishes cancelled\n";
    fs::write(&walk, format!("table: broken.yaml\nmachine: writer\n\n{steps}")).expect("the walk can be written");
    let walk = walk.to_str().expect("the path is UTF-8");
    let drawn = |format: &str| {
        let run = xtask(&["diagram", "coverage", walk, walk, "--table", &table, "--format", format]);
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        run.stdout
    };
    let markdown = drawn("markdown");
    for part in [
        "| none (start) | none | (2x) start | opening | running |\n",
        "| (2x) opening | running | opened | writing |  |\n",
        "| (2x) opening | running | (2x) cancel | cancelling | cancelling |\n",
        "| writing | running | cancel | cancelling | cancelling |\n",
        "| failed | failed | start | opening | running |\n",
        "nor `opened` from `opening`",
        "nor `cancel` from `writing`",
        "nor `closed` from `failing`",
        "(2x): how often the runs take it",
    ] {
        assert!(markdown.contains(part), "`{part}` is missing from:\n{markdown}");
    }
    for (format, parts) in [
        ("rst", ["(2x) opening", "(2x) cancel", "nor `closed` from `failing`"]),
        ("svg", ["(2x) opening", "(2x) cancel", "nor `closed` from"]),
        ("mermaid", ["(2x) opening", "(2x) cancel", "nor `closed` from `failing`"]),
        ("ascii", ["* (2x) opening", "(2x) cancel", "nor `closed` from"]),
    ] {
        let text = drawn(format);
        for part in parts {
            assert!(text.replace("``", "`").contains(part), "{format}: `{part}` is missing from:\n{text}");
        }
    }
}
