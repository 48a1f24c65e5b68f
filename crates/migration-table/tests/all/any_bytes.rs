//! Whatever the text, there is an answer: findings and no panic, and they can be printed.

use std::fs;
use std::path::Path;

use migration_table::{Style, load, render};
use proptest::prelude::*;

const STATES: &str = include_str!("../../../../states.yaml");

/// Pieces of which texts that are almost tables consist.
const PIECES: &[&str] = &[
    "format: 1\n",
    "machine: ",
    "machines:\n",
    "statuses:\n",
    "  ",
    "- ",
    "{ ",
    " }",
    "[",
    "]",
    ": ",
    ", ",
    "\n",
    "from",
    "when",
    "to",
    "doc",
    "\"",
    "'",
    "# ",
    "&a ",
    "*a",
    "!t ",
    "<<",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "| ",
    ">-\n",
    "? ",
    "\t",
    "\r\n",
    "\u{feff}",
    "\u{85}",
    "ü",
    "\u{1b}[31m",
    "on",
    "2.3",
    "not (a or b)",
    "idle",
    "~",
    "\0",
];

fn answers(text: &str) {
    let loaded = load(text);
    let has_table = loaded.table.is_some();
    assert!(has_table || loaded.findings.has_errors(), "no table, and no reason: {text:?}");
    for finding in &loaded.findings {
        let span = finding.span;
        assert!(span.start <= span.end && span.end <= text.len(), "{finding:?}");
        assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end), "{finding:?}");
        assert!(span.line >= 1 && span.column >= 1, "{finding:?}");
    }
    let shown = render(&loaded.findings, text, "states.yaml", Style::Plain);
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    assert!(render(&loaded.findings, text, "states.yaml", Style::Coloured).len() >= shown.len());
}

/// Every fixture: small tables, sound and unsound in every way that is known.
fn corpus() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut texts = Vec::new();
    for check in fs::read_dir(folder).unwrap() {
        for name in ["fires.yaml", "silent.yaml"] {
            texts.extend(fs::read_to_string(check.as_ref().unwrap().path().join(name)));
        }
    }
    // One is there to take long, and would take long in every form.
    texts.retain(|text| text.len() < 4_000);
    texts.sort();
    texts
}

#[test]
fn a_corpus_cut_short_and_without_one_of_its_lines() {
    let corpus = corpus();
    assert!(corpus.len() > 100, "the fixtures are there");
    for (index, text) in corpus.iter().enumerate() {
        let lines: Vec<&str> = text.lines().collect();
        for turn in 0..3 {
            // Another place in every table, so that together they are cut everywhere.
            let line = (index * 7 + turn * 13) % lines.len();
            let others = lines.iter().enumerate().filter(|(at, _)| *at != line).map(|(_, line)| *line);
            answers(&others.collect::<Vec<_>>().join("\n"));
            let cut = (index * 31 + turn * 101) % text.len();
            answers(&text[..text.floor_char_boundary(cut)]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        answers(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn pieces(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        answers(&pieces.concat());
    }

    #[test]
    fn the_table_with_a_piece_in_the_wrong_place(
        cut in any::<prop::sample::Index>(),
        length in 0_usize..40,
        piece in prop::sample::select(PIECES),
    ) {
        let chars: Vec<char> = STATES.chars().collect();
        let cut = cut.index(chars.len());
        let rest = chars.iter().skip(cut + length);
        let text: String = chars[..cut].iter().copied().chain(piece.chars()).chain(rest.copied()).collect();
        answers(&text);
    }
}
