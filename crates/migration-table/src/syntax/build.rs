//! From the parser's events to the tree, without recursion: the depth of the input is not the depth of our stack.

use std::collections::BTreeMap;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, StructureStyle};

use super::mistake::Words;
use super::text::Text;
use super::tree::{Entry, Node, Value};
use super::{direction, formulas, mistake, typographic};
use crate::finding::{Finding, Findings};
use crate::rule::shape::{FURTHER_DOCUMENT, INVALID_YAML, TOO_DEEP, TOO_LARGE, WRONG_TYPE, YAML_FEATURE};
use crate::span::Span;

/// Longest table, in bytes. A table of 5,000 states with three rows each has about 2 MiB.
pub const BYTES_MAX: usize = 8 << 20;
/// Deepest nesting of lists and mappings. The format itself needs 5.
const DEPTH_MAX: usize = 16;
/// Most values and keys in a table.
const NODES_MAX: usize = 1 << 20;

/// Most places besides the first that are shown of anchors and what refers to them.
const LINKS_SHOWN_MAX: usize = 12;

/// Reads the text as one YAML document. Returns `None` if it is not YAML, too long or empty. By the words of the
/// format, a slip can be told from a text.
pub(crate) fn parse(source: &str, words: Words, out: &mut Findings) -> Option<Node> {
    if source.len() > BYTES_MAX {
        let start = Span { line: 1, column: 1, ..Span::default() };
        let message = format!("the table is longer than {} MiB", BYTES_MAX >> 20);
        out.push(Finding::error(TOO_LARGE.code, start, message, "the rest was not read"));
        return None;
    }
    direction::find(source, out);
    let (open, links) = (Vec::new(), Vec::new());
    let mut builder =
        Builder { source, words, open, root: None, documents: 0, nodes: 0, is_spoiled: false, links, out };
    let root = builder.run();
    builder.refuse_links();
    root
}

/// The state of the construction.
struct Builder<'t> {
    source: &'t str,
    words: Words,
    /// The collections that are open, outermost first.
    open: Vec<Frame>,
    root: Option<Node>,
    documents: usize,
    nodes: usize,
    /// Whether quotes that are none make the text something else than was meant, so that nothing else is worth saying.
    is_spoiled: bool,
    /// Where something stands for what is written elsewhere, and what it is.
    links: Vec<(Span, &'static str)>,
    out: &'t mut Findings,
}

/// A collection that is being filled.
struct Frame {
    start: Span,
    style: StructureStyle,
    body: Body,
}

enum Body {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<Entry>, places: BTreeMap<String, Span>, key: Key },
}

/// What stands before the value that comes next in a mapping.
enum Key {
    /// Nothing: the next node is a key.
    Awaited,
    /// A key, and where it stands before this one.
    Known(Text, Option<Span>),
    /// A key that stands for the keys of another mapping.
    Merge(Text),
    /// A key that was refused, and its value with it.
    Refused,
}

impl Builder<'_> {
    fn run(&mut self) -> Option<Node> {
        let options = granit_parser::options! {
            disallow_directives: true,
            emit_unresolved_aliases: true,
            emit_anchor_events: true,
            emit_comments: false,
            // The parser looks ahead further than one event: its own bounds keep it from going too deep by itself.
            flow_nesting_limit: DEPTH_MAX,
            block_nesting_limit: DEPTH_MAX,
        };
        for next in Parser::new_from_str_with_options(self.source, options) {
            match next {
                Ok((event, span)) => self.take(event, span).ok()?,
                Err(error) => {
                    let at = self.place(granit_parser::Span::empty(*error.marker()));
                    if *error.kind() == ErrorKind::RecursionLimitExceeded {
                        self.too_deep(at);
                        return None;
                    }
                    let finding = mistake::explain(self.source, at.start, &error.info(), self.words);
                    self.out.push(finding);
                    return None;
                }
            }
        }
        if self.root.is_none() && self.out.is_empty() && self.links.is_empty() {
            let start = Span { line: 1, column: 1, ..Span::default() };
            self.out.push(Finding::error(INVALID_YAML.code, start, "the table is empty", "nothing follows"));
        }
        self.root.take().filter(|_| !self.is_spoiled)
    }

    /// Takes one event. An error, already reported, means that reading on is of no use.
    fn take(&mut self, event: Event<'_>, at: granit_parser::Span) -> Result<(), ()> {
        let span = self.place(at);
        let is_tagged = event.tag().is_some();
        if is_tagged {
            self.refuse_tag(at.tag_span().map_or(span, |tag| self.place(tag)));
        }
        match event {
            Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(..) => self.document(span)?,
            Event::Anchor(..) => self.links.push((span, "an anchor")),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.links.push((span, "an alias"));
                self.attach(Value::Refused, span)?;
            }
            Event::Scalar(text, style, ..) => {
                let plain = style == ScalarStyle::Plain;
                let text = if plain && span.start == span.end { String::new() } else { text.into_owned() };
                if plain {
                    self.typographic(span);
                }
                let text = Text::new(text, span, plain, self.source);
                let value = if is_tagged && self.key().is_some() { Value::Refused } else { Value::Scalar(text) };
                self.attach(value, span)?;
            }
            Event::SequenceStart(style, ..) => self.enter(span, style, Body::Sequence(Vec::new()))?,
            Event::MappingStart(style, ..) => {
                let body = Body::Mapping { entries: Vec::new(), places: BTreeMap::new(), key: Key::Awaited };
                self.enter(span, style, body)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.leave(span)?,
            // Comments are switched off, and there is nothing else that a document consists of.
            Event::Comment(..) | _ => {}
        }
        Ok(())
    }

    fn document(&mut self, span: Span) -> Result<(), ()> {
        self.documents += 1;
        if self.documents == 1 {
            return Ok(());
        }
        let message = "the file holds more than one document";
        let finding = Finding::error(FURTHER_DOCUMENT.code, span, message, "another document starts here");
        self.out.push(finding.with_help("keep one table in one file"));
        Err(())
    }

    fn enter(&mut self, start: Span, style: StructureStyle, body: Body) -> Result<(), ()> {
        if self.open.len() == DEPTH_MAX {
            self.too_deep(start);
            return Err(());
        }
        self.open.push(Frame { start, style, body });
        Ok(())
    }

    fn too_deep(&mut self, at: Span) {
        let message = format!("the table is nested more than {DEPTH_MAX} levels deep");
        self.out.push(Finding::error(TOO_DEEP.code, at, message, "one level too many"));
    }

    fn leave(&mut self, end: Span) -> Result<(), ()> {
        let Some(frame) = self.open.pop() else { return Ok(()) };
        let (value, last) = match frame.body {
            Body::Sequence(nodes) => {
                let last = nodes.last().map(|node| node.span);
                (Value::Sequence(nodes), last)
            }
            Body::Mapping { entries, .. } => {
                let last = entries.last().map(|entry| entry.key.span.until(entry.value.span));
                (Value::Mapping(entries), last)
            }
        };
        // The parser ends a block collection where the next thing starts, which may be many lines further on.
        let end = match frame.style {
            StructureStyle::Flow => end,
            StructureStyle::Block => last.unwrap_or(frame.start),
        };
        self.attach(value, frame.start.until(end))
    }

    /// Puts a finished node where it belongs.
    fn attach(&mut self, value: Value, span: Span) -> Result<(), ()> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            let message = format!("the table has more than {NODES_MAX} keys and values");
            self.out.push(Finding::error(TOO_LARGE.code, span, message, "one too many"));
            return Err(());
        }
        let node = Node { value, span, owner: span.first_line(self.source) };
        match self.open.last_mut().map(|frame| &mut frame.body) {
            None => self.root = Some(node),
            Some(Body::Sequence(nodes)) => nodes.push(node),
            Some(Body::Mapping { entries, places, key }) => match std::mem::replace(key, Key::Awaited) {
                Key::Awaited => {
                    *key = take_key(node, places, self.out);
                    if let Key::Merge(merge) = key {
                        self.links.push((merge.span, "a merge key"));
                    }
                }
                Key::Known(known, first) => {
                    let owner = known.span;
                    entries.push(Entry { key: known, value: Node { owner, ..node }, first });
                }
                Key::Merge(key) => {
                    entries.push(Entry { key, value: Node { value: Value::Refused, ..node }, first: None })
                }
                Key::Refused => {}
            },
        }
        Ok(())
    }

    /// The key whose value comes next.
    fn key(&self) -> Option<&str> {
        match &self.open.last()?.body {
            Body::Mapping { key: Key::Known(key, _), .. } => Some(&key.text),
            Body::Mapping { key: Key::Awaited | Key::Merge(_) | Key::Refused, .. } | Body::Sequence(_) => None,
        }
    }

    /// Refuses a tag. `!name` was meant for `not name`.
    fn refuse_tag(&mut self, tag: Span) {
        let is_name = |name: &&str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        let name = self.source.get(tag.start..tag.end).and_then(|tag| tag.strip_prefix('!'));
        let name = name.filter(|name| !name.is_empty()).filter(is_name);
        let help = match (name, self.key()) {
            (Some(name), Some(key)) if formulas::KEYS.contains(&key) => format!("write `not {name}`"),
            (Some(name), Some("from")) => format!("write `from: any, except: {name}`"),
            (Some(name), Some("in")) => format!("write `except: {name}` in the place of `in:`"),
            _ => "leave the tag out".to_owned(),
        };
        self.refuse(tag, "a tag", "tags are not part of the format", &help);
    }

    /// Says so where a text without quotes begins with a typographic one.
    fn typographic(&mut self, text: Span) {
        if let Some(found) = typographic::quoted(&self.source[text.start..]) {
            let at = Span::of(self.source, text.start..text.start + found.len);
            let message = format!("`{}` is no quote to YAML", found.opening);
            let label = format!("in typographic quotes, U+{:04X}", u32::from(found.opening));
            self.out.push(Finding::error(WRONG_TYPE.code, at, message, label).with_help(found.help));
            self.is_spoiled = true;
        }
    }

    /// Refuses anchors and what refers to them, in one finding: it takes both to say something once.
    fn refuse_links(&mut self) {
        let Some(((first, what), others)) = self.links.split_first() else { return };
        let help = match others.is_empty() && *what == "an anchor" {
            true => "leave it out",
            false => "leave the anchor out, and write the keys and values themselves where they are to be",
        };
        let finding = yaml_feature(*first, what, "no part of the format", help);
        let shown = others.iter().take(LINKS_SHOWN_MAX);
        self.out.push(shown.fold(finding, |finding, (span, what)| finding.with_place(*span, *what)));
    }

    fn refuse(&mut self, span: Span, what: &str, label: &str, help: &str) {
        self.out.push(yaml_feature(span, what, label, help));
    }

    fn place(&self, span: granit_parser::Span) -> Span {
        let bytes = span.byte_range().unwrap_or(0..0);
        let end = bytes.end.min(self.source.len());
        Span { start: bytes.start.min(end), end, line: span.start.line(), column: span.start.col() + 1 }
    }
}

/// Judges a node in the place of a key.
fn take_key(node: Node, places: &mut BTreeMap<String, Span>, out: &mut Findings) -> Key {
    let key = match node.value {
        Value::Scalar(text) => text,
        Value::Refused => return Key::Refused,
        Value::Sequence(_) | Value::Mapping(_) => {
            out.push(yaml_feature(node.owner, "a key that is not a name", "a key must be a single word", "name it"));
            return Key::Refused;
        }
    };
    if key.is_merge() {
        return Key::Merge(key);
    }
    let first = places.get(&key.text).copied();
    places.entry(key.text.clone()).or_insert(key.span);
    Key::Known(key, first)
}

fn yaml_feature(span: Span, what: &str, label: &str, help: &str) -> Finding {
    Finding::error(YAML_FEATURE.code, span, format!("the table uses {what}"), label).with_help(help)
}
