//! Pages under `docs/` for a Sphinx project without any extension: one on the statuses, and one on each machine with
//! its picture and its tables. They stand beside the pictures that they show, and in a `toctree` as they are.

use std::path::Path;

use anyhow::Result;
use migration_draw as draw;
use migration_draw::glance::{self, Page, Part};
use migration_table::model::{Machine, Table};

use super::generated::Generated;

/// The first line of each.
const REMARK: &str = ".. Written by `cargo xtask docs` from the table.";

/// Every page.
pub(super) fn all(table: &Table) -> Result<Vec<Generated>> {
    let mut found =
        vec![file("statuses", &format!("What clients of {} are shown", table.name), "", &[glance::statuses(table)])];
    for machine in &table.machines {
        found.push(of_machine(table, machine)?);
    }
    Ok(found)
}

fn of_machine(table: &Table, machine: &Machine) -> Result<Generated> {
    let name = &machine.name;
    let doc = Page { parts: vec![Part::Paragraph(machine.doc.clone())] }.rst();
    // Sphinx makes a picture whose width is given a link to itself.
    let figure = format!(
        ".. figure:: {name}-light.svg\n   :alt: {alt}\n   :width: 100%\n\n   {doc}\n",
        alt = draw::caption(table, machine)
    );
    let pages = [glance::lists(table, machine), glance::tables(machine)?, glance::race_page(machine)?];
    Ok(file(name, &format!("The {name} of {}", table.name), &figure, &pages))
}

fn file(name: &str, title: &str, above: &str, pages: &[Page]) -> Generated {
    let pages: Vec<String> = pages.iter().map(Page::rst).collect();
    let line = "=".repeat(title.len());
    let text = format!("{REMARK}\n\n{title}\n{line}\n\n{above}{}", pages.join("\n"));
    Generated { path: Path::new("docs").join(format!("{name}.rst")), text }
}
