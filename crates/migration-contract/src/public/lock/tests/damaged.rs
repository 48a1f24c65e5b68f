//! Locks that something happened to: each is refused, with the line and with the command that mends it.

use super::super::listed::{Listed, with_listed};
use super::*;

/// What is said of a text, and of which line.
fn said(text: &str) -> (Damage, usize, String) {
    let error = read(text).expect_err("it is damaged");
    let message = error.message().to_owned();
    assert!(!message.contains('\n') && message.chars().count() < 400, "{message}");
    assert_eq!(error.to_string(), format!("line {}: {message}", error.line()));
    (error.kind(), error.line(), message)
}

fn line_of(text: &str, wanted: &str) -> usize {
    text.lines().position(|line| line == wanted).unwrap_or_else(|| panic!("no line {wanted:?} in\n{text}")) + 1
}

/// The text with one line in place of another, and the number of that line.
fn with(text: &str, line: &str, instead: &str) -> (String, usize) {
    let number = line_of(text, line);
    (text.replacen(&format!("\n{line}\n"), &format!("\n{instead}\n"), 1), number)
}

#[test]
fn a_file_of_something_else_is_no_lock() {
    for text in [
        "",
        "\n",
        "format: 1\nmachine: m\n",
        "api-lock\nend\n",
        "api-lock 0\nend\n",
        "api-lock 01\nend\n",
        "\u{feff}api-lock 1\nend\n",
    ] {
        let (kind, line, message) = said(text);
        assert_eq!((kind, line), (Damage::NotALock, 1), "{text:?}");
        assert!(message.ends_with("expected `api-lock 1`"), "{message}");
    }
}

#[test]
fn a_newer_format_is_named() {
    let text = lock(SMALL).replace("api-lock 1\n", "api-lock 2\n");
    assert_eq!(said(&text), (Damage::Newer, 1, "found format 2, expected at most 1".to_owned()));
}

#[test]
fn every_truncation_is_refused() {
    let text = lock(SMALL);
    for end in 1..text.len() - 1 {
        let (kind, _, message) = said(&text[..end]);
        let is_whole = text[..end].ends_with("\nend");
        assert_eq!(kind, if is_whole { Damage::Edited } else { Damage::Truncated }, "{:?}: {message}", &text[..end]);
    }
    let half = lock(SMALL);
    let half = &half[..half.find("\non active").unwrap()];
    let (_, line, message) = said(half);
    assert_eq!(line, half.lines().count());
    assert!(message.contains("at paused#2: when pause"), "{message}");
}

#[test]
fn a_merge_that_nobody_decided_is_named_with_its_line() {
    let text = lock(SMALL);
    let (text, line) = with(
        &text,
        "status active since 1.0",
        "<<<<<<< HEAD\nstatus active since 1.0\n=======\nstatus active since 1.1\n>>>>>>> theirs",
    );
    let (kind, found, message) = said(&text);
    assert_eq!((kind, found), (Damage::Conflict, line));
    assert!(message.contains("<<<<<<< HEAD"), "{message}");
    assert_eq!(said(&text.replace("<<<<<<< HEAD\n", "")).0, Damage::Conflict);
}

#[test]
fn what_is_said_twice_is_named() {
    let text = lock(SMALL);
    for line in [
        "status active since 1.0",
        "command go",
        "setting pause",
        "begins none",
        "at active:",
        "on paused: \"go stop=true\" success -> paused#2 when pause",
        "machine worker",
    ] {
        let (text, number) = with(&text, line, &format!("{line}\n{line}"));
        let (kind, found, message) = said(&text);
        assert_eq!((kind, found), (Damage::Duplicate, number + 1), "{message}");
    }
    let (twice, number) = with(
        &text,
        "on active: !paused -> paused when pause",
        "on active: !paused -> none\non active: !paused -> paused",
    );
    assert_eq!((said(&twice).0, said(&twice).1), (Damage::Duplicate, number + 1));
    let (other, number) =
        with(&text, "at paused: rests when pause", "at paused: rests when pause\nat paused: when pause");
    assert_eq!((said(&other).0, said(&other).1), (Damage::Duplicate, number), "in the order of what is said");
}

#[test]
fn what_leads_nowhere_is_named() {
    let text = lock(SMALL);
    let (to, number) =
        with(&text, "on active: !paused -> paused when pause", "on active: !paused -> paused#9 when pause");
    assert_eq!(said(&to), (Damage::Nowhere, number, "found `paused#9`, which is not there".to_owned()));
    let (from, number) =
        with(&text, "on active: !paused -> paused when pause", "on active#9: !paused -> paused when pause");
    assert_eq!((said(&from).0, said(&from).1), (Damage::Nowhere, number));
    let (always, number) = with(&text, "on active: !paused -> paused when pause", "on active: !paused -> paused");
    assert_eq!((said(&always).0, said(&always).1), (Damage::Nowhere, number), "there is none without the capability");
    let (begins, _) = with(&text, "begins none", "begins none#7");
    assert_eq!(said(&begins).0, Damage::Nowhere);
}

#[test]
fn what_was_changed_by_hand_is_named_with_its_line() {
    let text = lock(SMALL);
    for (line, instead) in [
        ("table small", "table  small"),
        ("status active since 1.0", "status active  since 1.0"),
        ("status active since 1.0", "status \"active\" since 1.0"),
        ("status active since 1.0", "status active since"),
        ("status active since 1.0", "state active since 1.0"),
        ("status active since 1.0", "status active since 1.0 \u{e9}"),
        ("deprecated-for 2", "deprecated-for 02"),
        ("deprecated-for 2", "deprecated-for 70000"),
        ("after active -> none when not pause", "after active -> none"),
        ("reply go in active: DeviceNotActive", "reply go in active: success"),
        ("at paused: rests when pause", "at paused: rests when pause or pause"),
        ("at paused: rests when pause", "at paused: rests when pause and speed"),
        ("at paused: rests when pause", "at paused: rests when pause and not pause"),
        ("at paused: rests when pause", "at paused: rest when pause"),
        ("on none#2: !active -> active", "on none#2: !active -> active#1"),
        ("begins none", "begin none"),
    ] {
        let (text, number) = with(&text, line, instead);
        let (kind, found, message) = said(&text);
        assert_eq!((kind, found), (Damage::Edited, number), "{instead}: {message}");
        assert!(message.ends_with("the file was changed by hand"), "{message}");
    }
    let gone = text.replacen("status active since 1.0\n", "", 1);
    assert_eq!(
        said(&gone).2,
        "found status `active`, which is not among the public ones: the file was changed by hand"
    );
}

#[test]
fn cases_that_are_no_cases_are_refused() {
    let text = lock(SMALL);
    for (line, instead) in [
        ("case pause", "case not pause"),
        ("case pause", "case pause and speed"),
        ("case pause", "case pause and not pause"),
        ("case pause", "case"),
        ("case pause", "# case pause"),
        ("case not pause", "case pause or not pause"),
        ("case not pause", "case always"),
    ] {
        assert_eq!(said(&with(&text, line, instead).0).0, Damage::Edited, "{instead}");
    }
    let swapped = text.replace("case not pause\ncase pause", "case pause\ncase not pause");
    assert_eq!(said(&swapped).0, Damage::Edited);
    let (alone, _) = with(&text, "case not pause", "case always");
    assert_eq!(said(&alone.replace("case pause\n", "").replace(" when pause", "")).0, Damage::Edited);
}

#[test]
fn lines_that_are_missing_doubled_or_moved_are_refused() {
    let text = lock(STATES);
    let lines: Vec<&str> = text.lines().collect();
    let joined = |lines: Vec<&str>| lines.join("\n") + "\n";
    for index in (0..lines.len()).step_by(3) {
        // The rest of a lock cannot tell that a promise is missing, or something that might follow.
        let mut missing = lines.clone();
        if ["machine", "case", "after", "reply", "begins", "at"].iter().any(|word| lines[index].starts_with(word)) {
            missing.remove(index);
        }
        let mut doubled = lines.clone();
        doubled.insert(index, lines[index]);
        let mut moved = lines.clone();
        moved.swap(index, (index + 1).min(lines.len() - 1));
        for (what, lines) in [("missing", missing), ("doubled", doubled), ("moved", moved)] {
            let changed = joined(lines);
            if changed != text {
                assert!(read(&changed).is_err(), "line {} {what}", index + 1);
            }
        }
    }
}

#[test]
fn line_ends_of_another_system_are_no_change_and_text_after_the_end_is_refused() {
    let text = lock(SMALL);
    assert_eq!(read(&text.replace('\n', "\r\n")), read(&text));
    for more in ["\n", "# more\n", "end\n", "x"] {
        let (kind, line, _) = said(&format!("{text}{more}"));
        assert_eq!((kind, line), (Damage::Edited, text.lines().count() + 1), "{more:?}");
    }
}

#[test]
fn a_lock_of_an_older_program_is_read_with_its_comment() {
    let text = lock(SMALL);
    let older = text.replacen("`migration-table api bless`", "`cargo xtask api bless`", 1);
    assert_ne!(older, text);
    assert_eq!(read(&older), read(&text));
    assert_eq!(said(&text.replacen("never edited", "often edited", 1)).0, Damage::Edited);
}

#[test]
fn a_line_has_its_number_in_the_file_although_releases_are_listed_above_it() {
    let hash = |digit: &str| Some(digit.repeat(64));
    let releases = ["0.1", "0.2"].map(|version| Listed { version: version.into(), seal: hash("a"), table: hash("b") });
    let text = with_listed(&lock(SMALL), &releases);
    assert!(read(&text).is_ok());
    let (text, line) = with(&text, "end", "<<<<<<< HEAD");
    let (kind, found, _) = said(&text);
    assert_eq!((kind, found), (Damage::Conflict, line));
    // What stands above the list is where it was.
    assert_eq!(said(&text.replacen("api-lock 1", "api-lock 2", 1)).1, line, "a conflict comes first");
    let newer = with_listed(&lock(SMALL).replace("api-lock 1\n", "api-lock 2\n"), &releases);
    assert_eq!(said(&newer).1, 1);
}

#[test]
fn a_byte_order_mark_is_named() {
    let (_, _, message) = said(&format!("\u{feff}{}", lock(SMALL)));
    assert_eq!(message, "found a byte order mark, expected `api-lock 1`");
}
