//! Every place of a table where findings can be silenced: there they are, and one that is not found is a finding.

use migration_table::load;

const ALL: &str = include_str!("../fixtures/keys/all.yaml");

/// A place, the end of a line as it is meant, and the same with something that is found there.
type Place = (&'static str, &'static str, &'static str);

/// Declarations whose `doc` can begin with a capital letter.
const DOCS: &[Place] = &[
    ("status", r#"doc: "waits for the user" }"#, r#"doc: "Waits for the user" }"#),
    ("trigger", r#"doc: "move the guest" }"#, r#"doc: "Move the guest" }"#),
    ("event", r#"doc: "everything is moved" }"#, r#"doc: "Everything is moved" }"#),
    ("guard", r#"doc: "wait as well" }"#, r#"doc: "Wait as well" }"#),
    ("message", r#"doc: "here I am" }"#, r#"doc: "Here I am" }"#),
    ("reserved word", r#"doc: "did not wait" }"#, r#"doc: "Did not wait" }"#),
    ("observer", r#"doc: "asks each second" }"#, r#"doc: "Asks each second" }"#),
    ("guarantee", r#"doc: "memory is moved before the end" }"#, r#"doc: "Memory is moved before the end" }"#),
    ("resource", r#"doc: "the connection to the peer" }"#, r#"doc: "The connection to the peer" }"#),
    ("state", r#"doc: "releases everything after a failure" }"#, r#"doc: "Releases everything after a failure" }"#),
    ("machine", "doc: \"the side that receives\"\n", "doc: \"The side that receives\"\n"),
    ("answer", r#"because: "nothing waits for that" }"#, r#"because: "Nothing waits for that" }"#),
];

/// Lists that can name something twice.
const LISTS: &[Place] = &[
    (
        "trigger",
        "needs: [patient, cautious], doc: \"connect once more\" }",
        "needs: [patient, patient], doc: \"connect once more\" }",
    ),
    ("precedence", "precedence: [broken, silent]\n", "precedence: [broken, silent, broken]\n"),
    (
        "happy path",
        "happy_path: [none, active, stopping, done]\n",
        "happy_path: [none, active, stopping, stopping, done]\n",
    ),
    ("group", "running: [active, paused]\n", "running: [active, paused, active]\n"),
    ("row", "drops: [go_on] }", "drops: [go_on, go_on] }"),
    (
        "state",
        "holds: [channels], doc: \"releases everything\" }",
        "holds: [channels, channels], doc: \"releases everything\" }",
    ),
    (
        "answer",
        "in: [idle, cleanup], trigger: cancel, answer: ignore }",
        "in: [idle, cleanup, idle], trigger: cancel, answer: ignore }",
    ),
];

/// The table with one line changed, and its declaration with `allow:` for a code if there is one.
fn table(right: &str, line: &str, code: Option<&str>) -> String {
    let at = ALL.find(right).unwrap_or_else(|| panic!("`{right}` is not in the table"));
    let allow = code.map_or_else(String::new, |code| format!("allow: {{ {code}: \"it is meant so\" }}"));
    let (before, after) = (&ALL[..at], &ALL[at + right.len()..]);
    match line.strip_suffix(" }") {
        Some(line) if code.is_some() => format!("{before}{line}, {allow} }}{after}"),
        Some(_) | None if code.is_none() => format!("{before}{line}{after}"),
        // A list of a machine: its `allow:` is that of the machine, which may stand anywhere among its keys.
        _ => {
            let keys = before.rfind("\n    doc: ").unwrap_or_else(|| panic!("`{right}` is in no machine"));
            let keys = if before.ends_with("    ") && right.starts_with("doc: ") { before.len() - 5 } else { keys };
            format!("{}\n    {allow}{}{line}{after}", &before[..keys], &before[keys..])
        }
    }
}

fn codes(text: &str) -> Vec<&'static str> {
    load(text).findings.iter().map(|finding| finding.code.0).collect()
}

#[test]
fn what_is_found_is_silenced_in_every_place() {
    for (code, places) in [("T0502", DOCS), ("T0211", LISTS)] {
        for (place, right, wrong) in places {
            assert_eq!(codes(&table(right, wrong, None)), [code], "{place}: {wrong}");
            let silenced = table(right, wrong, Some(code));
            assert_eq!(codes(&silenced), [""; 0], "{place}: {silenced}");
        }
    }
}

#[test]
fn what_is_silenced_and_not_found_is_found_in_every_place() {
    for (code, places) in [("T0502", DOCS), ("T0211", LISTS)] {
        for (place, right, _) in places {
            let text = table(right, right, Some(code));
            assert_eq!(codes(&text), ["T0603"], "{place}: {text}");
            // What another check finds there is not silenced by this one.
            let other = if code == "T0502" { "T0308" } else { "T0502" };
            assert_eq!(codes(&table(right, right, Some(other))), ["T0603"], "{place}");
        }
    }
}

/// Who silences something for one state has not looked at the others.
#[test]
fn an_unanswered_trigger_is_silenced_for_each_state() {
    let text = ALL.replace("{ in: [idle, cleanup], trigger: cancel", "{ in: [none, cleanup], trigger: cancel");
    let found = |text: &str| -> Vec<String> {
        load(text).findings.iter().map(|finding| format!("{}: {}", finding.code, finding.message)).collect()
    };
    assert_eq!(found(&text), ["T0404: nothing is said about trigger `cancel` in `done` and `failed`"]);
    let allowed = |text: &str, doc: &str| {
        text.replace(&format!("{doc}\" }}\n    t"), &format!("{doc}\", allow: {{ T0404: \"as meant\" }} }}\n    t"))
            .replace(&format!("{doc}\" }}\n      f"), &format!("{doc}\", allow: {{ T0404: \"as meant\" }} }}\n      f"))
    };
    let one = allowed(&text, "the guest is still here");
    assert_eq!(found(&one), ["T0404: nothing is said about trigger `cancel` in `done`"]);
    let both = allowed(&one, "the guest is elsewhere");
    assert_eq!(found(&both), [""; 0]);
}

/// The rows that lead to one clean-up are one finding, and each of them is silenced by itself.
#[test]
fn a_clean_up_that_forgets_is_silenced_for_each_row() {
    let text = include_str!("../fixtures/T0425-cleanup-forgets/several.yaml");
    let places = |text: &str| -> Vec<usize> {
        let places =
            |finding: &migration_table::Finding| finding.notes.iter().filter(|(span, _)| span.is_some()).count();
        load(text).findings.iter().map(places).collect()
    };
    assert_eq!(places(text), [3], "the state that holds it, and two more rows");
    let one = text.replace("when: late, to: failing", "when: late, to: failing, allow: { T0425: \"as meant\" }");
    assert_eq!(places(&one), [2]);
    assert_eq!(codes(&one.replace("holds: [spool], timer", "timer")), ["T0425", "T0603"]);
}

#[test]
fn a_state_that_may_be_stayed_in_for_ever_can_say_so_to_verify() {
    let text = include_str!("../fixtures/T0603-silences-nothing/fires.yaml");
    let text = text.replace(r#", allow: { T0410: "clients have relied on it since 1.0" }"#, "");
    let with = |doc: &str| text.replace(doc, &format!("{doc}, allow: {{ T0419: \"it serves for ever\" }}"));
    assert_eq!(codes(&text), [""; 0]);
    // `check` has nothing to say about work without a bound, but `verify` asks whether it ends.
    assert_eq!(codes(&with(r#"holds: [channels], doc: "moves memory""#)), [""; 0]);
    assert_eq!(codes(&with(r#"initial: true, doc: "nothing was ever sent""#)), ["T0603"]);
}
