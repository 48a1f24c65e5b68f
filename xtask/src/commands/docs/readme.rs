//! The parts of README.md that repeat the table: an excerpt, a finding, and a picture.
//!
//! Each stands between `<!-- generated: NAME -->` and `<!-- end: NAME -->`, and is made from the table as it is.

use anyhow::{Context, Result};
use migration_contract::load;
use migration_draw as draw;
use migration_table::model::{Machine, Table};
use migration_table::{Style, render};

/// Lines of the table that are shown.
const EXCERPT_LINES: usize = 6;

/// The text with each of its generated parts as it must be.
pub(super) fn fill(readme: &str, source: &str, table: &Table) -> Result<String> {
    let excerpt = fenced("yaml", &excerpt(source, table));
    let finding = fenced("text", &finding(source, table));
    let picture = table.machines.first().map_or(String::new(), |machine| picture(table, machine));
    let filled = replace(readme, "excerpt", &excerpt)?;
    let filled = replace(&filled, "finding", &finding)?;
    replace(&filled, "picture", &picture)
}

/// The first rows of the first machine.
fn excerpt(source: &str, table: &Table) -> String {
    let first = table.machines.iter().flat_map(|machine| &machine.rows).map(|row| row.span.line).min().unwrap_or(1);
    let lines: Vec<&str> = source.lines().skip(first.saturating_sub(1)).take(EXCERPT_LINES).collect();
    let indent = lines.iter().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    lines.into_iter().map(|line| format!("{}\n", &line[indent..])).collect()
}

/// The image of a machine, for a light and for a dark page, with what it shows in words; it leads to the whole of itself.
fn picture(table: &Table, machine: &Machine) -> String {
    let name = &machine.name;
    let alt = draw::caption(table, machine).replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
    format!(
        "<a href=\"docs/{name}-light.svg\">\n<picture>\n  \
         <source media=\"(prefers-color-scheme: dark)\" srcset=\"docs/{name}-dark.svg\">\n  \
         <img src=\"docs/{name}-light.svg\" alt=\"{alt}\">\n</picture>\n</a>"
    )
}

/// What a person sees who misspells the state that a row enters.
fn finding(source: &str, table: &Table) -> String {
    let rows = table.machines.iter().flat_map(|machine| machine.rows.iter().map(move |row| (machine, row)));
    let misspelt = rows.filter_map(|(machine, row)| {
        let mut letters: Vec<char> = machine.state(row.to).name.chars().collect();
        let at = (1..letters.len()).rev().find(|at| letters[*at] != letters[*at - 1])?;
        letters.swap(at - 1, at);
        let span = row.to_span;
        Some(format!("{}{}{}", &source[..span.start], letters.iter().collect::<String>(), &source[span.end..]))
    });
    let broken = misspelt.map(|text| (load(&text).findings, text)).find(|(findings, _)| findings.len() == 1);
    broken.map_or(String::new(), |(findings, text)| render(&findings, &text, "states.yaml", Style::Plain))
}

fn fenced(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```", text.trim_end())
}

fn replace(text: &str, name: &str, part: &str) -> Result<String> {
    let (open, close) = (format!("<!-- generated: {name} -->\n"), format!("<!-- end: {name} -->"));
    let missing = || format!("README.md has no part `{name}` (between `{}` and `{}`)", open.trim(), close);
    let (before, rest) = text.split_once(&open).with_context(missing)?;
    let (_, after) = rest.split_once(&close).with_context(missing)?;
    Ok(format!("{before}{open}{part}\n{close}{after}"))
}
