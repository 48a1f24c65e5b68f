//! Verifying a table: everything that is asked about it, with and without time, and what was found out.

mod overflow;

use std::fmt::Write as _;

use migration_table::model::{Property, Table};
use serde::Serialize;

use crate::builtin::{Unheard, Unreached, UnreachedKind, builtin, unheard, unreached};
use crate::composition::Composition;
use crate::config::DEPTH_MAX;
use crate::decide::decide;
use crate::graph::{Figures, Graph};
use crate::names::Invalid;
use crate::property::{Outcome, Verdict};
use crate::system::{Bounds, Clock, Order, System};
use crate::timing;

/// The most configurations of a search that is repeated until no channel is full.
const DEEPENED_MAX: usize = 200_000;

/// What was found out about a table.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What is true of every table, then the properties of this one.
    pub verdicts: Vec<Verdict>,
    /// States and rows that nothing reaches.
    pub unreached: Vec<Unreached>,
    /// Messages that the search takes to be lost because their sender has not read anything before.
    pub unheard: Vec<Unheard>,
    /// How large the search without time was.
    pub figures: Figures,
    /// How many messages of one direction could be on their way.
    pub depth: usize,
    /// How many attempts each host could begin.
    pub attempts: u8,
    /// How many hosts could die.
    pub kills: u8,
    /// Whether no channel was ever full, or one more message in each of them changes nothing that is said here.
    pub is_deep_enough: bool,
}

/// Verifies a table. `progress` is called now and then with the number of configurations found so far.
///
/// The clock of the system is not used: every property is decided without time first, and where it fails, with the
/// numbers of the table. Where a channel was full, the search is repeated with room for one more message: until no
/// channel is full, which proves the depth, or in a large search until that finds nothing new.
///
/// # Errors
///
/// When the system or a property names something that the table does not have, or the system is too large.
pub fn verify(
    table: &Table,
    system: &System,
    properties: &[Property],
    progress: &mut dyn FnMut(usize),
) -> Result<Report, Invalid> {
    deepened(table, system, properties, Detail::Why, progress)
}

/// Verifies a table without asking which orders of timeouts a property needs, or which one would save it: that takes a
/// search for each.
pub(crate) fn results(table: &Table, system: &System, properties: &[Property]) -> Result<Report, Invalid> {
    deepened(table, system, properties, Detail::Results, &mut |_| {})
}

/// What a report says of a property that time decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    /// Whether it holds.
    Results,
    /// Also with which orders, or which one would save it.
    Why,
}

fn deepened(
    table: &Table,
    system: &System,
    properties: &[Property],
    detail: Detail,
    progress: &mut dyn FnMut(usize),
) -> Result<Report, Invalid> {
    let asked = Asked { table, properties, detail };
    let mut report = deep_enough(&asked, system, progress)?;
    let mut system = system.clone();
    // Whether room for the last message changed nothing.
    let mut is_settled = false;
    while report.figures.full_channels > 0 && report.depth < DEPTH_MAX && report.figures.is_exhausted {
        system.bounds.depth = report.depth + 1;
        let next = match asked.at(&system, progress) {
            Err(Invalid::TooLarge(_)) => break,
            other => other?,
        };
        is_settled = next.says_the_same(&report);
        let is_large = next.figures.configurations > DEEPENED_MAX;
        if is_settled && is_large {
            break;
        }
        report = next;
    }
    if report.figures.full_channels > 0 && report.figures.is_exhausted {
        if !is_settled && report.depth > 1 {
            system.bounds.depth = report.depth - 1;
            is_settled = asked.at(&system, progress)?.says_the_same(&report);
        }
        system.bounds.depth = report.depth;
        overflow::leave_open(&mut report.verdicts, (table, properties), &system, progress)?;
    }
    report.is_deep_enough = report.figures.full_channels == 0 || is_settled;
    Ok(report)
}

/// The report at the depth at which no channel is full, as far as small searches tell: nothing need be decided at a
/// lesser one.
///
/// A search with as much room as can be packed shows how much is used, if it is small. Otherwise there is one for each
/// depth.
fn deep_enough(asked: &Asked<'_>, system: &System, progress: &mut dyn FnMut(usize)) -> Result<Report, Invalid> {
    let (least, bounds) = (system.bounds.depth, system.bounds);
    let small = bounds.configurations_max.min(DEEPENED_MAX + 1);
    let at = |depth: usize, configurations_max: usize| System {
        bounds: Bounds { depth, configurations_max, ..bounds },
        ..system.clone()
    };
    if !system.network.duplicate {
        let composition = untimed(asked.table, &at(least, small))?.with_most_room();
        let graph = Graph::explore(&composition, progress);
        let figures = graph.figures();
        if figures.is_exhausted && figures.full_channels == 0 {
            let depth = figures.longest_channel.max(least);
            return asked.on(&graph, &at(depth, bounds.configurations_max));
        }
    }
    let mut depth = least;
    while depth < DEPTH_MAX {
        let composition = match untimed(asked.table, &at(depth, small)) {
            Err(Invalid::TooLarge(_)) if depth > least => {
                depth -= 1;
                break;
            }
            composed => composed?,
        };
        let figures = Graph::explore(&composition, progress).figures();
        if figures.full_channels == 0 || !figures.is_exhausted {
            break;
        }
        depth += 1;
    }
    asked.at(&at(depth, bounds.configurations_max), progress)
}

/// The composition in which timeouts run out at any moment.
fn untimed<'t>(table: &'t Table, system: &System) -> Result<Composition<'t>, Invalid> {
    Composition::new(table, &System { clock: Clock::Untimed, ..system.clone() })
}

/// What is asked about a table.
struct Asked<'a> {
    table: &'a Table,
    properties: &'a [Property],
    detail: Detail,
}

impl Asked<'_> {
    fn at(&self, system: &System, progress: &mut dyn FnMut(usize)) -> Result<Report, Invalid> {
        self.on(&Graph::explore(&untimed(self.table, system)?, progress), system)
    }

    /// The answers, from the graph without time. Two threads find them: what one bad moment breaks takes about as long
    /// as all the rest, since timeouts matter there.
    fn on(&self, graph: &Graph<'_, '_>, system: &System) -> Result<Report, Invalid> {
        let (safety, rest) = std::thread::scope(|scope| {
            let rest = scope.spawn(|| {
                let of_every_table = (builtin(graph), unreached(graph), unheard(graph));
                (of_every_table, self.own(graph, system, |property| !timing::has_bad_end(property)))
            });
            let safety = self.own(graph, system, timing::has_bad_end);
            (safety, rest.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
        });
        let ((mut verdicts, unreached, unheard), rest) = rest;
        let mut own: Vec<(usize, Verdict)> = safety?.into_iter().chain(rest?).collect();
        own.sort_by_key(|(place, _)| *place);
        verdicts.extend(own.into_iter().map(|(_, verdict)| verdict));
        let (figures, Bounds { depth, attempts, kills, .. }) = (graph.figures(), system.bounds);
        Ok(Report { verdicts, unreached, unheard, figures, depth, attempts, kills, is_deep_enough: false })
    }

    /// What becomes of some properties of the table, each with its place among all of them.
    fn own(
        &self,
        graph: &Graph<'_, '_>,
        system: &System,
        is_asked: impl Fn(&Property) -> bool,
    ) -> Result<Vec<(usize, Verdict)>, Invalid> {
        let (mut verdicts, mut failing, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for (place, property) in self.properties.iter().enumerate().filter(|(_, property)| is_asked(property)) {
            let verdict = decide(graph, property)?;
            if matches!(verdict.result, Outcome::Fails(_)) && graph.figures().is_exhausted {
                failing.push((property, verdict.clone()));
                places.push(verdicts.len());
            }
            verdicts.push((place, verdict));
        }
        let configurations_max = system.bounds.configurations_max;
        let decided = match self.detail {
            Detail::Results => timing::results_with_numbers(graph, failing, configurations_max)?,
            Detail::Why => timing::decide_with_numbers(graph, failing, configurations_max)?,
        };
        for (number, verdict) in places.into_iter().zip(decided) {
            verdicts[number].1 = verdict;
        }
        Ok(verdicts)
    }
}

impl Report {
    /// Whether the results are the same; runs that show them may differ.
    pub(crate) fn says_the_same(&self, other: &Report) -> bool {
        let result = |verdict: &Verdict| (verdict.property.clone(), std::mem::discriminant(&verdict.result));
        let same = self.verdicts.iter().map(result).eq(other.verdicts.iter().map(result));
        same && self.unreached == other.unreached
    }

    /// Whether a property fails that another release does not fail with itself.
    #[must_use]
    pub fn has_failures(&self) -> bool {
        self.verdicts.iter().any(Verdict::is_new_failure)
    }

    /// Marks the properties that another release fails with itself: beside that release, their failure is nothing new.
    pub fn compare_with(&mut self, release: &Report, name: &str, foreign: &[String]) {
        for verdict in &mut self.verdicts {
            if let Outcome::Fails(run) = &mut verdict.result {
                let of = |machine: &String| foreign.contains(machine).then(|| name.to_owned());
                run.tables = run.machines.iter().map(of).collect();
            }
        }
        let fails = |verdict: &&Verdict| matches!(verdict.result, Outcome::Fails(_));
        let failing: Vec<&String> = release.verdicts.iter().filter(fails).map(|verdict| &verdict.property).collect();
        for verdict in self.verdicts.iter_mut().filter(|verdict| failing.contains(&&verdict.property)) {
            if matches!(verdict.result, Outcome::Fails(_)) {
                verdict.fails_in = Some(name.to_owned());
            }
        }
    }

    /// Whether nothing fails, and a bound of the search was hit before that was certain.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        let is_open = |verdict: &Verdict| matches!(verdict.result, Outcome::NotExhausted);
        !self.has_failures()
            && (!self.figures.is_exhausted || !self.is_deep_enough || self.verdicts.iter().any(is_open))
    }

    /// Writes the report for a person.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for verdict in &self.verdicts {
            write_verdict(&mut out, verdict);
        }
        for missing in &self.unreached {
            let _ = writeln!(out, "note: {}", unreached_text(missing));
        }
        for lost in &self.unheard {
            let _ = writeln!(out, "note: {}", unheard_text(lost));
        }
        out
    }
}

fn write_verdict(out: &mut String, verdict: &Verdict) {
    let name = &verdict.property;
    let _ = match &verdict.result {
        Outcome::Holds { needs } if needs.is_empty() => writeln!(out, "holds: {name}"),
        Outcome::Holds { needs } => {
            let orders: Vec<String> = needs.iter().map(order_text).collect();
            writeln!(out, "holds: {name}, since {}", orders.join(" and "))
        }
        Outcome::Vacuous { because } => writeln!(out, "vacuous: {name}: {because}"),
        Outcome::NotExhausted => writeln!(out, "not exhausted: {name}: a bound of the search was hit"),
        Outcome::Fails(counterexample) => {
            if let Some(release) = &verdict.fails_in {
                let _ = writeln!(out, "fails: {name}, as it does in {release} with itself");
                return;
            }
            let _ = writeln!(out, "fails: {name}: {}\n", verdict.doc);
            let _ = writeln!(out, "{}", counterexample.text());
            write_ways_out(out, verdict)
        }
    };
    for lacking in &verdict.lacks {
        let _ = writeln!(out, "  note: {lacking}");
    }
}

/// Says with which changes the property holds: only what was tried.
fn write_ways_out(out: &mut String, verdict: &Verdict) -> std::fmt::Result {
    let orders = verdict.would_hold_if.iter().take(1).map(order_text);
    let mends = verdict.mends.iter().map(|mend| format!("{} (line {})", mend.what, mend.line));
    let ways: Vec<String> = orders.chain(mends).collect();
    match ways.as_slice() {
        [] => Ok(()),
        [way] => writeln!(out, "it was tried, and holds, if {way}\n"),
        ways => writeln!(out, "it was tried, and holds, if one of these is changed:\n  {}\n", ways.join("\n  ")),
    }
}

fn order_text(order: &Order) -> String {
    let name = |(machine, state): &(String, String)| format!("`{state}` of {machine}");
    format!("the wait in {} ends before the wait in {}", name(&order.first), name(&order.second))
}

fn unreached_text(missing: &Unreached) -> String {
    let (machine, line) = (&missing.machine, missing.line);
    match &missing.what {
        UnreachedKind::State(state) => {
            let within = match missing.within_attempts {
                None => String::new(),
                Some(1) => " in 1 attempt of each host".to_owned(),
                Some(count) => format!(" in {count} attempts of each host"),
            };
            format!("state `{state}` of {machine} is never entered{within} (line {line})")
        }
        UnreachedKind::Row(when) => format!("the row `{when}` of {machine} never fires (line {line})"),
        UnreachedKind::RowFrom(when, state) => {
            format!("the row `{when}` of {machine} never fires in `{state}` (line {line})")
        }
    }
}

fn unheard_text(lost: &Unheard) -> String {
    let Unheard { machine, message, line } = lost;
    format!(
        "`{message}` of {machine} is taken to be lost where {machine} has read nothing from its peer: a connection is its \
         own from the first message on that it reads (line {line})"
    )
}
