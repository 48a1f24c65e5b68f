//! Pages over several connections: memory is whole, whichever of them is slow, blocked, cut, or somebody else's.

mod cuts;
mod hostile;
mod relay;
mod rig;

use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use migration_runtime::channel::{Channel, Endpoint};
use migration_runtime::machine::Raised;
use migration_runtime::multifd::Multifd;
use migration_runtime::states::{Reason, source};

use self::relay::Fate;
use self::rig::{Ending, Sides};
use super::backing::{Kind, userfaultfd};
use super::peers::{PATIENCE, listen};

fn nobody() -> relay::Before {
    Box::new(|_, _| {})
}

#[test]
fn a_guest_that_writes_arrives_whole() {
    for kind in [Kind::Anonymous, Kind::Memfd] {
        for count in [1, 2, 4, 7] {
            let run = Sides { kind, ..Sides::with([count, count]) }.through(vec![], nobody());
            let (sent, passed) = (run.sent.clone(), run.relay.as_ref().unwrap().passed.clone());
            assert_eq!(run.end(), Ending::Moved, "{kind:?} {count}");
            let bytes = passed.iter().map(|one| one.load(std::sync::atomic::Ordering::SeqCst)).collect::<Vec<_>>();
            let sent = sent.snapshot();
            assert!(bytes[0] < 200_000, "pages go over the main connection: {bytes:?}");
            assert!(bytes[1..=usize::from(count.min(4))].iter().all(|&bytes| bytes > 500_000), "{bytes:?}");
            assert!(sent.rounds >= 2 && sent.pages_normal > 1000, "{sent:?}");
            assert!(sent.taken_bytes > 500_000 && sent.taken_bytes <= bytes.iter().sum(), "{sent:?}");
        }
    }
}

#[test]
fn either_side_may_dial_and_as_many_as_can_be_join() {
    let listener = listen();
    let address = listener.address().clone();
    let run = Sides::with([2, 2]).between(listener.into(), address.into());
    assert_eq!(run.end(), Ending::Moved);
    let listener = listen();
    let address = listener.address().clone();
    let run = Sides::with([100, 100]).between(address.into(), listener.into());
    assert_eq!(run.end(), Ending::Moved);
}

/// A page that is sent again and again must not be overtaken by an older copy of itself.
#[test]
fn a_connection_that_is_far_slower_than_the_others_loses_nothing() {
    for slow in 0..3 {
        let mut fates = vec![Fate::Passes; 3];
        fates[slow] = Fate::Slow(Duration::from_millis(4));
        let run = Sides::with([2, 2]).through(fates, nobody());
        assert_eq!(run.end(), Ending::Moved, "{slow}");
    }
}

#[test]
fn a_cancel_acts_at_once_while_a_connection_is_blocked() {
    for held in 1..3 {
        for after in [100, 1_000_000] {
            let mut fates = vec![Fate::Passes; 3];
            fates[held] = Fate::HoldsAfter(after);
            let run = Sides::with([2, 2]).through(fates, nobody());
            run.wait_for_passed(held, after);
            let (here, began) = (run.here.clone(), Instant::now());
            assert!(!matches!(here.raise(source::Trigger::Cancel), Raised::Refused(_)));
            assert_eq!(here.wait(PATIENCE, |state| state == source::State::Cancelled), source::State::Cancelled);
            assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
            assert_eq!(run.end(), Ending::Cancelled, "{held} {after}");
        }
    }
}

#[test]
fn a_cancel_acts_at_once_while_nothing_passes_any_more() {
    let sides = Sides { silence: Some(Duration::from_secs(15)), ..Sides::with([2, 2]) };
    let run = sides.through(vec![], nobody());
    run.wait_for_passed(1, 300_000);
    run.relay.as_ref().unwrap().frozen.store(true, std::sync::atomic::Ordering::SeqCst);
    // Long enough for every connection to be blocked in a write.
    std::thread::sleep(Duration::from_millis(500));
    let (here, began) = (run.here.clone(), Instant::now());
    assert!(!matches!(here.raise(source::Trigger::Cancel), Raised::Refused(_)));
    assert_eq!(here.wait(PATIENCE, |state| state == source::State::Cancelled), source::State::Cancelled);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(run.end(), Ending::Cancelled);
}

#[test]
fn a_connection_that_is_silent_for_too_long_ends_the_attempt() {
    for held in 1..3 {
        let mut fates = vec![Fate::Passes; 3];
        fates[held] = Fate::HoldsAfter(1_000_000);
        let sides = Sides { silence: Some(Duration::from_secs(3)), ..Sides::with([2, 2]) };
        let run = sides.through(fates, nobody());
        let (here, began) = (run.here.clone(), Instant::now());
        assert_eq!(run.end(), Ending::Stayed, "{held}");
        let why = here.ending().unwrap().cause.unwrap().to_string();
        assert!(why.contains(&format!("connection {} for pages: ", held - 1)), "{why}");
        assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
        assert!(matches!(here.reason(), Some(Reason::PeerSilent | Reason::PeerRefused)), "{:?}", here.reason());
    }
}

#[test]
fn a_connection_that_ends_before_it_has_joined_is_named() {
    let run = Sides::with([2, 2]).through(vec![Fate::Passes, Fate::CutAfter(0)], nobody());
    let here = run.here.clone();
    assert_eq!(run.end(), Ending::Stayed);
    let why = here.ending().unwrap().cause.unwrap().to_string();
    assert!(why.starts_with("a connection for pages: "), "{why}");
}

#[test]
fn streams_that_a_vmm_hands_in_carry_pages() {
    let pairs = || {
        let pairs = (0..3).map(|_| UnixStream::pair().unwrap());
        let ends = pairs.map(|(here, there)| {
            [here, there].map(|end| Endpoint::from(Channel::from_fd(end.into(), "handed in").unwrap()))
        });
        let [mut here, mut there] = [vec![], vec![]];
        for [from, to] in ends {
            here.push(from);
            there.push(to);
        }
        [here, there]
    };
    let [mut here, mut there] = pairs();
    let (from, to) = (here.remove(0), there.remove(0));
    let multifd = [here, there].map(Multifd::from_endpoints);
    assert!(multifd.iter().all(Option::is_some) && Multifd::from_endpoints(vec![]).is_none());
    let run = Sides { multifd, ..Sides::with([0, 0]) }.between(from, to);
    assert_eq!(run.end(), Ending::Moved);
    let [mut here, mut there] = pairs();
    let run = Sides::with([2, 2]).between(here.remove(0), there.remove(0));
    let source = run.here.clone();
    assert_eq!(source.wait(PATIENCE, |state| state == source::State::Failed), source::State::Failed);
    let why = source.ending().unwrap().cause.unwrap().to_string();
    assert!(why.contains("hand in the others too"), "{why}");
    drop((here, there));
    assert_eq!(run.end(), Ending::Stayed);
}

#[test]
fn what_several_connections_have_not_brought_is_left_to_a_post_copy() {
    let Some(()) = userfaultfd() else { return };
    for (kind, bytes) in [(Kind::Anonymous, 0), (Kind::Memfd, 3_000_000), (Kind::Anonymous, 20_000_000)] {
        for slow in 0..3 {
            let mut fates = vec![Fate::Passes; 4];
            fates[slow] = Fate::Slow(Duration::from_millis(1));
            let run = Sides { kind, postcopy: true, ..Sides::with([2, 2]) }.through(fates, nobody());
            let _ = run.here.wait(PATIENCE, |state| state == source::State::Active);
            run.wait_for_pages(bytes);
            assert!(matches!(run.here.raise(source::Trigger::StartPostcopy), Raised::Accepted(_)));
            assert_eq!(run.end(), Ending::Moved, "{kind:?} {bytes} {slow}");
        }
    }
}
