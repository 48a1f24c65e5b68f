//! A lock file read back, line by line: what each line says, before anybody asks whether the lines fit together.
//!
//! The text may be anything: a merge with conflicts, half a file, something hostile. It is refused with the first line
//! that shows it. What is read of it is bounded whatever it says.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::vec::IntoIter;

use super::damage::{Damage, LockError, shown};
use super::facts::{Fact, Traits};
use super::names::Name;
use super::rebuild;
use super::words::{Token, is_keyword, tokens};
use super::{END, FORMAT, MAGIC, vocabulary, write};
use crate::public::behaviour::{Label, Public, Reply};

/// The largest file that is read.
pub const LOCK_BYTES_MAX: usize = 16 << 20;

/// What a lock file says.
///
/// # Errors
///
/// When the text is not, byte for byte, what [`write()`] makes of what it says.
pub fn read(text: &str) -> Result<Public, LockError> {
    if text.len() > LOCK_BYTES_MAX {
        return Err(LockError::new(Damage::TooLarge, 1, format!("the file has {} bytes", text.len())));
    }
    let lines: Vec<&str> = text.split('\n').collect();
    frame(&lines)?;
    let mut sheet = Sheet::default();
    for (index, line) in lines.iter().enumerate().skip(1) {
        if !line.is_empty() && !line.starts_with('#') && *line != END {
            sheet.take(index + 1, line)?;
        }
    }
    let public = rebuild::public(sheet)?;
    compare(&lines, &write(&public))?;
    Ok(public)
}

/// What can be said without understanding a line.
fn frame(lines: &[&str]) -> Result<(), LockError> {
    let error = |kind, index: usize, message: String| Err(LockError::new(kind, index + 1, message));
    let marks = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];
    if let Some(index) = lines.iter().position(|line| marks.iter().any(|mark| line.starts_with(mark))) {
        let found = shown(lines[index]);
        return error(Damage::Conflict, index, format!("found {found}: two versions were merged, and nobody chose"));
    }
    let first = lines.first().copied().unwrap_or_default();
    let expected = format!("{MAGIC}{FORMAT}");
    if first.ends_with('\r') {
        return error(Damage::Edited, 0, "found a carriage return at the end of the line, expected none".to_owned());
    }
    if lines.len() == 1 && !first.is_empty() && expected.starts_with(first) {
        return error(Damage::Truncated, 0, "the file ends in its first line".to_owned());
    }
    match first.strip_prefix(MAGIC).map(str::parse::<u32>) {
        Some(Ok(FORMAT)) if first == expected => {}
        Some(Ok(newer)) if newer > FORMAT => {
            return error(Damage::Newer, 0, format!("found format {newer}, expected at most {FORMAT}"));
        }
        _ => return error(Damage::NotALock, 0, format!("found {}, expected `{expected}`", shown(first))),
    }
    let Some(end) = lines.iter().position(|line| *line == END) else {
        let last = lines.iter().rposition(|line| !line.is_empty()).unwrap_or(0);
        return error(Damage::Truncated, last, format!("the file ends after {}, expected `{END}`", shown(lines[last])));
    };
    match lines.get(end + 1) {
        Some(line) if lines.len() > end + 2 || !line.is_empty() => {
            error(Damage::Edited, end + 1, format!("found {} after the end", shown(line)))
        }
        Some(_) | None => Ok(()),
    }
}

/// The first line that is not what it should be.
fn compare(lines: &[&str], expected: &str) -> Result<(), LockError> {
    let mut expected = expected.split('\n');
    for (index, line) in lines.iter().enumerate() {
        let should = expected.next();
        if should != Some(line) {
            let should = should.map_or("the end of the file".to_owned(), shown);
            let message = format!("found {}, expected {should}: the file was changed by hand", shown(line));
            return Err(LockError::new(Damage::Edited, index + 1, message));
        }
    }
    match expected.next() {
        None => Ok(()),
        Some(should) => {
            let message =
                format!("found the end of the file, expected {}: the file was changed by hand", shown(should));
            Err(LockError::new(Damage::Edited, lines.len(), message))
        }
    }
}

/// What the lines say, one by one.
#[derive(Default)]
pub(super) struct Sheet {
    /// The vocabulary, without machines.
    pub(super) public: Public,
    pub(super) machines: Vec<SheetMachine>,
}

/// The lines of a machine.
pub(super) struct SheetMachine {
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) cases: Vec<(usize, Cases)>,
    pub(super) facts: BTreeMap<Fact, (usize, Option<Cases>)>,
}

/// Cases in words: for each the settings that are named, and whether they are on.
pub(super) type Cases = Vec<Vec<(String, bool)>>;

impl Sheet {
    fn take(&mut self, number: usize, text: &str) -> Result<(), LockError> {
        let not_read = || {
            let message = format!("found {}, which says nothing: the file was changed by hand", shown(text));
            LockError::new(Damage::Edited, number, message)
        };
        let mut line = Line { tokens: tokens(text).ok_or_else(not_read)?.into_iter().peekable() };
        let keyword = line.bare().ok_or_else(not_read)?;
        let is_new = match (keyword.as_str(), self.machines.last_mut()) {
            ("machine", _) => line.name().map(|name| {
                let is_new = self.machines.iter().all(|machine| machine.name != name);
                self.machines.push(SheetMachine { name, line: number, cases: Vec::new(), facts: BTreeMap::new() });
                is_new
            }),
            ("table", None) => line.name().map(|name| std::mem::replace(&mut self.public.table, name).is_empty()),
            (keyword, None) => vocabulary::take(&mut line, keyword, &mut self.public),
            // They are there for readers.
            ("after" | "reply", Some(_)) => return Ok(()),
            ("case", Some(machine)) => line.cases().map(|cases| {
                machine.cases.push((number, cases));
                true
            }),
            (keyword, Some(machine)) => line.fact(keyword).and_then(|fact| {
                let when = match line.keyword("when") {
                    Some(()) => Some(line.cases()?),
                    None => None,
                };
                Some(machine.facts.insert(fact, (number, when)).is_none())
            }),
        };
        match is_new {
            Some(true) if line.is_over() => Ok(()),
            Some(false) => {
                Err(LockError::new(Damage::Duplicate, number, format!("found {}, which was said before", shown(text))))
            }
            _ => Err(not_read()),
        }
    }
}

/// The words of a line that are not read yet.
pub(super) struct Line {
    tokens: Peekable<IntoIter<Token>>,
}

impl Line {
    pub(super) fn peek(&mut self) -> Option<&Token> {
        self.tokens.peek()
    }

    fn is_over(&mut self) -> bool {
        self.tokens.peek().is_none()
    }

    /// A word without quotes.
    pub(super) fn bare(&mut self) -> Option<String> {
        match self.tokens.next_if(|token| matches!(token, Token::Bare(_)))? {
            Token::Bare(word) => Some(word),
            Token::Quoted(_) | Token::Sign(_) | Token::Arrow => None,
        }
    }

    /// A name.
    pub(super) fn name(&mut self) -> Option<String> {
        let is_name = |token: &Token| match token {
            Token::Bare(word) => !is_keyword(word),
            Token::Quoted(_) => true,
            Token::Sign(_) | Token::Arrow => false,
        };
        match self.tokens.next_if(is_name)? {
            Token::Bare(name) | Token::Quoted(name) => Some(name),
            Token::Sign(_) | Token::Arrow => None,
        }
    }

    /// This word without quotes.
    pub(super) fn keyword(&mut self, word: &str) -> Option<()> {
        self.tokens.next_if(|token| matches!(token, Token::Bare(found) if found == word)).map(drop)
    }

    /// This sign.
    pub(super) fn sign(&mut self, sign: char) -> Option<()> {
        self.tokens.next_if_eq(&Token::Sign(sign)).map(drop)
    }

    fn fact(&mut self, keyword: &str) -> Option<Fact> {
        match keyword {
            "begins" => Some(Fact::Begins(self.spot()?)),
            "at" => {
                let name = self.spot()?;
                self.sign(':')?;
                let rests = self.keyword("rests").is_some();
                let ends = self.keyword("ends").is_some();
                Some(Fact::At(name, Traits { rests, ends, caught: self.keyword("caught").is_some() }))
            }
            "on" => {
                let from = self.spot()?;
                self.sign(':')?;
                let label = self.label()?;
                self.tokens.next_if_eq(&Token::Arrow)?;
                Some(Fact::On(from, label, self.spot()?))
            }
            _ => None,
        }
    }

    fn label(&mut self) -> Option<Label> {
        if self.sign('!').is_some() {
            return Some(Label::Event(self.name()?));
        }
        let command = self.name()?;
        match self.keyword("success") {
            Some(()) => Some(Label::Reply(command, Reply::Success)),
            None => Some(Label::Reply(command, Reply::Error(self.name()?))),
        }
    }

    fn spot(&mut self) -> Option<Name> {
        let mut shows = vec![self.name()?];
        while self.sign('+').is_some() {
            shows.push(self.name()?);
        }
        if shows == [""] {
            shows.clear();
        }
        let number = match self.sign('#') {
            Some(()) => self.bare()?.parse().ok()?,
            None => 1,
        };
        Some(Name { shows, number })
    }

    fn cases(&mut self) -> Option<Cases> {
        if self.keyword("always").is_some() {
            return Some(vec![Vec::new()]);
        }
        let mut cases = vec![Vec::new()];
        loop {
            let is_on = self.keyword("not").is_none();
            let name = self.name()?;
            cases.last_mut()?.push((name, is_on));
            if self.keyword("or").is_some() {
                cases.push(Vec::new());
            } else if self.keyword("and").is_none() {
                return Some(cases);
            }
        }
    }
}
