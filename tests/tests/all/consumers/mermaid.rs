//! Mermaid's own parser takes every picture, and in a browser it draws as many states, frames and edges as there are.

use std::fs;
use std::process::Command;

use migration_draw::{Format, render};
use serde_json::{Value, json};

use super::figures::{Named, all};
use super::installed::{has, node, output, own, scratch};

const BROWSER: &str = "chromium";

/// The newest Mermaid, and one of those that code hosts still have, by the names of their packages here.
const PACKAGES: [&str; 2] = ["mermaid", "mermaid-11"];

#[test]
fn mermaid_parses_and_draws_every_figure() {
    let Some(()) = has(BROWSER, "--version") else { return };
    let Some(packages) = node() else { return };
    let figures = all();
    for package in PACKAGES {
        let program = packages.join("node_modules").join(package).join("dist/mermaid.min.js");
        compare(package, &figures, &look(package, &program, &figures));
    }
}

/// Makes sure that what was found in the page is what the figures have.
fn compare(package: &str, figures: &[Named], found: &[Value]) {
    assert_eq!(found.len(), figures.len());
    for (named, found) in figures.iter().zip(found) {
        let name = format!("{} by {package}", named.name);
        assert_eq!(found["error"], Value::Null, "{name}\n{}", render(&named.figure, Format::Mermaid));
        assert_eq!(found["kind"], "stateDiagram", "{name}");
        if found["nodes"] == Value::Null {
            continue;
        }
        let panels = || named.figure.panels.iter();
        let nodes: usize = panels().map(|panel| panel.nodes.len() + panel.again().len()).sum();
        assert_eq!(found["nodes"].as_array().map(Vec::len), Some(nodes), "{name}: {}", found["nodes"]);
        let frames: usize =
            panels().map(|panel| panel.clusters.iter().filter(|cluster| cluster.is_frame).count()).sum();
        let machines = if named.figure.panels.len() == 1 { 0 } else { named.figure.panels.len() };
        assert_eq!(found["frames"], frames + machines, "{name}");
        let edges: usize = panels().map(|panel| panel.arrows.len() + usize::from(panel.initial.is_some())).sum();
        assert_eq!(found["edges"], edges, "{name}");
    }
}

/// What becomes of each figure, in one start of the browser.
fn look(package: &str, mermaid: &std::path::Path, figures: &[Named]) -> Vec<Value> {
    let input = |named: &Named| json!({ "name": named.name, "text": render(&named.figure, Format::Mermaid), "draws": named.is_worth_waiting_for() });
    let inputs: Value = figures.iter().map(input).collect();
    let script = |path: &std::path::Path| format!("<script src=\"file://{}\"></script>", path.display());
    let page = format!(
        "<!doctype html><meta charset=\"utf-8\"><body>{}<script>const inputs = {};</script>{}</body>",
        script(mermaid),
        inputs.to_string().replace('<', "\\u003c"),
        script(&own("node/render_mermaid.js"))
    );
    let directory = scratch(package);
    let path = directory.join("page.html");
    fs::write(&path, page).expect("a file can be written");
    let quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--allow-file-access-from-files"];
    let said = output(
        Command::new(BROWSER)
            .args(quiet)
            // The page is dumped when nothing is left to do; the bound is in the page's own time.
            .args(["--virtual-time-budget=10000000", "--dump-dom"])
            .arg(format!("--user-data-dir={}", directory.join("profile").display()))
            .arg(format!("file://{}", path.display())),
    );
    let dump = String::from_utf8_lossy(&said.stdout);
    let found = dump.split_once("<pre id=\"found\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let found = found.unwrap_or_else(|| panic!("the page has not ended:\n{dump}")).0;
    serde_json::from_str(found).expect("the page writes JSON")
}
