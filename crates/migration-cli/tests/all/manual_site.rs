//! `manual`: the site is whole. Links lead somewhere, everything that the table declares is told, and the same input
//! gives the same bytes.

mod looks;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use migration_contract::checks;
use migration_table::model::{Fact, Table};
use tempfile::TempDir;

use super::run::{broken, root, states, table, xtask};

#[test]
fn every_link_leads_somewhere() {
    let site = Site::build();
    let anchors: BTreeMap<&str, BTreeSet<&str>> =
        site.pages().map(|(name, text)| (name, attributes(text, "id").into_iter().collect())).collect();
    let mut seen = 0;
    for (name, text) in site.pages() {
        for link in attributes(text, "href") {
            seen += 1;
            if let Some(package) = link.strip_prefix("../doc/") {
                let package = package.split('/').next().expect("a path has a first part").replace('_', "-");
                assert!(
                    ["", "crates"].iter().any(|folder| root().join(folder).join(&package).join("src/lib.rs").is_file()),
                    "{name}: {link}: no library `{package}`"
                );
                continue;
            }
            if link.starts_with("https://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let file = if file.is_empty() { name } else { file };
            assert!(site.files.contains_key(file), "{name}: {link}: there is no such file");
            if !anchor.is_empty() {
                assert!(anchors[file].contains(anchor), "{name}: {link}: `{file}` has no such anchor");
            }
        }
    }
    assert!(seen > 500, "the links of the site were not seen: {seen}");
}

#[test]
fn every_page_can_be_found_and_read() {
    let site = Site::build();
    let mut titles = BTreeSet::new();
    for (name, text) in site.pages() {
        assert!(text.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"), "{name} has no language");
        let (_, rest) = text.split_once("<title>").unwrap_or_else(|| panic!("{name} has no title"));
        let (title, _) = rest.split_once("</title>").expect("a title ends");
        assert!(titles.insert(title.to_owned()), "{name}: another page is called `{title}` too");
        assert_eq!(text.matches("<h1").count(), 1, "{name} has one heading of the first level");
        assert!(text.contains("name=\"viewport\""), "{name} is not made for small screens");
        assert!(!text.contains("<script") && !text.contains("src=\"http"), "{name} needs more than itself");
        let ids = attributes(text, "id");
        let once: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), once.len(), "{name} has an anchor twice");
        let current = text.matches("aria-current=\"page\"").count();
        assert_eq!(current, usize::from(name != "index.html"), "{name} is in the navigation once");
        let index = &site.files["index.html"];
        assert!(name == "index.html" || index.contains(&format!("href=\"{name}\"")), "{name} is not in the index");
    }
}

#[test]
fn every_markdown_file_of_docs_is_a_page() {
    let site = Site::build();
    for directory in ["docs", "docs/manual"] {
        for entry in fs::read_dir(root().join(directory)).expect("the workspace has documentation") {
            let path = entry.expect("the directory can be read").path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.file_stem().and_then(|stem| stem.to_str()).expect("its name is UTF-8");
                assert!(site.files.contains_key(&format!("{name}.html")), "{} is no page", path.display());
            }
        }
    }
}

#[test]
fn everything_that_the_table_declares_is_told() {
    let site = Site::build();
    let table = workspace_table();
    let told = |page: &str, name: &str| {
        let heading = format!("<h3 id=\"{}\"><code>{name}</code></h3>\n", name.to_lowercase());
        let text = &site.files[page];
        let (_, below) = text.split_once(&heading).unwrap_or_else(|| panic!("`{name}` is not told on {page}"));
        assert!(below.trim_start().starts_with("<p>"), "nothing is told of `{name}` on {page}: {below:.80}");
    };
    table.statuses.iter().for_each(|status| told("statuses.html", &status.name));
    for machine in &table.machines {
        let page = format!("machine-{}.html", machine.name);
        machine.states.iter().for_each(|state| told(&page, &state.name));
        machine.groups.iter().for_each(|group| told(&page, &group.name));
        assert!(site.files[&page].contains("<div class=\"state-diagram\">\n<svg "), "{page} has no picture");
        let of = |wanted: fn(&Fact) -> bool| machine.facts.iter().filter(move |fact| wanted(fact));
        of(Fact::is_trigger).for_each(|fact| told("triggers.html", &fact.name));
        of(Fact::is_event).for_each(|fact| told("events.html", &fact.name));
        of(Fact::is_guard).for_each(|fact| told("promises.html", &fact.name));
    }
    table.guarantees.iter().for_each(|guarantee| told("promises.html", &guarantee.name));
    table.observers.iter().for_each(|observer| told("promises.html", &observer.name));
    table.resources.iter().for_each(|resource| told("promises.html", &resource.name));
    for check in checks() {
        let anchor = format!("<h3 id=\"{}-{}\">", check.code.0.to_lowercase(), check.name);
        assert!(site.files["checks.html"].contains(&anchor), "{} is not told", check.code);
    }
}

/// Rows of a list of transitions lead to the states, the facts and the status that they name.
#[test]
fn names_lead_to_what_is_told_of_them() {
    let site = Site::build();
    let table = workspace_table();
    let link = |address: &str, name: &str| format!("<a href=\"{address}#{name}\">{name}</a>");
    for machine in &table.machines {
        let page = format!("machine-{}.html", machine.name);
        for row in &machine.rows {
            let to = machine.state(row.to);
            let status = &table.statuses[to.shows.index()].name;
            let told = if row.public { link("statuses.html", status) } else { String::new() };
            let end = format!("<td>{}</td><td>{told}</td>", link(&page, &to.name));
            assert!(site.files[&page].contains(&end), "{page} has no row that ends so: {end}");
            for from in &row.from {
                assert!(site.files[&page].contains(&link(&page, &machine.state(*from).name)));
            }
        }
        for fact in machine.facts.iter().filter(|fact| fact.is_event()) {
            let head = format!("<th>{}</th>", link("events.html", &fact.name));
            assert!(site.files["events.html"].contains(&head), "no column leads to `{}`", fact.name);
        }
    }
}

#[test]
fn places_in_the_table_lead_to_its_text() {
    let site = Site::build();
    let text = &site.files["table.html"];
    for (number, line) in (1..).zip(states().lines()) {
        let line = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        assert!(text.contains(&format!("</a> {line}\n</span>")), "line {number} is not there: {line}");
    }
    let status = &workspace_table().statuses[0];
    let place = format!("<a href=\"table.html#L{0}\"><code>states.yaml:{0}</code></a>", status.span.line);
    assert!(site.files["statuses.html"].contains(&place), "`{}` does not say where it is", status.name);
    let of_picture = attributes(&site.files["machine-source.html"], "href");
    assert!(
        of_picture.iter().filter(|link| link.starts_with("table.html#L")).count() > 20,
        "the picture leads nowhere"
    );
}

#[test]
fn whoever_has_read_a_page_is_led_to_the_next() {
    let site = Site::build();
    let (mut here, mut seen) = ("index.html".to_owned(), BTreeSet::new());
    while seen.insert(here.clone()) {
        let Some((_, rest)) = site.files[&here].split_once("rel=\"next\" href=\"") else { break };
        here = rest.split('"').next().expect("an attribute ends").to_owned();
    }
    assert_eq!(seen.len(), site.pages().count(), "pages that are on the way: {seen:?}");
}

#[test]
fn whoever_has_no_documentation_of_the_code_is_told() {
    let directory = TempDir::new().expect("a directory can be made");
    let output = directory.path().join("manual");
    let arguments = ["manual", "-o", output.to_str().expect("the path is UTF-8")];
    let place = directory.path().join("doc");
    let without = xtask(&arguments);
    assert!(without.stderr.contains(&format!("lead to `{}`, where it is not", place.display())), "{}", without.stderr);
    fs::create_dir_all(place.join("migration_runtime")).expect("a directory can be made");
    fs::write(place.join("migration_runtime/index.html"), "").expect("a file can be written");
    assert_eq!(xtask(&arguments).stderr, "");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert!(Site::build().files == Site::build().files);
}

#[test]
fn text_can_be_told_from_what_is_behind_it() {
    let style = fs::read_to_string(root().join("crates/migration-cli/src/commands/manual/style.css"))
        .expect("the style can be read");
    let themes: Vec<&str> = style.lines().filter(|line| line.trim_start().starts_with(":root")).collect();
    assert_eq!(themes.len(), 2, "one light, one dark");
    for theme in themes {
        let colour = |name: &str| {
            let (_, rest) = theme.split_once(&format!("--{name}: #")).expect("the theme has the colour");
            luminance(&rest[..6])
        };
        for text in ["ink", "muted", "link"] {
            for behind in ["page", "raised"] {
                let (one, other) = (colour(text), colour(behind));
                let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
                assert!(contrast >= 4.5, "{text} on {behind}: {contrast:.2} in{theme}");
            }
        }
    }
}

#[test]
fn texts_of_a_table_stay_texts() {
    let was = "the side that receives the guest";
    let hostile = states().replace(was, "the <script>alert(1)</script> *side* [a](b.html) <b>bold</b>");
    assert_ne!(hostile, states());
    let (_directory, path) = table(&hostile);
    let site = Site::of(&["--table", &path]);
    for (name, text) in site.pages() {
        assert!(!text.contains("<script") && !text.contains("<b>") && !text.contains("\"b.html\""), "{name}");
    }
    assert!(site.files["index.html"].contains("the &lt;script&gt;alert(1)"));
}

#[test]
fn an_unsound_table_has_no_manual() {
    let (directory, path) = table(&broken());
    let output = directory.path().join("site");
    let run = xtask(&["manual", "--table", &path, "-o", output.to_str().expect("the path is UTF-8")]);
    assert_eq!(run.status, Some(1), "{}", run.stderr);
    assert!(!output.exists());
}

/// What a run of the command wrote, by the path within the site.
struct Site {
    files: BTreeMap<String, String>,
}

impl Site {
    fn build() -> Site {
        Site::of(&[])
    }

    fn of(arguments: &[&str]) -> Site {
        let directory = TempDir::new().expect("a directory can be made");
        let output = directory.path().to_str().expect("the path is UTF-8");
        let run = xtask(&[&["manual", "-o", output], arguments].concat());
        assert_eq!(run.status, Some(0), "{}", run.stderr);
        let mut paths = Vec::new();
        list(directory.path(), &mut paths);
        let file = |path: PathBuf| {
            let name = path.strip_prefix(directory.path()).expect("it is in there").to_str().expect("names are UTF-8");
            (name.to_owned(), fs::read_to_string(&path).expect("the site is text"))
        };
        Site { files: paths.into_iter().map(file).collect() }
    }

    fn pages(&self) -> impl Iterator<Item = (&str, &str)> {
        let pages = self.files.iter().filter(|(name, _)| name.ends_with(".html"));
        pages.map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

fn list(directory: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("the directory can be read") {
        let path = entry.expect("the directory can be read").path();
        if path.is_dir() { list(&path, paths) } else { paths.push(path) }
    }
}

fn workspace_table() -> Table {
    migration_contract::load(&states()).table.expect("the table of the workspace is sound")
}

/// The values of an attribute, in the order of the text.
fn attributes<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let begin = format!(" {name}=\"");
    text.split(&begin).skip(1).filter_map(|rest| rest.split_once('"')).map(|(value, _)| value).collect()
}

/// The relative luminance of an sRGB colour, as WCAG defines it.
fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("a colour is hexadecimal")) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}
