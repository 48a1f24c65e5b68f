//! T0422 `race`: two transitions of which only precedence says which fires. A note, on request.

use std::collections::BTreeMap;

use super::collisions::matters;
use crate::bdd::{Bdd, TooLarge};
use crate::check::definition::{Check, Run};
use crate::check::subject::Subject;
use crate::check::wording;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::StateId;

pub(super) const CHECK: Check = Check {
    code: Code("T0422"),
    name: "race",
    severity: Severity::Note,
    explain: "Both transitions are enabled by the same facts, they differ in their effect, and the only reason why \
              one of them fires is that `precedence:` ranks it before the other. Nothing is wrong: this is what \
              precedence is for. The list is for a review of who wins, asked for by `migration-table check --notes`. \
              Asked about facts that can be present together; the note says whether our own machine comes to the \
              point where both are pending, or only a caller that sets several flags before it looks. Notes need not \
              be silenced.",
    run: Run::Explored(run),
};

/// For a pair of rows the states in which one beats the other, the facts that show it in the first of them, and
/// whether some run gets there.
type Pairs = BTreeMap<(usize, usize), (Bdd, Vec<StateId>, bool)>;

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    let mut pairs = Pairs::new();
    for state in subject.machine.state_ids() {
        let moves = subject.moves(state);
        for (index, winner) in moves.iter().enumerate() {
            let rank = subject.space.row(winner).rank;
            for loser in moves[index + 1..].iter().filter(|other| subject.machine.rows[other.row].rank > rank) {
                let both = subject.space.diagrams.and(winner.wins, loser.enabled)?;
                let both = subject.space.diagrams.and(both, subject.reached.present(state))?;
                let race = matters(subject, winner.row, loser.row, both)?;
                if race.is_never() {
                    continue;
                }
                let comes_up = subject.space.diagrams.and(race, subject.reached.arrived(state))?;
                let pair = pairs.entry((winner.row, loser.row)).or_insert((race, Vec::new(), false));
                pair.1.push(state);
                pair.2 |= !comes_up.is_never();
            }
        }
    }
    let mut found = Vec::new();
    for ((winner, loser), (race, states, comes_up)) in pairs {
        let facts = subject.smallest(race)?;
        let machine = subject.machine;
        let (winner, loser) = (&machine.rows[winner], &machine.rows[loser]);
        let names = wording::states(machine, &states);
        let message = format!("transition `{}` beats `{}` in {names} when there are {facts}", winner.case, loser.case);
        let label = format!("goes to `{}`, and does not fire then", machine.state(loser.to).name);
        let mut finding = Finding::note(CHECK.code, loser.when_span, message, label);
        finding = finding.with_place(winner.when_span, format!("goes to `{}`", machine.state(winner.to).name));
        found.push(finding.with_note(if comes_up {
            "our own machine comes to a point where both are enabled"
        } else {
            "only where a caller sets both before it looks: else whichever is reported first fires alone"
        }));
    }
    // Of findings that say the same of one place the first is kept, which is not to depend on the order of rows.
    let notes = |finding: &Finding| finding.notes.iter().map(|(_, text)| text.clone()).collect::<Vec<_>>();
    found.sort_by_key(notes);
    found.into_iter().for_each(|finding| out.push(finding));
    Ok(())
}
