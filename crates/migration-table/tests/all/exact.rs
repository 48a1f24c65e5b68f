//! What is found in small tables, one finding each: no other follows from it.

use migration_table::{Finding, Style, load, render};

/// A backup that can be paused.
const BACKUP: &str = r#"
format: 1
machine: backup
statuses:
  none:     { since: "0.1", doc: "no backup was ever started" }
  running:  { since: "0.1", doc: "a backup is being written" }
  stopping: { since: "0.1", doc: "the backup is being undone" }
  done:     { since: "0.1", wire: "All Done", doc: "the backup is whole" }
  failed:   { since: "0.1", wire: "FAILED", doc: "nothing of the backup is left" }
triggers:
  start:  { command: start, doc: "write a backup" }
  cancel: { command: cancel, doc: "undo what was written" }
  accept: { command: accept, doc: "keep the backup" }
events:
  opened:  { doc: "the target is open" }
  written: { doc: "everything is written" }
  closed:  { doc: "the target is closed" }
  error:   { carries: cause, doc: "the work cannot go on" }
guards:
  quick: { fixed: true, doc: "nobody is asked" }
resources:
  target: { doc: "the open file" }
machines:
  writer:
    doc: "writes one backup at a time"
    precedence: [error, cancel, accept]
    happy_path: [none, opening, writing, asking, closing, done]
    states:
      none:     { kind: idle,    shows: none, initial: true, doc: "waits for the first backup" }
      opening:  { kind: work,    shows: running, holds: [target], doc: "opens the target" }
      writing:  { kind: work,    shows: running, holds: [target], doc: "copies the data" }
      asking:   { kind: wait,    shows: running, holds: [target], doc: "waits for the user" }
      closing:  { kind: cleanup, shows: running, holds: [target], doc: "closes the target" }
      undoing:  { kind: cleanup, shows: stopping, holds: [target], doc: "removes what was written" }
      done:     { kind: idle,    shows: done, doc: "the backup is whole" }
      failed:   { kind: idle,    shows: failed, doc: "the backup is undone" }
    transitions:
      - { from: [none, done, failed], when: start, to: opening, public: true }
      - { from: opening, when: opened, to: writing }
      - { from: writing, when: written and not quick, to: asking }
      - { from: writing, when: written and quick, to: closing }
      - { from: asking, when: accept, to: closing }
      - { from: closing, when: closed, to: done, public: true }
      - { from: [opening, writing, asking], when: error or cancel, to: undoing, public: true }
      - { from: undoing, when: closed, to: failed, public: true }
    answers:
      - { trigger: [start, cancel, accept], answer: refuse, because: "not now" }
"#;

/// What is written in the place of what, and what is found: the rule, and a part of what is said.
type Case = (&'static [(&'static str, &'static str)], &'static [(&'static str, &'static str)]);

const BOTH: (&str, &str) = (
    "      asking:   { kind",
    "      both:     { kind: work, shows: running, holds: [target], doc: \"closes the target early\" }\n      asking:   { kind",
);
const OPENED: &str = "      - { from: opening, when: opened, to: writing }\n";
const ACCEPT: &str = "      - { from: asking, when: accept, to: closing }\n";
const UNDONE: &str = "      - { from: undoing, when: closed, to: failed, public: true }\n";
const END: &str = "      - { from: [opening, writing, asking], when: error or cancel, to: undoing, public: true }\n";

const CASES: &[Case] = &[
    (&[], &[]),
    // A state that is entered only when two facts come in before the machine looks, and that waits for a third.
    (
        &[
            BOTH,
            (
                OPENED,
                "      - { from: opening, when: opened and not written, to: writing }\n      - { from: opening, when: written and not opened, to: asking }\n      - { from: opening, when: opened and written, to: both }\n      - { from: both, when: closed, to: closing }\n",
            ),
            ("[opening, writing, asking], when: error", "[opening, writing, asking, both], when: error"),
        ],
        &[],
    ),
    // A line twice, which publishes in one of its states and in the other not, and has two cases; and a case of it.
    (
        &[
            (
                UNDONE,
                "      - { from: [undoing, failed], when: closed or accept, to: failed, public: true }\n      - { from: [undoing, failed], when: closed or accept, to: failed, public: true }\n",
            ),
            ("  closed:  { doc", "  closed:  { outside: true, doc"),
        ],
        &[(
            "T0431",
            "transition `closed or accept` to `failed` is given more than once in `undoing` and `failed`; remove this line",
        )],
    ),
    (
        &[(
            END,
            "      - { from: [opening, writing, asking], when: error or cancel, to: undoing, public: true }\n      - { from: asking, when: cancel, to: undoing, public: true }\n",
        )],
        &[("T0431", "`cancel` to `undoing` is given more than once in `asking`; remove this line")],
    ),
    // A wait that a user ends as an event does.
    (&[(ACCEPT, "      - { from: asking, when: accept or written, to: closing }\n")], &[]),
    // A way on that is there under one value of a fixed guard.
    (
        &[
            ("written and not quick, to: asking", "written, to: asking"),
            ("      - { from: writing, when: written and quick, to: closing }\n", ""),
            (ACCEPT, "      - { from: asking, when: accept and quick, to: closing }\n"),
            (END, "      - { from: [opening, writing], when: error or cancel, to: undoing, public: true }\n"),
        ],
        &[("T0305", "from `asking` when no fixed guard holds;")],
    ),
    // The same, where nothing that is reported leads on either.
    (
        &[
            ("written and not quick, to: asking", "written, to: asking"),
            ("      - { from: writing, when: written and quick, to: closing }\n", ""),
            (ACCEPT, "      - { from: asking, when: quick, to: closing }\n"),
            (END, "      - { from: [opening, writing], when: error or cancel, to: undoing, public: true }\n"),
            ("[error, cancel, accept]", "[error, cancel]"),
            ("trigger: [start, cancel, accept]", "trigger: [start, cancel]"),
            ("  accept: { command: accept, doc: \"keep the backup\" }\n", ""),
        ],
        &[("T0305", "from `asking` when no fixed guard holds;")],
    ),
    // A row that never fires, or that a trigger alone does not make fire: nothing else is said of it.
    (
        &[(
            ACCEPT,
            "      - { from: asking, when: accept, to: closing }\n      - { from: asking, when: cancel and quick, to: undoing }\n",
        )],
        &[("T0304", "")],
    ),
    (
        &[
            (
                OPENED,
                "      - { from: opening, when: opened, to: writing }\n      - { from: failed, when: accept and cancel, to: failed }\n",
            ),
            (
                "    answers:\n",
                "    answers:\n      - { in: failed, trigger: [accept, cancel], answer: refuse, because: \"it failed\" }\n",
            ),
        ],
        &[("T0402", ""), ("T0417", ""), ("T0417", "")],
    ),
    (&[("when: opened,", "when: opened and not opened,")], &[("T0303", "")]),
    // A resource that is held again by a clean-up, and is lost on a way that leads past that.
    (
        &[
            ("holds: [target], doc: \"copies", "doc: \"copies"),
            ("holds: [target], doc: \"waits", "doc: \"waits"),
            ("holds: [target], doc: \"closes", "doc: \"closes"),
        ],
        &[(
            "T0433",
            "`target`, which is held in `opening`, is lost on the way to `writing`; add `target` to `holds:` of `writing`, `asking` and `closing`",
        )],
    ),
    // One that a state in the middle does not hold, and that its clean-up has again; and where others lead to the clean-up.
    (
        &[
            ("holds: [target], doc: \"waits", "doc: \"waits"),
            ("      - { from: writing, when: written and quick, to: closing }\n", ""),
            ("written and not quick, to: asking", "written, to: asking"),
            ("guards:\n  quick: { fixed: true, doc: \"nobody is asked\" }\n", ""),
        ],
        &[(
            "T0433",
            "`target`, which is held in `writing`, is lost on the way to `asking`; add `target` to `holds:` of `asking`, or",
        )],
    ),
    (&[("holds: [target], doc: \"waits", "doc: \"waits")], &[]),
    // Helps that mend all of it: every formula that has to exclude another, every state that has to be left out.
    (
        &[(
            OPENED,
            "      - { from: opening, when: opened, to: writing }\n      - { from: opening, when: closed, to: asking }\n      - { from: opening, when: opened and closed, to: closing }\n",
        )],
        &[(
            "T0401",
            "write `opened and not closed` in place of `opened`, and `closed and not opened` in place of `closed`",
        )],
    ),
    (
        &[(
            UNDONE,
            "      - { from: [undoing, closing, writing], when: closed, to: failed, public: true }\n      - { from: undoing, when: closed, to: done, public: true }\n",
        )],
        &[("T0401", "let only one of them leave `closing`, or let one formula exclude the other"), ("T0408", "")],
    ),
    // What would be pending where the formula has nothing to exclude is excluded only where two rows collide.
    (
        &[(
            UNDONE,
            "      - { from: writing, when: cancel and written, to: closing }\n      - { from: undoing, when: closed, to: failed, public: true }\n",
        )],
        &[(
            "T0401",
            "give `writing` a transition of its own like `error or cancel` to `undoing`, with `error or cancel and not written`, and leave it out of `from:` of that one",
        )],
    ),
    // A line of two cases that decide nothing.
    (
        &[(
            UNDONE,
            "      - { from: writing, when: error and opened or error and closed, to: undoing, public: true }\n      - { from: undoing, when: closed, to: failed, public: true }\n",
        )],
        &[("T0432", "`error and opened or error and closed` to `undoing` decides nothing; remove this line")],
    ),
    // A code in other letters.
    (
        &[("doc: \"waits for the user\"", "doc: \"waits for the user\", allow: { t419: \"it is slow\" }")],
        &[("T0601", "did you mean `T0419`?")],
    ),
    // The name on the wire in the place of that in the table.
    (&[("shows: done,", "shows: All Done,")], &[("T0201", "write `done`: `All Done` is its name on the wire")]),
    (&[("shows: failed,", "shows: FAILED,")], &[("T0201", "write `failed`: `FAILED` is its name on the wire")]),
    // A status that is not declared, and one in whose place the nearest makes another error.
    (
        &[("shows: running, holds: [target], doc: \"copies", "shows: runing, holds: [target], doc: \"copies")],
        &[("T0201", "did you mean `running`?")],
    ),
    (
        &[("shows: running, holds: [target], doc: \"closes", "shows: ondone, holds: [target], doc: \"closes")],
        &[("T0201", "declare `ondone`, or write `done` in its place")],
    ),
    // Names that are none are reported where they are declared.
    (&[("  written: {", "  Written: {")], &[("T0204", "write `written` here")]),
    (
        &[
            ("  written: {", "  2nd: {"),
            ("written and not quick", "2nd and not quick"),
            ("written and quick", "2nd and quick"),
        ],
        &[("T0204", "write `event_2nd` here")],
    ),
    (
        &[
            ("  written: {", "  Self: {"),
            ("written and not quick", "Self and not quick"),
            ("written and quick", "Self and quick"),
        ],
        &[("T0204", "write `self_event` here")],
    ),
    // What is sent, where nobody is to send it to.
    (
        &[(OPENED, "      - { from: opening, when: opened, to: writing, sends: hello }\n")],
        &[("T0201", "leave `sends:` out: a message goes from one machine of a table to another, and this one has one")],
    ),
    (
        &[(OPENED, "      - { from: opening, when: opened, to: writing, sends: [hello, closed] }\n")],
        &[("T0201", "leave `sends:` out")],
    ),
    // A comma is missing.
    (
        &[("[error, cancel, accept]", "[error cancel, accept]")],
        &[("T0201", "put a comma between the names, and all into brackets: `[error, cancel]`")],
    ),
    (
        &[("from: [opening, writing, asking]", "from: opening or writing or asking")],
        &[("T0201", "`[opening, writing, asking]`")],
    ),
    (
        &[("doc: \"undo what was written\"", "doc: undo, what was written\"")],
        &[("T0102", "put a quotation mark before the text that ends here")],
    ),
    (
        &[("doc: \"undo what was written\"", "doc: undo, what was written")],
        &[("T0102", "put the text that this belongs to into quotation marks")],
    ),
];

/// The table with what is written in the place of something.
fn with_slips(slips: &[(&str, &str)]) -> String {
    slips.iter().fold(BACKUP.to_owned(), |text, (was, is)| {
        assert!(text.contains(was), "{was}");
        text.replacen(was, is, 1)
    })
}

/// The tables in which something is found, but for those in which a formula contradicts itself: such a row is not to be
/// removed where only that row leads on.
pub(super) fn tables() -> impl Iterator<Item = String> {
    let is_one = |found: &[(&str, &str)]| found.iter().all(|(code, _)| *code != "T0303");
    CASES.iter().filter(move |(_, found)| is_one(found)).map(|(slips, _)| with_slips(slips))
}

#[test]
fn what_is_found_is_told_once() {
    for (slips, expected) in CASES {
        let text = with_slips(slips);
        let loaded = load(&text);
        let found: Vec<_> = loaded.findings.iter().collect();
        let is_expected = |(finding, (code, said)): (&&Finding, &(&str, &str))| {
            let help = finding.help.as_deref().unwrap_or_default();
            finding.code.0 == *code && format!("{}; {help}", finding.message).contains(said)
        };
        let is_it = found.len() == expected.len() && found.iter().zip(*expected).all(is_expected);
        let shown = render(&loaded.findings, &text, "states.yaml", Style::Plain);
        assert!(is_it, "expected {expected:?}, found\n{shown}");
    }
}

/// What else is wrong is found once the name is right, and is no sign that it was not.
#[test]
fn a_status_that_is_misspelt_is_told_so_in_a_table_that_has_another_error() {
    let text = with_slips(&[
        ("shows: running, holds: [target], doc: \"copies", "shows: runing, holds: [target], doc: \"copies"),
        (UNDONE, "      - { from: undoing, when: closed, to: failed }\n"),
    ]);
    let helps: Vec<_> = load(&text).findings.iter().map(|finding| finding.help.clone()).collect();
    assert_eq!(helps, [Some("did you mean `running`?".to_owned())]);
}
