//! Help about names, words and texts.

use migration_table::Finding;

use super::edits::{quoted, renamed, replaced};

/// Applies a help, or returns `None` where it leaves something to a person. The word is the kind of help.
pub(super) fn applied(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
    let help = finding.help.as_deref()?;
    let (span, words) = (finding.span, quoted(help));
    let at_span = text.get(span.start..span.end)?;
    if let (true, Some(word)) = (help.starts_with("did you mean"), words.first()) {
        return Some(("did you mean", replaced(text, span, word)));
    }
    if let (true, Some(word)) = (help.ends_with("here and wherever it is named"), words.first()) {
        return Some(("rename", renamed(text, at_span.trim_matches('"'), word)));
    }
    if let Some(word) = help.strip_prefix("put it in quotes: ") {
        return Some(("quotes", replaced(text, span, word)));
    }
    if let Some((word, _)) = help.strip_prefix("put it in quotes wherever it stands alone: ")?.split_once(';').or(None)
    {
        // Where it stands in quotes it does not stand alone.
        let bare = text.replace(word, "\u{0}");
        return Some(("quotes everywhere", renamed(&bare, at_span, word).replace('\u{0}', word)));
    }
    None
}

/// The same for help about words.
pub(super) fn applied_to_words(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
    let at_span = text.get(finding.span.start..finding.span.end)?;
    let letter = at_span.find(char::is_alphabetic)?;
    match finding.help.as_deref()? {
        "begin with a small letter" => {
            let small = at_span[letter..].chars().next()?.to_lowercase().to_string();
            let rest = &at_span[letter + small.len()..];
            Some(("small letter", replaced(text, finding.span, &format!("{}{small}{rest}", &at_span[..letter]))))
        }
        "leave the full stop out" => {
            let end = at_span.rfind('.')?;
            let without = format!("{}{}", &at_span[..end], &at_span[end + 1..]);
            Some(("full stop", replaced(text, finding.span, &without)))
        }
        _ => None,
    }
}
