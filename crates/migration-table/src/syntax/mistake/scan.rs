//! One pass over a text, from its start to the first mistake.

use std::ops::Range;

use super::brace;
use super::colon;
use super::dash;
use super::found::Mistake;
use super::indent;
use super::key;
use super::plain::{self, Plain};
use super::quoted::{self, Quoted};
use super::view::{Next, View};

/// Marks that git leaves in a file with a conflict.
const MERGE_MARKS: [&str; 4] = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"];

/// The pass.
pub(super) struct Scan<'t> {
    source: &'t str,
    is_key: fn(&str) -> bool,
    at: usize,
    /// Whether a line begins here.
    is_line_start: bool,
    /// The brackets that are open, outermost first.
    open: Vec<Bracket>,
    /// A comment within the open brackets that holds a closing one.
    comment: Option<Range<usize>>,
    /// Indentation of the line.
    indentation: usize,
    /// What the next token is.
    next: Next,
}

/// An open bracket.
struct Bracket {
    at: usize,
    closes: u8,
    /// Indentation of its line.
    indentation: usize,
}

impl<'t> Scan<'t> {
    pub(super) fn new(source: &'t str, is_key: fn(&str) -> bool) -> Scan<'t> {
        let at = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let (open, next) = (Vec::new(), Next::Key);
        Scan { source, is_key, at, is_line_start: true, open, comment: None, indentation: 0, next }
    }

    /// Returns the first mistake, or `None` where nothing looks like one.
    pub(super) fn run(mut self) -> Option<Mistake> {
        while self.at < self.source.len() {
            let found = if std::mem::take(&mut self.is_line_start) { self.line_start() } else { self.token() };
            if let Err(mistake) = found {
                return Some(mistake);
            }
        }
        self.open.last().map(|bracket| self.unclosed(bracket))
    }

    fn is_flow(&self) -> bool {
        !self.open.is_empty()
    }

    /// What the readers of texts see.
    fn view(&self) -> View<'t> {
        View { source: self.source, is_key: self.is_key, is_flow: self.is_flow(), next: self.next }
    }

    fn rest(&self) -> &'t str {
        &self.source[self.at..]
    }

    fn line_from(&self, at: usize) -> &'t str {
        self.view().line_from(at)
    }

    /// Reads the indentation of a line.
    fn line_start(&mut self) -> Result<(), Mistake> {
        let line = self.line_from(self.at);
        let (start, blank) = (self.at, line.len() - line.trim_start_matches([' ', '\t']).len());
        let text = &line[blank..];
        self.at += blank;
        if text.is_empty() || text.starts_with('#') {
            self.at += text.len();
            self.break_line();
            return Ok(());
        }
        if let Some(mark) = MERGE_MARKS.iter().find(|mark| line.starts_with(**mark)) {
            let is_mark = line[mark.len()..].is_empty() || line[mark.len()..].starts_with(' ');
            if is_mark {
                let help = "resolve the merge: keep one of the two versions, and delete the lines with the marks";
                let at = start..start + line.trim_end().len();
                return Err(Mistake::new(at, "a merge is not resolved", "a mark of the conflict", help));
            }
        }
        if !self.is_flow()
            && let Some(tab) = line[..blank].find('\t')
        {
            let (at, help) = (start + tab, indent::help(self.source, start, text));
            return Err(Mistake::new(at..at + 1, "a tab indents the line", "a tab", help));
        }
        if blank == 0 && text.starts_with('%') && !self.is_flow() {
            let (at, help) = (start..start + line.trim_end().len(), "leave this line out");
            return Err(Mistake::new(at, "the text has a directive", "directives are not part of the format", help));
        }
        self.indentation = line[..blank].chars().count();
        if let Some(bracket) = self.open.last()
            && self.indentation <= bracket.indentation
            && key::is_entry(text)
        {
            return Err(self.unclosed(bracket));
        }
        if !self.is_flow() {
            self.next = Next::Key;
        }
        Ok(())
    }

    /// Passes over the end of a line.
    fn break_line(&mut self) {
        let rest = self.rest();
        self.is_line_start = true;
        self.at += if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
    }

    /// Reads one token within a line.
    fn token(&mut self) -> Result<(), Mistake> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(()) };
        let spaced = self.source[..self.at].ends_with([' ', '\t', '\n', '\r']);
        match first {
            ' ' | '\t' => self.at += 1,
            '\n' | '\r' => self.break_line(),
            '#' if spaced => self.comment(),
            ',' if self.is_flow() => self.comma()?,
            ':' if self.next == Next::Nothing => self.pass(Next::Value),
            '}' | ']' if self.next == Next::Nothing || self.is_flow() => self.close(first)?,
            _ if self.next == Next::Nothing => return Err(self.left_over()),
            '{' | '[' => self.open(first),
            '"' | '\'' => self.quoted(first)?,
            '-' if !self.is_flow() && rest[1..].starts_with([' ', '\t']) => self.pass(Next::Key),
            '-' if !self.is_flow() && self.next == Next::Key && dash::lacks_space(rest, self.is_key) => {
                return Err(dash::without_space(self.at));
            }
            '|' | '>' if !self.is_flow() && self.next == Next::Value => self.block_scalar(),
            _ => self.plain()?,
        }
        Ok(())
    }

    fn pass(&mut self, next: Next) {
        self.at += 1;
        self.next = next;
    }

    /// Passes over a comma, before which something must stand.
    fn comma(&mut self) -> Result<(), Mistake> {
        if self.source[..self.at].trim_end().ends_with([',', '{', '[']) {
            let help = "leave this comma out";
            return Err(Mistake::new(self.at..self.at + 1, "a comma stands for nothing", "nothing before it", help));
        }
        self.pass(Next::Key);
        Ok(())
    }

    fn comment(&mut self) {
        let text = self.line_from(self.at);
        if self.open.iter().any(|bracket| text.contains(char::from(bracket.closes))) && self.comment.is_none() {
            self.comment = Some(self.at..self.at + text.trim_end().len());
        }
        self.at += text.len();
    }

    fn open(&mut self, bracket: char) {
        let closes = if bracket == '{' { b'}' } else { b']' };
        if self.open.is_empty() {
            self.comment = None;
        }
        self.open.push(Bracket { at: self.at, closes, indentation: self.indentation });
        self.pass(Next::Key);
    }

    fn close(&mut self, bracket: char) -> Result<(), Mistake> {
        match self.open.pop() {
            Some(open) if char::from(open.closes) == bracket => self.pass(Next::Nothing),
            Some(open) => {
                let list = (bracket == ']').then(|| brace::missing_of_list(&self.view(), open.at, self.at)).flatten();
                return Err(list.unwrap_or_else(|| self.unclosed(&open)));
            }
            None => {
                let label = "closes nothing";
                let help = "remove it, or open the bracket that it closes";
                return Err(Mistake::new(self.at..self.at + 1, "a bracket is closed that is not open", label, help));
            }
        }
        Ok(())
    }

    /// The mistake of an open bracket: of the comment that hides its end, if there is one.
    fn unclosed(&self, bracket: &Bracket) -> Mistake {
        if let Some(comment) = &self.comment {
            let help = "put the text in quotes, so that `#` is a part of it";
            let label = "from ` #` on, the line is a comment, and its brackets do not count";
            return Mistake::new(comment.clone(), "a comment hides the end of the line", label, help);
        }
        let (opens, closes) = (&self.source[bracket.at..=bracket.at], char::from(bracket.closes));
        let what = if closes == '}' { "a `{` is not closed" } else { "a `[` is not closed" };
        let help = format!("add `{closes}` where what `{opens}` opens here ends");
        Mistake::new(bracket.at..bracket.at + 1, what, "opened here", help)
    }

    /// The mistake of something that stands after a complete value.
    fn left_over(&self) -> Mistake {
        let text = self.line_from(self.at);
        if self.is_flow() && text.starts_with(';') {
            return plain::semicolon(self.at);
        }
        let end = self.at + key::word(text).len().max(text.chars().next().map_or(0, char::len_utf8));
        if self.is_flow() {
            let help = format!("add a comma before `{}`", &self.source[self.at..end]);
            return Mistake::new(self.at..end, "a comma is missing", "a comma is missing before this", help);
        }
        let pair = text.strip_prefix(',').map(|rest| rest.trim_start()).filter(|rest| key::is_entry(rest));
        if let Some(pair) = pair.filter(|pair| (self.is_key)(key::word(pair)))
            && let Some(mistake) = brace::missing(&self.view(), self.at + text.len() - pair.len())
        {
            return mistake;
        }
        let help = match text.starts_with('#') {
            true => "put a space before the `#`: a comment begins after a space only",
            false => "end the line here, or put the whole value in quotes",
        };
        Mistake::new(self.at..end, "something follows a complete value", "does not belong to it", help)
    }

    fn quoted(&mut self, quote: char) -> Result<(), Mistake> {
        match quoted::read(&self.view(), self.at, quote) {
            Quoted::Mistake(mistake) => return Err(mistake),
            Quoted::Until(end) => self.at = end,
        }
        self.next = Next::Nothing;
        Ok(())
    }

    fn plain(&mut self) -> Result<(), Mistake> {
        if !self.is_flow()
            && self.next == Next::Key
            && let Some(mistake) = colon::before_brace(self.line_from(self.at), self.at)
        {
            return Err(mistake);
        }
        match plain::read(&self.view(), self.at) {
            Plain::Mistake(mistake) => return Err(mistake),
            Plain::Key(end) => {
                self.at = end;
                self.next = Next::Value;
            }
            // A text without quotes may go on in the next line.
            Plain::Text(end) => {
                let first = self.rest().chars().next().map_or(0, char::len_utf8);
                self.at = end.max(self.at + first);
            }
        }
        Ok(())
    }

    /// Passes over a text of several lines: everything that is indented further than its key.
    fn block_scalar(&mut self) {
        self.at += self.line_from(self.at).len();
        self.break_line();
        loop {
            let line = self.line_from(self.at);
            let indentation = line.len() - line.trim_start_matches(' ').len();
            let is_text = line.trim().is_empty() || indentation > self.indentation;
            if self.at >= self.source.len() || !is_text {
                return;
            }
            self.at += line.len();
            self.break_line();
        }
    }
}
