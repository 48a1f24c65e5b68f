//! Texts that nobody wrote by mistake: nothing panics, nothing takes more than its bound, and what is accepted is a lock.

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// Whatever is accepted is what it writes.
fn accepted_or_not(text: &str) -> Result<(), TestCaseError> {
    match read(text) {
        Ok(public) => prop_assert_eq!(write(&public), text),
        Err(error) => prop_assert!(error.line() >= 1 && error.line() <= text.split('\n').count()),
    }
    Ok(())
}

/// Words from which lines are made.
const WORDS: [&str; 40] = [
    "api-lock 1",
    "end",
    "table",
    "status",
    "command",
    "setting",
    "deprecated-for",
    "observer",
    "reserved",
    "guarantee",
    "machine",
    "case",
    "begins",
    "at",
    "on",
    "after",
    "reply",
    "always",
    "not",
    "and",
    "or",
    "when",
    "->",
    "!",
    ":",
    "#",
    "+",
    "\"",
    "\\",
    "\\u{",
    "}",
    "none",
    "active",
    "rests",
    "ends",
    "0",
    "4294967296",
    "since",
    "success",
    "\n",
];

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        accepted_or_not(&text)?;
        accepted_or_not(&format!("api-lock 1\n{text}\nend\n"))?;
    }

    #[test]
    fn any_words_are_answered(words in prop::collection::vec(prop::sample::select(WORDS.as_slice()), 0..60)) {
        accepted_or_not(&format!("api-lock 1\n{}\n\nend\n", words.join(" ").replace(" \n ", "\n")))?;
        accepted_or_not(&format!("api-lock 1\ntable t\nmachine m\ncase always\n{}\n\nend\n", words.join(" ").replace(" \n ", "\n")))?;
    }

    #[test]
    fn a_lock_with_a_few_characters_changed_is_answered(
        changes in prop::collection::vec((any::<Index>(), any::<char>(), 0..3), 1..4),
    ) {
        let mut chars: Vec<char> = lock(SMALL).chars().collect();
        for (place, c, how) in changes {
            let at = place.index(chars.len());
            match how {
                0 => chars[at] = c,
                1 => chars.insert(at, c),
                _ => drop(chars.remove(at)),
            }
        }
        accepted_or_not(&chars.into_iter().collect::<String>())?;
    }

    #[test]
    fn a_lock_whose_lines_were_shuffled_is_answered(moves in prop::collection::vec((any::<Index>(), any::<Index>()), 1..6)) {
        let text = lock(SMALL);
        let mut lines: Vec<&str> = text.lines().collect();
        for (from, to) in moves {
            let line = lines.remove(from.index(lines.len()));
            lines.insert(to.index(lines.len() + 1), line);
        }
        accepted_or_not(&(lines.join("\n") + "\n"))?;
    }
}

fn refused(machine: &str) -> LockError {
    let settings: String = (0..65).map(|index| format!("setting s{index}\n")).collect();
    let statuses: String = (0..10).map(|index| format!("status {}{index}\n", long())).collect();
    let vocabulary = format!("status a\n{statuses}{settings}");
    read(&format!("api-lock 1\ntable t\n{vocabulary}machine m\n{machine}\nend\n")).expect_err("it is absurd")
}

fn long() -> String {
    "x".repeat(1 << 16)
}

#[test]
fn absurd_sizes_are_refused() {
    assert_eq!(read(&"x".repeat(LOCK_BYTES_MAX + 1)).unwrap_err().kind(), Damage::TooLarge);

    let settings: Vec<String> = (0..65).map(|index| format!("s{index}")).collect();
    assert_eq!(refused(&format!("case {}", settings.join(" and "))).kind(), Damage::TooLarge);

    // Every line holds in every case.
    let literal =
        |case: usize, bit: usize| if case >> bit & 1 == 0 { format!("not s{bit}") } else { format!("s{bit}") };
    let case =
        |case: usize| format!("case {}\n", (0..10).map(|bit| literal(case, bit)).collect::<Vec<_>>().join(" and "));
    let cases: String = (0..1024).map(case).collect();
    let states: String = (0..600).map(|index| format!("at a#{index}:\n")).collect();
    assert_eq!(refused(&(cases.clone() + &states)).kind(), Damage::TooLarge);

    // A few long names that are repeated in every case.
    let long: String = (0..10).map(|index| format!("at {}{index}:\n", long())).collect();
    assert_eq!(refused(&(cases + &long)).kind(), Damage::TooLarge);

    // More cases than a table has, none of which can be taken together.
    let many: Vec<String> =
        (0..5000usize).map(|case| (0..13).map(|bit| literal(case, bit)).collect::<Vec<_>>().join(" and ")).collect();
    assert_eq!(refused(&format!("case {}", many.join(" or "))).kind(), Damage::TooLarge);
}

#[test]
fn deep_and_long_lines_are_answered() {
    for text in [
        format!("case {}", "not ".repeat(100_000)),
        format!("case {}", "a or ".repeat(100_000)),
        format!("at {}:", "a+".repeat(100_000)),
        format!("at {}", "\"".repeat(100_001)),
        format!("at {}", "\\".repeat(100_000)),
        format!("begins none#{}", "9".repeat(100_000)),
    ] {
        assert!(refused(&text).to_string().chars().count() < 400);
    }
}
