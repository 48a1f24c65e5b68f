//! Every ending of an attempt is a value, and a time that is over says what was awaited, how long, and whose bound it was.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use migration_runtime::destination::Arrived;
use migration_runtime::guest::GuestError;
use migration_runtime::source::{Departure, Here};
use migration_runtime::states::{destination, source};

use super::gate::Gate;
use super::rig::{Moving, Settings, TestGuest};

/// What an ending comes to on both sides.
fn ended(here: &Arc<TestGuest>, there: &Arc<TestGuest>) -> (Departure, Arrived) {
    let (_, received, departure) = Moving::start(here, there, &Settings::default()).finish_all();
    (departure, Arrived::of(&received))
}

fn fails(_: &TestGuest) -> Result<(), GuestError> {
    Err(GuestError::new("the device state is lost"))
}

#[test]
fn a_guest_that_has_moved_is_on_the_destination() {
    assert_eq!(ended(&TestGuest::running(), &TestGuest::new()), (Departure::Completed, Arrived::Completed));
}

#[test]
fn a_failure_leaves_the_guest_as_it_was_or_says_why_it_cannot_go_on() {
    let here = TestGuest::running().on("save", fails);
    let (departure, arrived) = ended(&here, &TestGuest::new());
    let Departure::Failed(Here::AsBefore, cause) = departure else { panic!("{departure:?}") };
    assert_eq!(cause.text(), "the device state is lost");
    let Arrived::Nothing(cause) = arrived else { panic!("{arrived:?}") };
    assert_eq!(cause.text(), "the peer ended the migration: the device state is lost");
    for (here, why) in [
        (TestGuest::running().on("run", |_| Err(GuestError::new("no vCPU"))), "no vCPU"),
        (TestGuest::running().on("run", |_| panic!("ouch")), "the guest panicked in `run`: ouch"),
    ] {
        let here = here.on("save", fails);
        let moving = Moving::start(&here, &TestGuest::new(), &Settings::default());
        let progress = Arc::clone(&moving.sent);
        let (_, _, departure) = moving.finish_all();
        let Departure::Failed(Here::Stuck(stuck), cause) = departure else { panic!("{departure:?}") };
        assert_eq!((stuck.text(), cause.text()), (why, "the device state is lost"));
        assert_eq!(progress.stranded(), Some(stuck));
        assert!(!here.is_up());
    }
}

#[test]
fn a_refusal_after_the_hand_over_leaves_the_guest_here() {
    let there = TestGuest::new().on("run", |_| Err(GuestError::new("no vCPU")));
    let here = TestGuest::running();
    let (departure, arrived) = ended(&here, &there);
    let Departure::Failed(Here::AsBefore, cause) = departure else { panic!("{departure:?}") };
    assert_eq!(cause.text(), "the peer refused: no vCPU");
    let Arrived::Nothing(cause) = arrived else { panic!("{arrived:?}") };
    assert_eq!(cause.text(), "no vCPU");
    assert!(here.is_up());
}

#[test]
fn a_cancel_leaves_the_guest_as_it_was() {
    let (saves, go_on) = (Gate::shut(), Gate::shut());
    let here = TestGuest::running().on("save", {
        let (saves, go_on) = (Arc::clone(&saves), Arc::clone(&go_on));
        move |_| {
            saves.open();
            assert!(go_on.is_open_within(Duration::from_secs(20)));
            Ok(())
        }
    });
    let moving = Moving::start(&here, &TestGuest::new(), &Settings::default());
    assert!(saves.is_open_within(Duration::from_secs(20)));
    moving.outgoing.raise(source::Trigger::Cancel);
    go_on.open();
    let (_, _, departure) = moving.finish_all();
    assert_eq!(departure, Departure::Cancelled(Here::AsBefore));
    assert!(here.is_up());
}

#[test]
fn a_guest_that_nobody_vouches_for_is_in_doubt() {
    let go_on = Gate::shut();
    let there = TestGuest::new().on("run", {
        let go_on = Arc::clone(&go_on);
        move |_| {
            assert!(go_on.is_open_within(Duration::from_secs(20)));
            Ok(())
        }
    });
    let here = TestGuest::running();
    let moving = Moving::start(&here, &there, &Settings::default());
    // The source waits half as long again, although its own table says less.
    moving.incoming.set_timeout(destination::State::StandingBy, Duration::from_millis(400));
    moving.outgoing.set_timeout(source::State::HandingOver, Duration::from_millis(100));
    thread::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(moving.outgoing.wait(Duration::from_secs(20), source::State::is_idle), source::State::Unknown);
            go_on.open();
        });
    });
    let (_, received, departure) = moving.finish_all();
    let Departure::InDoubt(cause) = departure else { panic!("{departure:?}") };
    let text = "`running` did not come: the peer did not do its part within 0.6 s (half as long again as the destination \
                stands by: its timeout of `standing_by`, or of `postcopy_standing_by`): the guest was handed over";
    assert!(cause.text().starts_with(text), "{cause}");
    assert_eq!(cause.timeout_of(), None, "no longer timeout of this side waits longer");
    assert_eq!(Arrived::of(&received), Arrived::Completed);
    assert!(!here.is_up());
}
