//! Pages are read back with the cells that they were written with: as reStructuredText by docutils and Sphinx, without a
//! warning, and as Markdown by markdown-it.

use std::fs;
use std::process::Command;

use migration_draw::equivalent;
use migration_draw::glance::{Grid, Page, Part, lists, statuses, tables as answers};
use migration_table::model::Table;
use serde_json::{Value, json};

use super::figures::{all, odd, tables};
use super::installed::{answered, output, own, python, scratch};

#[test]
fn pages_are_read_back_as_they_were_written() {
    let Some(python) = python() else { return };
    let mut named: Vec<(String, Page)> = Vec::new();
    for (name, table) in tables() {
        named.extend(pages(&name, &table));
    }
    named.extend(pages("odd", &odd(true)));
    let drawn = all().into_iter().filter(|named| named.is_worth_waiting_for());
    named.extend(drawn.map(|named| (named.name, equivalent(&named.figure))));

    // Sphinx reads a table as docutils does, and takes its time.
    let is_built = |name: &str| !name.starts_with("tables/") && !name.contains(" of ");
    let input = |(name, page): &(String, Page)| json!({ "name": name, "rst": page.rst(), "markdown": page.markdown(), "built": is_built(name) });
    let inputs: Value = named.iter().map(input).collect();
    let mut reader = Command::new(python.join("bin/python"));
    reader.arg(own("python/read_documents.py")).arg(scratch("documents"));
    let found: Vec<Value> = serde_json::from_str(&answered(&mut reader, &inputs.to_string())).expect("it writes JSON");
    assert_eq!(found.len(), named.len());
    for ((name, page), found) in named.iter().zip(&found) {
        for (format, text) in [("rst", page.rst()), ("markdown", page.markdown())] {
            let found = &found[format];
            assert_eq!(found["said"], "", "{name}\n{text}");
            assert_eq!(plain(&found["headings"]), plain(&headings(page)), "{name} as {format}");
            let (found, wanted) = (plain(&found["tables"]), plain(&grids(page)));
            let differs = rows(&found).zip(rows(&wanted)).find(|(found, wanted)| found != wanted);
            assert_eq!(differs, None, "{name} as {format}: left is what was read");
            assert_eq!(rows(&found).count(), rows(&wanted).count(), "{name} as {format}");
        }
    }
}

/// The pages and pictures in `docs/` are taken as they are by a project that has no extension, and shown with what they
/// say in words.
#[test]
fn sphinx_takes_what_is_committed() {
    let Some(python) = python() else { return };
    let directory = scratch("committed");
    let docs = own("../docs");
    let mut names = Vec::new();
    for entry in fs::read_dir(&docs).expect("the workspace has documents") {
        let path = entry.expect("the directory can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("its name is UTF-8").to_owned();
        if name.ends_with(".rst") || name.ends_with(".svg") {
            fs::copy(&path, directory.join(&name)).expect("it can be copied");
            names.extend(name.strip_suffix(".rst").map(str::to_owned));
        }
    }
    names.sort();
    assert_eq!(names, ["destination", "source", "statuses"]);
    fs::write(directory.join("conf.py"), "project = 'committed'\nextensions = []\n").expect("it can be written");
    let index = format!("committed\n=========\n\n.. toctree::\n\n   {}\n", names.join("\n   "));
    fs::write(directory.join("index.rst"), index).expect("it can be written");
    let mut sphinx = Command::new(python.join("bin/python"));
    sphinx.args(["-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]).arg(&directory).arg(directory.join("out"));
    output(&mut sphinx);
    let page = fs::read_to_string(directory.join("out/source.html")).expect("there is a page");
    assert!(page.contains("src=\"_images/source-light.svg\"") && page.contains("alt=\"the source of"), "{page}");
    assert!(page.contains("href=\"_images/source-light.svg\""), "the picture leads to itself: {page}");
}

fn pages(name: &str, table: &Table) -> Vec<(String, Page)> {
    let mut found = vec![(format!("{name}: statuses"), statuses(table))];
    for machine in &table.machines {
        found.push((format!("{name}: lists of {}", machine.name), lists(table, machine)));
        found.push((format!("{name}: answers of {}", machine.name), answers(machine).expect("it is small")));
    }
    found
}

fn headings(page: &Page) -> Value {
    let heading = |part: &Part| match part {
        Part::Heading(text) => Some(json!(text)),
        Part::Paragraph(_) | Part::Fields(_) | Part::Grid(_) | Part::Footnotes(_) => None,
    };
    page.parts.iter().filter_map(heading).collect()
}

/// The cells of all tables, their heads among them.
fn grids(page: &Page) -> Value {
    let rows = |grid: &Grid| -> Value {
        let head: Vec<Vec<String>> = grid.columns.iter().map(|name| vec![name.clone()]).collect();
        std::iter::once(&head).chain(&grid.rows).map(|row| json!(row)).collect()
    };
    let grid = |part: &Part| match part {
        Part::Grid(grid) => Some(rows(grid)),
        Part::Heading(_) | Part::Paragraph(_) | Part::Fields(_) | Part::Footnotes(_) => None,
    };
    page.parts.iter().filter_map(grid).collect()
}

fn rows(tables: &Value) -> impl Iterator<Item = &Value> {
    tables.as_array().into_iter().flatten().flat_map(|table| table.as_array().into_iter().flatten())
}

/// The same without what a reader cannot see: which words are code, and how many spaces there are.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(plain).collect(),
        Value::String(text) => json!(text.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.clone(),
    }
}
