//! The pages of the reference, as Markdown: what the table declares and what follows from it.
//!
//! Each name has a heading of its own, whose anchor is the name, so that a link to it lasts.

use std::fmt::Write as _;

use anyhow::Result;
use migration_draw as draw;
use migration_draw::glance::{self, Page, Part};
use migration_draw::svg::{Options, svg};
use migration_table::model::{Fact, Machine, Table};

use super::format;
use super::names::{self, Names, machine_page};
use super::site::{Section, Source};
use super::{code, text};

/// The table from which the code of this workspace is made.
const OWN_TABLE: &str = "states.yaml";

/// Every page of the reference. `file` is the name by which readers know the table, `source` its text.
pub(super) fn pages(table: &Table, file: &str, source: &str) -> Result<Vec<Source>> {
    let mut pages = vec![page("statuses", statuses(table, file)?)];
    for machine in &table.machines {
        pages.push(page(&machine_page(machine), states(table, machine, file)?));
    }
    pages.push(page("triggers", triggers(table, file)?));
    pages.push(page("events", events(table, file)?));
    pages.push(page("races", races(table)?));
    pages.push(page("promises", promises(table, file)?));
    pages.push(page(names::TEXT_PAGE, text::markdown(source, file)));
    pages.push(page("format", format::markdown()?));
    Ok(pages)
}

/// The page on which a reader begins: the machines in overview, and what there is to read.
pub(super) fn index(table: &Table, pages: &[Source]) -> Source {
    let mut text = format!("# The manual of `{}`\n\n", table.name);
    for machine in &table.machines {
        let link = machine_page(machine);
        let _ = writeln!(text, "[The {}]({link}.html):\n{}", machine.name, paragraph(&machine.doc));
        if let Ok(overview) = draw::figure(table, &[machine], &draw::View::Overview) {
            let _ = writeln!(text, "{}\n", svg(&overview, &inline()));
        }
    }
    for (section, title) in Section::LISTED {
        let _ = writeln!(text, "## {title}\n");
        for page in pages.iter().filter(|page| page.section == section) {
            let _ = writeln!(text, "- [{}]({}.html)", page.title(), page.name);
        }
        text.push('\n');
    }
    text.push_str("## Code\n\n");
    for library in code::LIBRARIES {
        let _ = writeln!(text, "- [{library}]({})", code::page_of(library));
    }
    Source { name: "index".to_owned(), section: Section::Start, path: None, markdown: text }
}

fn page(name: &str, markdown: String) -> Source {
    Source { name: name.to_owned(), section: Section::Reference, path: None, markdown }
}

/// Pictures are a part of their page, and lead to the text of the table.
fn inline() -> Options {
    let source_url = Some(format!("{}.html#L{{line}}", names::TEXT_PAGE));
    Options { inline: true, source_url, ..Options::default() }
}

fn statuses(table: &Table, file: &str) -> Result<String> {
    let mut text =
        "# Statuses\n\nWhat a client can be shown, since when, and what it means. A name is the name on the \
                    wire, and never changes its meaning.\n\n"
            .to_owned();
    text.push_str(&without_headings(table, None, &glance::statuses(table)));
    let names = table.statuses.iter().map(|status| status.name.as_str());
    text.push_str(&entries(table, file, names, &["status"])?);
    Ok(text)
}

fn states(table: &Table, machine: &Machine, file: &str) -> Result<String> {
    let mut text = format!("# The machine `{}`\n\n{}\n", machine.name, paragraph(&sentence(&machine.doc)));
    let figure = draw::readable(table, machine);
    let _ = writeln!(text, "{}\n", svg(&figure, &inline()));
    if file == OWN_TABLE {
        let link = code::page_of_machine(&machine.name);
        let _ = writeln!(text, "In the code it is [`migration_runtime::states::{}`]({link}).\n", machine.name);
    }
    let words = without_headings(table, Some(machine), &draw::equivalent(&figure));
    let _ = writeln!(text, "<details><summary>The picture in words</summary>\n\n{words}\n</details>\n");
    for section in sections(&glance::lists(table, machine)) {
        let about = section.title.rsplit(": ").next().unwrap_or_default().to_owned();
        let _ = writeln!(text, "## {}\n\n{}", capital(&format!("all {about}")), section.markdown(table, Some(machine)));
    }
    let names: Vec<&str> = machine.states.iter().map(|state| state.name.as_str()).collect();
    let _ = writeln!(text, "## Each state\n\n{}\n", links(&names));
    for state in &machine.states {
        text.push_str(&entry(table, file, (Some(machine), &state.name), &["state"])?);
    }
    if !machine.groups.is_empty() {
        text.push_str("## Each group\n\n");
    }
    for group in &machine.groups {
        text.push_str(&entry(table, file, (Some(machine), &group.name), &["group"])?);
    }
    Ok(text)
}

fn triggers(table: &Table, file: &str) -> Result<String> {
    let mut text = "# Triggers\n\nWhat a user asks for, and what each machine answers in every state.\n\n".to_owned();
    text.push_str(&in_every_state(table, "triggers")?);
    text.push_str(&entries(table, file, facts(table, Fact::is_trigger), &["trigger"])?);
    Ok(text)
}

fn events(table: &Table, file: &str) -> Result<String> {
    let mut text =
        "# Events\n\nEvidence that the work reports, and messages from the other machine: what comes of each \
                    in every state.\n\n"
            .to_owned();
    text.push_str(&in_every_state(table, "events")?);
    text.push_str(&entries(table, file, facts(table, Fact::is_event), &["event", "message"])?);
    Ok(text)
}

/// The grids of what every machine does about triggers, or about events.
fn in_every_state(table: &Table, what: &str) -> Result<String> {
    let mut text = String::new();
    for machine in &table.machines {
        for section in sections(&glance::tables(machine)?) {
            if section.title.ends_with(&format!("by {what}")) {
                let _ = writeln!(text, "## {}\n\n{}", capital(&section.title), section.markdown(table, Some(machine)));
            }
        }
    }
    Ok(text)
}

fn races(table: &Table) -> Result<String> {
    let mut text = "# Races\n\nWho wins when two facts meet: every pair that can come in at a state that some run \
                    reaches. A machine looks at facts one by one, so most pairs are never there together; then the \
                    question is what becomes of the one that comes second.\n\n"
        .to_owned();
    for machine in &table.machines {
        for section in sections(&glance::race_page(machine)?) {
            let _ = writeln!(text, "## {}\n\n{}", capital(&section.title), section.markdown(table, Some(machine)));
        }
    }
    Ok(text)
}

fn promises(table: &Table, file: &str) -> Result<String> {
    let mut text = "# Promises and the rest of the vocabulary\n\nWho is promised what, and the words that states and \
                    rows use.\n\n"
        .to_owned();
    let mut add = |title: &str, names: Vec<&str>, what: &str| -> Result<()> {
        if !names.is_empty() {
            let _ = writeln!(text, "## {title}\n");
            for name in names {
                text.push_str(&entry(table, file, (None, name), &[what])?);
            }
        }
        Ok(())
    };
    add("Guarantees", table.guarantees.iter().map(|it| it.name.as_str()).collect(), "guarantee")?;
    add("Observers", table.observers.iter().map(|it| it.name.as_str()).collect(), "observer")?;
    add("Reserved names", table.reserved.iter().map(|it| it.name.as_str()).collect(), "reserved name")?;
    add("Guards", facts(table, Fact::is_guard), "guard")?;
    add("Resources", table.resources.iter().map(|it| it.name.as_str()).collect(), "resource")?;
    Ok(text)
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

fn entries<'t>(table: &Table, file: &str, names: impl IntoIterator<Item = &'t str>, whats: &[&str]) -> Result<String> {
    let names: Vec<&str> = names.into_iter().collect();
    let mut text = format!("## Each one\n\n{}\n\n", links(&names));
    for name in names {
        text.push_str(&entry(table, file, (None, name), whats)?);
    }
    Ok(text)
}

/// Links to the headings of names on the same page.
fn links(names: &[&str]) -> String {
    names.iter().map(|name| format!("[{name}](#{name})")).collect::<Vec<_>>().join(", ")
}

/// Everything about a name, as far as it stands for one of `whats`.
fn entry(table: &Table, file: &str, (of, name): (Option<&Machine>, &str), whats: &[&str]) -> Result<String> {
    let asked = of.map_or_else(|| name.to_owned(), |machine| format!("{}.{name}", machine.name));
    let mut text = format!("### `{name}`\n\n");
    // Every name here is one of the table's.
    let Ok(page) = glance::describe(table, file, &asked)? else { return Ok(text) };
    for section in sections(&page) {
        let is_wanted = whats.iter().any(|what| section.title.starts_with(&format!("{what} `")));
        if let (true, Some((_, place))) = (is_wanted, section.title.rsplit_once(" (")) {
            let what = section.title.split(" `").next().unwrap_or_default();
            let place = place.trim_end_matches(')');
            let (_, line) = place.rsplit_once(':').unwrap_or_default();
            let place = Names::line(&format!("`{place}`"), line);
            let _ = writeln!(text, "{} in {place}\n\n{}", capital(what), section.markdown(table, of));
        }
    }
    Ok(text)
}

/// A heading and what stands below it.
struct Below {
    title: String,
    parts: Vec<Part>,
}

impl Below {
    /// `of` is the machine that it is about, if it is about one.
    fn markdown<'t>(&self, table: &'t Table, of: Option<&'t Machine>) -> String {
        Names::of(table).markdown(of, &self.parts)
    }
}

fn sections(page: &Page) -> Vec<Below> {
    let mut found: Vec<Below> = Vec::new();
    for part in &page.parts {
        match (part, found.last_mut()) {
            (Part::Heading(title), _) => found.push(Below { title: title.clone(), parts: Vec::new() }),
            (other, Some(below)) => below.parts.push(other.clone()),
            (other, None) => found.push(Below { title: String::new(), parts: vec![other.clone()] }),
        }
    }
    found
}

fn without_headings(table: &Table, of: Option<&Machine>, page: &Page) -> String {
    sections(page).iter().map(|section| section.markdown(table, of)).collect::<Vec<_>>().join("\n")
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
