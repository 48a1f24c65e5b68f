//! The report as Markdown, for a comment on a change or the notes of a release.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use migration_contract::compare::{Level, accept, evidence_words, rule};
use migration_contract::frozen::{Baseline, JudgedChange, Judgement};

use migration_table::Invocation;

use super::report::{Report, classes, judged, listed, not_approved};

/// The report on a judgement.
pub(super) fn report(report: &Report<'_>) -> String {
    let Report { new, judgement, fail_on, invocation } = *report;
    let answer = if judgement.fails(fail_on) { "not compatible" } else { "compatible" };
    let mut text = format!("## Public API of `{}`: {answer}\n", new.name);
    for baseline in &judgement.baselines {
        text.push_str(&verdicts(baseline));
    }
    text.push_str(&legend([judgement]));
    for disorder in &judgement.disorder {
        let _ = write!(
            text,
            "\n**`{}`**: {}\n\nMend with:\n\n```sh\n{}\n```\n",
            disorder.rule,
            disorder.message,
            report.mend(&disorder.mend)
        );
    }
    let (open, approved): (Vec<&JudgedChange>, Vec<&JudgedChange>) =
        judgement.findings.iter().partition(|finding| !finding.open.is_empty());
    for (title, findings) in [("Findings", open), ("Approved", approved)] {
        if !findings.is_empty() {
            let _ = write!(text, "\n### {title}\n");
            findings.iter().for_each(|finding| text.push_str(&of_finding(finding, invocation)));
        }
    }
    text
}

/// Says what the clients do that some judgements speak of.
pub(crate) fn legend<'j>(judgements: impl IntoIterator<Item = &'j Judgement>) -> String {
    let classes: BTreeMap<_, _> =
        judgements.into_iter().flat_map(|judgement| classes(judgement, &judged(&judgement.baselines))).collect();
    let mut text = String::from(if classes.is_empty() { "" } else { "\n" });
    for (name, words) in classes {
        let _ = writeln!(text, "- `{name}` {words}");
    }
    text
}

/// A table of the answers: a line for each kind of client, a column for each machine.
pub(crate) fn verdicts(baseline: &Baseline) -> String {
    let machines: BTreeSet<&String> = baseline.verdicts.iter().map(|verdict| &verdict.machine).collect();
    let mut observers: Vec<&String> = Vec::new();
    for verdict in &baseline.verdicts {
        if !observers.contains(&&verdict.observer) {
            observers.push(&verdict.observer);
        }
    }
    let mut text = format!("\n| against {} |", baseline.name);
    machines.iter().for_each(|machine| text.push_str(&format!(" {machine} |")));
    text.push_str("\n| --- |");
    machines.iter().for_each(|_| text.push_str(" --- |"));
    text.push('\n');
    for observer in observers {
        let _ = write!(text, "| `{observer}` |");
        for machine in &machines {
            let verdict = baseline.verdicts.iter().find(|it| it.machine == **machine && it.observer == *observer);
            let words = verdict.map_or(String::new(), |verdict| {
                let broken = if verdict.compatible { "" } else { ", **breaks**" };
                format!("{}{broken}", verdict.headline.name())
            });
            let _ = write!(text, " {words} |");
        }
        text.push('\n');
    }
    text
}

/// One finding, as an item that opens.
pub(crate) fn of_finding(finding: &JudgedChange, invocation: &Invocation) -> String {
    let change = &finding.change;
    let mut text = format!("\n- **{}** `{}`: {}\n", change.level.word(), change.rule, change.message);
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "  - {name}: {value}");
        }
    };
    line("against", finding.against.join(", "));
    line("evidence", evidence_words(change));
    line("before", change.before.join(", "));
    line("now", change.now.join(", "));
    line("when", change.condition.clone());
    line(
        "follows",
        finding.follows.as_ref().map_or(String::new(), |key| format!("`{key}`, whose step is in brackets")),
    );
    line("breaks", listed(&change.breaks));
    if let Some(rule) = rule(change.rule) {
        line("why", rule.why.to_owned());
        line("keep compatible", rule.keep_compatible.to_owned());
    }
    match &finding.approval {
        Some(approval) => {
            let open = not_approved(finding);
            let (reason, link) = (plain(&approval.reason), plain(&approval.link));
            line("approved", format!("{reason} ({link}), until {}{open}", approval.until))
        }
        None if change.level != Level::Note => line("accept", format!("`{}`", accept(change, invocation))),
        None => {}
    }
    text
}

/// Returns what a person wrote as one line of Markdown, without HTML.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let escape = |c: char| match c {
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '&' => "&amp;".to_owned(),
        c => c.to_string(),
    };
    words.join(" ").chars().map(escape).collect()
}
