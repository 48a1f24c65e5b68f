//! The bound of the rate is kept, changes at once, and never keeps a cancel waiting.

use std::sync::Arc;
use std::time::{Duration, Instant};

use migration_runtime::channel::{Channel, ChannelErrorKind, Peek, Raiser, Wait};
use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::memory::{Layout, Memory};
use migration_runtime::parameters::Parameters;
use migration_runtime::progress::Progress;
use migration_runtime::transfer::{Pace, PageSenders, Sender, Sent};

use super::peers::{Got, PATIENCE, all_pages, beside, filled_memory, got, memory, patiently, receiver};

/// Sends all of a memory at a bound and says how long that took and how many bytes went.
fn send(parameters: &Arc<Parameters>, pace: Pace, meanwhile: impl FnOnce(&Progress) + Send) -> (Duration, u64) {
    let (source, target) = (filled_memory(), memory());
    let (mut here, mut there) = Channel::pair().unwrap();
    let progress = Arc::new(Progress::new());
    let took = std::thread::scope(|scope| {
        scope.spawn(|| {
            let received = got(receiver(&target).next(&mut there, &patiently()).unwrap());
            assert_eq!(received, Got::RoundEnd(1));
        });
        scope.spawn(|| meanwhile(&progress));
        let mut sender = Sender::new(Arc::clone(parameters), Arc::clone(&progress));
        let began = Instant::now();
        let mut dirty = all_pages(&source);
        let sent = sender.send_round(&mut here, &Memory::of(&source), &mut dirty, pace, &patiently());
        assert_eq!(sent.unwrap(), Sent::All);
        began.elapsed()
    });
    (took, progress.snapshot().transferred_bytes)
}

#[test]
fn the_bound_is_kept_and_used() {
    let parameters = Arc::new(Parameters::default());
    parameters.set_max_bandwidth(16 << 20);
    let (took, bytes) = send(&parameters, Pace::Bounded, |_| {});
    let ideal = Duration::from_secs_f64(bytes as f64 / (16 << 20) as f64);
    // What was saved up may go at once, and the last piece is not waited for: a twentieth of a second each.
    assert!(took + Duration::from_millis(110) >= ideal, "{took:?} instead of {ideal:?}");
    assert!(took < ideal * 3, "{took:?} instead of {ideal:?}");
}

#[test]
fn a_guest_that_stands_still_has_no_bound() {
    let parameters = Arc::new(Parameters::default());
    parameters.set_max_bandwidth(1);
    let (took, _) = send(&parameters, Pace::Unbounded, |_| {});
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn a_new_bound_acts_at_once() {
    let parameters = Arc::new(Parameters::default());
    // At a byte a second, the first page alone takes more than an hour.
    parameters.set_max_bandwidth(1);
    let (took, _) = send(&parameters, Pace::Bounded, |progress| {
        while progress.snapshot().transferred_bytes == 0 {
            std::thread::yield_now();
        }
        parameters.set_max_bandwidth(0);
    });
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn a_held_back_sender_hears_an_interrupt_and_shows_that_it_lives() {
    let source = filled_memory();
    let (mut here, mut there) = Channel::pair().unwrap();
    let parameters = Parameters::default();
    parameters.set_max_bandwidth(1);
    let raiser = Raiser::new().unwrap();
    let (error, ()) = beside(
        || {
            let mut sender = Sender::new(Arc::new(parameters), Arc::new(Progress::new()));
            let mut dirty = all_pages(&source);
            let wait = Wait::new(&raiser, PATIENCE);
            sender.send_round(&mut here, &Memory::of(&source), &mut dirty, Pace::Bounded, &wait).unwrap_err()
        },
        || {
            let wait = Wait::new(&raiser, PATIENCE);
            // The first piece is a page and its header; after it come signs of life alone.
            let mut first = [0; 32 + 4096];
            there.read_exact(&mut first, &wait).unwrap();
            let mut alive = [0; 32];
            there.read_exact(&mut alive, &wait).unwrap();
            assert_eq!(alive, migration_runtime::wire::Frame::KeepAlive.encode());
            raiser.raise();
        },
    );
    assert_eq!(error.kind(), ChannelErrorKind::Interrupted);
}

#[test]
fn connections_for_pages_do_not_take_turns_at_a_bound_that_is_far_off() {
    let source = Memory::of(&filled_memory());
    let wait = patiently();
    let (progress, parameters) = (Arc::new(Progress::new()), Arc::new(Parameters::default()));
    parameters.set_max_bandwidth(1 << 42);
    let (mut main, _main) = Channel::pair().unwrap();
    // Nobody reads at the other ends, so no connection can send all that it gets.
    let (here, mut there): (Vec<_>, Vec<_>) = (0..3).map(|_| Channel::pair().unwrap()).unzip();
    let mut sender = Sender::new(parameters, Arc::clone(&progress));
    sender.set_pages(Some(PageSenders::start(&source, progress, Some(PATIENCE), here).unwrap()));
    sender.begin_round();
    let (mut dirty, time) = (DirtyBitmap::new(&Layout::of(&source).unwrap()), Duration::from_millis(500));
    dirty.set_all();
    let sent = sender.send_pages(&mut main, &source, &mut dirty, Pace::Bounded, time, &wait).unwrap();
    assert_eq!(sent, Sent::TimeUp);
    let heard: Vec<Peek> = there.iter_mut().map(Channel::peek).collect();
    assert_eq!(heard, [Peek::Spoke; 3]);
}
