//! The source folder of an mdBook: its settings, its table of contents, and a file for each chapter.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What the pages need beyond the style of mdBook.
const STYLE: &str = "\
.lines a { color: inherit; opacity: .7; text-decoration: none; user-select: none; }
.lines span:target { outline: 2px solid; }
";

/// Chapters that belong together.
pub(super) struct Part {
    /// The words above them in the table of contents. Empty for those at the beginning.
    pub(super) title: &'static str,
    pub(super) chapters: Vec<Chapter>,
}

pub(super) struct Chapter {
    /// The name of its file, without the ending.
    name: String,
    /// Its text, which begins with a heading of the first level.
    markdown: String,
}

impl Chapter {
    pub(super) fn new(name: impl Into<String>, markdown: impl Into<String>) -> Self {
        Chapter { name: name.into(), markdown: markdown.into() }
    }

    /// The words of its first heading.
    fn title(&self) -> &str {
        self.markdown.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or(&self.name)
    }
}

/// Every file of the folder, by its path in there.
pub(super) fn files(table: &str, parts: &[Part]) -> BTreeMap<String, String> {
    let mut files = BTreeMap::from([
        ("book.toml".to_owned(), settings(table)),
        ("manual.css".to_owned(), STYLE.to_owned()),
        ("src/SUMMARY.md".to_owned(), summary(parts)),
    ]);
    for chapter in parts.iter().flat_map(|part| &part.chapters) {
        files.insert(format!("src/{}.md", chapter.name), chapter.markdown.clone());
    }
    files
}

fn settings(table: &str) -> String {
    let title: String = table.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).collect();
    format!(
        "[book]\ntitle = \"{title}\"\nlanguage = \"en\"\n\n\
         # Text of a table is text: it must not be taken for an instruction to mdBook, and its quotes stay as they are.\n\
         [build]\nuse-default-preprocessors = false\n\n\
         [output.html]\nadmonitions = false\ndefinition-lists = false\nsmart-punctuation = false\n\
         additional-css = [\"manual.css\"]\n"
    )
}

fn summary(parts: &[Part]) -> String {
    let mut text = "# Summary\n".to_owned();
    for Part { title, chapters } in parts {
        let bullet = if title.is_empty() { "" } else { "- " };
        if !title.is_empty() {
            let _ = write!(text, "\n# {title}\n");
        }
        text.push('\n');
        for chapter in chapters {
            let _ = writeln!(text, "{bullet}[{}]({}.md)", chapter.title(), chapter.name);
        }
    }
    text
}
