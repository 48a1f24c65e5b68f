//! `explain`: whatever is listed is explained, with an example of what it says.

use std::collections::BTreeSet;

use migration_contract::compare::{ObserverClass, rules};

use super::run::xtask;

/// The parts of the list, each without its title.
fn parts() -> [Vec<String>; 3] {
    let list = xtask(&["explain"]).stdout;
    let parts = list.split("\n\n").map(|part| {
        let (title, lines) = part.split_once('\n').expect("a part has a title");
        assert!(title.ends_with(':'), "{title}");
        lines.lines().map(|line| line.trim_start().to_owned()).collect()
    });
    parts.collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("there are three parts\n{list}"))
}

fn explained(id: &str) -> String {
    let run = xtask(&["explain", id]).ended(0);
    run.stdout
}

#[test]
fn every_listed_check_is_explained() {
    let [checks, _, _] = parts();
    assert!(checks.len() > 10, "{checks:?}");
    for line in checks {
        let (code, name) = line.split_once("  ").expect("a line is a code and a name");
        let by_code = explained(code);
        assert!(by_code.starts_with(&format!("{code} {name} (")), "{by_code}");
        let has_example = by_code.contains(&format!("[{code}]: "));
        assert!(has_example || code == "T0109", "{by_code}");
        assert_eq!(by_code, explained(name));
    }
}

#[test]
fn every_listed_api_rule_is_explained() {
    let [_, listed, _] = parts();
    let lines: Vec<String> = rules().map(|rule| format!("{}: {}", rule.id, rule.title)).collect();
    assert_eq!(listed, lines);
    for (line, rule) in lines.iter().zip(rules()) {
        let text = explained(rule.id);
        assert!(text.starts_with(&format!("{line} (API rule)\n")), "{text}");
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for said in [rule.definition, rule.why, rule.keep_compatible, rule.accept] {
            assert!(words.contains(said), "`{said}` in\n{text}");
        }
        let (said, example) = text.split_once("\nFor example, after ").expect("there is an example");
        for (name, _) in ObserverClass::ALL {
            assert!(said.lines().any(|line| line.split_whitespace().next() == Some(name)), "{name} in\n{text}");
        }
        assert!(example.contains(&format!("[{}]: ", rule.id)), "{text}");
    }
}

/// The names that `api check` gives to what is wrong with the files; that it gives them is tested in `api`.
#[test]
fn every_listed_rule_for_files_is_explained() {
    let [_, _, files] = parts();
    let ids: BTreeSet<&str> = files.iter().filter_map(|line| line.split_once(": ")).map(|(id, _)| id).collect();
    let wanted = [
        "approval-expired",
        "approval-unknown-key",
        "approval-unused",
        "lock-stale",
        "release-lock-modified",
        "release-missing",
    ];
    assert_eq!(ids, wanted.into());
    for line in &files {
        let (id, _) = line.split_once(": ").expect("a line is a name and a title");
        let text = explained(id);
        assert!(text.starts_with(&format!("{line} (")), "{text}");
        for part in ["\nwhy: ", "\nmend: ", "\nFor example, "] {
            assert!(text.contains(part), "{text}");
        }
    }
}

#[test]
fn names_are_found_in_any_case() {
    assert_eq!(explained("Command-Rejected"), explained("command-rejected"));
    assert_eq!(explained("LOCK-STALE"), explained("lock-stale"));
    assert_eq!(explained("t0401"), explained("T0401"));
}

#[test]
fn an_unknown_code_is_status_2() {
    for unknown in ["T9999", "command-rejectd"] {
        xtask(&["explain", unknown]).ended_without_result(2).stderr_has(&format!("`{unknown}`"));
    }
}
