//! `replay --coverage`: the rows of a table that recordings take, and those that none takes.
//!
//! A recording does not say which rows fired. A row counts as taken where every run that explains a process takes it, and
//! as perhaps taken where it is on a shortest one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::Result;
use migration_table::model::Table;

use crate::commands::recording::{Assumed, Follower, Recording};

/// How many recordings take a row.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    certain: usize,
    perhaps: usize,
}

/// Rows and the recordings that take them.
pub(super) struct Coverage<'t> {
    table: &'t Table,
    recordings: usize,
    /// By machine and line of the table: several rows of a machine can stand in one line.
    counts: BTreeMap<(usize, usize), Count>,
}

impl<'t> Coverage<'t> {
    pub(super) fn of(table: &'t Table) -> Coverage<'t> {
        let rows = table.machines.iter().enumerate();
        let rows = rows.flat_map(|(at, machine)| machine.rows.iter().map(move |row| (at, row.span.line)));
        Coverage { table, recordings: 0, counts: rows.map(|key| (key, Count::default())).collect() }
    }

    /// Adds what a recording takes, as far as it is explained.
    pub(super) fn add(&mut self, recording: &Recording, assumed: &Assumed) -> Result<()> {
        let assumed = match recording.has_late_events(self.table)? {
            true => assumed.with_late_events(),
            false => assumed.clone(),
        };
        let mut follower = Follower::new(self.table, &assumed).tracing();
        follower.follow(recording, "")?;
        self.recordings += 1;
        let (mut certain, mut perhaps) = (BTreeSet::new(), BTreeSet::new());
        for taken in follower.replay.runs().iter().flat_map(|run| &run.steps) {
            let line = self.table.machines[taken.machine].rows[taken.row].span.line;
            let set = if taken.is_certain { &mut certain } else { &mut perhaps };
            set.insert((taken.machine, line));
        }
        for key in &certain {
            self.counts.entry(*key).or_default().certain += 1;
        }
        for key in perhaps.difference(&certain) {
            self.counts.entry(*key).or_default().perhaps += 1;
        }
        Ok(())
    }

    /// Machine by machine, first the rows that are taken, then the others; each with its line in the table.
    pub(super) fn text(&self, table_name: &str) -> String {
        let mut text = String::new();
        for (at, machine) in self.table.machines.iter().enumerate() {
            let rows: Vec<(usize, Count)> =
                self.counts.iter().filter(|((of, _), _)| *of == at).map(|((_, line), count)| (*line, *count)).collect();
            let is_taken = |count: &Count| count.certain + count.perhaps > 0;
            let taken = rows.iter().filter(|(_, count)| is_taken(count)).count();
            let (all, name) = (rows.len(), &machine.name);
            let _ = writeln!(text, "{table_name}: {taken} of {all} rows of `{name}` are taken");
            for (line, count) in rows.iter().filter(|(_, count)| is_taken(count)) {
                let perhaps = match count.perhaps {
                    0 => String::new(),
                    number => format!(", perhaps in {number} more"),
                };
                let (row, certain, all) = (self.row(at, *line), count.certain, self.recordings);
                let _ = writeln!(text, "  {table_name}:{line}: {row}: in {certain} of {all}{perhaps}");
            }
            if taken < all {
                let _ = writeln!(text, "  none takes:");
            }
            for (line, _) in rows.iter().filter(|(_, count)| !is_taken(count)) {
                let _ = writeln!(text, "  {table_name}:{line}: {}", self.row(at, *line));
            }
        }
        text
    }

    /// A row in a few words.
    fn row(&self, machine: usize, line: usize) -> String {
        let machine = &self.table.machines[machine];
        let row = machine.rows.iter().find(|row| row.span.line == line);
        row.map_or_else(String::new, |row| {
            format!("{} -> {} when {}", row.leaves(), machine.state(row.to).name, row.when)
        })
    }
}
