//! The chapters that are written by hand. They are in `guide/` of this package, where a code host shows them too.

use super::book::Chapter;

/// How a page of the guide links to a page of `docs/`. Both are chapters of the book.
const TO_DOCS: &str = "../../../docs/";

/// Returns the chapters, in the order in which they are read.
pub(super) fn chapters() -> Vec<Chapter> {
    let pages = [
        ("tour", include_str!("../../../guide/tour.md")),
        ("meaning", include_str!("../../../guide/meaning.md")),
        ("reasons", include_str!("../../../guide/reasons.md")),
        ("findings", include_str!("../../../guide/findings.md")),
        ("together", include_str!("../../../guide/together.md")),
        ("public-api", include_str!("../../../guide/public-api.md")),
        ("ci", include_str!("../../../guide/ci.md")),
        ("pictures", include_str!("../../../guide/pictures.md")),
    ];
    pages.map(|(name, text)| Chapter::new(name, with_file_names(&text.replace(TO_DOCS, "")))).into()
}

/// Writes the file that a block of code is about above the block, since mdBook does not show it.
fn with_file_names(text: &str) -> String {
    let line = |line: &str| match line.strip_prefix("```").and_then(|info| info.split_once(' ')) {
        Some((language, file)) => format!("`{file}`:\n\n```{language}\n"),
        None => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}
