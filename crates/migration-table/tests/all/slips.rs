//! One finding for one slip: a sound table with a single mistake in it has a single finding, wherever the mistake shows.

use migration_table::{Finding, Style, load, render};

/// The table of this project.
pub(super) const OWN: &str = include_str!("../../../../states.yaml");

/// What somebody gets wrong: what stood there, what stands there now, and the rule that says so.
pub(super) const SLIPS: &[(&str, &str, &str)] = &[
    // A declaration that is misspelt, or gone: every use of the name is a use of something undeclared.
    ("  active:         { since", "  actiev:         { since", "T0209"),
    ("  peer-silent:  { since", "  peer-slient:  { since", "T0201"),
    ("  give_up:        { command", "  give_pu:        { command", "T0201"),
    ("  loaded:     { doc", "  laoded:     { doc", "T0201"),
    (
        "  packaged:   { doc: \"the device state is sent, and the rest of the memory is left to a post-copy\" }\n",
        "",
        "T0201",
    ),
    ("  whole:                   { doc", "  whoel:                   { doc", "T0201"),
    ("  running:   { number", "  runnign:   { number", "T0201"),
    ("  dirty_log: { doc", "  dirty_lgo: { doc", "T0201"),
    ("      standing_by: { kind", "      standing_yb: { kind", "T0201"),
    ("      loads:       [", "      loasd:       [", "T0201"),
    // A name that is misspelt where it is used.
    ("when: connected,  ", "when: conected,  ", "T0201"),
    ("to: negotiating,    sends", "to: negotiatign,    sends", "T0201"),
    (
        "precedence: [cancel, failed, timed_out, refused, pause",
        "precedence: [cancle, failed, timed_out, refused, pause",
        "T0201",
    ),
    // A group that lacks a state: nothing is said in it about several triggers.
    ("      postcopy:       [postcopy_linked, ", "      postcopy:       [", "T0404"),
    ("postcopy_finishing, losing]", "postcopy_finishing]", "T0404"),
    // A formula that contradicts itself: what would follow from the row does not.
    ("when: connected,  ", "when: connected and not connected,  ", "T0303"),
    // A name with a twin in other letters, and a message that is declared the wrong way round.
    (
        "  ready:     { number: 3,",
        "  Ready:     { number: 3, from: destination, to: source, doc: \"once more\" }\n  ready:     { number: 3,",
        "T0204",
    ),
    (
        "  cancel:   { command: migrate_cancel,",
        "  Cancel:   { command: migrate_cancel, doc: \"once more\" }\n  cancel:   { command: migrate_cancel,",
        "T0204",
    ),
    (
        "  refused:   { number: 6, from: destination, to: source, ",
        "  refused:   { number: 6, from: source, to: destination, ",
        "T0209",
    ),
    // A state of the wrong kind: everything that is found follows from it.
    ("      active:         { kind: work, ", "      active:         { kind: idle, ", "T0407"),
    ("      failing:        { kind: cleanup, ", "      failing:        { kind: wait, ", "T0408"),
    // A transition that leads the other way.
    (
        "- { from: negotiating,    when: welcome,                                 to: active, ",
        "- { from: active,    when: welcome,                                 to: negotiating, ",
        "T0301",
    ),
    // An entry in the wrong block, or in the wrong column.
    (
        "events:\n  connected:  { doc",
        "events:\n  more: { number: 99, from: source, to: destination, doc: \"more\" }\n  connected:  { doc",
        "T0103",
    ),
    (
        "    answers:\n      - { in: in_progress,        trigger: migrate,",
        "    answers:\n      - { from: none, when: migrate, to: none }\n      - { in: in_progress,        trigger: migrate,",
        "T0103",
    ),
    ("  dirty_log: { doc", "dirty_log: { doc", "T0103"),
    // Keys without effect.
    ("      none:           { kind: idle,    ", "      none:           { kind: idle,    reconnects: true, ", "T0115"),
    ("{ in: no_postcopy,    trigger: recover, ", "{ except: postcopy_paused,    trigger: recover, ", "T0119"),
    ("{ in: no_postcopy,    trigger: recover, ", "{ except: none,    trigger: recover, ", "T0404"),
    (
        "      - { in: idle,           trigger: cancel,   answer: ignore }\n",
        "      - { in: idle,           trigger: cancel,   answer: ignore }\n      - { trigger: cancel, answer: ignore }\n",
        "T0405",
    ),
    // A line that is copied, below itself and at the end of its block, and not changed.
    ("  loaded:     { doc", "  loaded:     { doc: \"twice\" }\n  loaded:     { doc", "T0202"),
    (
        "  connected:  { doc",
        "  connected:  { doc: \"the channel to the destination is open\" }\n  connected:  { doc",
        "T0202",
    ),
    ("  dirty_log: { doc", "  dirty_log: { doc: \"twice\" }\n  dirty_log: { doc", "T0202"),
    (
        "  active:         { since",
        "  active:         { since: \"2.3\", doc: \"twice\" }\n  active:         { since",
        "T0202",
    ),
    // The command in the place of its trigger.
    ("when: give_up, ", "when: migrate-give-up, ", "T0201"),
    ("trigger: give_up, ", "trigger: migrate-give-up, ", "T0201"),
    // Slips of YAML.
    ("none:           { kind: idle, ", "none:           { kind idle, ", "T0102"),
    ("none:           { kind: idle, ", "none:           { kind = idle, ", "T0102"),
    ("none:           { kind: idle, ", "none:           { kind:idle, ", "T0102"),
    ("  whole:                   { doc: \"every", "  whole:                   { doc \"every", "T0102"),
    ("  whole:                   { doc: \"every", "  whole:                   { doc: every", "T0502"),
    // What other formats write.
    ("from: connecting,     when: connected,  ", "from: connecting,     on connected,  ", "T0102"),
    ("from: connecting,     when: connected,  ", "from: connecting,     on: connected,  ", "T0102"),
    ("when: welcome,                                 to: active,", "when: welcome -> active,", "T0102"),
    ("when: welcome,                                 to: active,", "when: welcome, -> active,", "T0102"),
    ("from: negotiating,    when: welcome, ", "from: negotiating -> active,    when: welcome, ", "T0201"),
    ("machine: migration\n", "machine: migration\nfrob:\n", "T0102"),
    ("from: negotiating,    when: welcome, ", "from: negotiating,    when: !welcome, ", "T0107"),
    ("from: negotiating,    when: welcome, ", "from: negotiating,    after: 1000, ", "T0103"),
    ("from: negotiating,    when: welcome, ", "from: “negotiating”,    when: welcome, ", "T0105"),
    ("doc: \"the channel to the destination is open\"", "doc: “open, the channel”", "T0105"),
    // A row that leads on from many states is gone, or one that stands below the block that it is of.
    (
        "      - { from: awaits_peer,    when: timed_out,                               to: failing,        public: true, reason: peer-silent }\n",
        "",
        "T0418",
    ),
    ("    transitions:\n", "      transitions:\n", "T0103"),
    // A copied line.
    (
        "  dirty_log: { doc: \"the record of pages that the guest writes\" }\n",
        "  dirty_log: { doc: \"the record of pages that the guest writes\" }\n  dirty_log: { doc: \"the record of pages\" }\n",
        "T0202",
    ),
    (
        "  failed:     { carries: cause, doc: \"the work cannot go on\" }\n",
        "  failed:     { carries: cause, doc: \"the work cannot go on\" }\n  started:    { doc: \"the guest runs here\" }\n",
        "T0202",
    ),
    // One entry in another column than its neighbours.
    ("      in_doubt:       { kind: wait,", "       in_doubt:       { kind: wait,", "T0101"),
    ("      in_doubt:       { kind: wait,", "    in_doubt:       { kind: wait,", "T0101"),
    (
        "      - { in: failing,            trigger: cancel,",
        "      - { in: failing,            trigger: migrate_cancel,",
        "T0201",
    ),
];

/// What somebody gets wrong, and what the help says to write.
const HELPS: &[(&str, &str, &str)] = &[
    (
        "from: negotiating,    when: welcome, ",
        "from: negotiating,    when: [welcome, failed], ",
        "`when: welcome and failed`",
    ),
    ("from: negotiating,    when: welcome, ", "from: negotiating,    when: [welcome], ", "write `when: welcome`"),
    ("from: negotiating,    when: welcome, ", "from: negotiating, active,    when: welcome, ", "into brackets"),
    ("from: negotiating,    when: welcome, ", "from: [[negotiating]],    when: welcome, ", "write `negotiating`"),
    (
        "from: negotiating,    when: welcome, ",
        "from: (negotiating, active), when: welcome, ",
        "into brackets: `[negotiating, active]`",
    ),
    (
        "from: negotiating,    when: welcome, ",
        "from: !negotiating, when: welcome, ",
        "write `from: any, except: negotiating`",
    ),
    (
        "from: negotiating,    when: welcome, ",
        "from: not negotiating, when: welcome, ",
        "write `from: any, except: [idle, negotiating]`",
    ),
    (
        "from: negotiating,    when: welcome, ",
        "from: any but (negotiating or active), when: welcome, ",
        "write `from: any, except: [idle, negotiating, active]`",
    ),
    (
        "- { in: failing,            trigger: cancel,",
        "- { in: not failing and not ending, trigger: cancel,",
        "write `except: [failing, ending]` in the place of `in:`",
    ),
    (
        "from: negotiating,    when: welcome, ",
        "from: negotiating, when: welcome, guard: whole, ",
        "`when: welcome and whole`",
    ),
    ("    precedence: [cancel, failed", "    precedence: cancel, failed", "into brackets: `[cancel, failed"),
    ("when: give_up, ", "when: migrate-give-up, ", "did you mean `give_up`?"),
    ("when: welcome, ", "when: Welcom, ", "write `welcome`"),
    ("when: welcome, ", "when: welcome AND not failed, ", "write `and`"),
    ("  active:         { since: \"2.3\"", "  active:         { since: 2024-01-01", "write it like \"2.11\""),
    ("machine: migration\n", "machine: 7\n", "a name begins with a letter"),
    ("machines:\n", "machine:\n", "did you mean `machines`?"),
    ("public: true", "public: yes", "write `true`"),
    ("public: true", "public: treu", "write `true`"),
    ("precedence: [cancel, failed, ", "precedence: cancel, failed #", "`[cancel, failed]`"),
    ("      - { from: negotiating, ", "      - { from: Any, ", "did you mean `any`?"),
    ("after_ms: 30000", "after: 30000", "write `after_ms: 30000`"),
    ("after_ms: 30000", "after_ms: 30_000", "write `30000`"),
    ("after_ms: 30000", "after_ms: 5000000000", "at most 49 days"),
    ("kind: wait,", "kind: waiting,", "did you mean `wait`?"),
    ("kind: cleanup,", "kind: clean,", "did you mean `cleanup`?"),
    ("kind: work,", "kind: busy,", "`work` (something is done)"),
    ("answer: refuse", "answer: reject", "`refuse` (an error"),
    ("when: continue, ", "when: migrate-continue, ", "did you mean `continue`"),
    ("trigger: cancel, ", "trigger: migrate_cancel, ", "did you mean `cancel`"),
    ("holds: [dirty_log], ", "holds: [dirty_log], allow: { never-rests: \"it does\" }, ", "write `T0310`"),
    ("      - { from: negotiating, ", "      -{ from: negotiating, ", "write a space after it"),
    ("      - { from: negotiating, ", "      - from: negotiating, ", "add `{` before `from`"),
    ("    answers:\n", "    answers:,\n", "leave this comma out"),
    ("when: connected,  ", "when: connected or failed ", "add a comma after `connected or failed`"),
    ("      in_doubt:       { kind: wait,", "       in_doubt:       { kind: wait,", "indent it like `taking_back:`"),
    ("    happy_path: [none, conn", "      happy_path: [none, conn", "indent it like `precedence:`"),
    ("to: negotiating,    sends", "to: nego\u{200b}tiating,    sends", "the character U+200B"),
    ("to: negotiating,    sends", "to: neg\u{43e}tiating,    sends", "the character U+043E"),
    ("  active:         { since", "  404:            { since", "`wire: \"404\"`"),
];

#[test]
fn the_help_of_a_slip_says_what_to_write() {
    for (sound, slip, help) in HELPS {
        let text = OWN.replacen(sound, slip, 1);
        assert_ne!(text, OWN, "`{sound}` is not in the table");
        let findings = load(&text).findings;
        let shown = render(&findings, &text, "states.yaml", Style::Plain);
        let helps: Vec<&str> = findings.iter().filter_map(|finding: &Finding| finding.help.as_deref()).collect();
        assert!(helps.iter().any(|said| said.contains(help)), "`{slip}` lacks {help}: {shown}");
    }
}

/// A row is gone in which a failure led to where it is undone: no proposal lets the failure lead to what was to succeed.
#[test]
fn a_failure_is_not_proposed_to_lead_to_success() {
    let commit = include_str!("../../../migration-verify/tests/tables/two-phase-commit.yaml");
    let spooler = include_str!("../../../migration-verify/tests/tables/spooler.yaml");
    let cases = [
        (commit, "      - { from: asking,     when: lost,    to: aborting, ", "to: committing"),
        (spooler, "      - { from: wait,     when: lost, ", "to: printing"),
    ];
    for (text, row, success) in cases {
        let at = text.find(row).unwrap_or_else(|| panic!("`{row}` is not in the table"));
        let end = at + text[at..].find('\n').unwrap() + 1;
        let findings = load(&format!("{}{}", &text[..at], &text[end..])).findings;
        assert!(!findings.is_empty());
        let helps: Vec<&str> = findings.iter().filter_map(|finding| finding.help.as_deref()).collect();
        assert!(!helps.iter().any(|help| help.contains("when: lost") && help.contains(success)), "{helps:?}");
    }
}

#[test]
fn a_key_without_a_value_is_a_name_only_where_names_can_be_listed() {
    let text = OWN.replacen("machine: migration\n", "machine: migration\nfrob:\n", 1);
    assert_ne!(text, OWN);
    let findings = load(&text).findings;
    assert!(findings.iter().all(|finding: &Finding| finding.help.is_none()), "{:?}", findings.iter().next());
}

#[test]
fn one_slip_has_one_finding() {
    let mut wrong = Vec::new();
    for (sound, slip, code) in SLIPS {
        let text = OWN.replacen(sound, slip, 1);
        assert_ne!(text, OWN, "`{sound}` is not in the table");
        let findings = load(&text).findings;
        let codes: Vec<&str> = findings.iter().map(|finding: &Finding| finding.code.0).collect();
        if codes != [*code] {
            wrong.push(format!("`{slip}`: {}", render(&findings, &text, "states.yaml", Style::Plain)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_name_that_is_not_declared_is_shown_in_all_its_places() {
    let text = OWN.replacen("  dirty_log: { doc", "  dirty_lgo: { doc", 1);
    let findings = load(&text).findings;
    let finding = findings.iter().next().expect("there is one");
    assert_eq!(finding.message, "state holds undeclared resource `dirty_log`");
    let uses = text.matches("dirty_log").count();
    let (places, more): (Vec<_>, Vec<_>) = finding.notes.iter().partition(|(place, _)| place.is_some());
    assert_eq!(more, [&(None, format!("and in {} more places", uses - 1 - places.len()))]);
    assert!(places.iter().all(|(place, _)| place.is_some_and(|span| &text[span.start..span.end] == "dirty_log")));
}
