//! The machine over two attempts: nothing that the first one's work reports acts on the second, in any state.

use std::sync::{Arc, Mutex};

use migration_runtime::machine::{Attempt, Evidence, Machine, Raised, Step, Visit};
use migration_runtime::states::source::{Event, Source, State, Trigger};

use super::peers::accepted;

/// What brings a source from each state to the next, up to the end.
const WAY: [(State, Event); 7] = [
    (State::Connecting, Event::Connected),
    (State::Negotiating, Event::Welcome),
    (State::Active, Event::Converged),
    (State::Stopping, Event::Stopped),
    (State::Device, Event::Ready),
    (State::HandingOver, Event::Running),
    (State::Completing, Event::CleanedUp),
];

fn visit(machine: &Machine<Source>, attempt: Attempt, expected: State) -> Visit {
    let (state, visit) = machine.visit(attempt).expect("the attempt runs");
    assert_eq!(state, expected);
    visit
}

/// Takes a first attempt through every state up to `last`, cancels it, and returns all of its visits.
fn cancelled(machine: &Machine<Source>, last: State) -> Vec<Visit> {
    let attempt = accepted(machine.raise(Trigger::Migrate));
    let mut visits = Vec::new();
    for (state, event) in WAY {
        visits.push(visit(machine, attempt, state));
        if state == last {
            break;
        }
        assert_eq!(machine.report(&visits[visits.len() - 1], event, None), Evidence::Fired);
    }
    assert!(matches!(machine.raise(Trigger::Cancel), Raised::Accepted(_)));
    visits.push(visit(machine, attempt, State::Cancelling));
    assert_eq!(machine.report(&visits[visits.len() - 1], Event::CleanedUp, None), Evidence::Fired);
    assert!(visits.iter().all(|visit| visit.over().is_some()), "everything that the attempt waits for is woken");
    visits
}

#[test]
fn evidence_of_an_old_attempt_is_stale_in_every_state() {
    for last in [State::Connecting, State::Negotiating, State::Active, State::Stopping, State::Device] {
        let machine = Machine::<Source>::new(|_| false);
        let old = cancelled(&machine, last);
        let fired = Arc::<Mutex<Vec<State>>>::default();
        let list = Arc::clone(&fired);
        machine.subscribe(move |step| {
            if let Step::Fired { transition, .. } = step {
                list.lock().unwrap().push(transition.to);
            }
        });
        let attempt = accepted(machine.raise(Trigger::Migrate));
        for (state, next) in WAY {
            for late in &old {
                for event in Event::ALL.iter().copied() {
                    assert_eq!(machine.report(late, event, None), Evidence::Stale, "{event} in {state}");
                }
            }
            let present = visit(&machine, attempt, state);
            assert!(present.over().is_none(), "{state}");
            assert_eq!(machine.report(&present, next, None), Evidence::Fired);
        }
        assert_eq!(machine.state(), State::Completed);
        let way = WAY.iter().map(|(state, _)| *state).chain([State::Completed]);
        assert!(fired.lock().unwrap().iter().copied().eq(way), "cancelled in {last}");
    }
}
