//! One line of a lock file, read from left to right.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::facts::{Fact, Traits};
use super::names::Name;
use super::words::{Token, is_keyword, tokens};
use crate::public::automaton::{Label, Reply, Shown};

/// Cases in words: for each the settings that are named, and whether they are on.
pub(super) type Cases = Vec<Vec<(String, bool)>>;

/// The words of a line that are not read yet.
pub(super) struct Line {
    tokens: Peekable<IntoIter<Token>>,
}

impl Line {
    /// The words of a line; `None` if it is not made of words.
    pub(super) fn new(text: &str) -> Option<Line> {
        Some(Line { tokens: tokens(text)?.into_iter().peekable() })
    }

    pub(super) fn peek(&mut self) -> Option<&Token> {
        self.tokens.peek()
    }

    pub(super) fn is_over(&mut self) -> bool {
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

    pub(super) fn fact(&mut self, keyword: &str) -> Option<Fact> {
        match keyword {
            "begins" => Some(Fact::Begins(self.state_name()?)),
            "at" => {
                let name = self.state_name()?;
                self.sign(':')?;
                let rests = self.keyword("rests").is_some();
                let ends = self.keyword("ends").is_some();
                Some(Fact::At(name, Traits { rests, ends, trapped: self.keyword("caught").is_some() }))
            }
            "on" => {
                let from = self.state_name()?;
                self.sign(':')?;
                let label = self.label()?;
                self.tokens.next_if_eq(&Token::Arrow)?;
                Some(Fact::On(from, label, self.state_name()?))
            }
            "query" => {
                let from = self.state_name()?;
                self.sign(':')?;
                let shown = self.shown()?;
                self.tokens.next_if_eq(&Token::Arrow)?;
                let to = self.state_name()?;
                Some(Fact::Query(from, shown, to, self.keyword("rests").is_some()))
            }
            _ => None,
        }
    }

    fn label(&mut self) -> Option<Label> {
        if self.sign('!').is_some() {
            return Some(Label::Event(self.shown()?));
        }
        let command = self.name()?;
        match self.keyword("success") {
            Some(()) => Some(Label::Reply(command, Reply::Success)),
            None => Some(Label::Reply(command, Reply::Error(self.name()?))),
        }
    }

    fn shown(&mut self) -> Option<Shown> {
        let status = self.name()?;
        let reason = match self.sign('(') {
            Some(()) => Some(self.name()?),
            None => None,
        };
        reason.is_none().then_some(()).or_else(|| self.sign(')'))?;
        Some(Shown { status, reason })
    }

    fn state_name(&mut self) -> Option<Name> {
        let mut shows = vec![self.shown()?];
        while self.sign('+').is_some() {
            shows.push(self.shown()?);
        }
        if shows == [Shown::status("")] {
            shows.clear();
        }
        let number = match self.sign('#') {
            Some(()) => self.bare()?.parse().ok()?,
            None => 1,
        };
        Some(Name { shows, number })
    }

    pub(super) fn cases(&mut self) -> Option<Cases> {
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
