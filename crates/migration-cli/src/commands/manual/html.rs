//! From Markdown to the HTML of one page: anchors as code hosts make them, and links that hold within the site.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// The HTML of a page, and what is to be known about it.
pub(super) struct Written {
    /// What stands in `<main>`.
    pub(super) body: String,
    /// Its headings of the second level: the anchor and the words.
    pub(super) parts: Vec<(String, String)>,
    /// Files of the workspace that it links to, by their paths from the root.
    pub(super) files: BTreeSet<PathBuf>,
}

/// Where links lead: the page that a Markdown file has become.
pub(super) struct Links<'a> {
    /// By the path of the file from the root of the workspace, the name of its page.
    pub(super) pages: &'a BTreeMap<PathBuf, String>,
    /// The directory of the file that is written, from the root; none for a page that has no file.
    pub(super) from: Option<&'a Path>,
}

/// Writes a page.
pub(super) fn write(markdown: &str, links: &Links<'_>) -> Written {
    let mut events: Vec<Event<'_>> = Parser::new_ext(markdown, Options::ENABLE_TABLES).collect();
    let parts = name_headings(&mut events);
    let mut files = BTreeSet::new();
    let mut out = Vec::with_capacity(events.len());
    for event in events {
        #[expect(clippy::wildcard_enum_match_arm, reason = "the enum is the parser's: what is not changed passes")]
        match event {
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let dest_url = CowStr::from(target(&dest_url, links, &mut files));
                out.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let (language, file) = info.split_once(' ').unwrap_or((&info, ""));
                if !file.is_empty() {
                    let mut name = String::new();
                    html::push_html(&mut name, std::iter::once(Event::Code(file.to_owned().into())));
                    out.push(Event::Html(format!("<p class=\"file\">{name}</p>\n").into()));
                }
                let language = CowStr::from(language.to_owned());
                out.push(Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))));
            }
            // A table that is wider than the page is moved by itself, with the keyboard too.
            Event::Start(Tag::Table(alignments)) => {
                let open = "<div class=\"wide\" role=\"region\" aria-label=\"table\" tabindex=\"0\">\n";
                out.push(Event::Html(open.into()));
                out.push(Event::Start(Tag::Table(alignments)));
            }
            Event::End(TagEnd::Table) => {
                out.push(Event::End(TagEnd::Table));
                out.push(Event::Html("</div>\n".into()));
            }
            other => out.push(other),
        }
    }
    let mut body = String::new();
    html::push_html(&mut body, out.into_iter());
    Written { body, parts, files }
}

/// Gives every heading its anchor; tells those of the second level.
fn name_headings(events: &mut [Event<'_>]) -> Vec<(String, String)> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let mut parts = Vec::new();
    for at in 0..events.len() {
        let words = plain_words(&events[at..]);
        if let Event::Start(Tag::Heading { level, id, .. }) = &mut events[at] {
            let slug = slug(&words);
            let times = taken.entry(slug.clone()).or_default();
            let anchor = if *times == 0 { slug } else { format!("{slug}-{times}") };
            *times += 1;
            if *level == HeadingLevel::H2 {
                parts.push((anchor.clone(), words));
            }
            *id = Some(anchor.into());
        }
    }
    parts
}

/// The words of a heading with which the events begin, without markup; nothing if they begin with something else.
fn plain_words(events: &[Event<'_>]) -> String {
    let mut words = String::new();
    if !matches!(events.first(), Some(Event::Start(Tag::Heading { .. }))) {
        return words;
    }
    let ends = |event: &&Event<'_>| matches!(event, Event::End(TagEnd::Heading(_)));
    for event in events.iter().take_while(|event| !ends(event)) {
        if let Event::Text(text) | Event::Code(text) = event {
            words.push_str(text);
        }
    }
    words
}

/// An anchor, as code hosts make it from a heading.
fn slug(words: &str) -> String {
    let kept = words.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Where a link leads in the site. A file that is no page is noted, and becomes one that is copied.
fn target(link: &str, links: &Links<'_>, files: &mut BTreeSet<PathBuf>) -> String {
    let Some(from) = links.from else { return link.to_owned() };
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    if path.is_empty() || path.contains(':') {
        return link.to_owned();
    }
    let path = joined(from, path);
    let anchor = if anchor.is_empty() { String::new() } else { format!("#{anchor}") };
    match links.pages.get(&path) {
        Some(page) => format!("{page}.html{anchor}"),
        None => {
            let name = copied(&path);
            files.insert(path);
            name
        }
    }
}

/// The name in the site of a file that is copied: as text, which every browser shows.
pub(super) fn copied(path: &Path) -> String {
    let parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    format!("files/{}.txt", parts.join("/"))
}

/// A path from a directory, without `..` in it.
fn joined(from: &Path, path: &str) -> PathBuf {
    let mut joined = from.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => drop(joined.pop()),
            Component::Normal(name) => joined.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    joined
}
