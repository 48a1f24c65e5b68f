//! Machines to which something happens from outside, and commands that are handled in place.

mod pods {
    #![allow(dead_code, reason = "only some of the generated code is used here")]

    migration_macros::state_machine!("../../../../crates/migration-table/tests/fixtures/machines/pod.yaml");
}

mod jobs {
    #![allow(dead_code, reason = "only some of the generated code is used here")]

    migration_macros::state_machine!("../../../../crates/migration-table/tests/fixtures/machines/job.yaml");
}

use std::time::Duration;

use jobs::job::{self, Job};
use migration_machine::{Evidence, Machine, Raised};
use pods::pod::{Event, Pod, State, Trigger};

/// A pod that has ended well.
fn ended() -> Machine<Pod> {
    let pod = Machine::<Pod>::new(|_| false);
    let Raised::Accepted(attempt) = pod.raise(Trigger::Create) else { panic!("a pod is created") };
    assert_eq!(pod.notice(Event::Scheduled, None).evidence, Evidence::Fired);
    for event in [Event::Started, Event::Ended, Event::Gone] {
        let (_, visit) = pod.visit(attempt).expect("the attempt goes on");
        assert_eq!(pod.report(&visit, event, None), Evidence::Fired);
    }
    assert_eq!(pod.state(), State::Succeeded);
    pod
}

#[test]
fn an_event_from_outside_begins_an_attempt_in_an_idle_state() {
    let pod = ended();
    let noticed = pod.notice(Event::NodeLost, None);
    assert_eq!((noticed.evidence, pod.state()), (Evidence::Fired, State::Failed));
    let attempt = noticed.began.expect("an attempt has begun");
    assert_eq!(attempt.number(), 2);
    assert!(pod.visit(attempt).is_none(), "it ended at once");
}

#[test]
fn an_event_that_an_idle_state_does_not_await_is_stale() {
    let pod = ended();
    for event in [Event::NodeBack, Event::Crashed] {
        let noticed = pod.notice(event, None);
        assert_eq!((noticed.evidence, noticed.began, pod.state()), (Evidence::Stale, None, State::Succeeded));
    }
}

/// An event of the work is of a visit; one from outside is of the present one, whichever that is.
#[test]
fn an_event_from_outside_counts_for_the_present_visit() {
    let pod = Machine::<Pod>::new(|_| false);
    let Raised::Accepted(attempt) = pod.raise(Trigger::Create) else { panic!("a pod is created") };
    let (_, old) = pod.visit(attempt).expect("the attempt goes on");
    assert_eq!(pod.notice(Event::Scheduled, None).evidence, Evidence::Fired);
    assert_eq!(pod.report(&old, Event::NodeLost, None), Evidence::Stale);
    let noticed = pod.notice(Event::NodeLost, None);
    assert_eq!((noticed.evidence, noticed.began, pod.state()), (Evidence::Fired, None, State::Lost));
}

#[test]
fn a_visit_knows_how_long_it_may_last() {
    let pod = Machine::<Pod>::new(|_| true);
    let Raised::Accepted(attempt) = pod.raise(Trigger::Create) else { panic!("a pod is created") };
    let timer = || pod.visit(attempt).and_then(|(_, visit)| visit.timer());
    pod.notice(Event::Scheduled, None);
    assert_eq!(timer(), None);
    let (_, visit) = pod.visit(attempt).expect("the attempt goes on");
    pod.report(&visit, Event::Crashed, Some("it fell over".to_owned()));
    assert_eq!((pod.state(), timer()), (State::BackingOff, Some(Duration::from_secs(10))));
}

#[test]
fn a_command_that_is_handled_changes_nothing_in_the_machine() {
    let job = Machine::<Job>::new(|_| false);
    let Raised::Accepted(attempt) = job.raise(job::Trigger::Create) else { panic!("a job is created") };
    let (_, visit) = job.visit(attempt).expect("the attempt goes on");
    for trigger in [job::Trigger::SetSpeed, job::Trigger::Pause, job::Trigger::Resume] {
        assert_eq!(job.raise(trigger), Raised::Handled);
    }
    assert!(matches!(job.raise(job::Trigger::Finalize), Raised::Refused(_)));
    assert_eq!(job.state(), job::State::Created);
    assert!(!visit.is_over(), "the visit goes on");
    assert_eq!(job.report(&visit, job::Event::Started, None), Evidence::Fired);
}
