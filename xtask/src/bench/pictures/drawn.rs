//! The pictures of one machine, by every program that is there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use migration_draw::svg::{Options, svg};
use migration_draw::{Figure, Format, render};
use serde_json::Value;

use super::text;
use crate::commands::diagram::graphviz;
use crate::folder::Folder;
use crate::output::write_file;

/// What is installed with npm, into a folder that is kept.
const PACKAGES: [&str; 2] = ["mermaid@12.3.0", "state-machine-cat@15.0.8"];

/// A picture that is to be measured.
pub(super) struct Picture {
    /// Who made it of what.
    pub(super) name: &'static str,
    /// How the browser finds its parts: `ours`, `graphviz` or `mermaid`.
    pub(super) kind: &'static str,
    /// The picture, or a text that the browser must draw.
    pub(super) text: String,
}

/// Draws a machine; who is not there to draw is skipped, and why.
pub(super) fn all(root: &Path, figure: &Figure, skipped: &mut Vec<String>) -> Result<Vec<Picture>> {
    let panel = &figure.panels[0];
    let options = Options { source_url: Some("states.yaml#L{line}".to_owned()), ..Options::default() };
    let mut found = vec![Picture { name: "ours", kind: "ours", text: svg(figure, &options) }];
    for (name, dot) in
        [("Graphviz, an arrow a row", text::dot(panel)), ("Graphviz, our frames", render(figure, Format::Dot))]
    {
        match graphviz::svg(&dot) {
            Ok(text) => found.push(Picture { name, kind: "graphviz", text }),
            Err(why) => skipped.push(format!("{name}: {why:#}")),
        }
    }
    match packages(root) {
        Err(why) => skipped.push(format!("Mermaid and state-machine-cat: {why:#}")),
        Ok(packages) => {
            let mermaid = [
                ("Mermaid, an arrow a row", text::mermaid(panel)),
                ("Mermaid, our frames", render(figure, Format::Mermaid)),
            ];
            found.extend(mermaid.map(|(name, text)| Picture { name, kind: "mermaid", text }));
            for (name, text) in [
                ("state-machine-cat, an arrow a row", text::smcat(panel)),
                ("state-machine-cat, our frames", text::smcat_with_frames(panel)),
            ] {
                found.push(Picture { name, kind: "graphviz", text: smcat(&packages, &text)? });
            }
        }
    }
    Ok(found)
}

/// Writes the pictures where a person can look at them.
pub(super) fn keep(folder: &Path, machine: &str, pictures: &[Picture], measured: &[Value]) -> Result<()> {
    for (picture, found) in pictures.iter().zip(measured) {
        let text = found["svg"].as_str().unwrap_or(&picture.text);
        let name = picture.name.to_lowercase().replace([',', ' '], "-").replace("--", "-");
        write_file(&folder.join(format!("{machine}-{name}.svg")), text)?;
    }
    Ok(())
}

/// The folder in which the programs of npm are; they are installed if they are not there yet.
pub(super) fn packages(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/bench-pictures");
    let whole = folder.join(format!("{}.installed", PACKAGES.join("-")));
    if !whole.exists() {
        write_file(&folder.join("package.json"), "{ \"private\": true }\n")?;
        let quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1"];
        let mut npm = Command::new("npm");
        npm.arg("install").args(quiet).args(PACKAGES).current_dir(&folder);
        let output = npm.output().context("`npm` cannot be run")?;
        if !output.status.success() {
            bail!("`npm` does not install {}: {}", PACKAGES.join(" and "), String::from_utf8_lossy(&output.stderr));
        }
        write_file(&whole, "")?;
    }
    Ok(folder)
}

/// A picture by state-machine-cat.
fn smcat(packages: &Path, text: &str) -> Result<String> {
    let folder = Folder::create("pictures")?;
    let (from, to) = (folder.path().join("machine.smcat"), folder.path().join("machine.svg"));
    write_file(&from, text)?;
    let mut program = Command::new(packages.join("node_modules/.bin/smcat"));
    program.args(["-T", "svg", "-d", "left-right", "-o"]).arg(&to).arg(&from);
    let output = program.output().context("state-machine-cat cannot be run")?;
    if !output.status.success() {
        bail!("state-machine-cat does not take the machine: {}", String::from_utf8_lossy(&output.stderr));
    }
    fs::read_to_string(&to).context("state-machine-cat wrote no picture")
}
