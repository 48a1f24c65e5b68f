//! Walks and the tables that they name: which reason a step gives, and a table that nobody named.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::run::{Run, names_in, xtask_in};

/// A service that a user stops, or that fails.
const SERVICE: &str = include_str!("../../../migration-verify/tests/tables/service.yaml");

fn directory() -> TempDir {
    let directory = TempDir::new().expect("a directory can be made");
    let other = SERVICE
        .replace("stopping, reason: by-user", "stopping, reason: X")
        .replace("reason: broken", "reason: by-user");
    let files = [("svc.yaml", SERVICE.to_owned()), ("other.yaml", other.replace("reason: X", "reason: broken"))];
    for (name, text) in files {
        fs::write(directory.path().join(name), text).expect("it can be written");
    }
    directory
}

fn in_directory(directory: &Path, words: &str) -> Run {
    xtask_in(directory, &words.split(' ').collect::<Vec<_>>())
}

/// The walks that take every row of the service, as one word for a command line.
fn walks(directory: &Path) -> String {
    in_directory(directory, "paths --table svc.yaml -o walks").ended(0);
    let names = names_in(&directory.join("walks"));
    names.iter().map(|name| format!("walks/{name}")).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_walk_notices_that_a_row_gives_another_reason() {
    let directory = directory();
    let (here, walks) = (directory.path(), walks(directory.path()));
    in_directory(here, &format!("coverage {walks} --table svc.yaml")).ended(0);
    let run = in_directory(here, &format!("coverage {walks} --table other.yaml")).ended(1);
    let saved = "  saved: raise stop -> accept; now stopping; reason by-user\n";
    run.stdout_has(saved);
    let now = "  now:   raise stop -> accept; now stopping; reason broken\n";
    run.stdout_has(now);
    let run = in_directory(here, &format!("step {walks} --table other.yaml")).ended(1);
    run.stdout_has("different: the walk says `accept; now stopping; reason by-user`");
}

#[test]
fn a_walk_without_reasons_is_not_judged_by_them() {
    let directory = directory();
    let (here, walks) = (directory.path(), walks(directory.path()));
    for walk in walks.split(' ').map(|walk| here.join(walk)) {
        let text = fs::read_to_string(&walk).expect("the walk is there");
        let old = text.replace("; reason by-user", "").replace("; reason broken", "");
        assert_ne!(old, text);
        fs::write(&walk, old).expect("it can be written");
    }
    for table in ["svc.yaml", "other.yaml"] {
        in_directory(here, &format!("coverage {walks} --table {table}")).ended(0);
        in_directory(here, &format!("step {walks} --table {table}")).ended(0);
        in_directory(here, &format!("diagram trace {walks} --table {table}")).ended(0);
    }
}

#[test]
fn a_walk_names_the_table_where_nobody_else_does() {
    let directory = directory();
    let (here, walks) = (directory.path(), walks(directory.path()));
    for command in ["step", "coverage", "diagram trace", "diagram coverage"] {
        let run = in_directory(here, &format!("{command} {walks}")).ended(0);
        run.stderr_has("note: the table is `svc.yaml`, as `walks/");
    }
    // From elsewhere the table is found beside the walk.
    let beside = fs::rename(here.join("svc.yaml"), here.join("walks/svc.yaml"));
    beside.expect("the table can be moved");
    in_directory(here, &format!("coverage {walks}")).ended(0);
    // A table that is there is not passed over.
    fs::write(here.join("states.yaml"), SERVICE).expect("it can be written");
    let run = in_directory(here, &format!("coverage {walks}"));
    assert!(run.status == Some(0) && !run.stderr.contains("the table is `"), "{}", run.stderr);
}

#[test]
fn two_tables_that_are_named_need_no_third() {
    let directory = directory();
    in_directory(directory.path(), "diagram diff svc.yaml other.yaml").ended(0);
    in_directory(directory.path(), "diagram diff svc.yaml").ended(2);
}

#[test]
fn several_tables_are_one_document() {
    let directory = directory();
    let run = in_directory(directory.path(), "check --format json svc.yaml other.yaml");
    let report = run.json();
    let files = report.as_array().expect("it is a list").iter().map(|of| of["file"].as_str());
    assert_eq!(files.collect::<Vec<_>>(), [Some("svc.yaml"), Some("other.yaml")], "{}", run.stdout);
}
