//! The pages of the guide, followed from top to bottom as a reader would, in a copy of the workspace.
//!
//! A fenced block whose first line names a language and a file is that file; a `diff` block with a file changes it;
//! a `console` block has commands after `$ `, each above its output. With `INSTA_UPDATE=always`, as `cargo xtask bless`
//! sets it, the test writes the output into the page.

mod clone;
mod page;

use std::fs;

use clone::Clone;
use page::{Block, blocks};

use super::run;

/// Where the pages are, from the root of the workspace.
const GUIDE: &str = "crates/migration-cli/guide";

#[test]
fn the_tour_says_what_happens() {
    follow("tour.md");
}

#[test]
fn a_table_means_what_is_said() {
    follow("meaning.md");
}

#[test]
fn why_an_attempt_ended_is_told_as_it_is_said() {
    follow("reasons.md");
}

#[test]
fn findings_are_read_as_it_is_said() {
    follow("findings.md");
}

#[test]
fn what_clients_see_changes_as_it_is_said() {
    follow("public-api.md");
}

#[test]
fn pictures_are_made_as_it_is_said() {
    follow("pictures.md");
}

/// Carries out a page and compares what it says with what happens.
fn follow(page: &str) {
    let path = run::root().join(GUIDE).join(page);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut clone = Clone::of_workspace();
    let mut out = String::new();
    let mut commands = 0;
    for block in blocks(&text) {
        match block {
            Block::Prose(text) => out += text,
            Block::File { path, content, whole } => {
                clone.write(path, content);
                out += whole;
            }
            Block::Change { path, hunk, whole } => {
                clone.change(path, hunk);
                out += whole;
            }
            Block::Console(console) => {
                out += "```console\n";
                for command in page::commands(console) {
                    out += &format!("$ {command}\n{}", clone.run(command));
                    commands += 1;
                }
                out += "```\n";
            }
        }
    }
    assert!(commands > 0, "{page} says no command");
    if out == text {
        return;
    }
    if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        fs::write(&path, out).expect("the page can be written");
        return;
    }
    let (line, (said, happened)) = (1..)
        .zip(text.lines().chain(["the end"]).zip(out.lines().chain(["the end"])))
        .find(|(_, (said, happened))| said != happened)
        .expect("texts that differ have a first line that differs");
    panic!("{GUIDE}/{page}:{line} says\n  {said}\nand this happens\n  {happened}\n`cargo xtask bless` accepts it");
}
