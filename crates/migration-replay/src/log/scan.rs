//! Finds objects in lines: several on one line, or one over several lines, with anything around them.

use super::decode;

/// The longest object that is read, in bytes: a reply that lists everything is far shorter.
const OBJECT_BYTES_MAX: usize = 16 << 20;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// An object from its first brace to its last, and the line where it begins.
    Whole(usize, String),
    /// An object that began in this line and has no end.
    Cut(usize),
}

/// Looks for objects, line by line.
#[derive(Clone, Debug, Default)]
pub(super) struct Scanner {
    open: Option<Open>,
}

/// An object whose end has not come yet.
#[derive(Clone, Debug)]
struct Open {
    line: usize,
    text: String,
    depth: u32,
    /// The quote that ends the text that it is in.
    quote: Option<char>,
    is_escaped: bool,
}

impl Scanner {
    /// Takes in the next line, without its end.
    pub(super) fn line(&mut self, number: usize, line: &str, out: &mut Vec<Found>) {
        if let Some(open) = &self.open
            && (begins_anew(line) || open.text.len() > OBJECT_BYTES_MAX)
        {
            out.push(Found::Cut(open.line));
            self.open = None;
        }
        for (at, c) in line.char_indices() {
            if let Some(open) = &mut self.open {
                let is_whole = open.take(c);
                out.extend(self.open.take_if(|_| is_whole).map(|open| Found::Whole(open.line, open.text)));
            } else if c == '{' && begins_object(&line[at + 1..]) {
                let text = String::from(c);
                self.open = Some(Open { line: number, text, depth: 1, quote: None, is_escaped: false });
            }
        }
        // A line may end between any two values; in a text it ends because it was too long for somebody's screen.
        if let Some(open) = &mut self.open
            && open.quote.is_none()
        {
            open.text.push('\n');
        }
    }

    /// Whether an object has begun and not ended.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The line in which an object began that has not ended.
    pub(super) fn finish(&mut self) -> Option<usize> {
        self.open.take().map(|open| open.line)
    }
}

impl Open {
    /// Takes in the next character; whether it is the last one.
    fn take(&mut self, c: char) -> bool {
        self.text.push(c);
        match self.quote {
            Some(_) if self.is_escaped => self.is_escaped = false,
            Some(_) if c == '\\' => self.is_escaped = true,
            Some(quote) if c == quote => self.quote = None,
            Some(_) => {}
            None => match c {
                '"' | '\'' => self.quote = Some(c),
                '{' => self.depth += 1,
                '}' => self.depth -= 1,
                _ => {}
            },
        }
        self.depth == 0
    }
}

/// Whether an object can go on like this after its brace: with a key, its end, or in the next line.
fn begins_object(rest: &str) -> bool {
    rest.trim_start().chars().next().is_none_or(|c| matches!(c, '"' | '\'' | '}'))
}

/// Whether the line holds a message by itself and not as part of a larger one, so that one before it has been cut off.
fn begins_anew(line: &str) -> bool {
    let Some(start) = line.find('{').filter(|at| !line[..*at].contains(['"', '\''])) else { return false };
    let (mut alone, mut found) = (Scanner::default(), Vec::new());
    alone.line(0, &line[start..], &mut found);
    matches!(found.first(), Some(Found::Whole(_, text)) if decode::is_message(text))
}
