//! Properties that one bad moment breaks: never, at most one, after and before.
//!
//! Scopes are monitors with two phases. The searches are breadth-first, so the run that is found is a shortest one.

use crate::composition::Action;
use crate::config::{Config, Locals};
use crate::counterexample::Counterexample;
use crate::formula::Formula;
use crate::graph::Graph;
use crate::happening::Happening;
use crate::names::Invalid;
use crate::property::Outcome;

use super::cases;
use super::monitor::{Monitor, Phase};
use migration_table::model::Claim;

/// What breaks a promise that one bad moment breaks; `None` for any other.
pub(super) fn monitor(graph: &Graph<'_, '_>, claim: &Claim) -> Result<Option<Monitor>, Invalid> {
    Ok(match claim {
        Claim::Never(formula) => {
            let formula = Formula::parse(formula, &graph.composition.scope())?;
            Some(Monitor::of_places(graph, |locals| formula.holds(locals)))
        }
        Claim::AtMostOne(marker) => {
            let bearers = Bearers::of(graph, marker)?;
            Some(Monitor::of_places(graph, |locals| bearers.count(locals) > 1))
        }
        Claim::After { when, never, until } => {
            Some(Scoped::parse(graph, when, never, until.as_deref())?.monitor(graph))
        }
        Claim::Before { first, then } => Some(Ordered::parse(graph, first, then)?.monitor(graph)),
        Claim::LeadsTo { .. } | Claim::Possible { .. } => None,
    })
}

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

/// The hosts that may have a marker.
struct Bearers {
    /// For each host the configurations in which it has the marker; `None` if it never does.
    hosts: Vec<Option<Vec<bool>>>,
}

impl Bearers {
    fn of(graph: &Graph<'_, '_>, marker: &str) -> Result<Bearers, Invalid> {
        let scope = graph.composition.scope();
        let hosts: Vec<Option<Vec<bool>>> =
            (0..scope.hosts.len()).map(|host| scope.locals(host, marker).ok()).collect();
        match hosts.iter().flatten().next() {
            None => Err(Invalid::Marker(marker.to_owned())),
            Some(_) => Ok(Bearers { hosts }),
        }
    }

    fn has(&self, locals: &Locals, host: usize) -> bool {
        self.hosts[host].as_ref().is_some_and(|bearing| bearing[usize::from(locals[host])])
    }

    fn count(&self, locals: &Locals) -> usize {
        (0..self.hosts.len()).filter(|host| self.has(locals, *host)).count()
    }
}

pub(super) fn at_most_one(graph: &Graph<'_, '_>, marker: &str) -> Result<Outcome, Invalid> {
    let (scope, bearers) = (graph.composition.scope(), Bearers::of(graph, marker)?);
    if scope.foreign.is_empty() && (0..graph.len()).all(|at| bearers.count(graph.locals(at)) == 0) {
        return Ok(Outcome::Vacuous { because: format!("`{marker}` is never true of a host") });
    }
    let bad = (0..graph.len()).find(|at| bearers.count(graph.locals(*at)) > 1);
    Ok(bad.map_or_else(holds, |at| {
        let having = (0..bearers.hosts.len()).filter(|host| bearers.has(graph.locals(at), *host));
        let names: Vec<&str> = having.map(|host| scope.hosts[host].name.as_str()).collect();
        fails(graph, at, format!("now `{marker}` is true of {}", names.join(" and ")))
    }))
}

/// `after`, `never` and `until`.
struct Scoped {
    begins: Happening,
    bad: Happening,
    ends: Option<Happening>,
}

impl Scoped {
    fn parse(graph: &Graph<'_, '_>, when: &str, never: &str, until: Option<&str>) -> Result<Scoped, Invalid> {
        let read = |text: &str| Happening::parse(text, &graph.composition.scope());
        Ok(Scoped { begins: read(when)?, bad: read(never)?, ends: until.map(read).transpose()? })
    }

    fn monitor(&self, graph: &Graph<'_, '_>) -> Monitor {
        let Scoped { begins, bad, ends } = self;
        Monitor::of_steps(graph.composition, |phase, locals, action| {
            let is_over = ends.as_ref().is_some_and(|ends| ends.is(locals, action));
            let is_over_before = is_over && ends.as_ref().is_some_and(|ends| ends.precedes(bad));
            let begins_now = begins.is(locals, action);
            let is_inside = phase == Phase::Inside && !is_over_before || begins_now && begins.precedes(bad);
            if is_inside && bad.is(locals, action) {
                Phase::Broken
            } else if begins_now {
                Phase::Inside
            } else if is_over {
                Phase::Outside
            } else {
                phase
            }
        })
    }
}

pub(super) fn after(graph: &Graph<'_, '_>, when: &str, never: &str, until: Option<&str>) -> Result<Outcome, Invalid> {
    let scoped = Scoped::parse(graph, when, never, until)?;
    Ok(match scoped.monitor(graph).run(graph, None) {
        Some(run) => broken(graph, &run, format!("`{never}` comes after `{when}`")),
        None if !happens(graph, &scoped.begins) => Outcome::Vacuous { because: format!("`{when}` never happens") },
        None => holds(),
    })
}

/// `first` and `then`.
struct Ordered {
    comes: Happening,
    late: Happening,
}

impl Ordered {
    fn parse(graph: &Graph<'_, '_>, first: &str, then: &str) -> Result<Ordered, Invalid> {
        let read = |text: &str| Happening::parse(text, &graph.composition.scope());
        Ok(Ordered { comes: read(first)?, late: read(then)? })
    }

    fn monitor(&self, graph: &Graph<'_, '_>) -> Monitor {
        let Ordered { comes, late } = self;
        Monitor::of_steps(graph.composition, |phase, locals, action| {
            let is_late = phase == Phase::Outside && late.is(locals, action);
            let (comes_now, comes_first) = (comes.is(locals, action), !late.precedes(comes));
            if is_late && !(comes_now && comes_first) {
                Phase::Broken
            } else if comes_now {
                Phase::Inside
            } else {
                phase
            }
        })
    }
}

pub(super) fn before(graph: &Graph<'_, '_>, first: &str, then: &str) -> Result<Outcome, Invalid> {
    let ordered = Ordered::parse(graph, first, then)?;
    Ok(match ordered.monitor(graph).run(graph, None) {
        Some(run) => broken(graph, &run, format!("`{then}` comes without `{first}` before it")),
        None if !happens(graph, &ordered.late) => Outcome::Vacuous { because: format!("`{then}` never happens") },
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
