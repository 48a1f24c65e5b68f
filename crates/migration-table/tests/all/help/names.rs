//! Help about names, words and texts.

use migration_table::{Finding, Span};

use super::edits::{quoted, renamed, renamed_but_statuses, renamed_status, replaced};

/// Applies a help, or returns `None` where it leaves something to a person. The word is the kind of help.
pub(super) fn applied(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
    let help = finding.help.as_deref()?;
    let (span, words) = (finding.span, quoted(help));
    let at_span = text.get(span.start..span.end)?;
    if let (true, [name, declared]) = (help.ends_with("since nothing names it"), words.as_slice()) {
        let at = text.find(&format!(" {declared}:"))?;
        return Some(("rename the declaration", format!("{} {name}{}", &text[..at], &text[at + 1 + declared.len()..])));
    }
    if let (true, [first, second]) = (help == "exchange the two lines", quoted(&finding.message).as_slice()) {
        let other = finding.notes.iter().find_map(|(place, _)| *place)?;
        let (first, second) = (first.trim_end_matches(':'), second.trim_end_matches(':'));
        return Some(("exchange the lines", replaced(&replaced(text, other, first), span, second)));
    }
    if let (true, Some(word)) = (help.starts_with("did you mean"), words.first()) {
        // From the last place on, so that those before stay where they are.
        let mut spans: Vec<Span> =
            finding.notes.iter().filter(|(_, note)| note == "and here").filter_map(|it| it.0).collect();
        spans.push(span);
        spans.sort_by_key(|span| std::cmp::Reverse(span.start));
        let all = spans.into_iter().fold(text.to_owned(), |text, span| replaced(&text, span, word));
        return Some(("did you mean", all));
    }
    if let (true, Some(word)) = (help.ends_with("here and wherever it is named"), words.first()) {
        return Some(("rename", renamed_but_statuses(text, at_span.trim_matches('"'), word)));
    }
    if let (true, [line, new]) = (help.ends_with("wherever it is named"), words.as_slice()) {
        let wire = line.split('"').nth(1)?;
        return Some(("rename a status", renamed_status(text, wire, new)));
    }
    if help.contains("here and wherever they are named") {
        let pairs = words.chunks_exact(2);
        return Some(if help.ends_with("as `wire:`") {
            let status = |text: String, pair: &[&str]| renamed_status(&text, pair[1], pair[0]);
            ("rename statuses", pairs.fold(text.to_owned(), status))
        } else {
            let rename = |text: String, pair: &[&str]| renamed_but_statuses(&text, pair[1], pair[0]);
            ("rename all", pairs.fold(text.to_owned(), rename))
        });
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
    let mut spans: Vec<Span> = finding.notes.iter().filter_map(|(span, _)| *span).chain([finding.span]).collect();
    spans.sort_by_key(|span| std::cmp::Reverse(span.start));
    let help = finding.help.as_deref()?;
    let kind = ["begin with a small letter", "leave the full stop out"].into_iter().find(|kind| *kind == help)?;
    // From the last one on, so that the places of those before stay what they are.
    let one = |text: String, span: &Span| {
        let at_span = text.get(span.start..span.end)?;
        let new = match kind {
            "leave the full stop out" => {
                let end = at_span.rfind('.')?;
                format!("{}{}", &at_span[..end], &at_span[end + 1..])
            }
            _ => {
                let letter = at_span.find(char::is_alphabetic)?;
                let small = at_span[letter..].chars().next()?.to_lowercase().to_string();
                format!("{}{small}{}", &at_span[..letter], &at_span[letter + small.len()..])
            }
        };
        Some(replaced(&text, *span, &new))
    };
    Some((kind, spans.iter().try_fold(text.to_owned(), one)?))
}
