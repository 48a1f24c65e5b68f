//! Help about the states that a row leaves.

use migration_table::Finding;

use super::edits::quoted;
use super::machine::machine_at;

/// Applies help about the states of rows that are there.
pub(super) fn applied(text: &str, finding: &Finding) -> Option<(&'static str, String)> {
    let help = finding.help.as_deref()?;
    let row = |when: Option<&str>, to: &str| {
        let line = help.split(" in line ").nth(1).and_then(|rest| rest.parse::<usize>().ok());
        let machine = machine_at(text, finding.span.start);
        let mut rows = text.split('\n').enumerate().filter(|(number, row)| {
            let is_meant = line.is_none_or(|line| number + 1 == line);
            is_meant
                && machine.contains(number)
                && row.contains("- { from: ")
                && has(row, "to", to)
                && when.is_none_or(|when| has(row, "when", when))
        });
        rows.next()
    };
    let with = |(number, _): (usize, &str), new: &str| {
        let lines = text.split('\n').enumerate();
        lines.map(|(at, line)| if at == number { new } else { line }).collect::<Vec<_>>().join("\n")
    };
    if let Some((_, way)) = help.split_once("; or name ") {
        let words = quoted(way);
        let [states @ .., "from:", when, to] = words.as_slice() else { return None };
        let row = row(Some(when), to)?;
        let from = value(row.1, "from")?;
        let more = format!("from: [{}, {}]", from.trim_matches(['[', ']']), states.join(", "));
        return Some(("leave more", with(row, &row.1.replacen(&format!("from: {from}"), &more, 1))));
    }
    let words = quoted(help);
    if let (true, [states @ .., when, to, new, "from:"]) = (help.starts_with("give "), words.as_slice()) {
        let row = row(Some(when), to)?;
        let from = value(row.1, "from")?;
        let apart = row.1.replacen(from, &format!("[{}]", states.join(", ")), 1);
        let apart = apart.replacen(&format!("when: {when}"), &format!("when: {new}"), 1);
        let fewer = row.1.replacen("- {", &format!("- {{ except: [{}],", states.join(", ")), 1);
        return Some(("a row of its own", with(row, &format!("{fewer}\n{apart}"))));
    }
    if let (true, [states @ .., "from:", to]) = (help.starts_with("leave "), words.as_slice()) {
        let places = [finding.span].into_iter().chain(finding.notes.iter().filter_map(|(span, _)| *span));
        let lines = places.map(|span| span.line).collect::<Vec<_>>();
        let mut rows =
            text.split('\n').enumerate().filter(|(number, row)| lines.contains(&(number + 1)) && has(row, "to", to));
        let (_, row) = rows.next()?;
        return Some((
            "leave fewer",
            text.replacen(row, &row.replacen("- {", &format!("- {{ except: [{}],", states.join(", ")), 1), 1),
        ));
    }
    None
}

/// What stands after a key in the flow mapping of a line.
fn value<'t>(row: &'t str, key: &str) -> Option<&'t str> {
    let (_, rest) = row.split_once(&format!(" {key}: "))?;
    let rest = rest.trim_start();
    let end = if rest.starts_with('[') { rest.find(']')? + 1 } else { rest.find([',', '}'])? };
    Some(rest[..end].trim_end())
}

fn has(row: &str, key: &str, wanted: &str) -> bool {
    value(row, key) == Some(wanted)
}
