//! Runs that can go on for ever, or stand still, although every host does what it has to do.
//!
//! A run is unfair to a step that stays possible for ever and is never taken, where the step is work that finishes, a
//! timeout that runs out, a message that arrives, or a connection whose end the peer says. Users, operators, deaths and
//! breaks need not come, and of a death or a break nobody need ever hear. A property fails on a strongly connected
//! component in which some run is fair (weak fairness: Lichtenstein and Pnueli 1985), or on a configuration in which
//! nothing has to happen any more.

use std::collections::BTreeMap;

use migration_table::model::{FactId, FactSet};
use migration_table::search::BreadthFirst;

use super::components::Components;
use crate::automaton::{Input, Step};
use crate::composition::{Action, Composition};
use crate::config::HOSTS_MAX;
use crate::graph::{Edge, Graph};
use crate::per_step::PerStep;

/// A run that can go on for ever within a region.
#[derive(Clone, Debug)]
pub(crate) struct Fairness {
    /// The configuration in which it begins.
    pub(crate) entry: u32,
    /// The edges of the cycle; none where everything stands still.
    pub(crate) cycle: Vec<Edge>,
}

/// Looks for fair runs that stay within a region and take only some of its edges: the first of each group. No such edge
/// leads from one group to another.
pub(crate) fn fair_loops(
    graph: &Graph<'_, '_>,
    region: &[u32],
    within: impl Fn(&Edge) -> bool,
    group: impl Fn(u32) -> usize,
) -> BTreeMap<usize, Fairness> {
    let mut best: BTreeMap<usize, Fairness> = BTreeMap::new();
    let (components, duties) = (Components::of(graph, region, &within), Duties::of(graph));
    for members in components.each() {
        let (entry, group) = (members[0], group(members[0]));
        let is_first = best.get(&group).is_none_or(|best| entry < best.entry);
        if is_first && duties.leave_a_run(members, &components, &within) {
            let cycle = cycle_through(graph, entry, &components, &within);
            best.insert(group, Fairness { entry, cycle });
        }
    }
    best
}

/// What hosts have to do in the end wherever that stays possible.
struct Duties<'g, 'c, 't> {
    graph: &'g Graph<'c, 't>,
    of: PerStep<Duty>,
}

/// Whether a host has to take a step in the end.
#[derive(Clone, Copy, Debug)]
enum Duty {
    Never,
    Always(Task),
    /// Where its peer has closed their connection, and it hears that.
    ToldOfTheEnd(Task),
}

/// What a host reports or reads. A timeout is a task of its own beside other work that reports the same.
#[derive(Clone, Copy, Debug)]
struct Task {
    host: u8,
    fact: FactId,
    is_timeout: bool,
}

/// A set of tasks: for each host the facts that are no timeouts, and those that are.
#[derive(Clone, Copy, Default)]
struct Tasks([[FactSet; 2]; HOSTS_MAX]);

impl<'g, 'c, 't> Duties<'g, 'c, 't> {
    fn of(graph: &'g Graph<'c, 't>) -> Duties<'g, 'c, 't> {
        let of_step = |action, step: &Step| Duty::of(graph.composition, action, step);
        Duties { graph, of: PerStep::new(graph.composition, |_, action, step| of_step(action, step)) }
    }

    /// Whether a task that can be done in a configuration is such.
    fn any(&self, at: u32, mut is_such: impl FnMut(Task) -> bool) -> bool {
        let (composition, locals, mut config) = (self.graph.composition, self.graph.locals(at), None);
        self.graph.edges(at).iter().any(|edge| match self.of.get(locals, edge.action) {
            None | Some(Duty::Never) => false,
            Some(Duty::Always(task)) => is_such(task),
            Some(Duty::ToldOfTheEnd(task)) => {
                let config = config.get_or_insert_with(|| self.graph.config(at));
                composition.is_told_of_the_end(config, usize::from(task.host)) && is_such(task)
            }
        })
    }

    /// The tasks that can be done in a configuration.
    fn tasks(&self, at: u32) -> Tasks {
        let mut found = Tasks::default();
        self.any(at, |task| {
            found.add(task);
            false
        });
        found
    }

    /// Whether a run can stay in a component and be fair: every step that it must take in the end is taken inside, or is
    /// not possible somewhere inside. A timeout need not run out where its host enters states again and again: it begins
    /// anew with each visit, also where a row leads back to its own state.
    fn leave_a_run(&self, members: &[u32], components: &Components, within: &impl Fn(&Edge) -> bool) -> bool {
        let inside = |at: u32| {
            let stays = move |edge: &&Edge| goes_on(at, edge) && components.is_one(at, edge.to) && within(edge);
            self.graph.edges(at).iter().filter(stays)
        };
        let [first, others @ ..] = members else { return false };
        if others.is_empty() && inside(*first).next().is_none() {
            return !self.any(*first, |_| true);
        }
        let mut always = self.tasks(*first);
        for at in others {
            if always.is_empty() {
                break;
            }
            always.retain(&self.tasks(*at));
        }
        if always.is_empty() {
            return true;
        }
        let mut taken = Tasks::default();
        for at in members {
            for edge in inside(*at) {
                if let Some(Duty::Always(task) | Duty::ToldOfTheEnd(task)) =
                    self.of.get(self.graph.locals(*at), edge.action)
                {
                    taken.add(task);
                }
                always.forget_timeouts_of(edge.effect.moved);
            }
        }
        taken.include(&always)
    }
}

impl Duty {
    fn of(composition: &Composition<'_>, action: Action, step: &Step) -> Duty {
        let Action::Step { host, .. } = action else { return Duty::Never };
        let (Input::Report { event: fact, .. } | Input::Receive { fact, .. }) = step.input else { return Duty::Never };
        let task = Task { host, fact, is_timeout: step.is_timeout };
        match composition.automaton(usize::from(host)).machine.fact(fact).carries_cause {
            _ if step.is_fair => Duty::Always(task),
            true => Duty::ToldOfTheEnd(task),
            false => Duty::Never,
        }
    }
}

impl Tasks {
    fn add(&mut self, task: Task) {
        self.0[usize::from(task.host)][usize::from(task.is_timeout)] |= task.fact;
    }

    fn is_empty(&self) -> bool {
        self.0.as_flattened().iter().all(|facts| facts.is_empty())
    }

    /// Keeps only those that are in the other set too.
    fn retain(&mut self, other: &Tasks) {
        let own = self.0.as_flattened_mut().iter_mut();
        own.zip(other.0.as_flattened()).for_each(|(own, other)| *own &= *other);
    }

    fn include(&self, other: &Tasks) -> bool {
        self.0.as_flattened().iter().zip(other.0.as_flattened()).all(|(own, other)| own.includes(*other))
    }

    fn forget_timeouts_of(&mut self, host: u8) {
        if let Some([_, timeouts]) = self.0.get_mut(usize::from(host)) {
            *timeouts = FactSet::EMPTY;
        }
    }
}

/// Whether an edge is a step of a run, and not a fact that changes nothing. A row that leads back to its own state is one.
fn goes_on(at: u32, edge: &Edge) -> bool {
    edge.to != at || edge.effect.moves()
}

/// A shortest cycle through a configuration within its component; empty where there is none.
fn cycle_through(
    graph: &Graph<'_, '_>,
    start: u32,
    components: &Components,
    within: &impl Fn(&Edge) -> bool,
) -> Vec<Edge> {
    let mut search = BreadthFirst::new([start]);
    while let Some((number, at)) = search.next_node() {
        for edge in graph.edges(at).iter().filter(|edge| edge.to != at && within(edge)) {
            if edge.to == start {
                return search.path_to(number).into_iter().chain([edge]).copied().collect();
            }
            if components.is_one(start, edge.to) {
                search.reach(number, *edge, edge.to);
            }
        }
    }
    // It stands alone: a row that leads back to its own state, if there is one.
    let own = graph.edges(start).iter().find(|edge| edge.to == start && goes_on(start, edge) && within(edge));
    own.copied().into_iter().collect()
}
