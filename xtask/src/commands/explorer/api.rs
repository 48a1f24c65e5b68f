//! What clients notice of the difference between two tables, as data for the page.

use migration_table::compare::{Change, Report, Step, compare, rule};
use migration_table::model::Table;
use migration_table::public::{Label, Reply, project};
use serde_json::{Value, json};

/// The findings of the comparison; where there are too many cases, why there are none.
pub(super) fn compared(new: &Table, old: &Table) -> Value {
    let public = |table: &Table| project(table).map_err(|error| error.to_string());
    let report = public(new).and_then(|new| {
        let old = public(old)?;
        compare(&new, &old).map_err(|error| error.to_string())
    });
    match report {
        Ok(report) => {
            json!({ "headline": report.headline.name(), "observers": observers(&report), "changes": report.changes.iter().map(change).collect::<Vec<_>>() })
        }
        Err(why) => json!({ "failed": why }),
    }
}

/// Every kind of client, and whether it can live with the new side.
fn observers(report: &Report) -> Vec<Value> {
    let mut names: Vec<&str> = Vec::new();
    for verdict in &report.verdicts {
        if !names.contains(&verdict.observer.as_str()) {
            names.push(&verdict.observer);
        }
    }
    names.iter().map(|name| json!({ "name": name, "compatible": report.is_compatible(name) })).collect()
}

fn change(change: &Change) -> Value {
    let rule = rule(change.rule);
    json!({
        "rule": change.rule,
        "level": change.level.name(),
        "machine": change.machine,
        "message": change.message,
        "when": change.condition,
        "breaks": change.breaks,
        "seen_by": change.seen_by,
        "before": change.before,
        "now": change.now,
        "evidence": change.evidence.iter().map(step).collect::<Vec<_>>(),
        "line": change.place.map(|place| place.line),
        "why": rule.map(|rule| rule.why),
        "instead": rule.map(|rule| rule.keep_compatible),
    })
}

/// A step of the way to a difference, in a few words.
fn step(step: &Step) -> String {
    let label = match &step.label {
        None => "nothing more".to_owned(),
        Some(Label::Event(status)) => status.clone(),
        Some(Label::Reply(command, Reply::Success)) => format!("{command}: success"),
        Some(Label::Reply(command, Reply::Error(class))) => format!("{command}: {class}"),
    };
    if step.assumed { format!("{label} (unknown to the old side)") } else { label }
}
