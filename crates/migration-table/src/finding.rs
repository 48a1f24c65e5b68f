//! Findings: what is to be said about a table, as data.
//!
//! The macro, the command line and editors print the same findings; none of them finds anything by itself. A finding
//! is made where its rule is, and read in the order of the text, whichever rule was first.

use std::fmt;

use crate::invocation::Invocation;
use crate::span::Span;

/// The number of a rule, for example `T0201`. It never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0)
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The table cannot be used.
    Error,
    /// The table can be used, but says something that nobody can have meant.
    Warning,
    /// Worth knowing; nothing is wrong.
    Note,
}

impl Severity {
    /// Its name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// One thing that is to be said about a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that says it.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, in one line: lower-case first word, no full stop, names of the table in backticks.
    pub message: String,
    /// The text that is meant.
    pub span: Span,
    /// Why this text; may be empty.
    pub label: String,
    /// Other places that belong to it, and remarks without a place.
    pub notes: Vec<(Option<Span>, String)>,
    /// What to do, where there is something to do.
    pub help: Option<String>,
    /// What the help is to propose instead, the best first, once it has been tried.
    pub(crate) offers: Vec<Offer>,
}

/// A help that proposes a change, or one of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    /// The changes, each of which is to mend the finding: each is made of edits that belong together.
    pub(crate) changes: Vec<Vec<Edit>>,
    /// What is said then.
    pub(crate) help: String,
}

/// A change of a transition or a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// A place within it.
    pub(crate) row: Span,
    /// What is changed.
    pub(crate) part: Part,
}

/// What is changed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// It leaves these states too.
    More(Vec<String>),
    /// It does not leave these states.
    Fewer(Vec<String>),
    /// It leaves other states.
    Leaves { from: Vec<String>, except: Vec<String> },
    /// Its formula.
    When(String),
    /// It does not leave these states, and one that does what it does leaves them by a formula of its own.
    Apart { states: Vec<String>, when: String },
    /// What the state shows in which the place is.
    Shows(String),
    /// There is this status too.
    Declares(String),
}

impl Finding {
    /// An error with a message, a place, and the reason why this place.
    pub fn error(code: Code, span: Span, message: impl Into<String>, label: impl Into<String>) -> Finding {
        let (message, label) = (message.into(), label.into());
        Finding {
            code,
            severity: Severity::Error,
            message,
            span,
            label,
            notes: Vec::new(),
            help: None,
            offers: Vec::new(),
        }
    }

    /// A warning with a message, a place, and the reason why this place.
    pub fn warning(code: Code, span: Span, message: impl Into<String>, label: impl Into<String>) -> Finding {
        Finding { severity: Severity::Warning, ..Finding::error(code, span, message, label) }
    }

    /// A note with a message, a place, and the reason why this place.
    pub fn note(code: Code, span: Span, message: impl Into<String>, label: impl Into<String>) -> Finding {
        Finding { severity: Severity::Note, ..Finding::error(code, span, message, label) }
    }

    fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let notes = self.notes.iter_mut().map(|(_, note)| note);
        [&mut self.message, &mut self.label].into_iter().chain(notes)
    }

    /// The same finding with one more place that belongs to it.
    #[must_use]
    pub fn with_place(mut self, span: Span, text: impl Into<String>) -> Finding {
        self.notes.push((Some(span), text.into()));
        self
    }

    /// The same finding with one more remark.
    #[must_use]
    pub fn with_note(mut self, text: impl Into<String>) -> Finding {
        self.notes.push((None, text.into()));
        self
    }

    /// The same finding with what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }
}

/// Most findings that are kept; further ones are counted.
const KEPT_MAX: usize = 10_000;

/// Longest text of a finding, in characters: names come from the table and can be of any length.
const TEXT_CHARS_MAX: usize = 400;

/// Longest help, in characters: it may have a line for the table that names every fact of a machine.
const HELP_CHARS_MAX: usize = 4800;

/// Returns whether a character changes the direction of the text after it: U+202A to U+202E and U+2066 to U+2069.
pub(crate) fn changes_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Returns whether some programs break a line at a character that is no control character.
pub(crate) fn breaks_line(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Makes a text one short line that a terminal can show.
fn tidy(text: &mut String, chars_max: usize) {
    let is_hidden = |c: char| c.is_control() || changes_direction(c) || breaks_line(c);
    if text.len() > chars_max || text.contains(is_hidden) {
        let shown = |c: char| if is_hidden(c) { char::REPLACEMENT_CHARACTER } else { c };
        let rest = text.chars().nth(chars_max).map(|_| '…');
        *text = text.chars().take(chars_max).map(shown).chain(rest).collect();
    }
}

/// All findings of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    // Invariant: sorted by place, code and message; no two are equal in all three; every text is one short line.
    sorted: Vec<Finding>,
    /// How many more there were when `sorted` was full.
    left_off: usize,
    /// Whether an error is among all of them.
    has_errors: bool,
}

impl Findings {
    /// Adds a finding at its place in the order. One that says the same at the same place is kept once. Far more than
    /// anybody reads are counted only.
    pub fn push(&mut self, mut finding: Finding) {
        finding.texts().for_each(|text| tidy(text, TEXT_CHARS_MAX));
        finding.help.iter_mut().for_each(|help| tidy(help, HELP_CHARS_MAX));
        fn key(finding: &Finding) -> (Span, Code, &str) {
            (finding.span, finding.code, &finding.message)
        }
        if let Err(at) = self.sorted.binary_search_by(|known| key(known).cmp(&key(&finding))) {
            self.has_errors |= finding.severity == Severity::Error;
            if self.sorted.len() < KEPT_MAX {
                self.sorted.insert(at, finding);
            } else {
                self.left_off += 1;
            }
        }
    }

    /// Takes findings away. Whether there was one; if some were counted only, nobody knows.
    pub(crate) fn remove(&mut self, is_meant: impl Fn(&Finding) -> bool) -> bool {
        let before = self.sorted.len();
        self.sorted.retain(|finding| !is_meant(finding));
        self.sorted.len() < before || self.left_off > 0
    }

    /// Returns the same findings, whose help names commands of a program as it was started.
    #[must_use]
    pub fn for_program(mut self, invocation: &Invocation) -> Findings {
        for help in self.sorted.iter_mut().filter_map(|finding| finding.help.as_mut()) {
            *help = invocation.fill(help);
        }
        self
    }

    /// The findings in the order of their places, then of their codes and messages.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.sorted.iter()
    }

    /// How many there are, those included that were counted only.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sorted.len() + self.left_off
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Whether one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.has_errors
    }
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
