//! The happy path of a machine. It names each state once, but may come back to the first one.

use std::collections::BTreeSet;

use crate::finding::{Finding, Findings};
use crate::model::{Fact, FactId, Row, State, StateId};
use crate::rule::names::LISTED_TWICE;
use crate::span::Span;
use crate::step;
use crate::syntax::written;

/// What a path leads through.
pub(super) struct Path<'m> {
    pub(super) states: &'m [State],
    pub(super) facts: &'m [Fact],
    pub(super) rows: &'m [Row],
}

const FIRST: &str = "first here";
const AGAIN: &str = "again here";

/// A state that is named, and where.
type Step = (StateId, Span);

impl Path<'_> {
    /// Returns the path with each state once, and where it comes back to its first state, if it does: there the attempt is
    /// over, so the state before it is the last one.
    pub(super) fn bind(&self, mut path: Vec<Step>, out: &mut Findings) -> (Vec<Step>, Option<Span>) {
        let comes_back = matches!(path.as_slice(), [(first, _), _, .., (last, _)] if first == last);
        let back = path.pop_if(|_| comes_back).map(|(_, span)| span);
        let first = each_once(path.iter().copied());
        if first.len() == path.len() {
            return (path, back);
        }
        let mut last = each_once(path.iter().rev().copied());
        last.reverse();
        let short = without_circles(&path);
        let again = left_out(&path, &first);
        if !self.leads(&first) && self.leads(&last) {
            let place = |state: StateId| last.iter().find(|(other, _)| *other == state).map(|(_, span)| *span);
            for (state, span) in left_out(&path, &last) {
                self.report((state, span), FIRST, (place(state), AGAIN), "leave it out here".to_owned(), out);
            }
            return (last, back);
        }
        let place = |state: StateId| first.iter().find(|(other, _)| *other == state).map(|(_, span)| *span);
        if !self.leads(&first)
            && self.leads(&short)
            && let Some((state, span)) = again.first()
        {
            let whole = short.iter().chain(short.first().filter(|_| back.is_some()));
            let names: Vec<String> = whole.map(|(state, _)| written(&self.states[state.index()].name)).collect();
            let help = format!(
                "write `happy_path: [{}]`, or end it before it comes back to `{}`: it names each state once",
                names.join(", "),
                self.states[state.index()].name
            );
            self.report((*state, *span), AGAIN, (place(*state), FIRST), help, out);
            return (short, back);
        }
        for (state, span) in again {
            let help = "leave it out here: a happy path names each state once".to_owned();
            self.report((state, span), AGAIN, (place(state), FIRST), help, out);
        }
        (first, back)
    }

    /// Reports that a state is named twice: where, where else, and what to do.
    fn report(
        &self,
        (state, span): Step,
        here: &str,
        (other, there): (Option<Span>, &str),
        help: String,
        out: &mut Findings,
    ) {
        let message = format!("`{}` is listed twice", self.states[state.index()].name);
        let finding = Finding::warning(LISTED_TWICE.code, span, message, here);
        out.push(other.into_iter().fold(finding, |finding, other| finding.with_place(other, there)).with_help(help));
    }

    /// Whether a transition that is no failure leads from each state to the next.
    fn leads(&self, path: &[Step]) -> bool {
        let fails = |row: &Row| {
            let mut causes = (0..).zip(self.facts).filter(|(_, fact)| fact.is_event() && fact.carries_cause);
            causes.any(|(number, _)| step::needs(row, FactId(number)))
        };
        let is_way = |row: &Row, from: StateId, to: StateId| {
            row.to == to && row.from.contains(&from) && !row.cubes.is_empty() && !fails(row)
        };
        path.windows(2).all(|pair| self.rows.iter().any(|row| is_way(row, pair[0].0, pair[1].0)))
    }
}

/// The steps of a path to states that were not named before.
fn each_once(path: impl Iterator<Item = Step>) -> Vec<Step> {
    let mut known = BTreeSet::new();
    path.filter(|(state, _)| known.insert(*state)).collect()
}

/// The steps of a path that are not among others.
fn left_out(path: &[Step], kept: &[Step]) -> Vec<Step> {
    path.iter().filter(|step| !kept.contains(step)).copied().collect()
}

/// A path without what lies between two visits of a state.
fn without_circles(path: &[Step]) -> Vec<Step> {
    let mut short: Vec<Step> = Vec::new();
    for step in path {
        match short.iter().position(|(state, _)| *state == step.0) {
            Some(at) => short.truncate(at + 1),
            None => short.push(*step),
        }
    }
    short
}
