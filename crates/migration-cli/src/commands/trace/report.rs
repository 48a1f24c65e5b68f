//! From a finding of a report to a run of the table that shows its evidence.
//!
//! Findings on the public API have their evidence in the report. Of those on a table, that a promise is not kept has
//! one: it is found again, by the place of the promise.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::{Context, Result, bail};
use migration_contract::public::promise::broken;
use migration_contract::public::{SettingId, project};
use migration_table::model::{Guarantee, Table};
use serde::Deserialize;

use super::found::Found;
use crate::commands::evidence::{Evidence, Step, list, meant_in};

use crate::outcome::Outcome;
use crate::output::say;

/// The check that says that a promise is not kept.
const NOT_KEPT: &str = "T0430";

/// What a report says, as far as a run is concerned.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    findings: Vec<Finding>,
}

/// A finding. Those on a table alone have a code and a place.
#[derive(Debug, Deserialize)]
struct Finding {
    code: Option<String>,
    place: Option<Place>,
    #[serde(flatten)]
    evidence: Evidence,
}

/// Where the text is that a finding means.
#[derive(Debug, Deserialize)]
struct Place {
    start_byte: Option<usize>,
}

impl Report {
    /// Reads a file if it is a report: one JSON object that has findings.
    pub(super) fn read(path: &Path) -> Result<Option<Report>> {
        let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        // A recording has more than one object, or no such member.
        Ok(serde_json::from_reader(BufReader::new(file)).ok())
    }

    pub(super) fn run<'t>(mut self, table: &'t Table, path: &Path, meant: Option<&str>) -> Result<Found<'t>> {
        for finding in &mut self.findings {
            finding.look_up(table);
        }
        let evidence = self.finding(path, meant)?;
        let mut followed = evidence.follow(table)?;
        followed.trace.notes.push(format!("the evidence of {}", evidence.key));
        if let Some(stop) = &followed.why {
            say(format_args!("{}: {stop}", path.display()));
            followed.trace.notes.push(stop.clone());
        }
        let outcome = if followed.why.is_some() { Outcome::Findings } else { Outcome::Clean };
        Ok(Found { trace: followed.trace, outcome, different: Vec::new() })
    }

    /// The finding that is meant: the only one that has evidence, or the one that is named.
    fn finding(&self, path: &Path, meant: Option<&str>) -> Result<&Evidence> {
        let all = self.findings.iter().map(|finding| &finding.evidence);
        let found = meant_in(all, meant);
        match (&found[..], meant) {
            ([(_, evidence)], _) => Ok(evidence),
            ([], None) => bail!("no finding of `{}` has evidence that could be drawn", path.display()),
            ([], Some(meant)) => bail!("`{}` has no finding `{meant}` with evidence", path.display()),
            ([..], _) => bail!("`{}` has several: choose one with `--finding`{}", path.display(), list(&found)),
        }
    }
}

impl Finding {
    /// Finds out how a promise of the table is broken, if that is what the finding says.
    fn look_up(&mut self, table: &Table) {
        let is_meant = |guarantee: &&Guarantee| {
            let place = self.place.as_ref().and_then(|place| place.start_byte);
            self.code.as_deref() == Some(NOT_KEPT) && place == Some(guarantee.span.start)
        };
        let Some(guarantee) = table.guarantees.iter().find(is_meant) else { return };
        let Ok(side) = project(table) else { return };
        let Some(broken) = side.guarantees.get(&guarantee.name).and_then(|promised| broken(promised, &side)) else {
            return;
        };
        self.evidence.key = format!("{NOT_KEPT}: {}", guarantee.name);
        self.evidence.machine = Some(broken.machine.name.clone());
        self.evidence.seen_by = vec!["E!".to_owned()];
        self.evidence.when = broken.under.0.first().map_or("always".to_owned(), |cube| {
            let literal = |setting: SettingId| {
                let name = &broken.machine.settings[setting.index()];
                if cube.set.contains(setting) { name.clone() } else { format!("not {name}") }
            };
            let literals: Vec<String> = cube.asks().iter().map(literal).collect();
            if literals.is_empty() { "always".to_owned() } else { literals.join(" and ") }
        });
        self.evidence.steps = broken.trace.iter().map(|label| Step::of(label)).collect();
    }
}
