//! The chapters of the reference: what the table declares and what follows from it.
//!
//! Each name has a heading of its own, whose anchor is the name, so that a link to it lasts.

use std::fmt::Write as _;

use anyhow::Result;
use migration_draw as draw;
use migration_draw::glance::{self, Page, Part};
use migration_draw::svg::{Options, svg};
use migration_table::model::{Fact, Machine, Table};

use super::book::Chapter;
use super::format;
use super::names::{self, Names, machine_chapter};
use crate::view::decided;

/// Returns the first chapter: every machine in overview.
pub(super) fn overview(table: &Table) -> Chapter {
    let mut text = format!("# The manual of {}\n\n", table.name);
    for machine in &table.machines {
        let link = machine_chapter(machine);
        let _ = writeln!(text, "[The {}]({link}.md):\n{}", machine.name, paragraph(&machine.doc));
        if let Ok(figure) = draw::figure(table, &[machine], &draw::View::Overview) {
            let _ = writeln!(text, "{}\n", svg(&figure, &inline()));
        }
    }
    Chapter::new("index", text)
}

/// Returns the chapters of the reference. `file` is the name by which readers know the table, `source` its text.
pub(super) fn chapters(table: &Table, file: &str, source: &str) -> Result<Vec<Chapter>> {
    let entries = Entries { table, file };
    let mut chapters = vec![Chapter::new("statuses", entries.statuses()?)];
    for machine in &table.machines {
        chapters.push(Chapter::new(machine_chapter(machine), entries.machine(machine)?));
    }
    chapters.push(Chapter::new("triggers", entries.triggers()?));
    chapters.push(Chapter::new("events", entries.events()?));
    chapters.push(Chapter::new("races", entries.races()?));
    chapters.push(Chapter::new("promises", entries.promises()?));
    chapters.push(Chapter::new(names::TEXT, text_of(file, source)));
    chapters.push(Chapter::new("format", format::markdown()?));
    Ok(chapters)
}

/// Pictures are a part of their page, and lead to the text of the table.
fn inline() -> Options {
    Options { inline: true, source_url: Some(format!("{}.html#L{{line}}", names::TEXT)), ..Options::default() }
}

/// The text of the table, in which every line has an anchor of its own.
fn text_of(file: &str, source: &str) -> String {
    let mut text = format!(
        "# The text of `{file}`\n\nThis reference is made from this text. [The format](format.md) explains its keys, \
         [what a table means](meaning.md) how they work together.\n\n<pre class=\"lines\">"
    );
    for (number, line) in (1..).zip(source.lines()) {
        let line = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _ = writeln!(text, "<span id=\"L{number}\"><a href=\"#L{number}\">{number:>4}</a> {line}</span>");
    }
    text + "</pre>\n"
}

/// The table whose names are explained, and the name of its file.
#[derive(Clone, Copy)]
struct Entries<'t> {
    table: &'t Table,
    file: &'t str,
}

impl<'t> Entries<'t> {
    fn statuses(self) -> Result<String> {
        let mut text =
            "# Statuses\n\nWhat a client can be shown, since when, and what it means. A name is the name on \
                        the wire, and never changes its meaning.\n\n"
                .to_owned();
        text.push_str(&self.page(None, &glance::statuses(self.table)));
        self.each(self.table.statuses.iter().map(|status| status.name.as_str()), &["status"], &mut text)?;
        Ok(text)
    }

    fn machine(self, machine: &'t Machine) -> Result<String> {
        let name = &machine.name;
        let mut text = format!("# The machine `{name}`\n\n{}\n", paragraph(&sentence(&machine.doc)));
        let figure = draw::readable(self.table, machine);
        let _ = writeln!(text, "{}\n", svg(&figure, &inline()));
        let words = self.page(Some(machine), &draw::equivalent(&figure));
        let _ = writeln!(text, "<details><summary>The picture in words</summary>\n\n{words}\n</details>\n");
        for section in sections(&glance::lists(self.table, machine)) {
            let about = section.title.rsplit(": ").next().unwrap_or_default();
            let _ = writeln!(text, "## All {about}\n\n{}", self.parts(Some(machine), section.parts));
        }
        text.push_str("## Each state\n\n");
        for state in &machine.states {
            self.entry(Some(machine), &state.name, &["state"], &mut text)?;
        }
        if !machine.groups.is_empty() {
            text.push_str("## Each group\n\n");
        }
        for group in &machine.groups {
            self.entry(Some(machine), &group.name, &["group"], &mut text)?;
        }
        Ok(text)
    }

    fn triggers(self) -> Result<String> {
        let mut text =
            "# Triggers\n\nWhat a user asks for, and what each machine answers in every state.\n\n".to_owned();
        self.in_every_state("triggers", &mut text)?;
        self.each(facts(self.table, Fact::is_trigger), &["trigger"], &mut text)?;
        Ok(text)
    }

    fn events(self) -> Result<String> {
        let mut text = "# Events\n\nEvidence that the work reports, and messages from the other machine: what each \
                        leads to in every state.\n\n"
            .to_owned();
        self.in_every_state("events", &mut text)?;
        self.each(facts(self.table, Fact::is_event), &["event", "message"], &mut text)?;
        Ok(text)
    }

    /// The grids of what every machine does about triggers, or about events.
    fn in_every_state(self, what: &str, text: &mut String) -> Result<()> {
        for machine in &self.table.machines {
            let page = decided(machine, glance::tables(machine))?;
            let wanted = sections(&page).into_iter().filter(|section| section.title.ends_with(&format!("by {what}")));
            wanted.for_each(|section| self.section(machine, &section, text));
        }
        Ok(())
    }

    fn races(self) -> Result<String> {
        let mut text = "# Races\n\nWhich row fires when two facts arrive close together, for every pair that can come \
                        in at a state that some run reaches. A machine looks at facts one by one, so most pairs are \
                        never pending together; then the question is what becomes of the one that comes second.\n\n"
            .to_owned();
        for machine in &self.table.machines {
            let page = decided(machine, glance::race_page(machine))?;
            sections(&page).iter().for_each(|section| self.section(machine, section, &mut text));
        }
        Ok(text)
    }

    fn promises(self) -> Result<String> {
        let Table { guarantees, observers, reserved, resources, .. } = self.table;
        let mut text = "# Promises and the rest of the vocabulary\n\nWhat clients are promised, and the words that \
                        states and rows use.\n\n"
            .to_owned();
        let kinds: [(&str, &str, Vec<&str>); 5] = [
            ("Guarantees", "guarantee", guarantees.iter().map(|it| it.name.as_str()).collect()),
            ("Observers", "observer", observers.iter().map(|it| it.name.as_str()).collect()),
            ("Reserved names", "reserved name", reserved.iter().map(|it| it.name.as_str()).collect()),
            ("Guards", "guard", facts(self.table, Fact::is_guard)),
            ("Resources", "resource", resources.iter().map(|it| it.name.as_str()).collect()),
        ];
        for (title, kind, names) in kinds.iter().filter(|(.., names)| !names.is_empty()) {
            let _ = writeln!(text, "## {title}\n");
            for name in names {
                self.entry(None, name, &[kind], &mut text)?;
            }
        }
        Ok(text)
    }

    fn each<'n>(self, names: impl IntoIterator<Item = &'n str>, kinds: &[&str], text: &mut String) -> Result<()> {
        text.push_str("## Each one\n\n");
        names.into_iter().try_for_each(|name| self.entry(None, name, kinds, text))
    }

    /// Everything about a name, as far as it stands for one of `kinds`.
    fn entry(self, machine: Option<&'t Machine>, name: &str, kinds: &[&str], text: &mut String) -> Result<()> {
        let asked = machine.map_or_else(|| name.to_owned(), |machine| format!("{}.{name}", machine.name));
        let _ = writeln!(text, "### `{name}`\n");
        // Every name here is one of the table's.
        let Ok(page) = glance::describe(self.table, self.file, &asked)? else { return Ok(()) };
        for section in sections(&page) {
            // Its title is like "state `active` (states.yaml:80)".
            let Some((kind, rest)) = section.title.split_once(" `") else { continue };
            let Some((_, place)) = rest.rsplit_once(" (").filter(|_| kinds.contains(&kind)) else { continue };
            let place = place.trim_end_matches(')');
            let (_, line) = place.rsplit_once(':').unwrap_or_default();
            let place = names::line(&format!("`{place}`"), line);
            let _ = writeln!(text, "{} in {place}\n\n{}", capital(kind), self.parts(machine, section.parts));
        }
        Ok(())
    }

    fn section(self, machine: &'t Machine, section: &Section<'_>, text: &mut String) {
        let _ = writeln!(text, "## {}\n\n{}", capital(section.title), self.parts(Some(machine), section.parts));
    }

    /// A page without its headings.
    fn page(self, machine: Option<&'t Machine>, page: &Page) -> String {
        sections(page).iter().map(|section| self.parts(machine, section.parts)).collect::<Vec<_>>().join("\n")
    }

    fn parts(self, machine: Option<&'t Machine>, parts: &[Part]) -> String {
        Names { table: self.table, machine }.markdown(parts)
    }
}

/// The names of facts of a kind, each once, in the order of the machines.
fn facts(table: &Table, wanted: fn(&Fact) -> bool) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for fact in table.machines.iter().flat_map(|machine| &machine.facts).filter(|fact| wanted(fact)) {
        if !names.contains(&fact.name.as_str()) {
            names.push(&fact.name);
        }
    }
    names
}

/// A heading and what stands below it.
struct Section<'p> {
    title: &'p str,
    parts: &'p [Part],
}

/// The sections of a page. What stands above the first heading has an empty title.
fn sections(page: &Page) -> Vec<Section<'_>> {
    let is_heading = |part: &Part| matches!(part, Part::Heading(_));
    let mut found = Vec::new();
    let mut rest = page.parts.as_slice();
    while let Some(first) = rest.first() {
        let (title, below) = match first {
            Part::Heading(title) => (title.as_str(), &rest[1..]),
            Part::Paragraph(_) | Part::Fields(_) | Part::Grid(_) | Part::Footnotes(_) => ("", rest),
        };
        let (parts, after) = below.split_at(below.iter().position(is_heading).unwrap_or(below.len()));
        found.push(Section { title, parts });
        rest = after;
    }
    found
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn sentence(text: &str) -> String {
    format!("{}.", capital(text.trim_end_matches('.')))
}

/// A text of the table as a paragraph: what looks like markup stays text.
fn paragraph(text: &str) -> String {
    Page { parts: vec![Part::Paragraph(text.to_owned())] }.markdown()
}
