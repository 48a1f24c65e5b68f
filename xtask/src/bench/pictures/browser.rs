//! A browser that shows the pictures and measures what it shows.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::drawn::{self, Picture};
use crate::folder::Folder;
use crate::output::write_file;

/// The programs that will do, by their names.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

const SCRIPT: &str = include_str!("measure.js");

/// What is there to be seen of each picture; none, and why, where there is no browser.
pub(super) fn measure(
    root: &Path,
    pictures: &[Picture],
    path: &[&str],
    skipped: &mut Vec<String>,
) -> Result<Option<Vec<Value>>> {
    let is_there = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    let Some(browser) = NAMES.into_iter().find(is_there) else {
        skipped.push("everything: `chromium` is not installed, so nothing can be measured".to_owned());
        return Ok(None);
    };
    let folder = Folder::create("measure")?;
    let page = folder.path().join("page.html");
    write_file(&page, &text(root, pictures, path))?;
    let mut program = Command::new(browser);
    program.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--allow-file-access-from-files"]);
    // The page is dumped when nothing is left to do; the bound is in the page's own time.
    program.args(["--virtual-time-budget=10000000", "--dump-dom"]);
    program.arg(format!("--user-data-dir={}", folder.path().join("profile").display()));
    let output = program.arg(format!("file://{}", page.display())).output().context("the browser cannot be run")?;
    let dump = String::from_utf8_lossy(&output.stdout);
    let found = dump.split_once("<pre id=\"found\">").and_then(|(_, rest)| rest.split_once("</pre>"));
    let (found, _) = found.context("the page has not ended")?;
    serde_json::from_str(found).context("the page does not write JSON").map(Some)
}

/// A page that measures the pictures and writes what it found.
fn text(root: &Path, pictures: &[Picture], path: &[&str]) -> String {
    let is_mermaid = pictures.iter().any(|picture| picture.kind == "mermaid");
    let picture = |picture: &Picture| json!({ "kind": picture.kind, "text": picture.text });
    let pictures: Vec<Value> = pictures.iter().map(picture).collect();
    let input = json!({ "pictures": pictures, "path": path }).to_string().replace('<', "\\u003c");
    let mermaid = if is_mermaid { drawn::packages(root).ok() } else { None };
    let mermaid = mermaid.map(|packages| packages.join("node_modules/mermaid/dist/mermaid.min.js"));
    let mermaid = mermaid.map_or(String::new(), |path| format!("<script src=\"file://{}\"></script>", path.display()));
    format!(
        "<!doctype html><meta charset=\"utf-8\"><body>{mermaid}<script>const input = {input};\n{SCRIPT}</script></body>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four states; an arrow along the path, one that goes through a state and one that crosses both and has words on
    /// a state.
    const KNOWN: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200" viewBox="0 0 400 200">
        <style>text{font-size:10px}</style>
        <g class="state" id="m-a"><rect x="0" y="90" width="40" height="20"/></g>
        <g class="state" id="m-b"><rect x="360" y="90" width="40" height="20"/></g>
        <g class="state" id="m-c"><rect x="180" y="0" width="40" height="20"/></g>
        <g class="state" id="m-d"><rect x="180" y="170" width="40" height="20"/></g>
        <g class="arrow"><path class="line" d="M40 100L360 100"/></g>
        <g class="arrow"><path class="line" d="M20 110L20 180L380 180L380 110"/></g>
        <g class="arrow"><path class="line" d="M200 20L200 170"/><g class="words"><text x="181" y="10">on it</text></g></g>
        </svg>"#;

    #[test]
    fn what_is_known_of_a_picture_is_found() {
        let picture = Picture { name: "known", kind: "ours", text: KNOWN.to_owned() };
        let mut skipped = Vec::new();
        let found = measure(Path::new("."), &[picture], &["a", "b"], &mut skipped).expect("the page can be read");
        let Some(found) = found else {
            eprintln!("skipped: {}", skipped.join("; "));
            return;
        };
        let found = &found[0];
        assert_eq!(found["error"], Value::Null);
        let wanted =
            [("arrows", 3.0), ("crossings", 1.0), ("through", 1.0), ("hit", 1.0), ("off", 0.0), ("font", 10.0)];
        for (what, wanted) in wanted {
            assert_eq!(found[what].as_f64(), Some(wanted), "{what}: {found}");
        }
        assert_eq!(found["turns"].as_f64().map(f64::round), Some(2.0));
        assert_eq!((found["width"].as_f64(), found["height"].as_f64()), (Some(400.0), Some(200.0)));
    }
}
