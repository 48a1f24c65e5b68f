//! The values of the format: texts, numbers, booleans, words out of a few, lists, and names with what they stand for.

use super::block::{Form, Shape};
use super::decode::{Decode, Decoder, is_merged};
use super::slip;
use super::words::Choice;
use crate::finding::{Finding, breaks_line, changes_direction};
use crate::nearest::nearest;
use crate::rule::shape::{EMPTY_TEXT, UNKNOWN_WORD, WRONG_TYPE};
use crate::span::Span;
use crate::syntax::{Entry, Node, Plain, Text, Value};

/// The value of an argument: a text, a number or a boolean, as it is written.
#[derive(Clone, Debug)]
pub struct Argument(pub Text);

/// A value and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// A name that is declared elsewhere.
#[derive(Clone, Debug)]
pub struct Name(pub Text);

/// One name, or a list of names.
#[derive(Clone, Debug)]
pub struct Names {
    /// The names, in the order of the file.
    pub names: Vec<Name>,
    /// Where they stand.
    pub span: Span,
}

/// Names and what they stand for.
#[derive(Clone, Debug)]
pub struct Named<T> {
    /// In the order of the file; no name twice.
    pub entries: Vec<Declared<T>>,
    /// Whether it could be read. If not, any name may be declared in it.
    pub readable: bool,
}

/// A name and what it stands for.
#[derive(Clone, Debug)]
pub struct Declared<T> {
    /// The name.
    pub name: Text,
    /// What it stands for; none if that could not be read. The name is declared all the same.
    pub value: Option<T>,
}

/// Codes of checks, each with the reason why what it finds here does not matter.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// In the order of the file; no code twice.
    pub entries: Vec<(Text, Text)>,
}

impl Decode for Text {
    const EXPECTED: &'static str = "a text";

    fn help(node: &Node) -> Option<String> {
        quotes(node)
    }

    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let text = text::<Self>(node, decoder)?;
        if text.text.trim().is_empty() {
            decoder.out.push(Finding::error(EMPTY_TEXT.code, text.span, "the text is empty", "says nothing"));
            return None;
        }
        if text.text.contains(|c: char| c.is_control() || breaks_line(c)) {
            let message = "expected a text of one line, without control characters";
            let finding = Finding::error(WRONG_TYPE.code, node.owner, message, "has line breaks or control characters");
            decoder.out.push(finding.with_help("write the text in one line"));
            return None;
        }
        if text.is_escaped() && text.text.contains(changes_direction) {
            let message = "the text holds an escaped character that changes the direction of the text after it";
            let finding = Finding::error(WRONG_TYPE.code, text.span, message, "a reader cannot see it");
            decoder.out.push(finding.with_help("remove the character"));
            return None;
        }
        Some(text.clone())
    }
}

/// The help to put a scalar in quotes.
fn quotes(node: &Node) -> Option<String> {
    match &node.value {
        // In quotes, `~` would be a name that nothing can have.
        Value::Scalar(text) if text.text == "~" => Some("write what is meant: `~` stands for nothing".to_owned()),
        Value::Scalar(text) if !text.text.is_empty() => Some(format!("put it in quotes: \"{}\"", text.text)),
        Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_) | Value::Refused => None,
    }
}

/// The text that a node is; says so if it is none.
fn text<'n, T: Decode>(node: &'n Node, decoder: &mut Decoder<'_>) -> Option<&'n Text> {
    match &node.value {
        Value::Scalar(text) if text.meaning() == Plain::Text => Some(text),
        Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_) | Value::Refused => {
            decoder.wrong_type::<T>(node);
            None
        }
    }
}

impl Decode for Name {
    const EXPECTED: &'static str = "a name";

    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match &node.value {
            Value::Scalar(text) if decoder.bare_name(text) => None,
            Value::Scalar(text) if text.meaning() == Plain::Text => Some(Name(text.clone())),
            Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_) | Value::Refused => {
                decoder.wrong_type::<Self>(node);
                None
            }
        }
    }
}

impl Decode for Argument {
    const EXPECTED: &'static str = "a text, a number or a boolean";

    fn help(node: &Node) -> Option<String> {
        quotes(node)
    }

    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match &node.value {
            Value::Scalar(text) if !text.plain && is_json_value(&text.text) => {
                let message = format!("expected {}, and a boolean or a number without quotes", Self::EXPECTED);
                let finding =
                    Finding::error(WRONG_TYPE.code, text.span, message, "in quotes, it is a text in JSON too");
                decoder.out.push(finding.with_help(format!("write `{}`: a text cannot be told from it", text.text)));
                None
            }
            Value::Scalar(text)
                if !matches!(text.meaning(), Plain::Null | Plain::OldBool) && !text.has_leading_zero() =>
            {
                Some(Argument(text.clone()))
            }
            Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_) | Value::Refused => {
                decoder.wrong_type::<Self>(node);
                None
            }
        }
    }
}

/// Whether a text would be a boolean or a number of JSON without its quotes. A command tells the two apart; locks and
/// recordings, which write both without quotes, do not.
fn is_json_value(text: &str) -> bool {
    let number = text.strip_prefix('-').unwrap_or(text);
    let (number, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = digits(whole) && (whole == "0" || !whole.starts_with('0'));
    let is_number = is_number && digits(fraction) && digits(exponent.trim_start_matches(['+', '-']));
    matches!(text, "true" | "false") || is_number
}

impl Decode for Spanned<bool> {
    const EXPECTED: &'static str = "`true` or `false`";

    fn help(node: &Node) -> Option<String> {
        let Value::Scalar(text) = &node.value else { return None };
        match text.text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" => Some("write `true`".to_owned()),
            "false" | "no" | "off" | "n" => Some("write `false`".to_owned()),
            word => nearest(word, ["true", "false"]).map(|meant| format!("write `{meant}`")),
        }
    }

    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        if let Value::Scalar(text) = &node.value
            && let Plain::Bool(value) = text.meaning()
        {
            return Some(Spanned { value, span: text.span });
        }
        decoder.wrong_type::<Self>(node);
        None
    }
}

/// The help to write a number that is a decimal one to every reader of YAML.
fn number_help(node: &Node) -> Option<String> {
    let Value::Scalar(text) = &node.value else { return None };
    let decimal = text.text.trim_start_matches('0');
    let is_number = !decimal.is_empty() && decimal.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return None;
    }
    match text.octal().filter(|octal| text.has_leading_zero() && octal.to_string() != decimal) {
        Some(octal) => Some(format!("write `{decimal}`, or `{octal}` if that was meant")),
        None => (text.has_leading_zero() || !text.plain).then(|| format!("write `{decimal}`")),
    }
}

/// Decodes a number of one width.
macro_rules! number {
    ($type:ty, $expected:literal) => {
        impl Decode for Spanned<$type> {
            const EXPECTED: &'static str = $expected;

            fn help(node: &Node) -> Option<String> {
                number_help(node)
            }

            fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
                if let Value::Scalar(text) = &node.value
                    && text.plain
                    && !text.has_leading_zero()
                    && text.text.bytes().all(|byte| byte.is_ascii_digit())
                    && let Ok(value @ 1..) = text.text.parse::<$type>()
                {
                    return Some(Spanned { value, span: text.span });
                }
                decoder.wrong_type::<Self>(node);
                None
            }
        }
    };
}

number!(u16, "a whole number from 1 to 65535");
number!(u32, "a whole number from 1 to 4294967295");

impl<T: Choice> Decode for Spanned<T> {
    const EXPECTED: &'static str = <T as Choice>::EXPECTED;

    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let text = text::<Self>(node, decoder)?;
        if let Some(value) = T::ALL.iter().find(|value| value.word() == text.text) {
            return Some(Spanned { value: *value, span: text.span });
        }
        let words: Vec<&str> = T::ALL.iter().map(|value| value.word()).collect();
        let message = format!("`{}` is not {}", text.text, <T as Choice>::EXPECTED);
        let label = format!("expected `{}`", words.join("`, `"));
        let finding = Finding::error(UNKNOWN_WORD.code, text.span, message, label);
        decoder.out.push(
            match nearest(&text.text, words.iter().copied()).or_else(|| of_one_stem(&text.text, &words)) {
                Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
                None => {
                    let each = T::ALL.iter().map(|value| format!("`{}` ({})", value.word(), value.meaning()));
                    finding.with_help(format!("write {}", one_of(&each.collect::<Vec<_>>())))
                }
            },
        );
        None
    }
}

/// The shortest stem, in letters, that two words share if one is a form of the other.
const STEM_MIN: usize = 4;

/// The word of which a word is another form, or the beginning: `waiting` is a form of `wait`.
fn of_one_stem(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let is_form = |known: &&&str| {
        let shared = known.bytes().zip(word.bytes()).take_while(|(one, other)| one.eq_ignore_ascii_case(other)).count();
        shared >= STEM_MIN && (shared == word.len() || shared + 1 >= known.len())
    };
    known.iter().find(is_form).copied()
}

/// One of several, in words.
fn one_of(all: &[String]) -> String {
    match all {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => all.concat(),
    }
}

impl<T: Decode> Decode for Vec<T> {
    const EXPECTED: &'static str = "a list";
    const SHAPE: Shape = Shape::List(T::FORM);

    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        match &node.value {
            Value::Sequence(nodes) => Some(nodes.iter().filter_map(|node| T::decode(node, decoder)).collect()),
            Value::Scalar(_) | Value::Mapping(_) | Value::Refused => {
                decoder.wrong_type::<Self>(node);
                None
            }
        }
    }
}

impl Decode for Names {
    const EXPECTED: &'static str = "a name or a list of names";
    const FORM: Form = Form::Names;

    fn help(node: &Node) -> Option<String> {
        match &node.value {
            Value::Scalar(text) => slip::several(text),
            Value::Sequence(_) | Value::Mapping(_) | Value::Refused => None,
        }
    }

    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let names = match &node.value {
            Value::Sequence(nodes) => nodes.iter().filter_map(|node| Name::decode(node, decoder)).collect(),
            Value::Scalar(text) if slip::several(text).is_some() => {
                decoder.wrong_type::<Self>(node);
                return None;
            }
            Value::Scalar(text) if text.span.start < text.span.end => vec![Name::decode(node, decoder)?],
            Value::Scalar(_) | Value::Mapping(_) | Value::Refused => {
                decoder.wrong_type::<Self>(node);
                return None;
            }
        };
        Some(Names { names, span: node.owner })
    }
}

impl Decode for Allowed {
    const EXPECTED: &'static str = "codes of checks, each with a reason";

    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let Value::Mapping(entries) = &node.value else {
            decoder.wrong_type::<Self>(node);
            return None;
        };
        let entries = decoder.distinct(entries);
        let entry = |entry: &Entry| Some((entry.key.clone(), Text::decode(&entry.value, decoder)?));
        Some(Allowed { entries: entries.into_iter().filter_map(entry).collect() })
    }
}

impl<T: Decode> Decode for Named<T> {
    const EXPECTED: &'static str = "names, each with what it stands for";
    const SHAPE: Shape = Shape::Named(T::FORM);

    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self> {
        let Value::Mapping(entries) = &node.value else {
            decoder.wrong_type::<Self>(node);
            return Some(Named { entries: Vec::new(), readable: false });
        };
        let readable = !is_merged(entries);
        let entries = decoder.distinct(entries);
        let entries = entries.into_iter().map(|entry| {
            decoder.declared_name(&entry.key);
            Declared { name: entry.key.clone(), value: T::decode(&entry.value, decoder) }
        });
        Some(Named { entries: entries.collect(), readable })
    }
}
