//! The site: which pages there are, in which order, and what stands around each of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::code;
use super::html::{self, Links};

/// What every page looks like.
const STYLE: &str = include_str!("style.css");

/// More parts than this, and a page begins with a list of them.
const PARTS_MAX: usize = 3;

/// Where a page stands in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// The first page.
    Start,
    /// What is written by hand, to be read from top to bottom.
    Guide,
    /// What is made from the table.
    Reference,
    /// The other pages of `docs/`.
    More,
}

impl Section {
    /// The sections that have a title, in order.
    pub(super) const LISTED: [(Section, &'static str); 3] = [
        (Section::Guide, "Guide"),
        (Section::Reference, "Reference of the table"),
        (Section::More, "Rules, checks and tools"),
    ];
}

/// A page, before it is HTML.
pub(super) struct Source {
    /// The name of its file in the site, without the ending.
    pub(super) name: String,
    /// Where it stands.
    pub(super) section: Section,
    /// The file that it comes from, from the root of the workspace; none if it is generated.
    pub(super) path: Option<PathBuf>,
    /// Its text, which begins with a heading of the first level.
    pub(super) markdown: String,
}

impl Source {
    /// What it is called: its first heading, without markup.
    pub(super) fn title(&self) -> String {
        let line = self.markdown.lines().find_map(|line| line.strip_prefix("# "));
        line.unwrap_or(&self.name).replace('`', "")
    }
}

/// Every file of the site, by its name there.
pub(super) fn build(root: &Path, name: &str, pages: &[Source]) -> Result<BTreeMap<String, String>> {
    let by_path: BTreeMap<PathBuf, String> =
        pages.iter().filter_map(|page| Some((page.path.clone()?, page.name.clone()))).collect();
    let mut site = BTreeMap::from([("style.css".to_owned(), STYLE.to_owned())]);
    let mut files = BTreeSet::new();
    for page in pages {
        let links = Links { pages: &by_path, from: page.path.as_deref().and_then(Path::parent) };
        let written = html::write(&page.markdown, &links);
        let whole = assemble(name, page, pages, &written);
        let before = site.insert(format!("{}.html", page.name), whole);
        anyhow::ensure!(before.is_none(), "two pages of the manual are called `{}`", page.name);
        files.extend(written.files);
    }
    for path in files {
        let text = fs::read_to_string(root.join(&path))
            .with_context(|| format!("a page of the manual links to `{}`, which cannot be read", path.display()))?;
        site.insert(html::copied(&path), text);
    }
    Ok(site)
}

fn assemble(name: &str, page: &Source, pages: &[Source], written: &html::Written) -> String {
    let title = escaped(&page.title());
    let site = escaped(name);
    let heading = if page.section == Section::Start { title.clone() } else { format!("{title} - {site}") };
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{heading}</title>\n\
         <link rel=\"stylesheet\" href=\"style.css\">\n</head>\n<body>\n\
         <header><a href=\"index.html\">{site}</a> <a class=\"menu\" href=\"#contents\">Contents</a></header>\n<main>\n"
    );
    let (first, rest) = written.body.split_once("</h1>").unwrap_or(("", &written.body));
    out.push_str(first);
    if !first.is_empty() {
        out.push_str("</h1>\n");
    }
    if page.section != Section::Start && written.parts.len() > PARTS_MAX {
        on_this_page(&written.parts, &mut out);
    }
    out.push_str(rest.trim_start());
    neighbours(page, pages, &mut out);
    out.push_str("</main>\n");
    navigation(page, pages, &mut out);
    out.push_str("</body>\n</html>\n");
    out
}

/// Where a reader goes on who has come to the end of a page.
fn neighbours(here: &Source, pages: &[Source], out: &mut String) {
    let Some(at) = pages.iter().position(|page| page.name == here.name) else { return };
    out.push_str("<nav class=\"neighbours\" aria-label=\"Pages before and after\">\n");
    let mut link = |class: &str, what: &str, page: &Source| {
        let (name, title) = (&page.name, escaped(&page.title()));
        let _ = writeln!(out, "<a class=\"{class}\" rel=\"{class}\" href=\"{name}.html\">{what}: {title}</a>");
    };
    if let Some(page) = at.checked_sub(1).and_then(|before| pages.get(before)) {
        link("prev", "Before", page);
    }
    if let Some(page) = pages.get(at + 1) {
        link("next", "Next", page);
    }
    out.push_str("</nav>\n");
}

fn on_this_page(parts: &[(String, String)], out: &mut String) {
    out.push_str("<ul class=\"parts\" aria-label=\"On this page\">\n");
    for (anchor, words) in parts {
        let _ = writeln!(out, "<li><a href=\"#{anchor}\">{}</a></li>", escaped(words));
    }
    out.push_str("</ul>\n");
}

fn navigation(here: &Source, pages: &[Source], out: &mut String) {
    out.push_str("<nav id=\"contents\" aria-label=\"Contents\">\n");
    for (section, title) in Section::LISTED {
        let _ = writeln!(out, "<h2>{title}</h2>\n<ul>");
        for page in pages.iter().filter(|page| page.section == section) {
            let current = if page.name == here.name { " aria-current=\"page\"" } else { "" };
            let _ = writeln!(out, "<li><a href=\"{}.html\"{current}>{}</a></li>", page.name, escaped(&page.title()));
        }
        out.push_str("</ul>\n");
    }
    out.push_str("<h2>Code</h2>\n<ul>\n");
    for library in code::LIBRARIES {
        let _ = writeln!(out, "<li><a href=\"{}\">{library}</a></li>", code::page_of(library));
    }
    out.push_str("</ul>\n</nav>\n");
}

/// A text as HTML says it.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
