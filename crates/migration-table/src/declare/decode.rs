//! From the tree to declarations: what a key may be, and what is said about one that may not.

use std::collections::{BTreeMap, BTreeSet};

use super::block::{Form, Shape};
use super::slip;
use crate::finding::{Finding, Findings};
use crate::nearest::nearest;
use crate::rule::names::DECLARED_TWICE;
use crate::rule::shape::{BOOLEAN_NAME, MISPLACED_KEY, MISSING_KEY, UNKNOWN_KEY, WRONG_TYPE};
use crate::syntax::{Entry, Node, Plain, Text, Value};

/// Something that can be read from a node of the tree.
pub(crate) trait Decode: Sized {
    /// What must stand there, as the end of "expected ...".
    const EXPECTED: &'static str;

    /// What it is as an item of a block.
    const FORM: Form = Form::Other;

    /// What it consists of as the value of a key.
    const SHAPE: Shape = Shape::Other;

    /// What to do about a node of another type.
    fn help(_node: &Node) -> Option<String> {
        None
    }

    /// Reads it; none if that is impossible, which is reported then.
    fn decode(node: &Node, decoder: &mut Decoder<'_>) -> Option<Self>;
}

/// Collects what is to be said while declarations are read.
pub(crate) struct Decoder<'f> {
    pub(super) out: &'f mut Findings,
    /// Every key of the format, and of what it is a key.
    homes: &'static [&'static [(&'static str, &'static str)]],
    /// For how many more unknown keys the one that was meant is looked for.
    suggestions_left: usize,
    /// Names that are declared without the quotes that they need. This is reported where they are declared, and nowhere
    /// else.
    declared_bare: BTreeSet<String>,
    /// What the value is for that is read: a declaration, and its key.
    place: (&'static str, &'static str),
    /// Other words without the quotes that they need, and what is to be said about each.
    bare: Vec<(String, Finding)>,
}

/// For how many unknown keys of a table the one that was meant is looked for: more than are printed.
const SUGGESTIONS_MAX: usize = 200;

impl<'f> Decoder<'f> {
    /// Begins to read a table of a format that has these keys, each with that of which it is one.
    pub(super) fn new(homes: &'static [&'static [(&'static str, &'static str)]], out: &'f mut Findings) -> Decoder<'f> {
        let (declared_bare, bare) = (BTreeSet::new(), Vec::new());
        Decoder { out, homes, suggestions_left: SUGGESTIONS_MAX, declared_bare, place: ("", ""), bare }
    }

    /// Reports what could be judged only at the end: a word without quotes, unless it is the name of something that is
    /// declared without quotes.
    pub(super) fn finish(self) {
        let said_elsewhere = |word: &str| self.declared_bare.contains(word);
        self.bare.into_iter().filter(|(word, _)| !said_elsewhere(word)).for_each(|(_, finding)| self.out.push(finding));
    }
}

impl Decoder<'_> {
    /// Says that something else stands where a `T` must stand.
    pub(super) fn wrong_type<T: Decode>(&mut self, node: &Node) {
        let (found, label, span) = match &node.value {
            Value::Refused => return,
            Value::Scalar(text) if text.span.start == text.span.end => {
                ("nothing".to_owned(), "has no value", node.owner)
            }
            Value::Scalar(text) => {
                let (found, label) = describe(text);
                (found, label, text.span)
            }
            Value::Sequence(_) => ("a list".to_owned(), "a list", node.owner),
            Value::Mapping(_) => ("a mapping".to_owned(), "keys and values", node.owner),
        };
        let finding = Finding::error(WRONG_TYPE.code, span, format!("expected {}, found {found}", T::EXPECTED), label);
        let by_place = match &node.value {
            Value::Scalar(text) => slip::number(self.place.1, text)
                .map(str::to_owned)
                .or_else(|| slip::value(self.place.0, self.place.1, text)),
            Value::Sequence(_) => {
                let is_block = matches!(T::FORM, Form::Keys(..)) || !matches!(T::SHAPE, Shape::Other);
                slip::list(self.place.0, self.place.1, node, is_block)
            }
            Value::Mapping(_) | Value::Refused => None,
        };
        let finding = match by_place.or_else(|| T::help(node)) {
            Some(help) => finding.with_help(help),
            None => finding,
        };
        match &node.value {
            Value::Scalar(text) if text.lacks_quotes() => self.bare.push((text.text.clone(), finding)),
            Value::Scalar(_) | Value::Sequence(_) | Value::Mapping(_) | Value::Refused => self.out.push(finding),
        }
    }

    /// The entries of a mapping whose keys stand there for the first time; says which do not.
    pub(super) fn distinct<'n>(&mut self, entries: &'n [Entry]) -> Vec<&'n Entry> {
        let mut distinct = Vec::with_capacity(entries.len());
        for entry in entries.iter().filter(|entry| !entry.key.is_merge()) {
            let Some(first) = entry.first else {
                distinct.push(entry);
                continue;
            };
            let message = format!("`{}` is given twice", entry.key.text);
            let finding = Finding::error(DECLARED_TWICE.code, entry.key.span, message, "again here");
            self.out.push(finding.with_place(first, "first here").with_help("keep one of the two"));
        }
        distinct
    }

    /// The key that was meant by another one, as far as one can tell.
    fn nearest(&mut self, key: &str, missing: impl Iterator<Item = &'static str>) -> Option<&'static str> {
        self.suggestions_left = self.suggestions_left.checked_sub(1)?;
        nearest(key, missing)
    }

    /// Judges a name that is declared: whether every reader of YAML takes it for a word.
    pub(super) fn declared_name(&mut self, text: &Text) {
        if text.lacks_quotes() {
            self.declared_bare.insert(text.text.clone());
            self.out.push(bare_name(text));
        }
    }

    /// Judges a name that stands for something that is declared elsewhere. Returns whether some reader of YAML takes it
    /// for something else than a word.
    pub(super) fn bare_name(&mut self, text: &Text) -> bool {
        let found = text.lacks_quotes();
        if found {
            self.bare.push((text.text.clone(), bare_name(text)));
        }
        found
    }
}

/// Whether a mapping has keys that are written elsewhere.
pub(super) fn is_merged(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| entry.key.is_merge())
}

/// The finding that a name needs quotes.
fn bare_name(text: &Text) -> Finding {
    let word = &text.text;
    let taken_for = match text.meaning() {
        Plain::Null => "YAML reads it as nothing",
        Plain::Bool(_) | Plain::OldBool | Plain::Number | Plain::Text => "YAML 1.1 reads it as a boolean",
    };
    let message = format!("`{word}` is used as a name, but {taken_for}");
    let finding = Finding::error(BOOLEAN_NAME.code, text.span, message, "not the same to every reader of YAML");
    finding.with_help(match word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        true => format!("put it in quotes wherever it stands alone: \"{word}\"; or choose another name"),
        false => "choose another name".to_owned(),
    })
}

/// What a scalar is taken for, and in fewer words.
fn describe(text: &Text) -> (String, &'static str) {
    match text.meaning() {
        Plain::Null => (format!("`{}`, which is nothing", text.text), "nothing"),
        Plain::Bool(value) => (format!("the boolean `{value}`"), "a boolean"),
        Plain::OldBool => (format!("`{}`, a boolean to YAML 1.1", text.text), "a boolean to some, a text to others"),
        Plain::Number => match text.octal() {
            Some(value) if text.has_leading_zero() => {
                (format!("`{}`, which is {value} to YAML 1.1", text.text), "not the same to every reader of YAML")
            }
            Some(_) | None => (format!("the number `{}`", text.text), "a number"),
        },
        Plain::Text => (format!("the text `{}`", text.text), "a text"),
    }
}

/// The values of a mapping whose keys are known beforehand.
pub(super) struct Fields<'n> {
    /// What is declared.
    noun: &'static str,
    values: BTreeMap<&'static str, &'n Node>,
}

impl<'n> Fields<'n> {
    /// Sorts the values by key, and says which keys are unknown, which stand in the wrong place, which are missing.
    pub(super) fn of<T: Decode>(
        node: &'n Node,
        noun: &'static str,
        keys: &[(&'static str, bool)],
        decoder: &mut Decoder<'_>,
    ) -> Option<Fields<'n>> {
        let Value::Mapping(entries) = &node.value else {
            decoder.wrong_type::<T>(node);
            return None;
        };
        let is_merged = is_merged(entries);
        let entries = decoder.distinct(entries);
        let mut values = BTreeMap::new();
        let (mut others, mut glued) = (Vec::new(), BTreeSet::new());
        let has_to = entries.iter().any(|entry| entry.key.text == "to");
        let mut skipped = 0;
        for (at, entry) in entries.iter().copied().enumerate() {
            if at < skipped {
                continue;
            }
            if let Some((key, _)) = keys.iter().find(|(key, _)| *key == entry.key.text && *key != "when")
                && let Some(others) = slip::parentheses(&entries[at..], decoder.out)
            {
                skipped = at + 1 + others;
                glued.insert(*key);
                continue;
            }
            // Where there is a `to`, an arrow elsewhere is part of a name that is not declared.
            if let Some(keys) = (!has_to).then(|| slip::arrow(entry, noun, decoder.out)).flatten() {
                glued.extend(keys);
                continue;
            }
            match keys.iter().find(|(key, _)| *key == entry.key.text) {
                Some((key, _)) => drop(values.insert(*key, &entry.value)),
                None => others.push(entry),
            }
        }
        for entry in others {
            let is_given = |key: &str| values.contains_key(key);
            let slip = slip::without_space(entry, noun, keys, decoder.out)
                .or_else(|| slip::without_colon(entry, noun, keys, is_given, decoder.out));
            if let Some(key) = slip {
                glued.insert(key);
                continue;
            }
            let missing = keys.iter().map(|(key, _)| *key).filter(|key| !values.contains_key(key));
            // A misspelt key is taken for the one that was meant, so that its value is judged as well.
            match unknown_key(entry, noun, missing, values.get("when").copied(), decoder) {
                Meant::Key(key) => drop(values.insert(key, &entry.value)),
                Meant::InPlaceOf(key) => drop(glued.insert(key)),
                Meant::Nothing => {}
            }
        }
        // Which keys are merged into a mapping is not known.
        let is_missing = |key: &str| !values.contains_key(key) && !glued.contains(key) && !is_merged;
        for (key, _) in keys.iter().filter(|(key, required)| *required && is_missing(key)) {
            let message = format!("{noun} lacks the key `{key}`");
            decoder.out.push(Finding::error(MISSING_KEY.code, node.owner, message, format!("has no `{key}`")));
        }
        Some(Fields { noun, values })
    }

    /// The value of a key, if it is there and can be read.
    pub(super) fn take<T: Decode>(&mut self, key: &'static str, decoder: &mut Decoder<'_>) -> Option<T> {
        let node = self.values.remove(key)?;
        decoder.place = (self.noun, key);
        T::decode(node, decoder)
    }
}

/// What was meant by a key that may not stand where it does.
enum Meant {
    /// Another key of the declaration.
    Key(&'static str),
    /// Something else, in the place of a key that is not there.
    InPlaceOf(&'static str),
    /// Nothing that one could tell.
    Nothing,
}

/// Says that a key is not one of those that may stand here. Returns what was meant, as far as one can tell.
fn unknown_key(
    entry: &Entry,
    noun: &str,
    missing: impl Iterator<Item = &'static str>,
    when: Option<&Node>,
    decoder: &mut Decoder<'_>,
) -> Meant {
    let key = &entry.key;
    let missing: Vec<&'static str> = missing.collect();
    let foreign = slip::meant(noun, &key.text).filter(|meant| missing.contains(meant));
    if key.lacks_quotes() && foreign.is_none() {
        // The format has no such key, with quotes or without.
        let finding = bare_name(key).with_help("remove it: the format has no such key");
        decoder.bare.push((key.text.clone(), finding));
        return Meant::Nothing;
    }
    if let Some((help, place)) = slip::bound(noun, entry) {
        let message = format!("the key `{}` does not belong to {noun}", key.text);
        let finding = Finding::error(MISPLACED_KEY.code, key.span, message, "a time has a key of its own");
        decoder.out.push(finding.with_help(help));
        return place.map_or(Meant::Nothing, Meant::InPlaceOf);
    }
    let homes = decoder.homes.iter().copied().flatten().filter(|(known, _)| *known == key.text);
    let homes: Vec<&str> = homes.map(|(_, home)| *home).collect();
    let meant = foreign.or_else(|| decoder.nearest(&key.text, missing.into_iter()));
    let finding = if homes.is_empty() {
        let message = format!("unknown key `{}`", key.text);
        Finding::error(UNKNOWN_KEY.code, key.span, message, format!("not a key of {noun}"))
    } else {
        let message = format!("the key `{}` does not belong to {noun}", key.text);
        Finding::error(MISPLACED_KEY.code, key.span, message, "out of place here")
    };
    if let Some(help) = slip::second_formula(noun, entry, when) {
        decoder.out.push(finding.with_help(help));
        return Meant::Nothing;
    }
    let home = (!homes.is_empty()).then(|| format!("`{}` is a key of {}", key.text, homes.join(", of ")));
    let question = meant.map(|meant| format!("did you mean `{meant}`?"));
    let bracket = (meant.is_none() && home.is_none()).then(|| slip::lonely(noun, entry)).flatten().map(str::to_owned);
    let help: Vec<String> = question.into_iter().chain(home).chain(bracket).collect();
    decoder.out.push(if help.is_empty() { finding } else { finding.with_help(help.join(" ")) });
    meant.map_or(Meant::Nothing, Meant::Key)
}
