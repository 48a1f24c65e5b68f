//! The cases of a formula, and whether they can hold: a formula that contradicts itself says nothing.

use std::collections::BTreeSet;

use super::alone::within_reach;
use crate::composition::Composition;
use crate::formula::{Atom, Formula, Place};
use crate::graph::Graph;

/// The most cases of a formula that are looked at.
const CASES_MAX: usize = 64;

/// A name that must hold, or must not.
#[derive(Clone, Copy, Debug)]
struct Literal<'f> {
    atom: &'f Atom,
    is_positive: bool,
}

/// Names all of which must be so.
type Case<'f> = Vec<Literal<'f>>;

/// Returns why a promise that a formula never holds says nothing, or `None` if it says something: each case of the
/// formula contradicts itself, or is about several things one of which never happens alone.
pub(super) fn says_nothing(graph: &Graph<'_, '_>, formula: &Formula) -> Option<String> {
    let whys: Option<Vec<String>> = cases(formula, true)?.iter().map(|case| why_empty(graph, case)).collect();
    whys?.into_iter().next()
}

/// Whether a formula cannot hold, however many attempts there are: no configurations of the hosts, each for itself, meet
/// a case of it.
pub(super) fn is_impossible(composition: &Composition<'_>, formula: &Formula) -> bool {
    let Some(cases) = cases(formula, true) else { return false };
    let within = within_reach(composition);
    let is_met = |case: &Case<'_>| {
        let can = |host: usize, local: usize| within[composition.hosts[host].automaton][local];
        let of_no_host = |literal: &Literal<'_>| {
            let holds_of = |(host, holds): &(usize, Vec<bool>)| (0..holds.len()).any(|at| holds[at] && can(*host, at));
            literal.is_positive && !literal.atom.hosts.iter().any(holds_of)
        };
        let has_place = |host: usize| {
            let meets = |local: usize| restricting(case, host).all(|(of, holds)| holds[local] == of.is_positive);
            (0..composition.automaton(host).locals.len()).any(|local| can(host, local) && meets(local))
        };
        !case.iter().any(of_no_host) && (0..composition.hosts.len()).all(has_place)
    };
    !cases.iter().any(is_met)
}

fn why_empty(graph: &Graph<'_, '_>, case: &Case<'_>) -> Option<String> {
    let hosts = 0..graph.composition.hosts.len();
    if let Some(names) = hosts.into_iter().find_map(|host| contradiction(graph.composition, case, host)) {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        return Some(match names.as_slice() {
            [name] => format!("{name} never holds"),
            names => format!("{} never hold of one host at once", names.join(" and ")),
        });
    }
    let happens = |atom: &Atom| (0..graph.len()).any(|at| atom.holds(graph.locals(at)));
    let never = case.iter().find(|literal| literal.is_positive && !happens(literal.atom));
    never.filter(|_| case.len() > 1).map(|literal| format!("`{}` never holds by itself", literal.atom.name))
}

/// The names of a case that leave a host no place to be in, or `None` if there is one.
fn contradiction<'f>(composition: &Composition<'_>, case: &Case<'f>, host: usize) -> Option<Vec<&'f str>> {
    let states = composition.automaton(host).machine.state_ids().map(Some);
    let mut left: Vec<Place> = states.chain([None]).collect();
    let mut names = Vec::new();
    for (literal, _) in restricting(case, host) {
        let Some(places) = &literal.atom.places else { continue };
        left.retain(|place| places.contains(place) == literal.is_positive);
        names.push(literal.atom.name.as_str());
    }
    left.is_empty().then(|| names.into_iter().collect::<BTreeSet<_>>().into_iter().collect())
}

/// What a case says of one host: names that mean it alone, and names that must not hold of any.
fn restricting<'c, 'f>(case: &'c Case<'f>, host: usize) -> impl Iterator<Item = (&'c Literal<'f>, &'f Vec<bool>)> + 'c {
    case.iter().filter_map(move |literal| {
        let hosts = &literal.atom.hosts;
        let of_host = hosts.iter().find(|(of, _)| *of == host).map(|(_, holds)| holds);
        of_host.filter(|_| hosts.len() == 1 || !literal.is_positive).map(|holds| (literal, holds))
    })
}

/// The disjunctive normal form of a formula, or of its opposite; `None` if it is too large.
fn cases<'f>(formula: &'f Formula, is_positive: bool) -> Option<Vec<Case<'f>>> {
    let found = match (formula, is_positive) {
        (Formula::Some(atom), _) => vec![vec![Literal { atom, is_positive }]],
        (Formula::Not(inner), _) => cases(inner, !is_positive)?,
        (Formula::Or(parts), true) | (Formula::And(parts), false) => {
            let of_parts: Option<Vec<_>> = parts.iter().map(|part| cases(part, is_positive)).collect();
            of_parts?.concat()
        }
        (Formula::And(parts), true) | (Formula::Or(parts), false) => {
            let mut found: Vec<Case<'f>> = vec![Vec::new()];
            for part in parts {
                let of_part = cases(part, is_positive)?;
                let with = |case: &Case<'f>| of_part.iter().map(|more| [case.as_slice(), more].concat()).collect();
                found = found.iter().flat_map::<Vec<_>, _>(with).collect();
                if found.len() > CASES_MAX {
                    return None;
                }
            }
            found
        }
    };
    (found.len() <= CASES_MAX).then_some(found)
}
