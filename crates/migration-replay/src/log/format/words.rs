//! Words that tell quickly that a line need not be read: most lines of a log have none of them.
//!
//! All words are looked for at once.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// One of these is in every record, and in few other lines.
const RECORDS: &[&str] = &[
    "QEMU",
    "HMP shell",
    "Line [",
    "domain",
    "Status:",
    "Job type:",
    "gration: [",
    "gration status",
    "gration operation ",
    "gration running for ",
    "gration Progress: ",
    "VM-state",
    "set_state",
    "qmp_",
    "(qemu)",
    "qemu-monitor-command",
];

/// One of these is in every object that is a message or holds one: members of messages and recordings, objects within
/// it, bytes of a text, and characters that are written as numbers.
const MESSAGES: &[&str] = &[
    "\"execute\"",
    "\"exec-oob\"",
    "\"return\"",
    "\"error\"",
    "\"event\"",
    "\"QMP\"",
    "\"proc\"",
    "\"step\"",
    "{",
    "[",
    "\\u",
];

static OF_RECORDS: LazyLock<AhoCorasick> = LazyLock::new(|| searcher(RECORDS.iter()));
static OF_BOTH: LazyLock<AhoCorasick> = LazyLock::new(|| searcher(RECORDS.iter().chain(MESSAGES)));

fn searcher<'w>(words: impl Iterator<Item = &'w &'static str>) -> AhoCorasick {
    AhoCorasick::new(words).expect("a few short words")
}

/// Whether a line has a word that is in every record.
pub(super) fn has_record(line: &str) -> bool {
    OF_RECORDS.is_match(line)
}

/// Whether a line has a word that is in every record or in every message.
pub(super) fn has_record_or_message(line: &str) -> bool {
    OF_BOTH.is_match(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_wherever_it_stands() {
        for (at, word) in RECORDS.iter().chain(MESSAGES).enumerate() {
            for text in [(*word).to_owned(), format!("a {word}"), format!("{word} z"), format!("qq{word}{word}")] {
                assert!(has_record_or_message(&text), "{text}");
                assert_eq!(has_record(&text), at < RECORDS.len(), "{text}");
            }
            assert!(word.len() == 1 || !has_record_or_message(&word[..word.len() - 1]), "{word}");
        }
        assert!(!has_record_or_message("") && !has_record_or_message("\"level\":\"info\",\"msg\":\"Synced\"}"));
    }
}
