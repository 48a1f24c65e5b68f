//! Graphviz takes every picture without a word, and draws every state of it.

use std::fs;
use std::process::Command;

use migration_contract::load;
use migration_draw::{Format, dot, render};

use super::figures::all;
use super::installed::{both, has, output, scratch};

#[test]
fn graphviz_draws_every_figure() {
    let Some(()) = has("dot", "-V") else { return };
    let figures = all();
    let directory = scratch("graphviz");
    let mut paths = Vec::new();
    for (at, named) in figures.iter().enumerate() {
        let path = directory.join(format!("{at}.dot"));
        fs::write(&path, render(&named.figure, Format::Dot)).expect("a file can be written");
        paths.push(path);
    }
    let said = output(Command::new("dot").args(["-Tsvg", "-O"]).args(&paths));
    assert_eq!(both(&said), "", "of {} figures", figures.len());
    for (named, path) in figures.iter().zip(&paths) {
        let svg = fs::read_to_string(path.with_extension("dot.svg")).expect("`dot` has written a picture");
        let drawn = svg.matches("class=\"node ").count();
        let panels = named.figure.panels.iter();
        let wanted: usize = panels.map(|panel| panel.nodes.len() + panel.again().len()).sum();
        // The dots where machines start have no class.
        assert_eq!(drawn, wanted, "{}: {}", named.name, path.display());
    }
}

#[test]
fn graphviz_reads_texts_of_any_length() {
    let Some(()) = has("dot", "-V") else { return };
    let mut table = load(include_str!("../../../../states.yaml")).table.expect("it resolves");
    table.machines[0].states[0].doc = "a \"long\" text \\ ".repeat(5_000);
    let path = scratch("graphviz-long").join("long.dot");
    fs::write(&path, dot(&table, &table.machines[0])).expect("a file can be written");
    let said = output(Command::new("dot").args(["-Tsvg", "-O"]).arg(&path));
    assert_eq!(both(&said), "");
}
