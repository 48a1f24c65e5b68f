//! Guests that write faster than the connection carries, and users who have waited long enough.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use migration_runtime::parameters::{OnLimit, Parameters};
use migration_runtime::source::Notice;
use migration_runtime::states::{Status, source};

use super::rig::{Moving, PAGES, Settings, TestGuest};

/// Lets a guest write pages for as long as it runs, at most so many a second.
fn write_on(guest: &Arc<TestGuest>, pages_per_second: u32) -> thread::JoinHandle<()> {
    let guest = Arc::clone(guest);
    thread::spawn(move || {
        let (began, mut written) = (Instant::now(), 0_u64);
        while guest.is_up() {
            let due = (began.elapsed().as_secs_f64() * f64::from(pages_per_second)) as u64;
            if guest.throttled.load(Ordering::SeqCst) >= 90 {
                thread::sleep(Duration::from_millis(20));
                written = due;
            }
            while written < due {
                written += 1;
                guest.write(written % PAGES, written);
            }
            thread::sleep(Duration::from_millis(1));
        }
    })
}

fn parameters(max_bandwidth: u64, downtime_limit_ms: u64) -> Arc<Parameters> {
    let parameters = Parameters::default();
    parameters.set_max_bandwidth(max_bandwidth);
    parameters.set_downtime_limit_ms(downtime_limit_ms).unwrap();
    Arc::new(parameters)
}

#[test]
fn a_guest_that_writes_too_fast_is_slowed_down_until_it_has_moved() {
    let (here, there) = (TestGuest::running(), TestGuest::new());
    let parameters = parameters(4 << 20, 20);
    parameters.set_auto_converge(true);
    parameters.set_cpu_throttle_initial(95).unwrap();
    let writer = write_on(&here, 20_000);
    let settings = Settings { parameters, ..Settings::default() };
    let moving = Moving::start(&here, &there, &settings);
    settings.wait_for(Notice::Throttled(95));
    let progress = Arc::clone(&moving.sent);
    assert_eq!(progress.snapshot().throttle_percent, 95);
    let (sent, _) = moving.finish();
    writer.join().unwrap();
    assert_eq!(sent.status(), Status::Completed, "{:?}", sent.cause());
    assert_eq!(progress.snapshot().throttle_percent, 0);
    assert!(settings.notices().contains(&Notice::Throttled(95)), "{:?}", settings.notices());
    assert_eq!(here.throttled.load(Ordering::SeqCst), 0, "the guest has its speed back");
    assert!(here.equals(&there));
}

#[test]
fn rounds_that_do_not_help_are_told_and_the_rate_is_that_of_the_guest() {
    let (here, there) = (TestGuest::running(), TestGuest::new());
    let writer = write_on(&here, 2_500);
    let settings = Settings { parameters: parameters(1 << 20, 1), ..Settings::default() };
    let moving = Moving::start(&here, &there, &settings);
    settings.wait_for(Notice::Stalled);
    let rate = moving.sent.snapshot().dirty_rate_pages;
    // Every round takes seconds, and there are no more than 600 pages.
    assert!((1_200..4_000).contains(&rate), "{rate} pages a second");
    let _ = moving.outgoing.raise(source::Trigger::Cancel);
    assert_eq!(moving.finish().0.status(), Status::Cancelled);
    here.runs.store(false, Ordering::SeqCst);
    writer.join().unwrap();
}

#[test]
fn an_attempt_has_a_limit_and_the_user_says_what_happens_then() {
    thread::scope(|scope| {
        for (on_limit, cancels, ends) in [
            (OnLimit::SwitchOver, false, Status::Completed),
            (OnLimit::Cancel, true, Status::Cancelled),
            (OnLimit::Cancel, false, Status::Failed),
        ] {
            scope.spawn(move || {
                let (here, there) = (TestGuest::running(), TestGuest::new());
                let parameters = parameters(1 << 20, 1);
                parameters.set_attempt_limit_ms(1_000);
                parameters.set_on_limit(on_limit);
                let writer = write_on(&here, 5_000);
                let settings = Settings { parameters, cancels_at_limit: cancels, ..Settings::default() };
                let began = Instant::now();
                let (sent, received) = Moving::start(&here, &there, &settings).finish();
                assert_eq!(sent.status(), ends, "{:?}", sent.cause());
                assert!(began.elapsed() >= Duration::from_secs(1));
                if ends == Status::Failed {
                    let text = "the migration did not complete within its limit of 1 s";
                    assert_eq!(sent.cause().unwrap().text(), text);
                }
                assert_eq!(received.status() == Status::Completed, ends == Status::Completed);
                here.runs.store(false, Ordering::SeqCst);
                writer.join().unwrap();
                assert!(ends != Status::Completed || here.equals(&there));
            });
        }
    });
}

#[test]
fn more_downtime_that_is_allowed_within_a_round_acts_in_it() {
    let (here, there) = (TestGuest::running(), TestGuest::new());
    // 200 pages with data: the first round takes 50 s.
    let settings = Settings { parameters: parameters(16 << 10, 0), ..Settings::default() };
    let moving = Moving::start(&here, &there, &settings);
    moving.wait_for(source::State::Active);
    let began = Instant::now();
    here.wait_until(|| moving.sent.snapshot().rate > 0);
    settings.parameters.set_downtime_limit_ms(2_000_000).unwrap();
    let (sent, _) = moving.finish();
    assert_eq!(sent.status(), Status::Completed, "{:?}", sent.cause());
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert!(here.equals(&there));
}
