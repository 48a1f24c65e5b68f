//! Help that helps: what a finding proposes is applied to the text, word for word. Then the finding is gone, and no new
//! one is as bad.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use migration_table::{Finding, Findings, Span, load};

/// Whether a character can be part of a name.
fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

/// What stands in the backticks of a text, in order.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn replaced(text: &str, span: Span, new: &str) -> String {
    format!("{}{new}{}", &text[..span.start], &text[span.end..])
}

/// The text without the line of a byte.
fn without_line(text: &str, at: usize) -> String {
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
    format!("{}{}", &text[..start], &text[end..])
}

/// The text with another name in the place of every mention of a name.
fn renamed(text: &str, old: &str, new: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(old) {
        let (before, after) = (&rest[..at], &rest[at + old.len()..]);
        let is_whole = !before.ends_with(is_of_name) && !after.starts_with(is_of_name);
        out.push_str(before);
        out.push_str(if is_whole { new } else { old });
        rest = after;
    }
    out + rest
}

/// The text with something more at the end of the list or mapping that the line of a key holds: `holds: [a]`.
fn added_to(text: &str, line_of: &str, key: &str, word: &str) -> Option<String> {
    let start = text.find(line_of)? + 1;
    let line = text[start..].split('\n').next()?;
    let list = line.find(&format!("{key}: ["))?;
    let end = start + list + line[list..].find(']')?;
    Some(format!("{}, {word}{}", &text[..end], &text[end..]))
}

fn is_within_a_line(text: &str, at: usize) -> bool {
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    !text[start..at].trim_start_matches([' ', '-', '"']).is_empty()
}

/// The text without the pair of a flow mapping that begins at a byte and is not the first one.
fn without_pair(text: &str, at: usize) -> Option<String> {
    let comma = text[..at].rfind(',')?;
    let end = at + text[at..].find([',', '}'])?;
    Some(format!("{}{}", &text[..comma], &text[end..]))
}

/// The text with a pair more in the flow mapping of the line of a byte.
fn with_pair(text: &str, at: usize, pair: &str) -> Option<String> {
    let end = at + text[at..].find('\n')?;
    let brace = text[..end].rfind('}')?;
    Some(format!("{}, {pair} {}", text[..brace].trim_end(), &text[brace..]))
}

/// Applies a help, or returns `None` where it leaves something to a person. The word is the kind of help.
fn applied(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
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

/// The same for help that has other forms.
fn applied_otherwise(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
    let help = finding.help.as_deref()?;
    let (span, words) = (finding.span, quoted(help));
    let at_span = text.get(span.start..span.end)?;
    match help {
        "keep one of the two" if is_within_a_line(text, span.start) => {
            return Some(("remove the pair", without_pair(text, span.start)?));
        }
        "remove this line" | "keep one of the two" => return Some(("remove the line", without_line(text, span.start))),
        "remove the character" => return Some(("remove the character", replaced(text, span, ""))),
        "add `public: true`" => return Some(("publish", with_pair(text, span.start, "public: true")?)),
        "remove `public: true`" => {
            let line = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
            let end = line + text[line..].find('\n')?;
            let silent = text[line..end].replace(", public: true", "");
            return Some(("publish not", format!("{}{silent}{}", &text[..line], &text[end..])));
        }
        _ => {}
    }
    if let Some((many, _)) = help.strip_prefix("indent with spaces: ").and_then(|rest| rest.split_once(' ')) {
        return Some(("indent", replaced(text, span, &" ".repeat(many.parse().ok()?))));
    }
    if help.starts_with("add a comma after") {
        let before = text[..span.start].trim_end().len();
        return Some(("comma", format!("{},{}", &text[..before], &text[before..])));
    }
    if let Some(word) = help.strip_prefix("put the text in quotes: ") {
        let plain = word.trim_matches('"');
        return Some(("text in quotes", text.replacen(plain, word, 1)));
    }
    if help.starts_with("write `") && at_span.starts_with(|c: char| c.is_ascii_digit()) {
        return Some(("number", replaced(text, span, words[0])));
    }
    if let ([resource, "holds:", states @ ..], true) = (words.as_slice(), help.starts_with("add `")) {
        let held = |text: String, state: &&str| added_to(&text, &format!("\n      {state}: "), "holds", resource);
        return Some(("hold", states.iter().try_fold(text.to_owned(), held)?));
    }
    if help.starts_with("put `") && help.contains(" between ") {
        let [first, .., before, _] = words.as_slice() else { return None };
        return Some(("between", text.replacen(&format!("{before}, "), &format!("{before}, {first}, "), 1)));
    }
    None
}

/// The text with another precedence for the machine whose rows stand at a byte.
fn with_precedence(text: &str, at: usize, line: &str) -> Option<String> {
    let states = text[..at].rfind("\n    states:")? + 1;
    let before = text[..states].trim_end_matches('\n').rfind("\n    precedence: ").map(|at| at + 1);
    // A precedence that another machine has is before the rows of that machine.
    match before.filter(|at| !text[*at..states].contains("\n    transitions:")) {
        Some(at) => {
            let end = at + text[at..].find('\n')?;
            Some(format!("{}    {line}{}", &text[..at], &text[end..]))
        }
        None => Some(format!("{}    {line}\n{}", &text[..states], &text[states..])),
    }
}

/// The text without a trigger in the `drops:` of the line of a byte.
fn without_drop(text: &str, at: usize, trigger: &str) -> Option<String> {
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let end = at + text[at..].find('\n')?;
    let line = &text[start..end];
    let forms = [
        (format!(", drops: [{trigger}]"), ""),
        (format!(", drops: {trigger},"), ","),
        (format!(", drops: {trigger} }}"), " }"),
        (format!("[{trigger}, "), "["),
        (format!(", {trigger}"), ""),
    ];
    let (form, rest) = forms.iter().find(|(form, _)| line.contains(form))?;
    Some(format!("{}{}{}", &text[..start], line.replacen(form, rest, 1), &text[end..]))
}

/// The same for help about rows, facts and answers.
fn applied_to_the_machine(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
    let help = finding.help.as_deref()?;
    let (at, words, named) = (finding.span.start, quoted(help), quoted(&finding.message));
    if let (true, [new, old, ..]) = (help.contains(" in place of "), words.as_slice()) {
        let old = format!("when: {old},");
        return Some(("exclude", text.replacen(&old, &format!("when: {new},"), 1)));
    }
    if let Some(line) = words.first().filter(|word| word.starts_with("precedence: [")) {
        return Some(("precedence", with_precedence(text, at, line)?));
    }
    if let Some(drops) = help.strip_prefix("say `").and(words.first()).filter(|word| word.starts_with("drops: [")) {
        return Some(("drop", with_pair(text, at, drops)?));
    }
    if help == "remove it from `drops:`" {
        return Some(("drop not", without_drop(text, at, named.get(1)?)?));
    }
    if help.starts_with("add `fixed: true`") {
        return Some(("fix", with_pair(text, at, "fixed: true")?));
    }
    if help.contains("say `outside: true`") && finding.code.0 == "T0415" {
        let (events, _) = finding.message.split_once(" in idle ")?;
        let outside = |text: String, event: &&str| {
            let at = text.find(&format!("\n  {event}:"))? + 1;
            with_pair(&text, at, "outside: true")
        };
        return Some(("outside", quoted(events).iter().try_fold(text.to_owned(), outside)?));
    }
    if let Some(answer) = words.first().filter(|word| word.ends_with("answer: ... }")) {
        let answers = at + text[at..].find("\n    answers:\n")? + "\n    answers:\n".len();
        let line = answer.replace("...", "ignore");
        return Some(("answer", format!("{}      - {line}\n{}", &text[..answers], &text[answers..])));
    }
    None
}

/// The same for help about words.
fn applied_to_words(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
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

/// What is found in a text: severity, code and message of each.
fn keys(findings: &Findings) -> Vec<(migration_table::Severity, &'static str, String)> {
    findings.iter().map(|finding| (finding.severity, finding.code.0, finding.message.clone())).collect()
}

/// Applies every help of a text that can be applied; counts the kinds.
fn try_all(name: &str, text: &str, kinds: &mut BTreeMap<&'static str, usize>) {
    let before = load(text).findings;
    for finding in &before {
        let ways = [applied, applied_otherwise, applied_to_the_machine, applied_to_words];
        let Some((kind, mended)) = ways.iter().find_map(|way| way(text, finding)) else { continue };
        *kinds.entry(kind).or_default() += 1;
        let after = load(&mended).findings;
        let (known, now) = (keys(&before), keys(&after));
        let is_it = |(_, code, message): &&(_, &str, String)| *code == finding.code.0 && *message == finding.message;
        let (had, has) = (known.iter().filter(is_it).count(), now.iter().filter(is_it).count());
        assert!(has < had, "{name}: `{:?}` does not mend `{}`:\n{mended}", finding.help, finding.message);
        // Text that is no YAML has no other findings until it is.
        let worse = now.iter().find(|key| key.0 <= finding.severity && !known.contains(key));
        let is_first_look = finding.code.0 == "T0101";
        assert!(worse.is_none() || is_first_look, "{name}: `{:?}` brings {worse:?}:\n{mended}", finding.help);
        assert!(!is_first_look || now.iter().all(|key| key.1 != "T0101"), "{name}: {now:?}");
    }
}

#[test]
fn what_a_finding_proposes_mends_it_and_brings_nothing_as_bad() {
    let mut kinds = BTreeMap::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for folder in fs::read_dir(fixtures).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                try_all(&path.display().to_string(), &fs::read_to_string(&path).unwrap(), &mut kinds);
            }
        }
    }
    let expected = [
        "answer",
        "between",
        "did you mean",
        "drop",
        "drop not",
        "fix",
        "full stop",
        "hold",
        "outside",
        "precedence",
        "publish",
        "quotes",
        "quotes everywhere",
        "remove the line",
        "rename",
        "small letter",
    ];
    let missing: Vec<&&str> = expected.iter().filter(|kind| !kinds.contains_key(**kind)).collect();
    assert!(missing.is_empty(), "no fixture shows {missing:?}: {kinds:?}");
}

#[test]
fn slips_in_the_projects_table_are_mended_as_is_proposed() {
    let own = include_str!("../../../../states.yaml");
    let mut kinds = BTreeMap::new();
    let slips = [
        (", public: true }", " public: true }"),
        ("doc: \"waits", "doc: waits: "),
        ("    states:\n", "\tstates:\n"),
        ("after_ms: ", "after_ms: 0"),
        ("doc: \"the", "doc: \"\u{202e}the"),
    ];
    for (sound, slip) in slips {
        let text = own.replacen(sound, slip, 1);
        let text = if sound.ends_with("\"waits") { without_closing_quote(&text) } else { text };
        assert_ne!(text, own, "{sound}");
        try_all(slip, &text, &mut kinds);
    }
    let expected = ["comma", "indent", "number", "remove the character", "text in quotes"];
    assert!(expected.iter().all(|kind| kinds.contains_key(kind)), "{kinds:?}");
}

/// The text without the quote that ended what now begins with `doc: waits: `.
fn without_closing_quote(text: &str) -> String {
    let at = text.find("doc: waits: ").unwrap();
    let end = at + text[at..].find('"').unwrap();
    format!("{}{}", &text[..end], &text[end + 1..])
}
