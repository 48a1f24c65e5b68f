//! What changes of a table are to clients: in a few words for the caption, and as a run that shows one of them.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use migration_contract::compare::{Report, compare};
use migration_contract::public::project;
use migration_draw::{Side, Trace};
use migration_table::model::{Machine, Table};

use crate::commands::evidence::{Evidence, list, meant_in};

/// What a comparison found, or `None` if it was too large.
pub(super) struct Changes(Option<Report>);

impl Changes {
    pub(super) fn between(old: &Table, new: &Table) -> Changes {
        let sides = project(new).ok().zip(project(old).ok());
        Changes(sides.and_then(|(new, old)| compare(&new, &old).ok()))
    }

    /// In a few words.
    pub(super) fn verdict(&self) -> String {
        let Some(report) = &self.0 else { return "too large to be compared as a public API".to_owned() };
        let broken: BTreeSet<&str> = report.changes.iter().flat_map(|it| &it.breaks).map(String::as_str).collect();
        let broken: Vec<&str> = broken.into_iter().collect();
        match broken[..] {
            [] => format!("public API {}, compatible", report.headline.name()),
            _ => format!("public API {}, breaks {}", report.headline.name(), broken.join(", ")),
        }
    }

    /// A run that shows a change of these machines, in the table that can take it: the change that is meant, or else the
    /// shortest run that shows one that breaks something, or one of the others.
    ///
    /// # Errors
    ///
    /// No change or more than one is meant, or no run shows it.
    pub(super) fn run<'t>(
        &self,
        old: &'t Table,
        new: &'t Table,
        machines: &[&Machine],
        meant: Option<&str>,
    ) -> Result<Option<(Side, Trace<'t>)>> {
        let Some(report) = &self.0 else {
            return match meant {
                None => Ok(None),
                Some(_) => bail!("`--finding` has nothing to choose from: the tables are too large to be compared"),
            };
        };
        let is_drawn = |evidence: &Evidence| {
            evidence.machine.as_ref().is_some_and(|name| machines.iter().any(|machine| machine.name == *name))
        };
        let all: Vec<Evidence> = report.changes.iter().map(Evidence::of).collect();
        let meant_here = |meant: Option<&str>| -> Vec<(usize, &Evidence)> {
            meant_in(all.iter(), meant).into_iter().filter(|(_, evidence)| is_drawn(evidence)).collect()
        };
        let mut found = meant_here(meant);
        let Some(meant) = meant else {
            found.sort_by_key(|(number, it)| (report.changes[number - 1].breaks.is_empty(), it.steps.len()));
            return Ok(found.into_iter().find_map(|(_, evidence)| side(evidence, old, new)));
        };
        match found[..] {
            [(_, evidence)] => {
                let found = side(evidence, old, new);
                found.map(Some).with_context(|| format!("there is no one run that shows `{}`", evidence.key))
            }
            [] if meant_here(None).is_empty() => bail!("what is drawn differs in nothing that a client could see"),
            [] => bail!("no change `{meant}` has evidence; these have, by their numbers:{}", list(&meant_here(None))),
            _ => bail!("`--finding {meant}` fits several:{}", list(&found)),
        }
    }
}

/// The run that shows all of the evidence, in one table or the other.
fn side<'t>(evidence: &Evidence, old: &'t Table, new: &'t Table) -> Option<(Side, Trace<'t>)> {
    [(Side::New, new, "new"), (Side::Old, old, "old")].into_iter().find_map(|(side, table, name)| {
        let followed = evidence.follow(table).ok().filter(|followed| followed.why.is_none())?;
        let mut trace = followed.trace;
        trace.notes.push(format!("the numbers are a run of the {name} table that shows {}", evidence.key));
        (!trace.steps.is_empty()).then_some((side, trace))
    })
}
