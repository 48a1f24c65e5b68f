//! The picture of a machine in the documentation, as rustdoc really writes it and a browser really reads it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use migration_draw as draw;
use migration_draw::svg::{Options, svg};

use crate::expansion;

/// Documents what the macro writes for the table of this project; the directory of the pages.
fn documented(directory: &Path) -> PathBuf {
    fs::create_dir_all(directory).expect("the directory can be made");
    let code = directory.join("machines.rs");
    fs::write(&code, expansion::of_own_table()).expect("the code can be written");
    let rustdoc = std::env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into());
    let mut program = Command::new(rustdoc);
    program.args(["--edition", "2024", "--crate-name", "machines", "--cap-lints", "allow"]).arg(&code);
    program.arg("--extern").arg(format!("migration_machine={}", engine().display()));
    let pages = directory.join("pages");
    let output = program.arg("-o").arg(&pages).output().expect("rustdoc runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    pages.join("machines")
}

/// The library that the code names, as cargo built it for these tests.
fn engine() -> PathBuf {
    let tests = std::env::current_exe().expect("a test has a path");
    let entries = fs::read_dir(tests.parent().expect("it is in a folder")).expect("the folder can be read");
    let is_it = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("libmigration_machine-") && name.ends_with(".rlib")
    };
    let built = entries.map(|entry| entry.expect("an entry can be read").path()).filter(is_it);
    let newest = built.max_by_key(|path| fs::metadata(path).and_then(|data| data.modified()).ok());
    newest.expect("these tests use `migration-machine`")
}

/// How many elements of each kind that a picture has are in a text.
fn elements(text: &str) -> [usize; 4] {
    ["<path", "<rect", "<text", "<g"]
        .map(|tag| text.match_indices(tag).filter(|(at, _)| text[at + tag.len()..].starts_with([' ', '>'])).count())
}

fn picture(page: &str) -> &str {
    let start = page.find("<div class=\"state-diagram\">").expect("the page has the picture");
    let end = page[start..].find("</svg>").expect("the picture ends");
    &page[start..start + end]
}

#[test]
fn rustdoc_and_a_browser_leave_the_picture_in_one_piece() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rustdoc");
    let pages = documented(&directory);
    let table = crate::table(include_str!("../../../../states.yaml"));
    for machine in &table.machines {
        let wanted = svg(&draw::whole(&table, machine), &Options { inline: true, ..Options::default() });
        let page = pages.join(&machine.name).join("index.html");
        let text = fs::read_to_string(&page).expect("each machine has a page");
        assert_eq!(elements(picture(&text)), elements(&wanted), "{}", machine.name);
        assert!(!picture(&text).contains("<p>") && !picture(&text).contains("</p>"), "{}", machine.name);
        for theme in ["light", "dark", "ayu"] {
            assert!(picture(&text).contains(&format!("html[data-theme={theme}] .state-diagram")), "{theme}");
        }
        match in_browser(&directory, &page) {
            Some(tree) => assert_eq!(elements(picture(&tree)), elements(&wanted), "{} in a browser", machine.name),
            None => println!("skipped: there is no chromium to read the page of `{}`", machine.name),
        }
    }
}

/// The page as a browser has it after reading, if there is a browser.
fn in_browser(directory: &Path, page: &Path) -> Option<String> {
    let mut program = Command::new("chromium");
    program.args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]);
    program.arg(format!("--user-data-dir={}", directory.join("browser").display()));
    let output = program.arg(format!("file://{}", page.display())).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}
