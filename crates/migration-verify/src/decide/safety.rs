//! Properties that one bad moment breaks: never, at most one, after and before.
//!
//! Scopes are monitors with two phases. The searches are breadth-first, so the run that is found is a shortest one.

use crate::composition::Action;
use crate::config::Config;
use crate::counterexample::Counterexample;
use crate::formula::Formula;
use crate::graph::Graph;
use crate::happening::Happening;
use crate::names::Invalid;
use crate::property::Outcome;

use super::cases;
use super::monitor::{Monitor, Phase};

pub(super) fn never(graph: &Graph<'_, '_>, formula: &str) -> Result<Outcome, Invalid> {
    let parsed = Formula::parse(formula, &graph.composition.scope())?;
    let bad = (0..graph.len()).find(|at| parsed.holds(graph.locals(*at)));
    // A machine of another release need not have what the property names.
    let is_alone = graph.composition.scope().foreign.is_empty();
    if let Some(because) = cases::says_nothing(graph, &parsed).filter(|_| bad.is_none() && is_alone) {
        return Ok(Outcome::Vacuous { because });
    }
    Ok(bad.map_or_else(holds, |at| fails(graph, at, format!("now `{formula}` holds"))))
}

pub(super) fn at_most_one(graph: &Graph<'_, '_>, marker: &str) -> Result<Outcome, Invalid> {
    let scope = graph.composition.scope();
    let of_host = |host: usize| scope.locals(host, marker).ok();
    let hosts: Vec<Option<Vec<bool>>> = (0..scope.hosts.len()).map(of_host).collect();
    if hosts.iter().flatten().next().is_none() {
        return Err(Invalid::Marker(marker.to_owned()));
    }
    let has =
        |at: u32, host: usize| hosts[host].as_ref().is_some_and(|locals| locals[usize::from(graph.locals(at)[host])]);
    let count = |at: u32| (0..hosts.len()).filter(|host| has(at, *host)).count();
    if scope.foreign.is_empty() && (0..graph.len()).all(|at| count(at) == 0) {
        return Ok(Outcome::Vacuous { because: format!("`{marker}` is never true of a host") });
    }
    let bad = (0..graph.len()).find(|at| count(*at) > 1);
    Ok(bad.map_or_else(holds, |at| {
        let names = (0..hosts.len()).filter(|host| has(at, *host)).map(|host| scope.hosts[host].name.as_str());
        fails(graph, at, format!("now `{marker}` is true of {}", names.collect::<Vec<_>>().join(" and ")))
    }))
}

pub(super) fn after(graph: &Graph<'_, '_>, when: &str, never: &str, until: Option<&str>) -> Result<Outcome, Invalid> {
    let begins = Happening::parse(when, &graph.composition.scope())?;
    let bad = Happening::parse(never, &graph.composition.scope())?;
    let ends = until.map(|until| Happening::parse(until, &graph.composition.scope())).transpose()?;
    let monitor = Monitor::new(graph.composition, |phase, locals, action| {
        let is_over = ends.as_ref().is_some_and(|ends| ends.is(locals, action));
        let is_over_before = is_over && ends.as_ref().is_some_and(|ends| ends.precedes(&bad));
        let begins_now = begins.is(locals, action);
        let is_inside = phase == Phase::Inside && !is_over_before || begins_now && begins.precedes(&bad);
        if is_inside && bad.is(locals, action) {
            Phase::Broken
        } else if begins_now {
            Phase::Inside
        } else if is_over {
            Phase::Outside
        } else {
            phase
        }
    });
    Ok(match monitor.run(graph) {
        Some(run) => broken(graph, &run, format!("`{never}` comes after `{when}`")),
        None if !happens(graph, &begins) => Outcome::Vacuous { because: format!("`{when}` never happens") },
        None => holds(),
    })
}

pub(super) fn before(graph: &Graph<'_, '_>, first: &str, then: &str) -> Result<Outcome, Invalid> {
    let (comes, late) =
        (Happening::parse(first, &graph.composition.scope())?, Happening::parse(then, &graph.composition.scope())?);
    let monitor = Monitor::new(graph.composition, |phase, locals, action| {
        let is_late = phase == Phase::Outside && late.is(locals, action);
        let (comes_now, comes_first) = (comes.is(locals, action), !late.precedes(&comes));
        if is_late && !(comes_now && comes_first) {
            Phase::Broken
        } else if comes_now {
            Phase::Inside
        } else {
            phase
        }
    });
    Ok(match monitor.run(graph) {
        Some(run) => broken(graph, &run, format!("`{then}` comes without `{first}` before it")),
        None if !happens(graph, &late) => Outcome::Vacuous { because: format!("`{then}` never happens") },
        None => holds(),
    })
}

fn happens(graph: &Graph<'_, '_>, happening: &Happening) -> bool {
    let mut near = (0..graph.len()).filter(|at| happening.is_near(graph.locals(*at)));
    near.any(|at| graph.edges(at).iter().any(|edge| happening.is(graph.locals(at), edge.action)))
}

pub(super) fn holds() -> Outcome {
    Outcome::Holds { needs: Vec::new() }
}

pub(super) fn fails(graph: &Graph<'_, '_>, at: u32, because: String) -> Outcome {
    broken(graph, &graph.run_to(at), because)
}

pub(super) fn broken(graph: &Graph<'_, '_>, run: &[(Action, Config)], because: String) -> Outcome {
    Outcome::Fails(Box::new(Counterexample::tell(graph.composition, run, None, because)))
}
