//! `manual`: the book is whole. Links lead somewhere, everything that the table declares is explained, text of a table
//! stays text, and the book of another table has nothing of this workspace in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use migration_contract::checks;
use migration_table::model::{Fact, Table};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use tempfile::TempDir;

use super::run::{broken, root, states, table, xtask};

#[test]
fn every_link_leads_somewhere() {
    let seen = links(&OWN);
    assert!(seen > 500, "links that were found: {seen}");
}

/// A line break within a row would end the table.
#[test]
fn every_row_of_a_table_is_one_line() {
    let mut rows = 0;
    for (name, text) in OWN.chapters() {
        for line in text.lines().filter(|line| line.starts_with("| ")) {
            assert!(line.ends_with('|'), "{name}: {line}");
            rows += 1;
        }
    }
    assert!(rows > 100, "rows that were found: {rows}");
}

/// A client may be sent any words.
#[test]
fn a_name_of_several_words_is_linked() {
    let text = include_str!("../../src/commands/init/states.yaml");
    let text = text.replacen("cancelling: { since", "cancelling: { wire: \"Being Undone (soon)\", since", 1);
    let (_directory, path) = table(&text);
    let book = Book::of(Path::new(&path));
    links(&book);
    let link = "publishes [Being Undone (soon)](statuses.md#being-undone-soon)";
    assert!(book.files["src/statuses.md"].contains(link), "{}", book.files["src/statuses.md"]);
}

/// Follows every link of a book; returns how many there are.
fn links(book: &Book) -> usize {
    let anchors: BTreeMap<&str, Vec<String>> =
        book.chapters().map(|(name, text)| (name, Chapter::read(text).anchors)).collect();
    let mut seen = 0;
    for (name, text) in book.chapters() {
        for link in Chapter::read(text).links {
            seen += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            // Links of pictures are not changed by mdBook, so they name what it makes of a chapter.
            let file = if file.is_empty() { name.to_owned() } else { file.replace(".html", ".md") };
            let found =
                anchors.get(file.as_str()).unwrap_or_else(|| panic!("{name}: {link}: there is no such chapter"));
            assert!(
                anchor.is_empty() || found.iter().any(|it| it == anchor),
                "{name}: {link}: there is no such anchor"
            );
        }
    }
    seen
}

#[test]
fn every_chapter_is_in_the_table_of_contents_and_has_a_title_of_its_own() {
    let book = &*OWN;
    let listed = Chapter::read(&book.files["src/SUMMARY.md"]).links;
    let names: Vec<&str> = book.chapters().map(|(name, _)| name).collect();
    assert_eq!(BTreeSet::from_iter(listed.iter().map(String::as_str)), BTreeSet::from_iter(names));
    let titles: BTreeSet<&str> = book.chapters().map(|(_, text)| text.lines().next().expect("a title")).collect();
    assert_eq!(titles.len(), listed.len(), "{titles:?}");
    assert!(titles.iter().all(|title| title.starts_with("# ")), "{titles:?}");
}

#[test]
fn everything_that_the_table_declares_is_explained() {
    let book = &*OWN;
    let table = workspace_table();
    let explained = |chapter: &str, name: &str| {
        let text = &book.files[&format!("src/{chapter}.md")];
        let (_, below) =
            text.split_once(&format!("\n### `{name}`\n\n")).unwrap_or_else(|| panic!("`{name}`: {chapter}"));
        assert!(below.starts_with(char::is_uppercase), "nothing is said about `{name}` in {chapter}: {below:.80}");
    };
    table.statuses.iter().for_each(|status| explained("statuses", &status.name));
    for machine in &table.machines {
        let chapter = format!("machine-{}", machine.name);
        machine.states.iter().for_each(|state| explained(&chapter, &state.name));
        machine.groups.iter().for_each(|group| explained(&chapter, &group.name));
        assert!(book.files[&format!("src/{chapter}.md")].contains("<div class=\"state-diagram\">\n<svg "), "{chapter}");
        let of = |wanted: fn(&Fact) -> bool| machine.facts.iter().filter(move |fact| wanted(fact));
        of(Fact::is_trigger).for_each(|fact| explained("triggers", &fact.name));
        of(Fact::is_event).for_each(|fact| explained("events", &fact.name));
        of(Fact::is_guard).for_each(|fact| explained("promises", &fact.name));
    }
    table.guarantees.iter().for_each(|guarantee| explained("promises", &guarantee.name));
    table.observers.iter().for_each(|observer| explained("promises", &observer.name));
    table.resources.iter().for_each(|resource| explained("promises", &resource.name));
    for check in checks() {
        assert!(
            book.files["src/checks.md"].contains(&format!("\n### `{}` {}\n", check.code, check.name)),
            "{}",
            check.code
        );
    }
}

/// Rows of a list of transitions lead to the states, the facts and the status that they name.
#[test]
fn names_lead_to_what_explains_them() {
    let book = &*OWN;
    let table = workspace_table();
    let link = |chapter: &str, name: &str| format!("[{name}]({chapter}.md#{name})");
    for machine in &table.machines {
        let chapter = format!("machine-{}", machine.name);
        let text = &book.files[&format!("src/{chapter}.md")];
        for row in &machine.rows {
            let to = machine.state(row.to);
            let status = &table.statuses[to.shows.index()].name;
            let told = if row.public { link("statuses", status) } else { String::new() };
            let end = format!("| {} | {told} |", link(&chapter, &to.name)).replace("|  |", "|  |");
            assert!(text.contains(&end), "{chapter} has no row that ends so: {end}");
            row.from.iter().for_each(|from| assert!(text.contains(&link(&chapter, &machine.state(*from).name))));
        }
        for fact in machine.facts.iter().filter(|fact| fact.is_event()) {
            let head = format!("| {} |", link("events", &fact.name));
            assert!(book.files["src/events.md"].contains(&head), "no column leads to `{}`", fact.name);
        }
    }
}

#[test]
fn places_in_the_table_lead_to_its_text() {
    let book = &*OWN;
    let text = &book.files["src/table.md"];
    for (number, line) in (1..).zip(states().lines()) {
        let line = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert!(
            text.contains(&format!("<span id=\"L{number}\"")) && text.contains(&format!("</a> {line}</span>\n")),
            "{line}"
        );
    }
    let line = workspace_table().statuses[0].span.line;
    assert!(book.files["src/statuses.md"].contains(&format!("`states.yaml:{line}`](table.md#L{line})")));
    assert!(book.files["src/machine-source.md"].matches("href=\"table.html#L").count() > 20);
}

#[test]
fn texts_of_a_table_stay_texts() {
    let was = "the side that receives the guest";
    let hostile =
        states().replace(was, "the <script>alert(1)</script> *side* [a](b.html) {{#include /etc/passwd}} <b>bold</b>");
    assert_ne!(hostile, states());
    let (_directory, path) = table(&hostile);
    let book = Book::of(Path::new(&path));
    for (name, text) in book.chapters() {
        let read = Chapter::read(text);
        assert!(!read.html.contains("<script") && !read.html.contains("<b>"), "{name}");
        assert!(!read.links.contains(&"b.html".to_owned()), "{name}");
    }
    assert!(book.files["src/index.md"].contains("\\<script>alert(1)\\</script> \\*side\\*"));
    assert!(book.files["book.toml"].contains("\nuse-default-preprocessors = false\n"), "`include` is text as well");
}

#[test]
fn the_book_of_another_table_has_nothing_of_this_workspace_in_it() {
    let other = "format: 1\nmachine: lamp\nstatuses:\n  dark: { since: \"1\", doc: \"it is dark\" }\ntriggers: {}\n\
                 events: {}\nmachines:\n  bulb:\n    doc: \"gives light\"\n    states:\n      \
                 unlit: { kind: idle, shows: dark, initial: true, doc: \"no light\" }\n    transitions: []\n";
    let (_directory, path) = table(other);
    let book = Book::of(Path::new(&path));
    assert!(book.files.contains_key("src/machine-bulb.md") && !book.files.contains_key("src/api-history.md"));
    for (name, text) in book.chapters() {
        for ours in ["migration-host", "this workspace", "pause_before_switchover"] {
            assert!(!text.contains(ours), "{name} speaks of `{ours}`");
        }
    }
}

/// The guide may have a live migration as its example, which it introduces; it is for every table all the same.
#[test]
fn the_guide_and_the_rules_are_for_every_table() {
    let (_directory, path) = table(include_str!("../../src/commands/init/states.yaml"));
    let book = Book::of(Path::new(&path));
    assert!(book.files.len() > 20, "{}", book.files.len());
    for (name, text) in &book.files {
        for ours in ["qemu", "this repository", "this project", "docs/states.schema.json"] {
            assert!(!text.to_lowercase().contains(ours), "{name} speaks of `{ours}`");
        }
        let first = text.find("guest");
        let introduced = text.find("virtual machine");
        assert!(first.is_none() || introduced.is_some_and(|at| Some(at) < first), "{name}: which guest?");
    }
    let schema = xtask(&["schema"]).stdout;
    assert!(schema.contains("\"title\": \"State table\""), "{schema:.200}");
    for ours in ["qemu", "guest", "libvirt"] {
        assert!(!schema.to_lowercase().contains(ours), "the schema speaks of `{ours}`");
    }
}

#[test]
fn an_unsound_table_has_no_manual() {
    let (directory, path) = table(&broken());
    let output = directory.path().join("book");
    xtask(&["manual", "--table", &path, "-o", output.to_str().expect("the path is UTF-8")]).ended(1);
    assert!(!output.exists());
}

/// Skipped where mdBook is not installed.
#[test]
fn mdbook_makes_a_site_of_it() {
    let directory = TempDir::new().expect("a directory can be made");
    fs::create_dir(directory.path().join("src")).expect("a directory can be made");
    for (name, text) in &OWN.files {
        fs::write(directory.path().join(name), text).expect("a file can be written");
    }
    let build = match Command::new("mdbook").arg("build").arg(directory.path()).output() {
        Ok(build) => build,
        // Past the capture of the output of tests.
        Err(error) => return drop(writeln!(std::io::stderr(), "skipped: cannot run `mdbook`: {error}")),
    };
    let said = String::from_utf8_lossy(&build.stderr).into_owned();
    assert!(build.status.success() && !said.contains("WARN") && !said.contains("ERROR"), "{said}");
    for (name, text) in OWN.chapters() {
        let page = directory.path().join("book").join(name).with_extension("html");
        let page = fs::read_to_string(page).unwrap_or_else(|error| panic!("{name}: {error}"));
        for anchor in Chapter::read(text).anchors {
            assert!(page.contains(&format!("id=\"{anchor}\"")), "{name}: mdBook calls `{anchor}` otherwise");
        }
    }
}

/// The book of the workspace.
static OWN: LazyLock<Book> = LazyLock::new(|| Book::of(&root().join("states.yaml")));

/// What a run of the command wrote, by the path in the folder of the book.
struct Book {
    files: BTreeMap<String, String>,
}

impl Book {
    /// Runs the command on a table.
    fn of(path: &Path) -> Book {
        let directory = TempDir::new().expect("a directory can be made");
        let text = |path: &Path| path.to_str().expect("the path is UTF-8").to_owned();
        xtask(&["manual", "--table", &text(path), "-o", &text(directory.path())]).ended(0);
        let mut files = BTreeMap::new();
        for folder in ["", "src/"] {
            for entry in fs::read_dir(directory.path().join(folder)).expect("the folder can be read") {
                let path = entry.expect("the folder can be read").path();
                if path.is_file() {
                    let name = path.file_name().expect("a file has a name").display();
                    files.insert(format!("{folder}{name}"), fs::read_to_string(&path).expect("the book is text"));
                }
            }
        }
        Book { files }
    }

    fn chapters(&self) -> impl Iterator<Item = (&str, &str)> {
        let chapters = self.files.iter().filter_map(|(name, text)| Some((name.strip_prefix("src/")?, text.as_str())));
        chapters.filter(|(name, _)| *name != "SUMMARY.md")
    }
}

#[derive(Default)]
struct Chapter {
    /// Where links can lead: headings, as code hosts and mdBook call them, and the ids of HTML.
    anchors: Vec<String>,
    links: Vec<String>,
    html: String,
}

impl Chapter {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the enum is another crate's, and may grow")]
    fn read(text: &str) -> Chapter {
        let mut chapter = Chapter::default();
        let mut heading: Option<String> = None;
        for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => chapter.name(&heading.take().expect("it has begun")),
                Event::Start(Tag::Link { dest_url, .. }) => chapter.links.push(dest_url.into_string()),
                Event::Html(html) | Event::InlineHtml(html) => chapter.html.push_str(&html),
                Event::Text(words) | Event::Code(words) => {
                    heading.iter_mut().for_each(|heading| heading.push_str(&words));
                }
                _ => {}
            }
        }
        let values = |name: &str| -> Vec<String> {
            let begin = format!(" {name}=\"");
            let rests = chapter.html.split(&begin).skip(1);
            rests.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
        };
        let (ids, links) = (values("id"), values("href"));
        chapter.anchors.extend(ids);
        chapter.links.extend(links);
        chapter
    }

    /// Adds the anchor of a heading.
    fn name(&mut self, heading: &str) {
        let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        let slug: String = kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect();
        let again = (1..).map(|number| format!("{slug}-{number}"));
        let free = std::iter::once(slug.clone()).chain(again).find(|name| !self.anchors.contains(name));
        self.anchors.extend(free);
    }
}

fn workspace_table() -> Table {
    migration_contract::load(&states()).table.expect("the table of the workspace is sound")
}
