//! Formulas: the text of `when:` becomes a tree of names, here; [`Formula::resolve`] turns it into a condition.
//! The two steps are apart because names can be looked up only once the whole table is known.
//!
//! The grammar: names, `not` before `and` before `or`, parentheses.
//!
//! Length and depth are bounded before anything recurses, so no text can exhaust the stack or the clock. People who
//! come from other notations write `&&` or `!`; they are told the word, not just that the sign is wrong.

mod tree;

use heck::ToSnakeCase;

use crate::nearest::nearest;
use tree::Tree;

pub(crate) use tree::Formula;

/// The longest formula, in bytes. The longest row that anyone has needed is about 150.
const LENGTH_BYTES_MAX: usize = 4096;
/// How deep `not` and parentheses may be nested.
const DEPTH_MAX: usize = 32;
const HELP_GRAMMAR: &str = "a formula is made of fact names, `not`, `and`, `or` and parentheses";

/// Why a formula cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FormulaError {
    /// Offset in the formula, in bytes.
    pub(crate) at: usize,
    /// Length of the text that is meant, in bytes; 0 at the end of the formula.
    pub(crate) len: usize,
    /// What is wrong, in the form of a finding's message.
    pub(crate) message: String,
    /// What to write instead, where that is known.
    pub(crate) help: Option<String>,
    /// The name that was meant, perhaps, where a word is none.
    pub(crate) meant: Option<String>,
}

/// Reads a formula. Names are not looked up: see [`Formula::resolve`].
///
/// # Errors
///
/// The first thing that cannot be read.
pub(crate) fn parse(text: &str) -> Result<Formula, FormulaError> {
    if text.len() > LENGTH_BYTES_MAX {
        let message = format!("the formula is longer than {LENGTH_BYTES_MAX} bytes");
        return Err(error(
            0,
            text.len(),
            message,
            Some("split the row: several rows may lead to one state".to_owned()),
        ));
    }
    let mut parser = Parser { tokens: scan(text)?, text, next: 0, depth: 0, names: Vec::new() };
    if parser.tokens.is_empty() {
        return Err(error(0, text.len(), "the formula is empty".to_owned(), Some(HELP_GRAMMAR.to_owned())));
    }
    let tree = parser.either()?;
    match parser.peek() {
        None => Ok(Formula { tree, names: parser.names }),
        Some(token) => Err(parser.left_over(token)),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Name,
    Not,
    And,
    Or,
    Open,
    Close,
}

#[derive(Clone, Copy, Debug)]
struct Token {
    word: Word,
    at: usize,
    len: usize,
}

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    names: Vec<(String, usize)>,
}

impl Parser<'_> {
    fn either(&mut self) -> Result<Tree, FormulaError> {
        let mut parts = vec![self.both()?];
        while self.take(Word::Or).is_some() {
            parts.push(self.both()?);
        }
        Ok(one_or(parts, Tree::Or))
    }

    fn both(&mut self) -> Result<Tree, FormulaError> {
        let mut parts = vec![self.operand()?];
        while self.take(Word::And).is_some() {
            parts.push(self.operand()?);
        }
        Ok(one_or(parts, Tree::And))
    }

    fn operand(&mut self) -> Result<Tree, FormulaError> {
        let Some(token) = self.peek() else { return Err(self.nothing_after(self.tokens[self.next - 1])) };
        match token.word {
            Word::Name => {
                self.next += 1;
                self.names.push((self.written(token).to_owned(), token.at));
                Ok(Tree::Name(self.names.len() - 1))
            }
            Word::Not => {
                self.enter(token)?;
                let inner = self.operand()?;
                self.depth -= 1;
                Ok(Tree::Not(Box::new(inner)))
            }
            Word::Open => {
                self.enter(token)?;
                let inner = self.either()?;
                self.close(token)?;
                self.depth -= 1;
                Ok(inner)
            }
            Word::And | Word::Or | Word::Close => Err(self.nothing_before(token)),
        }
    }

    fn enter(&mut self, token: Token) -> Result<(), FormulaError> {
        if self.depth == DEPTH_MAX {
            let message = format!("`not` and parentheses are nested more than {DEPTH_MAX} deep");
            return Err(error(token.at, token.len, message, None));
        }
        self.depth += 1;
        self.next += 1;
        Ok(())
    }

    fn close(&mut self, open: Token) -> Result<(), FormulaError> {
        match self.peek() {
            Some(token) if token.word == Word::Close => {
                self.next += 1;
                Ok(())
            }
            Some(token) => Err(self.left_over(token)),
            None => Err(never_closed(open)),
        }
    }

    /// A whole expression has been read, and this stands where `and`, `or` or the end is expected.
    fn left_over(&self, token: Token) -> FormulaError {
        let written = self.written(token);
        match token.word {
            Word::Close => closes_nothing(token),
            Word::Name | Word::Not | Word::Open | Word::And | Word::Or => {
                let before = self.written(self.tokens[self.next - 1]);
                // One letter from `or`, and another operator.
                if let (EXCLUSIVE, Some(after)) = (written, self.tokens.get(self.next + 1)) {
                    let after = self.written(*after);
                    let message = format!("`{written}` has no meaning in a formula");
                    let help = format!("write `({before} and not {after} or {after} and not {before})`");
                    return error(token.at, token.len, message, Some(help));
                }
                let meant = nearest(written, ["and", "or", "not"].into_iter().filter(|_| token.word == Word::Name));
                if let Some(meant) = meant.filter(|_| self.next + 1 < self.tokens.len()) {
                    let message = format!("`{written}` stands where `and` or `or` is expected");
                    return error(token.at, token.len, message, Some(format!("did you mean `{meant}`?")));
                }
                let message = format!("`and` or `or` is missing between `{before}` and `{written}`");
                let help = format!("write `and {written}` if both are needed, `or {written}` if one is enough");
                error(token.at, token.len, message, Some(help))
            }
        }
    }

    /// The operator before this place has nothing to work on.
    fn nothing_after(&self, token: Token) -> FormulaError {
        match token.word {
            Word::Open => never_closed(token),
            Word::Name | Word::Not | Word::And | Word::Or | Word::Close => {
                let is_operator = |at: usize| {
                    self.tokens.get(at).is_some_and(|token| matches!(token.word, Word::Not | Word::And | Word::Or))
                };
                let first = (0..self.next).rev().take_while(|at| is_operator(*at)).last().unwrap_or(self.next - 1);
                // `not` goes, and at the beginning so does what would join it to what follows.
                let begins = first == 0 || self.tokens[first - 1].word == Word::Open;
                let last = if begins && is_operator(self.next) { self.next } else { self.next - 1 };
                self.missing(format!("a fact is missing after `{}`", self.written(token)), first, last)
            }
        }
    }

    /// A fact is missing beside operators, from the first to the last of these tokens.
    fn missing(&self, message: String, first: usize, last: usize) -> FormulaError {
        let (from, to) = (self.tokens[first].at, self.tokens[last].at + self.tokens[last].len);
        let help = format!("name the fact that is meant, or leave out `{}`", &self.text[from..to]);
        error(from, to - from, message, Some(help))
    }

    fn nothing_before(&self, token: Token) -> FormulaError {
        let before = self.next.checked_sub(1).map(|index| self.tokens[index]);
        match (before, token.word) {
            (Some(open), Word::Close) if open.word == Word::Open => {
                let len = token.at + token.len - open.at;
                let help = "name the fact that is meant".to_owned();
                error(open.at, len, "there is nothing between the parentheses".to_owned(), Some(help))
            }
            (Some(before), _) if before.word != Word::Open => self.nothing_after(before),
            (None, Word::Close) => closes_nothing(token),
            (Some(_) | None, _) => {
                self.missing(format!("a fact is missing before `{}`", self.written(token)), self.next, self.next)
            }
        }
    }

    fn take(&mut self, word: Word) -> Option<Token> {
        let token = self.peek().filter(|token| token.word == word)?;
        self.next += 1;
        Some(token)
    }

    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.next).copied()
    }

    fn written(&self, token: Token) -> &str {
        &self.text[token.at..token.at + token.len]
    }
}

fn one_or(mut parts: Vec<Tree>, many: fn(Vec<Tree>) -> Tree) -> Tree {
    if parts.len() == 1 { parts.remove(0) } else { many(parts) }
}

fn scan(text: &str) -> Result<Vec<Token>, FormulaError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let (word, len) = match first {
            ' ' | '\t' | '\n' | '\r' => {
                at += 1;
                continue;
            }
            '(' => (Word::Open, 1),
            ')' => (Word::Close, 1),
            _ if starts_word(first) => scan_word(text, at)?,
            _ => return Err(strange_sign(text, at)),
        };
        tokens.push(Token { word, at, len });
        at += len;
    }
    Ok(tokens)
}

fn starts_word(first: char) -> bool {
    first.is_alphanumeric() || first == '_'
}

fn scan_word(text: &str, at: usize) -> Result<(Word, usize), FormulaError> {
    let rest = &text[at..];
    let len = rest.find(|c: char| !starts_word(c) && !matches!(c, '-' | '.')).unwrap_or(rest.len());
    let word = &rest[..len];
    match word {
        "not" => Ok((Word::Not, len)),
        "and" => Ok((Word::And, len)),
        "or" => Ok((Word::Or, len)),
        _ if is_name(word) => Ok((Word::Name, len)),
        _ => {
            let meant = word.to_snake_case();
            let help = if is_name(&meant) {
                format!("write `{meant}`")
            } else {
                "a name starts with a lower-case letter and goes on with such letters, digits and `_`".to_owned()
            };
            let meant = Some(meant).filter(|meant| is_name(meant) && !["and", "or", "not"].contains(&meant.as_str()));
            Err(FormulaError { meant, ..error(at, len, format!("`{word}` is not a name"), Some(help)) })
        }
    }
}

/// Whether a word can be the name of a fact.
pub(crate) fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn strange_sign(text: &str, at: usize) -> FormulaError {
    let rest = &text[at..];
    let (sign, help) = match sign_of_other_notation(rest) {
        Some((sign, word)) => (sign, format!("write `{word}`")),
        None => (&rest[..rest.chars().next().map_or(0, char::len_utf8)], HELP_GRAMMAR.to_owned()),
    };
    error(at, sign.len(), format!("`{}` has no meaning in a formula", sign.escape_debug()), Some(help))
}

/// The operator of which a formula has no sign and no word.
const EXCLUSIVE: &str = "xor";

/// Returns the sign of another notation with which a text begins, and the word of a formula that it stands for.
#[must_use]
pub fn sign_of_other_notation(text: &str) -> Option<(&str, &'static str)> {
    const SIGNS: [(&str, &str); 10] = [
        ("&&", "and"),
        ("&", "and"),
        ("||", "or"),
        ("|", "or"),
        ("!", "not"),
        ("~", "not"),
        ("∧", "and"),
        ("∨", "or"),
        ("¬", "not"),
        (",", "and"),
    ];
    SIGNS.iter().find(|(sign, _)| text.starts_with(sign)).map(|(sign, word)| (&text[..sign.len()], *word))
}

fn never_closed(open: Token) -> FormulaError {
    let help = "write `)` where what it opens ends, or leave `(` out".to_owned();
    error(open.at, open.len, "`(` is never closed".to_owned(), Some(help))
}

fn closes_nothing(close: Token) -> FormulaError {
    let help = "leave it out, or write the `(` that it closes".to_owned();
    error(close.at, close.len, "`)` closes nothing".to_owned(), Some(help))
}

fn error(at: usize, len: usize, message: String, help: Option<String>) -> FormulaError {
    FormulaError { at, len, message, help, meant: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Condition, FactId, FactSet};

    fn resolved(text: &str) -> Condition {
        let number = |name: &str| u16::from(name.as_bytes()[0] - b'a');
        parse(text).unwrap().resolve(&mut |name| Some(FactId(number(name)))).unwrap()
    }

    #[test]
    fn not_binds_closer_than_and_and_that_closer_than_or() {
        for (text, same) in [
            ("a or b and c", "a or (b and c)"),
            ("not a and b", "(not a) and b"),
            ("not not a", "not (not a)"),
            (" ( a )\n", "a"),
            ("a and not b or c and d", "(a and (not b)) or (c and d)"),
        ] {
            assert_eq!(resolved(text), resolved(same), "{text}");
        }
        assert_ne!(resolved("(a or b) and c"), resolved("a or b and c"));
        let a = FactSet::from(FactId(0));
        assert!(resolved("a or b and c").eval(a) && !resolved("(a or b) and c").eval(a));
    }

    #[test]
    fn names_are_listed_with_their_places() {
        let names = [("stopped", 0), ("pause_2", 16), ("stopped", 27)].map(|(name, at)| (name.to_owned(), at));
        assert_eq!(parse("stopped and not pause_2 or stopped").unwrap().names(), names);
        assert_eq!(parse("a and b").unwrap().resolve(&mut |name| (name == "a").then_some(FactId(0))), None);
        assert_eq!(parse("a").unwrap().resolve(&mut |_| Some(FactId(64))), None);
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_place() {
        let cases = [
            ("", "0+0 the formula is empty"),
            ("a && b", "2+2 `&&` has no meaning in a formula; write `and`"),
            ("a | b", "2+1 `|` has no meaning in a formula; write `or`"),
            ("!a", "0+1 `!` has no meaning in a formula; write `not`"),
            ("a ∧ b", "2+3 `∧` has no meaning in a formula; write `and`"),
            ("a AND b", "2+3 `AND` is not a name; write `and`"),
            ("pre-switchover", "0+14 `pre-switchover` is not a name; write `pre_switchover`"),
            ("a and", "2+3 a fact is missing after `and`; name the fact that is meant, or leave out `and`"),
            ("or a", "0+2 a fact is missing before `or`; name the fact that is meant, or leave out `or`"),
            ("a and or b", "2+3 a fact is missing after `and`; name the fact that is meant, or leave out `and`"),
            (
                "a b",
                "2+1 `and` or `or` is missing between `a` and `b`; write `and b` if both are needed, `or b` if one is enough",
            ),
            ("a xor b", "2+3 `xor` has no meaning in a formula; write `(a and not b or b and not a)`"),
            ("a adn b", "2+3 `adn` stands where `and` or `or` is expected; did you mean `and`?"),
            (
                "a (b)",
                "2+1 `and` or `or` is missing between `a` and `(`; write `and (` if both are needed, `or (` if one is enough",
            ),
            ("(a or b", "0+1 `(` is never closed; write `)` where what it opens ends, or leave `(` out"),
            ("(", "0+1 `(` is never closed; write `)` where what it opens ends, or leave `(` out"),
            ("a)", "1+1 `)` closes nothing; leave it out, or write the `(` that it closes"),
            (")", "0+1 `)` closes nothing; leave it out, or write the `(` that it closes"),
            ("()", "0+2 there is nothing between the parentheses; name the fact that is meant"),
            ("(and a)", "1+3 a fact is missing before `and`; name the fact that is meant, or leave out `and`"),
            ("not", "0+3 a fact is missing after `not`; name the fact that is meant, or leave out `not`"),
        ];
        for (text, expected) in cases {
            let error = parse(text).unwrap_err();
            let help = error.help.filter(|help| help != HELP_GRAMMAR).map_or(String::new(), |help| format!("; {help}"));
            assert_eq!(format!("{}+{} {}{help}", error.at, error.len, error.message), expected, "{text}");
        }
    }

    #[test]
    fn length_and_depth_are_bounded() {
        for text in ["(".repeat(100_000), "not ".repeat(100_000), "a and ".repeat(100_000)] {
            assert!(parse(&text).unwrap_err().message.contains("longer than"));
        }
        for text in ["(".repeat(4096), "not ".repeat(1000)] {
            assert!(parse(&text).unwrap_err().message.contains("deep"));
        }
        let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
        assert!(parse(&nested(DEPTH_MAX)).is_ok() && parse(&nested(DEPTH_MAX + 1)).is_err());
    }

    #[test]
    fn any_text_is_read_or_refused_at_a_place_in_it() {
        proptest::proptest!(|(text in "[a-c&|!()é \n-]{0,40}|(\\(|\\)|not |and |or |a ){0,30}")| {
            if let Err(error) = parse(&text) {
                assert!(text.get(error.at..error.at + error.len).is_some(), "{error:?}");
            }
        });
    }
}
