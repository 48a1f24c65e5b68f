//! From the evidence of a finding to a walk that shows it.
//!
//! What a client saw does not tell which events led there. So a breadth-first search looks for the shortest run of the
//! machine in which a client sees just that. It stops at [`MOMENTS_MAX`]: a finding without a walk costs no more.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use migration_contract::public::{command, setting};
use migration_replay::walk::{Action, Verb};
use migration_table::interpret::Run;
use migration_table::model::{Answer, FactId, FactSet, Machine, StatusId, Table};
use migration_table::step;

use serde_json::{Value, json};

use crate::commands::evidence::{Evidence, Step};

/// How many moments a search visits at most.
const MOMENTS_MAX: usize = 20_000;

/// The kinds of clients that are told every event.
const TOLD: [&str; 3] = ["E!", "E", "El"];

/// Adds to every finding of a report the walk over the new table that shows its evidence, or null.
pub(super) fn add_walks(report: &mut Value, new: &Table, old: &Table) -> Result<()> {
    let names = |table: &Table| table.statuses.iter().map(|status| status.name.clone()).collect::<BTreeSet<_>>();
    let added = &names(new) - &names(old);
    for finding in report.get_mut("findings").and_then(Value::as_array_mut).into_iter().flatten() {
        let evidence: Evidence = serde_json::from_value(finding.clone()).context("a finding has no evidence")?;
        let step = |action: Action| json!({ "verb": action.verb.word(), "name": action.name });
        let steps = walk(new, &evidence, &added).map(|steps| steps.into_iter().map(step).collect::<Vec<_>>());
        finding["walk"] = json!(steps);
    }
    Ok(())
}

/// Returns a walk on which a client sees the evidence, or `None` if the search finds none. `added` are the statuses
/// that the older table does not have: a client may pass over them.
fn walk(table: &Table, evidence: &Evidence, added: &BTreeSet<String>) -> Option<Vec<Action>> {
    let machine = table.machine(evidence.machine.as_deref()?)?;
    // The evidence is that of the client which sees most: of one that asks only if no client that is told can tell.
    let asks = !evidence.seen_by.iter().any(|name| TOLD.contains(&name.as_str()));
    let seen = evidence.steps.iter().filter(|step| !step.is_rest()).collect();
    let search = Search { table, machine, seen, asks, added };
    evidence.starts().iter().find_map(|settings| search.under(settings))
}

struct Search<'a> {
    table: &'a Table,
    machine: &'a Machine,
    /// What the client does and sees.
    seen: Vec<&'a Step>,
    /// Whether the client asks for the status; otherwise it is told every event.
    asks: bool,
    added: &'a BTreeSet<String>,
}

#[derive(Clone)]
struct Moment<'a> {
    run: Run<'a>,
    guards: FactSet,
    /// How many steps of the evidence are behind it.
    at: usize,
    /// The index of the moment before it.
    before: Option<usize>,
    /// What was done.
    actions: Vec<(Verb, FactId)>,
}

impl<'a> Search<'a> {
    /// The walk under some settings, named as clients name them, each on or off.
    fn under(&self, settings: &[(String, bool)]) -> Option<Vec<Action>> {
        let is_on = |id: &FactId| {
            let name = setting(&self.machine.fact(*id).kind);
            name.is_some_and(|name| settings.iter().any(|(other, on)| *on && *other == name))
        };
        let turned: Vec<FactId> = self.machine.fact_ids().filter(is_on).collect();
        let guards: FactSet = turned.iter().copied().collect();
        let mut run = Run::new(self.machine);
        run.set_guards(guards);
        let mut moments = vec![Moment { run, guards, at: 0, before: None, actions: Vec::new() }];
        let mut known = BTreeSet::from([moments[0].key()]);
        let mut next = 0;
        while next < moments.len() && known.len() < MOMENTS_MAX {
            if moments[next].at == self.seen.len() {
                let turned = turned.into_iter().map(|id| (Verb::Set, id));
                return Some(turned.chain(way(&moments, next)).map(|step| self.action(step)).collect());
            }
            for mut after in self.after(&moments[next]) {
                if known.insert(after.key()) {
                    after.before = Some(next);
                    moments.push(after);
                }
            }
            next += 1;
        }
        None
    }

    fn action(&self, (verb, id): (Verb, FactId)) -> Action {
        Action { verb, name: self.machine.fact(id).name.clone() }
    }

    /// Every moment that can come next in which a client sees nothing but what the evidence has next.
    fn after(&self, moment: &Moment<'a>) -> Vec<Moment<'a>> {
        let mut all = Vec::new();
        let shown = self.machine.state(moment.run.state()).shows;
        if self.asks && self.is_next(moment.at, shown) {
            all.push(Moment { at: moment.at + 1, actions: Vec::new(), ..moment.clone() });
        }
        if let Some(turned) = self.turned(moment) {
            return vec![turned];
        }
        all.extend(self.machine.fact_ids().filter_map(|id| self.with(moment, id)));
        all
    }

    /// The moment after a fact came in or a guard was turned, if that can happen and a client sees nothing else.
    fn with(&self, moment: &Moment<'a>, id: FactId) -> Option<Moment<'a>> {
        let mut next = moment.clone();
        let fact = self.machine.fact(id);
        let verb = if fact.is_trigger() {
            let step = self.seen.get(moment.at).filter(|step| step.is_command(command(&fact.kind).as_deref()))?;
            let is_refused = matches!(next.run.raise(id), Answer::Refuse(_));
            if is_refused != step.is_error() {
                return None;
            }
            next.at += 1;
            Verb::Raise
        } else if fact.is_event() {
            if !self.is_awaited(moment, id) {
                return None;
            }
            next.run.report(next.run.visit(), id);
            Verb::Report
        } else if setting(&fact.kind).is_some() {
            // Clients decide it, and the finding says how.
            return None;
        } else {
            next.guards = next.guards ^ id;
            next.run.set_guards(next.guards);
            if next.guards.contains(id) { Verb::Set } else { Verb::Clear }
        };
        let published = next.run.published().skip(moment.run.published().len());
        for status in published {
            if self.is_next(next.at, status) {
                next.at += 1;
            } else if next.at < self.seen.len() && !self.asks && !self.added.contains(self.name(status)) {
                return None;
            }
        }
        Some(Moment { actions: vec![(verb, id)], ..next })
    }

    /// The moment after a change of settings, if the client makes one next.
    fn turned(&self, moment: &Moment<'a>) -> Option<Moment<'a>> {
        let step = self.seen.get(moment.at)?;
        let mut next = Moment { at: moment.at + 1, actions: Vec::new(), ..moment.clone() };
        let mut is_change = false;
        for (name, is_on) in step.settings() {
            is_change = true;
            let decided = |id: &FactId| setting(&self.machine.fact(*id).kind).as_deref() == Some(name);
            let guards = next.guards;
            for id in self.machine.fact_ids().filter(decided).filter(|id| guards.contains(*id) != is_on) {
                next.guards = next.guards ^ id;
                next.actions.push((if is_on { Verb::Set } else { Verb::Clear }, id));
            }
        }
        next.run.set_guards(next.guards);
        is_change.then_some(next)
    }

    fn is_awaited(&self, moment: &Moment<'a>, event: FactId) -> bool {
        step::awaited(self.machine, moment.run.state()).contains(event)
    }

    fn is_next(&self, at: usize, status: StatusId) -> bool {
        self.seen.get(at).is_some_and(|step| step.is_event(self.name(status)))
    }

    fn name(&self, status: StatusId) -> &str {
        &self.table.statuses[status.index()].name
    }
}

impl Moment<'_> {
    /// What tells it from other moments; how it came about does not matter.
    fn key(&self) -> (usize, FactSet, FactSet, usize) {
        (self.run.state().index(), self.run.facts(), self.guards, self.at)
    }
}

/// What was done on the way to a moment.
fn way(moments: &[Moment<'_>], last: usize) -> Vec<(Verb, FactId)> {
    let back = std::iter::successors(Some(&moments[last]), |moment| moment.before.map(|at| &moments[at]));
    let mut steps: Vec<_> = back.flat_map(|moment| moment.actions.iter().rev().copied()).collect();
    steps.reverse();
    steps
}
