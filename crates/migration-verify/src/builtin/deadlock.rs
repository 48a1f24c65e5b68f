//! Never is a host in the middle of an attempt while no host can take any step.

use crate::composition::Action;
use crate::counterexample::Counterexample;
use crate::graph::{Edge, Graph};
use crate::property::{Outcome, Verdict};

pub(super) fn decide(graph: &Graph<'_, '_>) -> Verdict {
    let composition = graph.composition;
    let stuck = (0..graph.len()).find(|at| {
        let locals = graph.locals(*at);
        let is_in_progress = |host: usize| !composition.is_idle(locals, host) && !composition.is_down(locals, host);
        let moves = |edge: &Edge| edge.effect.moves() && matches!(edge.action, Action::Step { .. });
        // A user may begin more attempts than the search does.
        let can_begin = |host: usize| {
            let automaton = composition.automaton(host);
            automaton.steps[usize::from(locals[host])].iter().any(|step| step.begins)
        };
        let hosts = 0..composition.hosts.len();
        hosts.clone().any(is_in_progress) && !hosts.clone().any(can_begin) && !graph.edges(*at).iter().any(moves)
    });
    let holds = Outcome::holds_as_far_as(graph.figures().is_exhausted);
    let stuck = stuck.filter(|_| graph.figures().is_exhausted);
    let result = stuck.map_or(holds, |at| {
        let because = "nobody can take another step".to_owned();
        Outcome::Fails(Box::new(Counterexample::tell(composition, &graph.run_to(at), None, because)))
    });
    Verdict::new("no-deadlock", "while an attempt is in progress, some host can take a step", result)
}
