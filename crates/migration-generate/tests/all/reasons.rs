//! Why an attempt ended, as the generated code and the engine keep it.

use std::sync::{Arc, Mutex};

use migration_machine::{Attempt, Machine, Raised, Step};

mod link {
    #![allow(dead_code, reason = "not all of the table is used here")]

    migration_macros::state_machine!("../../migration-macros/tests/tables/reasons.yaml");
}

use link::peer::{Event, Peer, State, Trigger};
use link::{Reason, Status};

type Told = Arc<Mutex<Vec<(Status, Option<Reason>)>>>;

fn machine() -> (Machine<Peer>, Told) {
    let (machine, told) = (Machine::<Peer>::new(|guard| match guard {}), Told::default());
    let seen = Arc::clone(&told);
    machine.subscribe(move |step| {
        if let Step::Fired { publishes: Some(status), reason, .. } = step {
            seen.lock().expect("no other thread panicked").push((*status, *reason));
        }
    });
    (machine, told)
}

fn open(machine: &Machine<Peer>) -> Attempt {
    let raised = machine.raise(Trigger::Open);
    let Raised::Accepted(attempt) = raised else { panic!("{raised:?}") };
    attempt
}

fn report(machine: &Machine<Peer>, attempt: Attempt, event: Event) {
    let (_, visit) = machine.visit(attempt).expect("the attempt is under way");
    machine.report(&visit, event, None);
}

#[test]
fn the_first_reason_stays_until_the_next_attempt_begins() {
    let (machine, told) = machine();
    let attempt = open(&machine);
    assert_eq!(machine.reason(), None);
    report(&machine, attempt, Event::Refused);
    report(&machine, attempt, Event::Stuck);
    assert_eq!(machine.reason(), Some(Reason::TurnedAway), "a later reason changes nothing");
    report(&machine, attempt, Event::Released);
    assert_eq!((machine.state(), machine.reason()), (State::Closed, Some(Reason::TurnedAway)), "also after the end");
    assert_eq!(machine.snapshot().reason, Some(Reason::TurnedAway));
    open(&machine);
    assert_eq!(machine.reason(), None);
    let expected = [(Status::SynSent, None), (Status::Closed, Some(Reason::TurnedAway)), (Status::SynSent, None)];
    assert_eq!(*told.lock().unwrap(), expected);
}

#[test]
fn a_reason_that_comes_late_is_kept_if_it_is_the_first() {
    let (machine, told) = machine();
    let attempt = open(&machine);
    for event in [Event::HungUp, Event::Stuck, Event::Released] {
        report(&machine, attempt, event);
    }
    assert_eq!(told.lock().unwrap().last(), Some(&(Status::Closed, Some(Reason::Broken))));
}

#[test]
fn names_are_those_on_the_wire() {
    assert_eq!((Status::SynSent.name(), Reason::TurnedAway.name()), ("SYN-SENT", "Turned-Away"));
    assert_eq!(Status::from_name("SYN-SENT"), Some(Status::SynSent));
    assert_eq!(Reason::from_name("turned_away"), None);
}
