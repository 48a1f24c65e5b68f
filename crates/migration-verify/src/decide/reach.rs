//! What stays possible: configurations from which a goal can be reached.

use crate::composition::Action;
use crate::config::{Config, Locals};
use crate::formula::Formula;
use crate::graph::{Edge, Graph};
use crate::happening::Happening;
use crate::names::Invalid;
use crate::property::Outcome;
use migration_table::search;
use rustc_hash::FxHashMap;

use super::cases;
use super::safety::{broken, fails, holds};

/// Whether a formula can still come to hold, right after each time that something happens, or from the beginning.
///
/// Nobody dies meanwhile: what a host does that is gone is not asked.
pub(super) fn possible(graph: &Graph<'_, '_>, from: Option<&str>, formula: &str) -> Result<Outcome, Invalid> {
    let goal = Formula::parse(formula, &graph.composition.scope())?;
    let from = from.map(|from| Happening::parse(from, &graph.composition.scope())).transpose()?;
    let nowhere = vec![false; graph.len() as usize];
    let (can, could) = match cases::is_impossible(graph.composition, &goal) {
        true => (nowhere.clone(), nowhere),
        false => with_more_attempts(graph, &goal),
    };
    let because = format!("from here `{formula}` can never hold");
    let Some(from) = from else {
        return Ok(match (can[0], could[0]) {
            (true, _) => holds(),
            (false, true) => Outcome::NotExhausted,
            (false, false) => fails(graph, 0, because),
        });
    };
    let (mut is_vacuous, mut is_open) = (true, false);
    for at in (0..graph.len()).filter(|at| from.is_near(graph.locals(*at))) {
        for edge in graph.edges(at).iter().filter(|edge| from.is(graph.locals(at), edge.action)) {
            if is_anyone_down(graph, edge.to) {
                continue;
            }
            is_vacuous = false;
            let to = edge.to as usize;
            if !could[to] {
                let mut run = graph.run_to(at);
                run.push((edge.action, graph.config(edge.to)));
                return Ok(broken(graph, &run, because));
            }
            is_open |= !can[to];
        }
    }
    Ok(match (is_vacuous, is_open) {
        (true, _) => Outcome::Vacuous { because: "it never begins".to_owned() },
        (false, true) => Outcome::NotExhausted,
        (false, false) => holds(),
    })
}

/// For each configuration whether a goal can be reached from it if hosts begin as many attempts as they like and nobody
/// dies: for certain, and as far as is known.
///
/// Where a host may begin no more attempts, the search stops for it. What could follow there is what follows an equal
/// configuration with fewer attempts behind it; if there is none, it is not known.
fn with_more_attempts(graph: &Graph<'_, '_>, goal: &Formula) -> (Vec<bool>, Vec<bool>) {
    let nobody_dies = |edge: &Edge| !matches!(edge.action, Action::Kill { .. });
    let mut equals: FxHashMap<u128, usize> = FxHashMap::default();
    let (mut equal_to, mut is_known) = (Vec::new(), Vec::new());
    let mut stops = Vec::new();
    for at in 0..graph.len() {
        let config = graph.config(at);
        let next = equals.len();
        let plain = graph.composition.layout.pack(&config.regardless_of_attempts());
        let number = *equals.entry(plain).or_insert(next);
        is_known.resize(equals.len(), false);
        equal_to.push(number);
        stops.push(is_out_of_attempts(graph, &config));
        is_known[number] |= !stops[at as usize];
    }
    let reach = |mut reached: Vec<bool>| loop {
        let stops_there = |at: u32| stops[at as usize] && reached[equal_to[at as usize]];
        let can = can_reach_by(graph, |at| goal.holds(graph.locals(at)) || stops_there(at), nobody_dies);
        let before = reached.clone();
        equal_to.iter().zip(&can).for_each(|(number, can)| reached[*number] |= can);
        if reached == before {
            return can;
        }
    };
    (reach(vec![false; equals.len()]), reach(is_known.iter().map(|known| !known).collect()))
}

/// Whether a host could begin another attempt, and the search does not allow it.
fn is_out_of_attempts(graph: &Graph<'_, '_>, config: &Config) -> bool {
    let composition = graph.composition;
    let is_last = |host: usize| config.attempts[host] >= composition.bounds.attempts;
    (0..composition.hosts.len()).any(|host| is_last(host) && composition.can_begin(&config.locals, host))
}

fn is_anyone_down(graph: &Graph<'_, '_>, at: u32) -> bool {
    let composition = graph.composition;
    (0..composition.hosts.len()).any(|host| composition.is_down(graph.locals(at), host))
}

/// For each configuration whether one that meets the goal can be reached from it by some of the edges.
pub(crate) fn can_reach_by(
    graph: &Graph<'_, '_>,
    goal: impl Fn(u32) -> bool,
    takes: impl Fn(&Edge) -> bool,
) -> Vec<bool> {
    let mut can: Vec<bool> = (0..graph.len()).map(goal).collect();
    let left: Vec<u32> = (0..graph.len()).rev().filter(|at| !can[*at as usize]).collect();
    by_passes(left, |at| {
        can[at as usize] = graph.edges(at).iter().any(|edge| can[edge.to as usize] && takes(edge));
        can[at as usize]
    });
    can
}

/// Asks about each of these whether it is found, again and again until a pass finds none. Most edges lead to later
/// configurations, so where the last ones come first, the first pass finds nearly all.
pub(crate) fn by_passes<T: Copy>(mut left: Vec<T>, mut is_found: impl FnMut(T) -> bool) {
    let mut before = left.len() + 1;
    while left.len() < before {
        before = left.len();
        left.retain(|at| !is_found(*at));
    }
}

/// Of the configurations that can be reached from one, the first with the greatest score, in the order of the search.
pub(crate) fn furthest(graph: &Graph<'_, '_>, from: u32, score: impl Fn(&Locals) -> usize) -> u32 {
    let mut best = (0, from);
    for at in search::reachable([from], |at| graph.edges(*at).iter().map(|edge| edge.to)) {
        let points = score(graph.locals(at));
        if points > best.0 {
            best = (points, at);
        }
    }
    best.1
}
