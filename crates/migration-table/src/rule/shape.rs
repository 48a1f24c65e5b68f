//! `T01xx`: the shape of a table. What is wrong before any name is looked up; found while the text is read.

use super::definition::Rule;
use crate::finding::Severity;

/// A rule about the shape.
const fn shape(code: &'static str, name: &'static str, explain: &'static str) -> Rule {
    Rule::error(code, name, explain)
}

/// A rule about the shape whose findings are warnings.
const fn warned(code: &'static str, name: &'static str, explain: &'static str) -> Rule {
    Rule { severity: Severity::Warning, ..shape(code, name, explain) }
}

pub(crate) const INVALID_YAML: Rule = shape(
    "T0101",
    "invalid-yaml",
    "The file is not UTF-8, or its text is not YAML, so nothing else can be said about it. The usual slips are reported \
     where they were made: a quote or bracket that is not closed, a missing comma, a text with `: ` or ` #` without \
     quotes, a tab, a merge that is not resolved. For others the place is where the reader noticed.",
);

pub(crate) const UNKNOWN_KEY: Rule = shape(
    "T0102",
    "unknown-key",
    "The format has no such key. A key that is not read would be a wish that nobody fulfils, so it is an error and not \
     passed over. If a key that is near to it may stand there, its value is judged as if that had been written.",
);

pub(crate) const MISPLACED_KEY: Rule = shape(
    "T0103",
    "misplaced-key",
    "The format has this key, but somewhere else. Often the brackets of a line are closed too early or too late, or a \
     line is indented too much or too little.",
);

pub(crate) const MISSING_KEY: Rule = shape(
    "T0104",
    "missing-key",
    "A key without a default is not there. `doc` is one of them everywhere: what has a name is shown to people who did \
     not choose the name.",
);

pub(crate) const WRONG_TYPE: Rule = shape(
    "T0105",
    "wrong-type",
    "The value is of another type than the key needs: a number where a text must stand, a list where a name must \
     stand. A release such as 2.10 must be in quotes, or readers of YAML take it for the number 2.1. A number must not \
     begin with a zero, because YAML 1.1 reads `010` as 8. A text must not hold line breaks, control characters, or \
     characters that change the direction of the text after them (U+202A to U+202E, U+2066 to U+2069). Typographic \
     quotes are letters like others to YAML; a text in them needs straight ones.",
);

pub(crate) const BOOLEAN_NAME: Rule = shape(
    "T0106",
    "boolean-as-name",
    "YAML 1.1 reads `on`, `off`, `yes`, `no`, `y`, `n`, `true` and `false`, in any case, as booleans, and YAML 1.2 reads \
     most of them as texts; both read `null` and `~` as nothing. Without quotes such a word is not the same name to \
     every tool. In quotes it is a name like any other; within a formula of several words it needs none.",
);

pub(crate) const YAML_FEATURE: Rule = shape(
    "T0107",
    "yaml-feature",
    "Anchors, aliases, tags, merge keys and keys that are not words are part of YAML, but not of the format: with them \
     a row no longer says by itself what it means, and a change of one line changes others. Groups are the way to say \
     something of several states at once.",
);

pub(crate) const FURTHER_DOCUMENT: Rule = shape(
    "T0108",
    "further-document",
    "One file holds one table. A `---` or `...` in the middle starts another document, which most readers of YAML pass \
     over without a word.",
);

pub(crate) const TOO_LARGE: Rule = shape(
    "T0109",
    "too-large",
    "The table is longer than 8 MiB or has more than a million keys and values, a hundred times more than any real \
     one. The bound is there so that a wrong file is refused at once.",
);

pub(crate) const TOO_DEEP: Rule = shape(
    "T0110",
    "too-deep",
    "The format needs five levels of lists and mappings, and sixteen are read. Further ones are a bracket that is \
     repeated by mistake, or an attempt to exhaust a reader.",
);

pub(crate) const UNKNOWN_FORMAT: Rule = shape(
    "T0111",
    "unknown-format",
    "`format:` is the version of the format of tables, not of the machine; this program knows version 1. A table of \
     another version may mean something else by the same words, so nothing more is said about it.",
);

pub(crate) const UNKNOWN_WORD: Rule = shape(
    "T0112",
    "unknown-word",
    "The value is one word out of a few, and this is none of them. Kinds are `idle`, `work`, `wait` and `cleanup`; \
     answers are `ignore`, `handle` and `refuse`; an event or a message carries `cause` or nothing. The class of a refusal is one \
     that QMP knows: `GenericError`, `CommandNotFound`, `DeviceNotActive`, `DeviceNotFound` or `KVMMissingCap`.",
);

pub(crate) const INVALID_FORMULA: Rule = shape(
    "T0113",
    "invalid-formula",
    "A formula consists of names of facts, `and`, `or`, `not` and parentheses. `not` binds strongest, then `and`, then \
     `or`; a formula that mixes them is easier to read with parentheses.",
);

pub(crate) const TOO_MANY: Rule = shape(
    "T0114",
    "too-many",
    "A machine has at most 64 facts, so that what it knows fits one machine word, and at most 65535 states. A formula \
     has a bounded number of cases, so that every question about it can be decided. Only facts that the machine's own \
     rows and answers name, and messages to it, count.",
);

pub(crate) const POINTLESS_KEY: Rule = shape(
    "T0115",
    "pointless-key",
    "The key has no meaning together with another one: only who is refused is told why, so `because` and `class` go \
     with `answer: refuse`; only who is sent every change can be sent one twice, so `repeat` goes with `channel: \
     events`; a new connection is opened within an attempt and to a peer, so `reconnects` goes with messages, and not with \
     `kind: idle`.",
);

pub(crate) const EMPTY_TEXT: Rule = shape(
    "T0116",
    "empty-text",
    "A text must say something. An empty `doc` is a place where a reader finds nothing, an empty `because` a refusal \
     without a reason.",
);

pub(crate) const NO_STATES: Rule = shape(
    "T0117",
    "no-states",
    "A row, an answer or a group is for no state at all: its list is empty, or consists of groups and kinds that no \
     state belongs to. It can never matter; write down the states that were meant, or remove it.",
);

pub(crate) const PROMISE_FORM: Rule = shape(
    "T0118",
    "promise-form",
    "A guarantee makes one promise, of one of two forms: `after` a command or a status every attempt `ends` in one of \
     these statuses; or, `before` one status is shown, another one `comes`. Half a promise cannot be kept or broken, \
     and of two in one entry a reader could not say which of them is broken: make two entries.",
);

pub(crate) const EXCEPT_NOTHING: Rule = warned(
    "T0119",
    "except-nothing",
    "`except` names a state, a group or a kind that has no state in common with those that `from` or `in` names, so that \
     it takes nothing away. Another name was meant, or it is left over from an older table. Silence it in a row that a \
     program has written.",
);

pub(crate) const SET_AND_CLEARED: Rule = shape(
    "T0120",
    "set-and-cleared",
    "A marker is set and cleared by entering one state, so that it is not said whether the host remembers it then.",
);

/// All rules of this part, in the order of their codes.
pub(crate) const ALL: [Rule; 20] = [
    INVALID_YAML,
    UNKNOWN_KEY,
    MISPLACED_KEY,
    MISSING_KEY,
    WRONG_TYPE,
    BOOLEAN_NAME,
    YAML_FEATURE,
    FURTHER_DOCUMENT,
    TOO_LARGE,
    TOO_DEEP,
    UNKNOWN_FORMAT,
    UNKNOWN_WORD,
    INVALID_FORMULA,
    TOO_MANY,
    POINTLESS_KEY,
    EMPTY_TEXT,
    NO_STATES,
    PROMISE_FORM,
    EXCEPT_NOTHING,
    SET_AND_CLEARED,
];
