//! From words on the command line to what is looked at.

use std::path::Path;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use migration_draw::{self as draw, Figure, View};
use migration_table::model::{Machine, Table};

use super::changes::Changes;
use crate::commands::trace::{self, Found, Reading};
use crate::table_file::TableFile;

/// Most states of a machine for which an overview is made where nobody has asked for a certain view.
const STATES_MAX: usize = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Look {
    /// What a client sees: statuses only
    Overview,
    /// Every state and every row
    Full,
    /// A group, a kind, or a stretch of the happy path (`phase-1`, ...)
    Phase,
    /// A state, what leads to it and what leaves it
    State,
    /// Where a trigger is accepted, ignored and refused
    Trigger,
    /// A run, its rows numbered: a walk that `step` has saved, a recording that `replay` reads, or a finding of
    /// a report that `api diff`, `api check` or `check` has written as JSON
    Trace,
    /// What has changed from one table to another: files, or git revisions of the table
    Diff,
    /// Which rows walks and recordings take
    Coverage,
}

/// What is looked at, and by which names.
pub(super) struct Request<'a> {
    pub(super) look: Option<Look>,
    pub(super) subjects: &'a [String],
    pub(super) reading: Reading<'a>,
}

/// A picture, and the end of the name of its file where there are several.
pub(super) struct Picture {
    pub(super) name: String,
    pub(super) figure: Figure,
}

/// The table that is drawn, and the one that it is compared with.
pub(super) struct Tables {
    pub(super) new: Table,
    old: Option<Table>,
}

impl Request<'_> {
    /// Reads what is drawn, or returns `None` if the table makes no sense. It has then been printed why.
    pub(super) fn tables(&self, file: &TableFile) -> Result<Option<Tables>> {
        match (self.look, self.subjects) {
            (Some(Look::Diff), [old, new @ ..]) if new.len() < 2 => {
                let Some(old) = other(old, file)? else { return Ok(None) };
                let new = new.first().map_or_else(|| file.read_resolved(), |new| other(new, file))?;
                Ok(new.map(|new| Tables { new, old: Some(old) }))
            }
            (Some(Look::Diff), _) => bail!("`diagram diff` takes one table or two: the old one, and the new one"),
            (
                Some(
                    Look::Overview
                    | Look::Full
                    | Look::Phase
                    | Look::State
                    | Look::Trigger
                    | Look::Trace
                    | Look::Coverage,
                )
                | None,
                _,
            ) => Ok(file.read_resolved()?.map(|new| Tables { new, old: None })),
        }
    }

    /// The run that is drawn, if it is one; `table_name` is how messages name the table.
    pub(super) fn run<'t>(&self, tables: &'t Tables, table_name: &str) -> Result<Option<Found<'t>>> {
        match (self.look, self.subjects) {
            (Some(Look::Trace), [file]) => {
                trace::read(&tables.new, table_name, Path::new(file), self.reading).map(Some)
            }
            (Some(Look::Trace), _) => bail!("`diagram trace` takes one file: a walk, a recording, or a report"),
            (Some(Look::Coverage), []) => bail!("`diagram coverage` takes walks and recordings"),
            (Some(Look::Coverage), files) => trace::all(&tables.new, table_name, files, self.reading).map(Some),
            (Some(Look::Overview | Look::Full | Look::Phase | Look::State | Look::Trigger | Look::Diff) | None, _)
                if !self.reading.assumed.is_nothing() =>
            {
                bail!("`--assume`, `--attached` and `--others` are for `diagram trace`")
            }
            (Some(Look::Overview | Look::Full | Look::Phase | Look::State | Look::Trigger) | None, _)
                if self.reading.finding.is_some() =>
            {
                bail!("`--finding` is for `diagram trace` and `diagram diff`")
            }
            (Some(Look::Overview | Look::Full | Look::Phase | Look::State | Look::Trigger | Look::Diff) | None, _) => {
                Ok(None)
            }
        }
    }

    /// The pictures of some machines, side by side.
    pub(super) fn pictures(
        &self,
        tables: &Tables,
        machines: &[&Machine],
        found: Option<&Found<'_>>,
    ) -> Result<Vec<Picture>> {
        let table = &tables.new;
        let names: Vec<&str> = machines.iter().map(|machine| machine.name.as_str()).collect();
        let base = names.join("-");
        let one = |what: &str| match self.subjects {
            [name] => Ok(name.as_str()),
            _ => bail!("`diagram {what}` takes one {what}"),
        };
        let picture = |suffix: &str, view: &View<'_>| -> Result<Vec<Picture>> {
            let figure = draw::figure(table, machines, view)?;
            Ok(vec![Picture { name: format!("{base}{suffix}"), figure }])
        };
        match self.look {
            None => self.by_size(table, machines, &base),
            Some(Look::Full) => self.nothing_named().and_then(|()| picture("", &View::Full)),
            Some(Look::Overview) => self.nothing_named().and_then(|()| picture("-overview", &View::Overview)),
            Some(Look::Phase) => one("phase").and_then(|name| picture(&format!("-{name}"), &View::Phase(name))),
            Some(Look::State) => one("state").and_then(|name| picture(&format!("-state-{name}"), &View::State(name))),
            Some(Look::Trigger) => {
                one("trigger").and_then(|name| picture(&format!("-trigger-{name}"), &View::Trigger(name)))
            }
            Some(Look::Trace) => {
                let found = found.context("no run was read")?;
                picture("-trace", &View::Trace(&found.trace))
            }
            Some(Look::Coverage) => {
                let found = found.context("nothing was read")?;
                picture("-coverage", &View::Coverage(&found.trace))
            }
            Some(Look::Diff) => {
                let old = tables.old.as_ref().context("there is no table to compare with")?;
                let changes = Changes::between(old, table);
                let run = changes.run(old, table, machines, self.reading.finding)?;
                let run = run.as_ref().map(|(side, trace)| (*side, trace));
                picture("-changes", &View::Diff { old, verdict: Some(&changes.verdict()), run })
            }
        }
    }

    fn nothing_named(&self) -> Result<()> {
        match self.subjects {
            [] => Ok(()),
            [first, ..] => bail!("there is nothing to name in this view: `{first}`"),
        }
    }

    /// The whole, or where that cannot be read any more, the overview and the phases.
    fn by_size(&self, table: &Table, machines: &[&Machine], base: &str) -> Result<Vec<Picture>> {
        self.nothing_named()?;
        if let Some(machine) = machines.iter().find(|machine| machine.states.len() > STATES_MAX) {
            bail!(
                "`{}` has {} states, too many for one picture: draw a part with `migration-table diagram phase \
                 NAME` or `migration-table diagram state NAME`, or all of it with `migration-table diagram full --format \
                 dot`",
                machine.name,
                machine.states.len()
            );
        }
        let whole = draw::figure(table, machines, &View::Full)?;
        let large = |figure: &Figure| figure.panels.iter().map(|panel| panel.arrows.len()).max().unwrap_or(0);
        let many = large(&whole);
        if many <= draw::ARROWS_MAX {
            return Ok(vec![Picture { name: base.to_owned(), figure: whole }]);
        }
        let mut overview = draw::figure(table, machines, &View::Overview)?;
        let note = format!(
            "the whole has {many} arrows, too many to be read: this is the overview, and each phase has a picture"
        );
        overview.notes.push(note);
        let mut pictures = vec![Picture { name: format!("{base}-overview"), figure: overview }];
        let phases = machines.iter().map(|machine| draw::phases(machine).len()).max().unwrap_or(0);
        for at in 1..=phases {
            let name = format!("phase-{at}");
            let figure = draw::figure(table, machines, &View::Phase(&name))?;
            pictures.push(Picture { name: format!("{base}-{name}"), figure });
        }
        Ok(pictures)
    }
}

/// Returns the table that a word names. Prints why on standard error, and returns `None`, if it makes no sense.
fn other(word: &str, file: &TableFile) -> Result<Option<Table>> {
    let named = file.other(word)?;
    if named.read.table.is_none() {
        named.say();
    }
    Ok(named.read.table)
}
