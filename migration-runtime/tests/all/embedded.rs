//! What a VMM may rely on: nothing is lost, a paused guest stays paused, and whatever a guest does ends the attempt.

use std::sync::atomic::Ordering;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use migration_runtime::guest::GuestError;
use migration_runtime::states::{Status, destination, source};

use super::gate::Gate;
use super::peers::PATIENCE;
use super::rig::{Connects, Moving, PAGES, Settings, TestGuest, migrate};

#[test]
fn memory_is_complete_after_the_last_thing_that_may_write_it() {
    let (here, there) = (TestGuest::running(), TestGuest::new());
    let (quiet, (wrote, writes)) = (Gate::shut(), channel());
    let writer = {
        let (guest, quiet) = (Arc::clone(&here), Arc::clone(&quiet));
        thread::spawn(move || {
            // A device that nobody told to be quiet: it writes on until the guest is saved.
            let mut value = 0;
            while !quiet.is_open_within(Duration::from_micros(300)) {
                value += 1;
                guest.write(PAGES - 1 - value % 5, value);
                // The test may be over.
                let _ = wrote.send(());
            }
        })
    };
    let (writer, writes) = (Mutex::new(Some(writer)), Mutex::new(writes));
    let here = here.on("save", move |guest| {
        let writes = writes.lock().unwrap();
        writes.try_iter().for_each(drop);
        assert_eq!(writes.iter().take(20).count(), 20, "the device writes while the guest is saved");
        quiet.open();
        if let Some(writer) = writer.lock().unwrap().take() {
            writer.join().unwrap();
        }
        for page in 0..20 {
            guest.write(page * 7, 0xdead + page);
        }
        Ok(())
    });
    let (sent, received) = migrate(&here, &there);
    assert_eq!((sent.status(), received.status()), (Status::Completed, Status::Completed), "{sent:?}");
    assert!(here.equals(&there), "pages that were written during `save` did not arrive");
}

#[test]
fn memory_is_whole_when_the_device_state_is_loaded() {
    let here = TestGuest::running().on("save", |guest| {
        guest.write(5, 55);
        Ok(())
    });
    let source = Arc::clone(&here);
    let there = TestGuest::new().on("load", move |guest| {
        source.same_memory(guest).then_some(()).ok_or_else(|| GuestError::new("memory is not whole in `load`"))
    });
    let (sent, _) = migrate(&here, &there);
    assert_eq!(sent.status(), Status::Completed, "{sent:?}");
}

#[test]
fn a_paused_guest_arrives_paused() {
    let (here, there) = (TestGuest::running(), TestGuest::new());
    here.runs.store(false, Ordering::SeqCst);
    let (sent, received) = migrate(&here, &there);
    assert_eq!((sent.status(), received.status()), (Status::Completed, Status::Completed));
    assert!(!here.is_up() && !there.is_up());
    assert!(there.was_called("stay_paused") && !there.was_called("run"));
    assert!(here.equals(&there));
}

#[test]
fn a_paused_guest_stays_paused_when_the_migration_fails() {
    for (method, of_source) in [("save", true), ("stop", true), ("harvest_dirty_log", true), ("load", false)] {
        let (mut here, mut there) = (TestGuest::running(), TestGuest::new());
        here.runs.store(false, Ordering::SeqCst);
        let fails = |_: &TestGuest| Err(GuestError::new("no"));
        if of_source {
            here = here.on(method, fails);
        } else {
            there = there.on(method, fails);
        }
        let (sent, received) = migrate(&here, &there);
        assert_eq!((sent.status(), received.status()), (Status::Failed, Status::Failed), "{method}");
        assert!(!here.was_called("run") && !there.was_called("run"), "{method}");
        assert!(!here.is_up() && !there.is_up(), "{method}");
        assert!(!here.is_logging(), "{method}");
    }
}

#[test]
fn a_paused_guest_stays_paused_when_the_migration_is_cancelled() {
    let (gate, there) = (Gate::shut(), TestGuest::new());
    let opened = Arc::clone(&gate);
    let here = TestGuest::running().on("save", move |_| {
        opened.pass();
        Ok(())
    });
    here.runs.store(false, Ordering::SeqCst);
    let moving = Moving::start(&here, &there, &Settings::default());
    moving.wait_for(source::State::Device);
    let _ = moving.outgoing.raise(source::Trigger::Cancel);
    gate.open();
    let (sent, received) = moving.finish();
    assert_eq!((sent.status(), received.status()), (Status::Cancelled, Status::Failed));
    assert!(!here.was_called("run") && here.was_called("stay_paused") && !there.was_called("run"));
}

#[test]
fn a_panic_of_the_guest_ends_the_attempt_and_the_guest_goes_on() {
    for method in ["start_dirty_log", "harvest_dirty_log", "is_running", "stop", "save", "stop_dirty_log"] {
        let here = TestGuest::running().on(method, |_| panic!("the device model is upset"));
        let there = TestGuest::new();
        let (sent, received) = migrate(&here, &there);
        if method == "stop_dirty_log" {
            assert_eq!((sent.status(), received.status()), (Status::Completed, Status::Completed));
            continue;
        }
        assert_eq!((sent.status(), received.status()), (Status::Failed, Status::Failed), "{method}");
        let cause = sent.cause().expect("a failure has a cause").text();
        assert_eq!(cause, format!("the guest panicked in `{method}`: the device model is upset"));
        assert!(here.is_up() && !there.is_up(), "{method}");
        assert!(!here.is_logging(), "{method}");
    }
}

#[test]
fn a_panic_on_the_other_side_is_a_refusal() {
    for method in ["load", "run"] {
        let here = TestGuest::running();
        let there = TestGuest::new().on(method, |_| panic!("{}", "upset".to_owned()));
        let (sent, received) = migrate(&here, &there);
        assert_eq!((sent.status(), received.status()), (Status::Failed, Status::Failed), "{method}");
        let refused = format!("the guest panicked in `{method}`: upset");
        assert_eq!(received.cause().unwrap().text(), refused);
        assert!(sent.cause().unwrap().text().contains(&refused), "{:?}", sent.cause());
        assert!(!there.is_up());
    }
    let here = TestGuest::running();
    let there = TestGuest::new().on("load", |_| panic!("upset"));
    let _ = migrate(&here, &there);
    assert!(here.is_up(), "the guest goes on here");
}

#[test]
fn a_guest_may_take_longer_than_its_peer_may_be_silent() {
    let silence = Duration::from_secs(2);
    let slow = |_: &TestGuest| {
        thread::sleep(Duration::from_millis(4500));
        Ok(())
    };
    thread::scope(|scope| {
        for method in ["start_dirty_log", "stop", "save", "load", "run"] {
            scope.spawn(move || {
                let (mut here, mut there) = (TestGuest::running(), TestGuest::new());
                match method {
                    "load" | "run" => there = there.on(method, slow),
                    _ => here = here.on(method, slow),
                }
                let settings = Settings { silence: Some(silence), ..Settings::default() };
                let (sent, received) = Moving::start(&here, &there, &settings).finish();
                assert_eq!(sent.status(), Status::Completed, "{method}: {:?} {:?}", sent.cause(), received.cause());
                assert!(there.is_up() && here.equals(&there), "{method}");
            });
        }
    });
}

#[test]
fn a_cancel_acts_while_the_guest_is_being_stopped() {
    let given_up = Gate::shut();
    let (stops, gives_up) = (Arc::clone(&given_up), Arc::clone(&given_up));
    let here = TestGuest::running()
        .on("stop", move |_| {
            stops.pass();
            Err(GuestError::new("a vCPU does not stop"))
        })
        .on("give_up_stop", move |_| {
            gives_up.open();
            Ok(())
        });
    let there = TestGuest::new();
    let moving = Moving::start(&here, &there, &Settings::default());
    here.wait_for_call("stop");
    let began = Instant::now();
    let _ = moving.outgoing.raise(source::Trigger::Cancel);
    let (sent, received) = moving.finish();
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!((sent.status(), received.status()), (Status::Cancelled, Status::Failed));
    assert!(here.is_up() && here.was_called("run"));
}

#[test]
fn a_cancel_reaches_the_peer_although_the_guest_does_not_give_up() {
    let stopped = Gate::shut();
    let stops = Arc::clone(&stopped);
    let here = TestGuest::running().on("stop", move |_| {
        stops.pass();
        Ok(())
    });
    let there = TestGuest::new();
    let moving = Moving::start(&here, &there, &Settings::default());
    here.wait_for_call("stop");
    let _ = moving.outgoing.raise(source::Trigger::Cancel);
    let ended = moving.incoming.wait(PATIENCE, |state| state == destination::State::Failed);
    assert_eq!(ended, destination::State::Failed, "the destination waits for a cancelled source");
    assert_eq!(moving.outgoing.state(), source::State::Cancelling, "a guest that is being stopped cannot go on yet");
    stopped.open();
    assert_eq!(moving.finish().0.status(), Status::Cancelled);
    assert!(here.is_up());
}

#[test]
fn device_state_has_no_bound_and_is_read_to_its_end() {
    let (here, there) = (TestGuest::running(), TestGuest::new());
    // 40 MiB: more than is kept in memory on the way.
    here.bulk.store(5 << 20, Ordering::SeqCst);
    there.bulk.store(5 << 20, Ordering::SeqCst);
    let (sent, received) = migrate(&here, &there);
    assert_eq!(sent.status(), Status::Completed, "{:?} {:?}", sent.cause(), received.cause());
    assert!(here.equals(&there));

    let (here, there) = (TestGuest::running(), TestGuest::new());
    here.bulk.store(3, Ordering::SeqCst);
    let (sent, received) = migrate(&here, &there);
    assert_eq!(sent.status(), Status::Failed);
    assert_eq!(received.cause().unwrap().text(), "the guest left 24 bytes of its device state unread");
    assert!(here.is_up());
}

#[test]
fn the_destination_learns_why_the_source_ends_the_attempt() {
    let here = TestGuest::running().on("save", |_| Err(GuestError::new("the disk cannot be flushed")));
    let (_, received) = migrate(&here, &TestGuest::new());
    let text = "the peer ended the migration: the disk cannot be flushed";
    assert_eq!(received.cause().unwrap().text(), text);

    let (gate, there) = (Gate::shut(), TestGuest::new());
    let opened = Arc::clone(&gate);
    let here = TestGuest::running().on("start_dirty_log", move |_| {
        opened.pass();
        Ok(())
    });
    let moving = Moving::start(&here, &there, &Settings::default());
    moving.wait_for(source::State::Active);
    let _ = moving.outgoing.raise(source::Trigger::Cancel);
    gate.open();
    let (_, received) = moving.finish();
    assert_eq!(received.cause().unwrap().text(), "the peer ended the migration: the migration was cancelled");
}

#[test]
fn either_side_may_dial_and_a_connection_may_be_handed_over() {
    for connects in [Connects::SourceDials, Connects::DestinationDials, Connects::HandedOver] {
        let (here, there) = (TestGuest::running(), TestGuest::new());
        let settings = Settings { connects, ..Settings::default() };
        let (sent, received) = Moving::start(&here, &there, &settings).finish();
        assert_eq!(sent.status(), Status::Completed, "{connects:?}: {:?} {:?}", sent.cause(), received.cause());
        assert!(here.equals(&there), "{connects:?}");
    }
}

#[test]
fn device_state_arrives_in_rounds_beside_memory() {
    let (here, there) = (TestGuest::running(), TestGuest::new());
    here.bytes_a_round.store(100_000, Ordering::SeqCst);
    let (sent, _) = migrate(&here, &there);
    assert_eq!(sent.status(), Status::Completed, "{:?}", sent.cause());
    let arrived = there.arrived_in_rounds.load(Ordering::SeqCst);
    assert!(arrived >= 100_000 && arrived.is_multiple_of(100_000), "{arrived}");
    assert!(here.equals(&there));
}

#[test]
fn the_destination_sees_how_far_it_has_come() {
    let (here, there) = (TestGuest::running(), TestGuest::new());
    let moving = Moving::start(&here, &there, &Settings::default());
    let (sent, received) = (Arc::clone(&moving.sent), Arc::clone(&moving.received));
    assert_eq!(moving.finish().1.status(), Status::Completed);
    let (sent, received) = (sent.snapshot(), received.snapshot());
    assert!(received.transferred_bytes > 200 * 4096, "{received:?}");
    assert_eq!(received.remaining_bytes, 0);
    assert_eq!((received.pages_normal, received.pages_zero), (sent.pages_normal, sent.pages_zero));
    assert!(sent.taken_bytes <= sent.transferred_bytes + 4096 && sent.taken_bytes > 0, "{sent:?}");
}

#[test]
fn the_destination_is_told_of_the_guest_before_memory_and_may_refuse_it() {
    let described = |there: Arc<TestGuest>| {
        let here = TestGuest::running();
        *here.description.lock().unwrap() = vec![9; 32 << 10];
        let settings = Settings { connects: Connects::HandedOver, ..Settings::default() };
        let ended = Moving::start(&here, &there, &settings).finish();
        assert_eq!(*there.description.lock().unwrap(), vec![9; 32 << 10]);
        (ended, here)
    };
    let ((sent, _), _) = described(TestGuest::new());
    assert_eq!(sent.status(), Status::Completed, "{:?}", sent.cause());
    let refuses = TestGuest::new().on("admit", |_| Err(GuestError::new("version 9 is newer than version 8")));
    let ((sent, received), here) = described(refuses);
    assert_eq!(sent.cause().unwrap().text(), "the peer refused: version 9 is newer than version 8");
    assert_eq!(received.cause().unwrap().text(), "version 9 is newer than version 8");
    assert!(here.is_up() && !here.was_called("stop"));
    let panics = TestGuest::new().on("admit", |_| panic!("what is that?"));
    let ((sent, _), _) = described(panics);
    assert_eq!(sent.cause().unwrap().text(), "the peer refused: the guest panicked in `admit`: what is that?");
}

#[test]
fn a_description_that_is_too_long_is_the_source_s_error() {
    let here = TestGuest::running();
    *here.description.lock().unwrap() = vec![9; (32 << 10) + 1];
    let moving =
        Moving::start(&here, &TestGuest::new(), &Settings { connects: Connects::HandedOver, ..Settings::default() });
    let (sent, _) = moving.finish();
    assert_eq!(sent.cause().unwrap().text(), "the guest describes itself in 32769 bytes (allowed: 32768)");
    assert!(here.is_up());
}
