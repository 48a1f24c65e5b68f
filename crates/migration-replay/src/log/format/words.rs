//! Words that tell quickly that a line need not be read: most lines of a log have none of them.
//!
//! All words are looked for at once. For each of the first three bytes of a word, a table says which words have which
//! byte there; a word can only begin where all three agree. This is the filter of Baeza-Yates and Gonnet (1992, "shift-or")
//! without the shifts.

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

/// How many bytes of a word are looked at before it is compared.
const DEPTH: usize = 3;
/// By place in a word and byte, the words that may have that byte there: a bit for each, those of records first.
const MASKS: [[u32; 256]; DEPTH] = [masks(0), masks(1), masks(2)];
const OF_RECORDS: u32 = (1 << RECORDS.len()) - 1;

const fn word(at: usize) -> &'static str {
    if at < RECORDS.len() { RECORDS[at] } else { MESSAGES[at - RECORDS.len()] }
}

const fn masks(place: usize) -> [u32; 256] {
    let mut masks = [0; 256];
    let mut at = 0;
    while at < RECORDS.len() + MESSAGES.len() {
        let bytes = word(at).as_bytes();
        let mut byte = 0;
        while byte < 256 {
            // What follows a word may be anything.
            if place >= bytes.len() || bytes[place] as usize == byte {
                masks[byte] |= 1 << at;
            }
            byte += 1;
        }
        at += 1;
    }
    masks
}

/// Whether a line has a word that is in every record.
pub(super) fn has_record(line: &str) -> bool {
    has_any(line.as_bytes(), OF_RECORDS)
}

/// Whether a line has a word that is in every record or in every message.
pub(super) fn has_record_or_message(line: &str) -> bool {
    has_any(line.as_bytes(), u32::MAX)
}

fn has_any(bytes: &[u8], wanted: u32) -> bool {
    let mask = |place: usize, at: usize| MASKS[place][usize::from(bytes.get(at).copied().unwrap_or_default())];
    bytes.iter().enumerate().any(|(at, byte)| {
        let mut words = MASKS[0][usize::from(*byte)] & wanted;
        if words != 0 {
            words &= mask(1, at + 1) & mask(2, at + 2);
        }
        while words != 0 {
            if bytes[at..].starts_with(word(words.trailing_zeros() as usize).as_bytes()) {
                return true;
            }
            words &= words - 1;
        }
        false
    })
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
