//! Names in the reference lead to what is told about them: a state on the page of its machine, a fact, a status or a
//! resource on the page of its kind, a number of a line in the text of the table.
//!
//! What a word stands for is known from where it stands: the column of a table, the name of a field, the machine that
//! the last paragraph spoke of. A word of which that is not known stays a word.

use migration_draw::glance::{Grid, Page, Part};
use migration_table::model::{Fact, Machine, Table};

/// The page with the text of the table.
pub(super) const TEXT_PAGE: &str = "table";

/// Stand for the marks of a link until everything else is escaped. They are in no text: see [`plain`].
const OPEN: char = '\u{e000}';
const MIDDLE: char = '\u{e001}';
const CLOSE: char = '\u{e002}';

/// The names of a table, as links.
pub(super) struct Names<'t> {
    table: &'t Table,
}

/// What words stand for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meant {
    /// States and groups.
    States,
    /// Triggers, events, messages and guards.
    Facts,
    /// A fact, and something about it.
    FirstFact,
    Statuses,
    /// A status, and something about it.
    FirstStatus,
    Resources,
    /// Lines of the table.
    Lines,
    /// `publishes STATUS`, `sends MESSAGE`, `drops TRIGGER`.
    Effects,
    /// `go STATE`, and other things.
    Course,
}

/// The page of a machine.
pub(super) fn machine_page(machine: &Machine) -> String {
    format!("machine-{}", machine.name)
}

impl<'t> Names<'t> {
    pub(super) fn of(table: &'t Table) -> Self {
        Names { table }
    }

    /// The parts of a page as Markdown. `of` is the machine whose names they use, if it is known from the start.
    pub(super) fn markdown(&self, of: Option<&'t Machine>, parts: &[Part]) -> String {
        let mut of = of;
        let linked = parts.iter().map(|part| match part {
            Part::Heading(text) => Part::Heading(plain(text)),
            Part::Paragraph(text) => {
                of = self.spoken_of(text).or(of);
                Part::Paragraph(plain(text))
            }
            Part::Fields(fields) => Part::Fields(fields.iter().map(|field| self.field(of, field)).collect()),
            Part::Grid(grid) => Part::Grid(self.grid(of, grid)),
            Part::Footnotes(notes) => Part::Footnotes(notes.iter().map(|note| plain(note)).collect()),
        });
        let text = Page { parts: linked.collect() }.markdown();
        text.replace(OPEN, "[").replace(MIDDLE, "](").replace(CLOSE, ")")
    }

    /// A line of the table as a link.
    pub(super) fn line(words: &str, line: &str) -> String {
        format!("[{words}]({TEXT_PAGE}.html#L{line})")
    }

    /// The machine that a paragraph is about: `source: races`, `published by source:`.
    fn spoken_of(&self, text: &str) -> Option<&'t Machine> {
        let (about, _) = text.split_once(':')?;
        let name = about.rsplit(' ').next()?;
        self.table.machine(&name.to_lowercase())
    }

    fn grid(&self, of: Option<&Machine>, grid: &Grid) -> Grid {
        let meant: Vec<Option<Meant>> = grid.columns.iter().map(|name| self.column(of, name)).collect();
        let column = |name: &String| match meant_by_column(name) {
            Some(_) => plain(name),
            None => self.linked(of, Meant::Facts, name),
        };
        let row = |row: &Vec<Vec<String>>| -> Vec<Vec<String>> {
            let cell = |(cell, meant): (&Vec<String>, &Option<Meant>)| {
                cell.iter()
                    .map(|line| meant.map_or_else(|| plain(line), |meant| self.linked(of, meant, line)))
                    .collect()
            };
            row.iter().zip(&meant).map(cell).collect()
        };
        Grid { columns: grid.columns.iter().map(column).collect(), rows: grid.rows.iter().map(row).collect(), ..*grid }
    }

    /// What the cells of a column say; the columns of grids of states by facts are called like facts.
    fn column(&self, of: Option<&Machine>, name: &str) -> Option<Meant> {
        meant_by_column(name).or_else(|| self.address(of, Meant::Facts, name).map(|_| Meant::Course))
    }

    fn field(&self, of: Option<&'t Machine>, (name, text): &(String, String)) -> (String, String) {
        let about = ["shown by ", "held by "].iter().find_map(|begin| name.strip_prefix(begin));
        let (of, meant) = match about {
            Some(machine) => (self.table.machine(machine).or(of), Some(Meant::States)),
            None => (of, meant_by_field(name)),
        };
        if let Some(meant) = meant {
            return (plain(name), self.linked(of, meant, text));
        }
        // A fact and what comes of it, or what comes of a fact and where.
        if self.address(of, Meant::Facts, name).is_some() {
            return (self.linked(of, Meant::Facts, name), self.linked(of, Meant::Course, text));
        }
        match text.strip_prefix("in ") {
            Some(states) => {
                (self.linked(of, Meant::Course, name), format!("in {}", self.linked(of, Meant::States, states)))
            }
            None => (plain(name), plain(text)),
        }
    }

    /// A text with the names in it that stand for something of a kind.
    fn linked(&self, of: Option<&Machine>, meant: Meant, text: &str) -> String {
        let mut out = String::new();
        let (mut before, mut is_first) = (String::new(), true);
        for word in words(&plain(text)) {
            let is_name = word.starts_with(is_of_name);
            let wanted = match meant {
                Meant::States | Meant::Facts | Meant::Statuses | Meant::Resources | Meant::Lines => Some(meant),
                Meant::FirstFact => is_first.then_some(Meant::Facts),
                Meant::FirstStatus => is_first.then_some(Meant::Statuses),
                Meant::Course => matches!(before.as_str(), "go" | "bars").then_some(Meant::States),
                Meant::Effects => match before.as_str() {
                    "publishes" => Some(Meant::Statuses),
                    "sends" | "drops" => Some(Meant::Facts),
                    _ => None,
                },
            };
            let address = wanted.filter(|_| is_name).and_then(|wanted| self.address(of, wanted, word));
            match address {
                Some(address) => {
                    out.extend([OPEN.to_string().as_str(), word, &MIDDLE.to_string(), &address, &CLOSE.to_string()])
                }
                None => out.push_str(word),
            }
            // A list goes on with what it began.
            if is_name && (meant != Meant::Effects || matches!(word, "publishes" | "sends" | "drops")) {
                before = word.to_owned();
            }
            is_first &= !is_name;
        }
        out
    }

    /// Where a name is told.
    fn address(&self, of: Option<&Machine>, meant: Meant, name: &str) -> Option<String> {
        let page = match meant {
            Meant::States => {
                let machine = of?;
                let is_there =
                    machine.state_id(name).is_some() || machine.groups.iter().any(|group| group.name == name);
                is_there.then(|| machine_page(machine))
            }
            Meant::Facts => {
                let mut facts = self.table.machines.iter().flat_map(|machine| &machine.facts);
                facts.find(|fact| fact.name == name).map(|fact| fact_page(fact).to_owned())
            }
            Meant::Statuses => {
                self.table.statuses.iter().any(|status| status.name == name).then(|| "statuses".to_owned())
            }
            Meant::Resources => {
                self.table.resources.iter().any(|resource| resource.name == name).then(|| "promises".to_owned())
            }
            Meant::Lines => return Some(format!("{TEXT_PAGE}.html#L{name}")),
            Meant::FirstFact | Meant::FirstStatus | Meant::Effects | Meant::Course => None,
        };
        page.map(|page| format!("{page}.html#{}", name.to_lowercase()))
    }
}

fn fact_page(fact: &Fact) -> &'static str {
    if fact.is_trigger() {
        "triggers"
    } else if fact.is_event() {
        "events"
    } else {
        "promises"
    }
}

fn meant_by_column(name: &str) -> Option<Meant> {
    Some(match name {
        "line" => Meant::Lines,
        "state" | "from" | "to" | "leads to" => Meant::States,
        "when" | "facts" => Meant::Facts,
        "patience" => Meant::FirstFact,
        "status" | "shows" | "a client is told" => Meant::Statuses,
        "holds" => Meant::Resources,
        "does" | "and" => Meant::Effects,
        _ => return None,
    })
}

fn meant_by_field(name: &str) -> Option<Meant> {
    Some(match name {
        "states" | "not in it" | "groups" => Meant::States,
        "shows" => Meant::FirstStatus,
        "holds" => Meant::Resources,
        "timeout" | "unsent" => Meant::FirstFact,
        _ => return None,
    })
}

/// A text without the characters that stand for the marks of a link.
fn plain(text: &str) -> String {
    text.replace([OPEN, MIDDLE, CLOSE], " ")
}

/// The parts of a text that are names, and what is between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_name = is_of_name(rest.chars().next()?);
        let end = rest.find(|c| is_of_name(c) != is_name).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}
