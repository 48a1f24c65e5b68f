//! From a report of `verify` to the run that shows why a property fails.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result, bail};
use migration_draw::{Step, Trace};
use migration_table::model::{Row, Table};
use migration_verify::Counterexample;
use serde::Deserialize;
use serde_json::Value;

use super::found::Found;
use crate::outcome::Outcome;

/// A property that fails, and the run that shows it.
pub(in crate::commands) struct Shown {
    pub(in crate::commands) property: String,
    pub(in crate::commands) run: Counterexample,
    /// What is run together, where that is not the table alone.
    pub(in crate::commands) pair: Option<String>,
}

impl Shown {
    /// The property, and what it fails in where that is not the table alone.
    pub(in crate::commands) fn name(&self) -> String {
        let pair = self.pair.iter().map(|pair| format!(" in {pair}"));
        format!("{}{}", self.property, pair.collect::<String>())
    }
}

#[derive(Deserialize)]
struct Report {
    verdicts: Vec<Verdict>,
}

#[derive(Deserialize)]
struct Verdict {
    property: String,
    result: Value,
    #[serde(default)]
    fails_in: Option<String>,
}

/// A report of a table with another one is a list; the first of it is the table alone.
#[derive(Deserialize)]
struct Pair {
    pair: String,
    report: Report,
}

/// Reads a file if it is a report of `verify`, and returns the properties that fail, in the order of the report.
pub(in crate::commands) fn read(path: &Path) -> Result<Option<Vec<Shown>>> {
    let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    // A recording has more than one object, or no such member.
    let Ok(found) = serde_json::from_reader::<_, Value>(BufReader::new(file)) else { return Ok(None) };
    let pairs = if found.is_array() {
        serde_json::from_value(found).ok().filter(|pairs: &Vec<Pair>| !pairs.is_empty())
    } else {
        serde_json::from_value(found).ok().map(|report| vec![Pair { pair: String::new(), report }])
    };
    let Some(pairs) = pairs else { return Ok(None) };
    let named = pairs.into_iter().enumerate().flat_map(|(at, Pair { pair, report })| {
        let pair = (at > 0).then_some(pair);
        report.verdicts.into_iter().map(move |verdict| (pair.clone(), verdict))
    });
    let of_verdict = |(pair, verdict): (Option<String>, Verdict)| {
        let run = verdict.result.get("fails").filter(|_| verdict.fails_in.is_none())?.clone();
        Some(serde_json::from_value(run).map(|run| Shown { property: verdict.property, run, pair }))
    };
    let shown = named.filter_map(of_verdict).collect::<serde_json::Result<_>>();
    shown.map(Some).with_context(|| format!("cannot understand the report `{}`", path.display()))
}

/// Returns the rows of the run that shows why a property fails: of the only one, or of the one that is meant.
pub(super) fn run<'t>(table: &'t Table, path: &Path, shown: &[Shown], meant: Option<&str>) -> Result<Found<'t>> {
    let name = path.display();
    let label = |(number, of): &(usize, &Shown)| match shown.iter().filter(|it| it.property == of.property).count() {
        1 => format!("`{}`", of.name()),
        _ => format!("`{}` for `{}`: {}", number + 1, of.property, of.run.because),
    };
    let list = |runs: &[(usize, &Shown)]| runs.iter().map(label).collect::<Vec<_>>().join(", ");
    let all: Vec<(usize, &Shown)> = shown.iter().enumerate().collect();
    let is_meant = |(number, shown): &(usize, &Shown)| match meant {
        None => true,
        Some(meant) => shown.property.starts_with(meant) || meant.parse() == Ok(number + 1),
    };
    let found: Vec<(usize, &Shown)> = all.iter().copied().filter(is_meant).collect();
    let shown = match (found.as_slice(), meant) {
        ([(_, shown)], _) => *shown,
        ([], None) => bail!("no property fails in `{name}`, so there is nothing to draw"),
        ([], Some(meant)) => bail!("`{name}` has no property `{meant}` that fails (it has {})", list(&all)),
        (several, None) => {
            bail!("several properties fail in `{name}`: choose one with `--finding` ({})", list(several))
        }
        (several, Some(meant)) => {
            bail!("`--finding {meant}` fits several runs in `{name}`: choose one of {}", list(several))
        }
    };
    let mut notes = vec![format!("`{}` fails: {}", shown.property, shown.run.because)];
    if let Some(from) = shown.run.repeats_from {
        notes.push(format!("from step {} of the run on, everything repeats for ever", from + 1));
    }
    let (mut steps, mut ends) = (Vec::new(), Vec::new());
    for told in &shown.run.steps {
        let Some(machine) = told.host.map(|host| shown.run.machines[host].as_str()) else { continue };
        for fired in &told.rows {
            let step = step(table, machine, fired);
            steps.push(step.with_context(|| match &shown.pair {
                Some(pair) => format!(
                    "`{}` fails in {pair}, whose run has rows that this table does not have: `verify` shows the run, and \
                     `explorer` plays it",
                    shown.property
                ),
                None => format!("`{name}` is a report of another table: line {}", fired.line),
            })?);
        }
    }
    for (machine, end) in shown.run.machines.iter().zip(&shown.run.at_the_end) {
        let found = table.machine(machine);
        ends.extend(found.and_then(|found| Some((found.name.as_str(), found.state_id(&end.state)?))));
    }
    Ok(Found { trace: Trace { steps, ends, notes }, outcome: Outcome::Clean, different: Vec::new() })
}

fn step<'t>(table: &'t Table, machine: &str, fired: &migration_verify::FiredRow) -> Option<Step<'t>> {
    let machine = table.machine(machine)?;
    let (from, to) = (machine.state_id(&fired.from)?, machine.state_id(&fired.to)?);
    let is_case = |case: &String| fired.case.as_ref().is_none_or(|fired| fired == case);
    let fits = |row: &Row| row.when == fired.when && is_case(&row.case) && row.to == to && row.from.contains(&from);
    let row = machine.rows.iter().position(fits)?;
    Some(Step { machine: &machine.name, from, row, is_certain: true })
}
