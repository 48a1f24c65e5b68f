//! Whatever the text, there is an answer: findings and no panic, and they can be printed.

use migration_table::{Style, load, render};
use proptest::prelude::*;

const STATES: &str = include_str!("../../../states.yaml");

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
