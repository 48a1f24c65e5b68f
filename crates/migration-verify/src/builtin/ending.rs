//! Who goes on can still end: no host comes to where everybody goes on for ever and it never rests again.

use crate::composition::Action;
use crate::config::Locals;
use crate::counterexample::Counterexample;
use crate::decide::can_reach_by;
use crate::graph::Graph;
use crate::property::{Outcome, Verdict};

/// Decides it. Nobody has to die for it, and what a user may still begin counts as a way on. Where nobody can take a
/// step at all, there is a deadlock, which is reported as one.
pub(super) fn decide(graph: &Graph<'_, '_>) -> Verdict {
    let composition = graph.composition;
    let verdict = |result| {
        let doc = "where the machines go on and no user can begin anything, an attempt can still come to its end";
        Verdict::new("attempts-can-end", doc, result)
    };
    if !graph.figures().is_exhausted {
        return verdict(Outcome::NotExhausted);
    }
    let is_open = |locals: &Locals| (0..composition.hosts.len()).any(|host| composition.can_begin(locals, host));
    let moves =
        |at: u32| graph.edges(at).iter().any(|edge| edge.effect.moves() && matches!(edge.action, Action::Step { .. }));
    for host in 0..composition.hosts.len() {
        let is_over = |locals: &Locals| composition.is_idle(locals, host) || composition.is_down(locals, host);
        let goal = |at: u32| is_over(graph.locals(at)) || is_open(graph.locals(at)) || !moves(at);
        let can = can_reach_by(graph, goal, |edge| !matches!(edge.action, Action::Kill { .. }));
        if let Some(at) = (0..graph.len()).find(|at| !can[*at as usize]) {
            let name = &composition.hosts[host].name;
            let because = format!("from here the attempt of {name} never ends, whatever is done");
            let counterexample = Counterexample::tell(composition, &graph.run_to(at), None, because);
            return verdict(Outcome::Fails(Box::new(counterexample)));
        }
    }
    verdict(Outcome::Holds { needs: Vec::new() })
}
