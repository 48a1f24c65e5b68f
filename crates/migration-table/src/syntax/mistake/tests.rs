//! Slips of the pen, each with the place where it was made and what a person would do about it.

use crate::finding::Findings;
use crate::syntax::{Words, parse};

/// A sound beginning and end, so that each slip has lines around it.
const BEFORE: &str = "format: 1\nmachine: \"a b\"\nstates:\n  a: { doc: 'it''s', from: [x, y] } # a comment\n";
const AFTER: &str = "  z: { doc: \"last\", to: x }\nrows:\n  - { from: a, when: b, to: z }\n  - from: b\n    to: z\n";

fn is_key(word: &str) -> bool {
    ["doc", "from", "to", "when", "kind", "format", "machine"].contains(&word)
}

const WORDS: Words = Words { is_key, block_of: |_, _| None, are_beside: |one, other| is_key(one) && is_key(other) };

/// Line and column within the slip, what is wrong, and the help.
fn found(slip: &str, line_end: &str) -> (usize, usize, String, String) {
    let text = format!("{BEFORE}{slip}\n{AFTER}").replace('\n', line_end);
    let mut out = Findings::default();
    parse(&text, WORDS, &mut out);
    let finding = out.iter().next().unwrap_or_else(|| panic!("nothing is found in {slip:?}"));
    assert_eq!(finding.code.0, "T0101", "{slip}: {}", finding.message);
    let what = finding.message.trim_start_matches("the table is not valid YAML: ").to_owned();
    let help = finding.help.clone().unwrap_or_default();
    let first = BEFORE.matches('\n').count();
    (finding.span.line.wrapping_sub(first), finding.span.column, what, help)
}

fn is(slip: &str, line: usize, column: usize, what: &str, help: &str) {
    for line_end in ["\n", "\r\n", "\r"] {
        let found = found(slip, line_end);
        assert_eq!((found.0, found.1, found.2.as_str()), (line, column, what), "{slip:?} {line_end:?}");
        assert!(found.3.contains(help), "{slip:?}: {}", found.3);
    }
}

#[test]
fn a_quote_that_is_not_closed_is_reported_where_it_was_opened() {
    let what = "a quote is not closed";
    is("  b: { doc: \"sends the guest }", 1, 13, what, "add `\"` where the text ends");
    is("  b: { doc: 'sends the guest }", 1, 13, what, "add `'`");
    is("  b: { doc: \"sends, to: x }", 1, 13, what, "");
    is("  b: { doc: \"sends, when: \"x\", to: y }", 1, 13, what, "");
    is("  b:\n    doc: \"sends the guest\n    to: x", 2, 10, what, "");
    is("  \"b: { doc: 1 }", 1, 3, what, "");
    is("  b: { from: [\"x, y], to: z }", 1, 15, what, "");
}

#[test]
fn a_quote_within_a_text_is_reported_where_it_ends_the_text() {
    let what = "text follows the quote that ends a value";
    is("  b: { doc: \"says \"hello\" to it\" }", 1, 19, what, "write `\\\"`");
    is("  b: { doc: 'the guest's memory' }", 1, 23, what, "write `''`");
    is("  b:\n    doc: \"says \"hello\" to it\"", 2, 16, what, "single quotes");
}

#[test]
fn a_missing_comma_is_reported_before_the_key_that_it_separates() {
    let what = "a comma is missing";
    is("  b: { when: sent    to: x }", 1, 22, what, "add a comma after `sent`");
    is("  b: { doc: \"sent\" to: x }", 1, 20, what, "add a comma before `to`");
    is("  b: { from: [x, y] to: x }", 1, 21, what, "add a comma before `to`");
    is("  b: { doc: 'x' 'y' }", 1, 15, "text follows the quote that ends a value", "");
    is("  b: { from: a,\n       when: b\n       to: z }", 3, 8, what, "add a comma");
}

#[test]
fn a_text_that_needs_quotes_is_reported_at_the_character_that_needs_them() {
    let what = "a text without quotes holds `: `";
    is("  b: { doc: sends the guest: all of it }", 1, 28, what, "\"sends the guest: all of it\"");
    is("  b:\n    doc: sends the guest: all of it", 2, 25, what, "\"sends the guest: all of it\"");
    is("  b: { doc: note: it, to: x }", 1, 17, what, "\"note: it\"");
    let what = "a comment hides the end of the line";
    is("  b: { doc: sends page #1 first }", 1, 24, what, "put the text in quotes");
    is("  b: { from: [x, y #z], to: a }", 1, 20, what, "put the text in quotes");
    let what = "a text without quotes begins with a reserved character";
    is("  b: { doc: @home, to: x }", 1, 13, what, "\"@home\"");
    is("  b: { doc: `x`, to: x }", 1, 13, what, "\"`x`\"");
    is("  b: { from: *, to: x }", 1, 14, "`*` is not a name", "write `any` for every state");
}

#[test]
fn a_bracket_without_its_partner_is_reported_at_itself() {
    is("  b: { doc: x", 1, 6, "a `{` is not closed", "add `}`");
    is("  b: { from: [x, y, to: z }", 1, 14, "a `[` is not closed", "add `]`");
    is("  b: { from: [x, y]", 1, 6, "a `{` is not closed", "add `}`");
    is("  b: { doc: x }}", 1, 16, "a bracket is closed that is not open", "");
    is("  b: { doc: x } y", 1, 17, "something follows a complete value", "");
    is("  b: { doc: x }# y", 1, 16, "something follows a complete value", "put a space before the `#`");
    is("  b: { doc: x,, to: y }", 1, 15, "a comma stands for nothing", "leave this comma out");
}

#[test]
fn a_tab_and_the_marks_of_a_merge_are_reported_at_the_line_that_has_them() {
    is("\tb: { doc: x }", 1, 1, "a tab indents the line", "indent with spaces");
    is("  b:\n  \tdoc: x", 2, 3, "a tab indents the line", "indent with spaces: 4 of them here");
    let what = "a merge is not resolved";
    is("<<<<<<< HEAD\n  b: { doc: x }\n=======\n  b: { doc: y }\n>>>>>>> x", 1, 1, what, "keep one of the two");
    is("  b: { doc: x }\n=======\n  b: { doc: y }", 2, 1, what, "keep one of the two");
    is("  b: { doc: x }\n>>>>>>> origin/main", 2, 1, what, "keep one of the two");
}

#[test]
fn a_colon_without_a_space_is_reported_at_the_colon() {
    is("  b:\n    doc:x\n    to: z", 2, 8, "a space is missing after a colon", "write `doc: x`");
}

#[test]
fn sound_lines_before_a_slip_are_not_blamed() {
    let sound = [
        "  b: { doc: \"over\n    two lines\", to: x }",
        "  b: {\n    doc: \"x\",\n    from: [x,\n      y]\n  }",
        "  b: { doc: a#b, to: x } # it's a { comment",
        "  b:\n    doc: |\n      it's { not: closed\n    to: x",
        "  b: { doc: \"a: b # c\", to: 'x: {' }",
        "  b: { \"doc\": x, 'to' : y }",
        "  b: { doc: http://x, to: 1:2 }",
    ];
    for lines in sound {
        let (line, _, what, _) = found(&format!("{lines}\n  c: {{ doc: \"open }}"), "\n");
        assert_eq!((line, what.as_str()), (lines.matches('\n').count() + 2, "a quote is not closed"), "{lines}");
    }
}

#[test]
fn a_character_that_looks_like_a_space_is_named() {
    let what = "a character that looks like a space is none";
    is("rows:\n  -\u{a0}{ from: a, when: b, to: z }", 2, 4, what, "write a space in its place");
    is("  b:\n    doc:\u{a0}x\n    to: z", 2, 9, what, "write a space");
    is("\u{a0} b: { doc: x }\n  c: d: e", 1, 1, what, "write a space");
    let (_, _, what, _) = found("  b: a\u{a0}b: c", "\n");
    assert_eq!(what, "a text without quotes holds `: `", "within a text it is a character like others");
}

#[test]
fn a_control_character_is_named_where_it_stands() {
    let what = "the text holds a control character";
    is("  b: { doc: \"waits \0 user\" }", 1, 20, what, "remove the character");
    is("  b: { doc: \"it is \u{7}\" } # x", 1, 20, what, "remove the character");
}

#[test]
fn a_semicolon_for_a_comma_is_reported_at_itself() {
    let what = "a `;` stands for a comma";
    is("  b: { when: sent; to: x }", 1, 18, what, "write `,` for `;`");
    is("  b: { doc: \"sent\"; to: x }", 1, 19, what, "write `,` for `;`");
}

#[test]
fn an_item_without_its_dash_is_reported_where_the_dash_is_missing() {
    let what = "`- ` is missing before an item of a list";
    is("b:\n  - { doc: x }\n  { doc: y }\n  - { doc: z }", 3, 3, what, "begin the line with `- `");
    is("b:\n  { doc: x }\n  - { doc: y }", 2, 3, what, "begin the line with `- `");
}

#[test]
fn a_dash_without_its_space_is_reported_at_the_dash() {
    let what = "a space is missing after `-`";
    is("b:\n  -{ doc: x, to: y }", 2, 3, what, "write a space after it");
    is("b:\n  -[x, y]\n  - z", 2, 3, what, "write a space after it");
    is("b:\n  - doc: x\n    to: z\n  -doc: y\n    to: z", 4, 3, what, "write a space after it");
}

#[test]
fn a_bracket_that_is_not_opened_is_reported_where_it_is_missing() {
    let what = "a `{` is missing";
    is("b:\n  - from: x, when: y, to: z }", 2, 5, what, "add `{` before `from`");
    is("b:\n  - from: [x, y], when: y, to: z }", 2, 5, what, "add `{` before `from`");
    is("b:\n  - from: \"x\", when: y, to: z }", 2, 5, what, "add `{` before `from`");
    is("  b: kind: x, doc: \"y\" }", 1, 6, what, "add `{` before `kind`");
    is("  b: { when: from: x, to: 1 }, doc: \"y\" }", 1, 14, what, "add `{` before `from`");
    let what = "braces are missing around the pairs of a line";
    is("b:\n  - from: x, when: y, to: z", 2, 5, what, "`{ from: x, when: y, to: z }`");
    is("  b: { from: x, y], to: z }", 1, 14, "a `[` is missing", "add `[` before `x`");
}

#[test]
fn a_sign_after_the_key_of_a_block_is_left_out() {
    is("doc:,\n  - x", 1, 5, "a comma stands for nothing", "leave this comma out");
    is("doc:;\n  - x", 1, 5, "a sign stands for nothing", "leave this sign out");
}

#[test]
fn a_colon_that_is_missing_after_a_key_is_reported_at_the_key() {
    let what = "a colon is missing after a key";
    is("  b { doc: x, to: y }", 1, 3, what, "write `b: {`");
    is("  b = { doc: \"x\" }", 1, 3, what, "write `b: {`");
    is("  b:{ doc: \"x\", to: y }", 1, 3, "a space is missing after a colon", "write `b: {`");
    is("kind\n  - x", 1, 1, what, "write `kind:`");
    is("  b:\n    kind\n      a: x", 2, 5, what, "write `kind:`");
}

#[test]
fn a_comma_that_is_missing_after_a_formula_is_reported_before_the_next_key() {
    is("  b: { when: x or y to: z }", 1, 21, "a comma is missing", "add a comma after `x or y`");
    is("  b: { doc: x or y to: z }", 1, 22, "a text without quotes holds `: `", "\"x or y to: z\"");
}

#[test]
fn a_line_in_a_column_of_its_own_is_reported_with_those_beside_it() {
    let (far, little) = ("a line is indented too far", "a line is indented too little");
    is("kind:\n  - x\nfrom: [x]\n  when: y\nto: z", 4, 3, far, "indent it like `from:`");
    is("b:\n  - { doc: x }\n   - { doc: y }\n  - { doc: z }", 3, 4, far, "like the other items");
    is("b:\n  - { doc: x }\n - { doc: y }\n  - { doc: z }", 3, 2, little, "like the other items");
    is("b:\n   - { doc: x }\n  - { doc: y }\n  - { doc: z }", 2, 4, far, "like the other items");
    is("b:\n  doc: x\n from: y\n  to: z", 3, 2, little, "indent it like `doc:`");
    is("b:\n from: x\n  when: y\n  to: z", 2, 2, little, "indent it like `when:`");
    is("b:\n  doc: x\nfrom: y\n  to: z", 3, 1, little, "indent it like `to:`");
}

#[test]
fn a_directive_is_left_out() {
    let mut out = Findings::default();
    parse("%YAML 1.1\n---\nformat: 1\n", WORDS, &mut out);
    let finding = out.iter().next().unwrap();
    assert_eq!(finding.message, "the table is not valid YAML: the text has a directive");
    assert_eq!((finding.span.line, finding.help.as_deref()), (1, Some("leave this line out")));
}
