//! Links in the reference: a state leads to the page of its machine, a fact, a status or a resource to the page of its
//! kind, the number of a line to the text of the table.
//!
//! What a word names follows from where it stands: the column of a grid, the name of a field, the verb before it, and
//! the machine that the last paragraph was about. A word of which that is not known stays text.

use migration_draw::glance::{Grid, Page, Part};
use migration_table::model::{Fact, Machine, Table};

/// The chapter with the text of the table.
pub(super) const TEXT: &str = "table";

/// Stand for the marks of a link until everything else is escaped. They are in no text: see [`plain`].
const OPEN: char = '\u{e000}';
const MIDDLE: char = '\u{e001}';
const CLOSE: char = '\u{e002}';

/// The names of a table, as links.
#[derive(Clone, Copy)]
pub(super) struct Names<'t> {
    pub(super) table: &'t Table,
    /// The machine whose states are meant, if it is known.
    pub(super) machine: Option<&'t Machine>,
}

/// What a word can name.
#[derive(Clone, Copy)]
enum Kind {
    /// A state or a group of the machine.
    State,
    Fact,
    Status,
    Resource,
    Line,
}

/// Which words of a text are names.
#[derive(Clone, Copy)]
enum Words {
    All(Kind),
    First(Kind),
    /// Those after a verb: `go STATE`, `sends MESSAGE, MESSAGE`.
    AfterVerbs,
}

pub(super) fn machine_chapter(machine: &Machine) -> String {
    format!("machine-{}", machine.name)
}

/// A line of the table as a link.
pub(super) fn line(words: &str, line: &str) -> String {
    format!("[{words}]({TEXT}.md#L{line})")
}

impl<'t> Names<'t> {
    /// Returns the parts of a page as Markdown.
    pub(super) fn markdown(mut self, parts: &[Part]) -> String {
        let linked = parts.iter().map(|part| match part {
            Part::Heading(text) => Part::Heading(plain(text)),
            Part::Paragraph(text) => {
                self.machine = self.subject(text).or(self.machine);
                Part::Paragraph(plain(text))
            }
            Part::Fields(fields) => Part::Fields(fields.iter().map(|field| self.field(field)).collect()),
            Part::Grid(grid) => Part::Grid(self.grid(grid)),
            Part::Footnotes(notes) => Part::Footnotes(notes.iter().map(|note| plain(note)).collect()),
        });
        let text = Page { parts: linked.collect() }.markdown();
        text.replace(OPEN, "[").replace(MIDDLE, "](").replace(CLOSE, ")")
    }

    /// The machine that a paragraph is about: `source: races`, `published by source:`.
    fn subject(self, text: &str) -> Option<&'t Machine> {
        let (about, _) = text.split_once(':')?;
        self.table.machine(&about.rsplit(' ').next()?.to_lowercase())
    }

    fn grid(self, grid: &Grid) -> Grid {
        let columns: Vec<Option<Words>> = grid.columns.iter().map(|name| self.named_in_column(name)).collect();
        let cell = |(cell, words): (&Vec<String>, &Option<Words>)| -> Vec<String> {
            cell.iter().map(|line| self.linked(*words, line)).collect()
        };
        let head = |name: &String| {
            let is_fact = named_in_column(name).is_none();
            self.linked(is_fact.then_some(Words::All(Kind::Fact)), name)
        };
        Grid {
            columns: grid.columns.iter().map(head).collect(),
            rows: grid.rows.iter().map(|row| row.iter().zip(&columns).map(cell).collect()).collect(),
            ..*grid
        }
    }

    /// What the cells of a column name. The columns of grids of states by facts are called like facts.
    fn named_in_column(self, name: &str) -> Option<Words> {
        named_in_column(name).or_else(|| self.address(Kind::Fact, name).map(|_| Words::AfterVerbs))
    }

    fn field(self, (name, text): &(String, String)) -> (String, String) {
        let holder = ["shown by ", "held by "].iter().find_map(|begin| name.strip_prefix(begin));
        if let Some(holder) = holder {
            let machine = self.table.machine(holder).or(self.machine);
            return (plain(name), Names { machine, ..self }.linked(Some(Words::All(Kind::State)), text));
        }
        if let Some(words) = named_in_field(name) {
            return (plain(name), self.linked(Some(words), text));
        }
        // A fact and what it leads to, or what a fact leads to and the states in which it does.
        if self.address(Kind::Fact, name).is_some() {
            let name = self.linked(Some(Words::All(Kind::Fact)), name);
            return (name, self.linked(Some(Words::AfterVerbs), text));
        }
        match text.strip_prefix("in ") {
            Some(states) => {
                let states = self.linked(Some(Words::All(Kind::State)), states);
                (self.linked(Some(Words::AfterVerbs), name), format!("in {states}"))
            }
            None => (plain(name), plain(text)),
        }
    }

    /// Returns a text with its names as links.
    fn linked(self, names: Option<Words>, text: &str) -> String {
        let text = plain(text);
        let Some(names) = names else { return text };
        let mut kind = match names {
            Words::All(kind) | Words::First(kind) => Some(kind),
            Words::AfterVerbs => None,
        };
        let mut out = String::new();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (word, after) = rest.split_at(self.word_end(kind, rest));
            rest = after;
            let address = kind.and_then(|kind| self.address(kind, word));
            if address.is_none() && !word.starts_with(is_of_name) {
                out.push_str(word);
                continue;
            }
            kind = match names {
                Words::All(_) => kind,
                Words::First(_) => None,
                Words::AfterVerbs => address.as_ref().and(kind).or(named_after(word)),
            };
            match address {
                Some(address) => {
                    out.extend([&OPEN.to_string(), word, &MIDDLE.to_string(), &address, &CLOSE.to_string()])
                }
                None => out.push_str(word),
            }
        }
        out
    }

    /// Where the word ends that a text begins with: a name, or what is between names. The name of a status is as clients
    /// are sent it, and so may be several words.
    fn word_end(self, kind: Option<Kind>, text: &str) -> usize {
        let is_whole = |name: &&str| text.strip_prefix(*name).is_some_and(|rest| !rest.starts_with(is_of_name));
        let statuses = self.table.statuses.iter().map(|status| status.name.as_str());
        let longest = match kind {
            Some(Kind::Status) => statuses.filter(is_whole).map(str::len).max(),
            Some(Kind::State | Kind::Fact | Kind::Resource | Kind::Line) | None => None,
        };
        let starts_name = text.starts_with(is_of_name);
        longest.or_else(|| text.find(|c| is_of_name(c) != starts_name)).unwrap_or(text.len())
    }

    /// Where a name is explained. `None` if nothing of the kind has it.
    fn address(self, kind: Kind, name: &str) -> Option<String> {
        let table = self.table;
        let chapter = match kind {
            Kind::State => {
                let machine = self.machine?;
                let is_group = || machine.groups.iter().any(|group| group.name == name);
                (machine.state_id(name).is_some() || is_group()).then(|| machine_chapter(machine))
            }
            Kind::Fact => {
                let mut facts = table.machines.iter().flat_map(|machine| &machine.facts);
                facts.find(|fact| fact.name == name).map(|fact| fact_chapter(fact).to_owned())
            }
            Kind::Status => table.statuses.iter().any(|status| status.name == name).then(|| "statuses".to_owned()),
            Kind::Resource => table.resources.iter().any(|it| it.name == name).then(|| "promises".to_owned()),
            Kind::Line => return Some(format!("{TEXT}.md#L{name}")),
        };
        chapter.map(|chapter| format!("{chapter}.md#{}", anchor(name)))
    }
}

fn fact_chapter(fact: &Fact) -> &'static str {
    if fact.is_trigger() {
        "triggers"
    } else if fact.is_event() {
        "events"
    } else {
        "promises"
    }
}

fn named_in_column(name: &str) -> Option<Words> {
    Some(match name {
        "line" => Words::All(Kind::Line),
        "state" | "from" | "to" | "leads to" => Words::All(Kind::State),
        "when" | "facts" => Words::All(Kind::Fact),
        "patience" => Words::First(Kind::Fact),
        "status" | "shows" | "a client is told" => Words::All(Kind::Status),
        "holds" => Words::All(Kind::Resource),
        "does" | "and" => Words::AfterVerbs,
        _ => return None,
    })
}

fn named_in_field(name: &str) -> Option<Words> {
    Some(match name {
        "states" | "not in it" | "groups" => Words::All(Kind::State),
        "shows" => Words::First(Kind::Status),
        "holds" => Words::All(Kind::Resource),
        "timeout" | "timer" | "unsent" => Words::First(Kind::Fact),
        _ => return None,
    })
}

/// What the words after a verb name.
fn named_after(verb: &str) -> Option<Kind> {
    match verb {
        "go" | "bars" => Some(Kind::State),
        "publishes" => Some(Kind::Status),
        "sends" | "drops" => Some(Kind::Fact),
        _ => None,
    }
}

/// A text without the characters that stand for the marks of a link.
fn plain(text: &str) -> String {
    text.replace([OPEN, MIDDLE, CLOSE], " ")
}

/// The anchor that mdBook gives a heading.
fn anchor(heading: &str) -> String {
    let characters = heading.chars().filter_map(|c| match c {
        c if c.is_whitespace() => Some('-'),
        c => (c.is_alphanumeric() || matches!(c, '_' | '-')).then_some(c),
    });
    characters.collect::<String>().to_lowercase()
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}
