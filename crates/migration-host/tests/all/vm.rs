//! Guest and runstate together: the user's commands and a migration's may come in any order, and never contradict.

use std::sync::atomic::Ordering;

use migration_host::announce::Stage;
use migration_host::runstate::Resting::{self, Paused, Prelaunch, Running};
use migration_host::runstate::Runstate::{self, FinishMigrate, InMigrate, Own, PostMigrate};
use migration_runtime::guest::Guest;
use migration_runtime::states::Status;
use proptest::prelude::*;

use super::fake::Fakes;

const AWAITED: Runstate = InMigrate { autostart: true, was: None };

#[test]
fn a_guest_that_a_migration_stopped_goes_on_as_it_was() {
    for was in [Running, Paused, Prelaunch] {
        let fakes = Fakes::new(Own(was));
        fakes.host.vm.stop().unwrap();
        assert_eq!(fakes.host.vm.runstate(), FinishMigrate { was, saved: false });
        assert!(!fakes.guest.is_running());
        fakes.host.vm.run().unwrap();
        assert_eq!(fakes.host.vm.runstate(), Own(was));
        assert_eq!(fakes.guest.is_running(), was == Running);
    }
}

#[test]
fn a_guest_arrives_as_it_was_unless_its_user_said_otherwise() {
    let arrive = |was: Resting, command: fn(&Fakes)| {
        let (from, to) = (Fakes::new(Own(was)), Fakes::new(AWAITED));
        command(&to);
        from.host.vm.stop().unwrap();
        to.host.vm.load(&mut &saved(&from)[..]).unwrap();
        to.host.vm.run().unwrap();
        assert_eq!(to.guest.is_running(), to.host.vm.runstate().is_running());
        to.host.vm.runstate()
    };
    assert_eq!(arrive(Running, |_| ()), Own(Running));
    assert_eq!(arrive(Paused, |_| ()), Own(Paused));
    assert_eq!(arrive(Prelaunch, |_| ()), Own(Prelaunch));
    assert_eq!(arrive(Running, |to| to.host.vm.pause().unwrap()), Own(Paused));
    assert_eq!(arrive(Running, |to| to.host.vm.resume().unwrap()), Own(Running));
}

#[test]
fn the_user_cannot_start_a_guest_that_is_being_moved_but_can_keep_it_stopped() {
    let fakes = Fakes::new(Own(Running));
    fakes.host.vm.stop().unwrap();
    assert!(fakes.host.vm.resume().is_err());
    fakes.host.vm.pause().unwrap();
    fakes.host.vm.run().unwrap();
    assert_eq!(fakes.host.vm.runstate(), Own(Paused));
}

#[test]
fn a_guest_whose_state_says_that_it_runs_cannot_be_paused_behind_its_back() {
    let fakes = Fakes::new(Own(Running));
    fakes.host.vm.stop().unwrap();
    saved(&fakes);
    assert!(fakes.host.vm.pause().is_err());
    fakes.host.vm.run().unwrap();
    assert_eq!(fakes.host.vm.runstate(), Own(Running));
}

#[test]
fn a_guest_that_left_runs_here_only_when_its_user_says_so() {
    let fakes = Fakes::new(Own(Running));
    fakes.host.vm.stop().unwrap();
    fakes.host.vm.leave();
    assert_eq!(fakes.host.vm.runstate(), PostMigrate);
    fakes.host.vm.run().unwrap();
    fakes.host.vm.pause().unwrap();
    assert_eq!(fakes.host.vm.runstate(), PostMigrate);
    fakes.host.vm.resume().unwrap();
    assert_eq!(fakes.host.vm.runstate(), Own(Running));
}

#[test]
fn a_guest_that_cannot_be_started_is_left_paused() {
    let fakes = Fakes::new(Own(Running));
    fakes.host.vm.stop().unwrap();
    fakes.guest.broken.store(true, Ordering::SeqCst);
    fakes.host.vm.run().unwrap_err();
    assert_eq!(fakes.host.vm.runstate(), Own(Paused));
    fakes.host.vm.resume().unwrap_err();
    assert_eq!(fakes.host.vm.runstate(), Own(Paused));
}

#[test]
fn a_guest_whose_start_fails_here_has_not_arrived() {
    for broken in [true, false] {
        let (from, to) = (Fakes::new(Own(Running)), Fakes::new(AWAITED));
        from.host.vm.stop().unwrap();
        to.host.vm.load(&mut &saved(&from)[..]).unwrap();
        to.guest.broken.store(broken, Ordering::SeqCst);
        assert_eq!(to.host.vm.run().is_err(), broken);
        // Where it was started, the migration stops it again because its pages do not come.
        to.host.vm.stop().unwrap();
        to.migrations.destination(Status::Failed, Stage::Ended);
        assert_eq!(to.host.vm.runstate(), AWAITED);
        assert!(!to.guest.is_running());
    }
}

#[test]
fn a_state_that_is_none_is_an_error() {
    let to = Fakes::new(AWAITED);
    for mut bad in [&b""[..], b"\x01", b"\x02\x01state", b"\x01\x07state", b"\x01\x01nonsense"] {
        to.host.vm.load(&mut bad).unwrap_err();
    }
    assert_eq!(to.host.vm.runstate(), AWAITED);
    assert!(Fakes::new(Own(Running)).host.vm.load(&mut &b"\x01\x01state"[..]).is_err());
    assert!(Fakes::new(Own(Running)).host.vm.save(&mut Vec::new()).is_err());
}

/// Moves between runstates that QEMU's table has, of those that we use.
const QEMU_MOVES: &[(&str, &str)] = &[
    ("inmigrate", "paused"),
    ("inmigrate", "running"),
    ("inmigrate", "prelaunch"),
    ("paused", "running"),
    ("paused", "finish-migrate"),
    ("postmigrate", "running"),
    ("prelaunch", "running"),
    ("prelaunch", "finish-migrate"),
    ("finish-migrate", "running"),
    ("finish-migrate", "paused"),
    ("finish-migrate", "postmigrate"),
    ("finish-migrate", "prelaunch"),
    ("running", "paused"),
    ("running", "finish-migrate"),
];

proptest! {
    #[test]
    fn any_course_of_commands_moves_as_qemu_does(
        start in prop_oneof![Just(Own(Running)), Just(Own(Paused)), Just(Own(Prelaunch)), Just(AWAITED)],
        course in prop::collection::vec(0..7_u8, 0..40),
    ) {
        let fakes = Fakes::new(start);
        let vm = &fakes.host.vm;
        for step in course {
            let before = vm.runstate().name();
            // What is refused leaves things as they are, which is checked below like everything else.
            let refused = match step {
                0 => vm.pause().is_err(),
                1 => vm.resume().is_err(),
                2 => vm.stop().is_err(),
                3 => vm.run().is_err(),
                4 => vm.save(&mut Vec::new()).is_err(),
                5 => vm.load(&mut &b"\x01\x02state"[..]).is_err(),
                _ => { vm.leave(); false }
            };
            let after = vm.runstate().name();
            prop_assert!(before == after || QEMU_MOVES.contains(&(before, after)), "{before} -> {after}");
            prop_assert!(!refused || before == after);
            prop_assert_eq!(fakes.guest.is_running(), vm.runstate().is_running());
        }
    }
}

fn saved(from: &Fakes) -> Vec<u8> {
    let mut state = Vec::new();
    from.host.vm.save(&mut state).unwrap();
    state
}
