//! Never is a host in the middle of an attempt while no host can take any step.

use migration_table::model::Machine;

use crate::composition::Action;
use crate::counterexample::Counterexample;
use crate::graph::{Edge, Graph};
use crate::property::{Outcome, Verdict};

pub(super) fn decide(graph: &Graph<'_, '_>) -> Verdict {
    let composition = graph.composition;
    // A host may stand still where the table says why it has no timeout.
    let of_machine = |machine: &Machine| machine.states.iter().map(|state| state.may_stay).collect();
    let silenced: Vec<Vec<bool>> = composition.automata.iter().map(|of| of_machine(of.machine)).collect();
    let stuck = (0..graph.len()).find(|at| {
        let locals = graph.locals(*at);
        let may_stay = |host: usize| {
            let state = composition.automaton(host).locals[usize::from(locals[host])].state;
            silenced[composition.hosts[host].automaton][state.index()]
        };
        let is_over = |host: usize| composition.is_idle(locals, host) || composition.is_down(locals, host);
        let is_in_progress = |host: usize| !is_over(host) && !may_stay(host);
        let moves = |edge: &Edge| edge.effect.moves() && matches!(edge.action, Action::Step { .. });
        // A user may begin more attempts than the search does.
        let can_begin = |host: usize| composition.can_begin(locals, host);
        let hosts = 0..composition.hosts.len();
        !graph.edges(*at).iter().any(moves) && hosts.clone().any(is_in_progress) && !hosts.clone().any(can_begin)
    });
    let holds = Outcome::holds_as_far_as(graph.figures().is_exhausted);
    let stuck = stuck.filter(|_| graph.figures().is_exhausted);
    let result = stuck.map_or(holds, |at| {
        let because = "nobody can take another step".to_owned();
        Outcome::Fails(Box::new(Counterexample::tell(composition, &graph.run_to(at), None, because)))
    });
    Verdict::new("no-deadlock", "while an attempt is in progress, some host can take a step", result)
}
