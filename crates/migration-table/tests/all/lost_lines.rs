//! A line that begins a block, lost or in the wrong column: one finding, which names the line and says where it belongs.

use migration_table::{Finding, Style, load, render};

use super::slips::OWN;

/// The table of this project with every key in a line of its own.
fn tall() -> String {
    let mut tall = String::new();
    for line in OWN.lines() {
        let text = line.trim_start();
        let indentation = line.len() - text.len();
        let Some((head, keys)) = text.strip_suffix(" }").and_then(|text| text.split_once("{ ")) else {
            tall.push_str(&format!("{line}\n"));
            continue;
        };
        let mut column = " ".repeat(indentation + 2);
        tall.push_str(&" ".repeat(indentation));
        tall.push_str(if head.trim() == "-" { "- " } else { head.trim() });
        for (at, key) in parts(keys).iter().enumerate() {
            match (at, head.trim()) {
                (0, "-") => column = " ".repeat(indentation + 2),
                _ => tall.push_str(&format!("\n{column}")),
            }
            tall.push_str(key.trim());
        }
        tall.push('\n');
    }
    tall
}

/// The parts of a text between the commas that stand in no brackets and no quotes.
fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth, mut is_quoted) = (Vec::new(), 0, 0, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            '[' | '{' if !is_quoted => depth += 1,
            ']' | '}' if !is_quoted => depth -= 1,
            ',' if !is_quoted && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// The lines that begin a block: the number of each, and its key.
fn beginnings(text: &str) -> Vec<(usize, &str)> {
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(at, line)| Some((at, line.trim_start().strip_suffix(':')?)))
        .filter(|(_, key)| !key.contains('#'))
        .collect()
}

/// The text with one line changed, or without it.
fn with(text: &str, at: usize, line: Option<&str>) -> String {
    let lines = text.lines().enumerate().filter_map(|(number, old)| if number == at { line } else { Some(old) });
    lines.map(|line| format!("{line}\n")).collect()
}

/// What is said of the lines of a text that were changed one by one, where that is not one finding with some words.
fn others(text: &str, slip: fn(&str) -> Option<String>, wanted: fn(&str) -> Vec<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (at, key) in beginnings(text) {
        let slip = text.lines().nth(at).and_then(slip);
        let slipped = with(text, at, slip.as_deref());
        let findings = load(&slipped).findings;
        let said = |finding: &Finding| format!("{} {}", finding.message, finding.help.as_deref().unwrap_or_default());
        let is_said = |finding: &Finding| wanted(key).iter().any(|wanted| said(finding).contains(wanted));
        if findings.len() != 1 || !findings.iter().all(is_said) {
            let shown = render(&findings, &slipped, "states.yaml", Style::Plain);
            wrong.push(format!("line {}, `{key}:`: {}\n{shown}", at + 1, findings.len()));
        }
    }
    wrong
}

#[test]
fn a_lost_line_is_one_finding_that_names_it() {
    assert!(load(&tall()).findings.is_empty(), "{}", tall());
    for text in [OWN, &tall()] {
        let wrong = others(
            text,
            |_| None,
            |key| vec![format!("`{key}:`"), "name".to_owned(), "is given twice".to_owned(), "the key that".to_owned()],
        );
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

#[test]
fn a_line_in_the_wrong_column_is_one_finding() {
    let further = |line: &str| Some(format!("  {line}"));
    let wrong = others(OWN, further, |_| vec!["indent".to_owned(), "column".to_owned()]);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The pairs of lines that begin blocks beside each other, by their numbers.
fn neighbours(text: &str) -> Vec<(usize, usize)> {
    let column = |at: usize| text.lines().nth(at).map_or(0, |line| line.len() - line.trim_start().len());
    let all: Vec<usize> = beginnings(text).into_iter().map(|(at, _)| at).collect();
    let are_beside = |one: usize, other: usize| {
        column(one) == column(other)
            && all.iter().filter(|at| (one..other).contains(at)).all(|at| column(*at) >= column(one))
    };
    let pairs = all.iter().flat_map(|one| all.iter().map(move |other| (*one, *other)));
    pairs.filter(|(one, other)| one < other && are_beside(*one, *other)).collect()
}

#[test]
fn two_lines_in_the_place_of_each_other_are_one_finding() {
    let mut wrong = Vec::new();
    let lines: Vec<&str> = OWN.lines().collect();
    for (one, other) in neighbours(OWN) {
        let slipped = with(&with(OWN, one, Some(lines[other])), other, Some(lines[one]));
        let findings = load(&slipped).findings;
        let is_said = |finding: &Finding| finding.message.ends_with("are exchanged");
        if findings.len() != 1 || !findings.iter().all(is_said) {
            let shown = render(&findings, &slipped, "states.yaml", Style::Plain);
            wrong.push(format!("{} and {}: {}\n{shown}", lines[one], lines[other], findings.len()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
