//! Peers that keep talking and do nothing: none of them holds a state for ever.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use migration_runtime::guest::Guest;
use migration_runtime::machine::{Machine, Raised};
use migration_runtime::memory::PageRun;
use migration_runtime::states::{Message, Role, destination, source};
use migration_runtime::wire::{Frame, VERSION_MAX, Welcome};

use super::bad_peers::{fitting, hello};
use super::pair::{LIMIT, Pair, check_bound};
use super::wire::{self, Act, Fate, message};

/// How long a peer may be silent here; it may give signs of life for ten times as long.
const SILENCE: Duration = Duration::from_millis(300);

/// A peer that talks says something this often.
const TALK: Duration = Duration::from_millis(10);

/// What a peer does when it has come to where it stops to take part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Talk {
    /// It says that it lives, and reads nothing.
    Lives,
    /// It says that it lives, and reads everything.
    LivesAndReads,
    /// It says that it lives as often as the connection takes it, and reads everything.
    Floods,
    /// It asks whether the other side is there, and reads the answers.
    Asks,
    /// It sends a page, byte by byte.
    Trickles,
}

/// Where a destination stops to take part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stop {
    Hello,
    Welcome,
    FirstAnswer,
    Memory,
    HandOver,
}

/// Talks until the other side hangs up.
fn talk(mut stream: TcpStream, talk: Talk) {
    let mut reads = stream.try_clone().unwrap();
    if matches!(talk, Talk::LivesAndReads | Talk::Floods | Talk::Asks) {
        thread::spawn(move || std::io::copy(&mut reads, &mut std::io::sink()));
    }
    if talk == Talk::Trickles {
        let page = Frame::Pages(PageRun { address: 0, pages: 1 });
        stream.write_all(&page.encode()).unwrap();
    }
    let says = match talk {
        Talk::Lives | Talk::LivesAndReads => Frame::KeepAlive.encode().to_vec(),
        Talk::Floods => Frame::KeepAlive.encode().repeat(4096),
        Talk::Asks => Frame::Sync.encode().to_vec(),
        Talk::Trickles => vec![1],
    };
    let began = Instant::now();
    while stream.write_all(&says).is_ok() && began.elapsed() < 2 * LIMIT {
        if talk != Talk::Floods {
            thread::sleep(TALK);
        }
    }
}

fn read(stream: &TcpStream) -> Frame {
    wire::read(stream).unwrap().0
}

/// A destination that takes part until `stop`, and then only talks. Returns where it listens.
fn talking_destination(stop: Stop, talks: Talk) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let says = |stream: &mut TcpStream, says: Message, bytes: &[u8]| {
            stream.write_all(&message(says.number(), bytes)).unwrap();
        };
        read(&stream);
        if stop != Stop::Hello {
            says(&mut stream, Message::Welcome, &Welcome { version: VERSION_MAX }.encode());
        }
        let mut takes_part = !matches!(stop, Stop::Hello | Stop::Welcome);
        while takes_part {
            let frame = read(&stream);
            if frame == Frame::Sync {
                stream.write_all(&Frame::Synced.encode()).unwrap();
                takes_part = stop != Stop::FirstAnswer;
            } else if frame == Frame::MemoryEnd && stop == Stop::HandOver {
                says(&mut stream, Message::Ready, &[]);
            } else {
                takes_part = frame != Frame::MemoryEnd && !matches!(frame, Frame::Message { .. });
            }
        }
        talk(stream, talks);
    });
    at
}

/// A source that is let in, and then only talks.
fn talking_source(pair: &Pair, at: &str, talks: Talk) {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.write_all(&hello(&fitting(pair))).unwrap();
    assert_eq!(read(&stream), Frame::Sync);
    stream.write_all(&Frame::Synced.encode()).unwrap();
    assert!(matches!(read(&stream), Frame::Message { number, .. } if number == Message::Welcome.number()));
    thread::spawn(move || talk(stream, talks));
}

/// Waits for the end of an attempt, and checks that it came in time and what it says.
fn ends<R: Role>(machine: &Machine<R>, within: Duration, words: &str, context: &str) -> R::State {
    let began = Instant::now();
    let state = machine.wait(within, |state| R::kind(state) == migration_runtime::states::Kind::Idle);
    assert_eq!(R::kind(state), migration_runtime::states::Kind::Idle, "{context}: it stays in `{state}`");
    let ending = machine.ending().unwrap();
    let cause = ending.cause.as_ref().map(|cause| cause.text().to_owned()).unwrap_or_default();
    assert_eq!(ending.decided_by, "timed_out", "{context}: {cause}");
    assert!(cause.contains(words), "{context}: `{cause}` does not say `{words}`");
    check_bound(&ending, context);
    assert!(began.elapsed() >= SILENCE, "{context}");
    state
}

#[test]
fn a_destination_that_only_talks_does_not_hold_a_source() {
    let whole = "the peer did not do its part within";
    let cases = [
        (Stop::Hello, Talk::Lives, "`welcome` did not come: the peer did not do its part within"),
        (Stop::Welcome, Talk::Lives, whole),
        (Stop::Welcome, Talk::LivesAndReads, whole),
        (Stop::Welcome, Talk::Floods, whole),
        (Stop::FirstAnswer, Talk::Lives, "the peer took nothing in for 3 s, and gave signs of life only"),
        (Stop::Memory, Talk::LivesAndReads, "`ready` did not come: the peer did not do its part within"),
        (Stop::HandOver, Talk::LivesAndReads, "`running` did not come: the peer did not do its part within"),
        (Stop::HandOver, Talk::Floods, "`running` did not come: the peer did not do its part within"),
    ];
    thread::scope(|scope| {
        for (stop, talks, words) in cases {
            scope.spawn(move || {
                use source::State as S;
                let context = format!("{stop:?} {talks:?}");
                let mut pair = Pair::new(false);
                for state in [S::Negotiating, S::Active, S::Device, S::HandingOver] {
                    pair.source.set_timeout(state, SILENCE);
                }
                if stop == Stop::FirstAnswer {
                    // It sends for longer than the test takes.
                    pair.parameters.set_max_bandwidth(16 << 10);
                }
                pair.migrate(&talking_destination(stop, talks));
                let ended = ends(&pair.source, LIMIT, words, &context);
                let doubt = stop == Stop::HandOver;
                assert_eq!(ended, if doubt { S::Unknown } else { S::Failed }, "{context}");
                assert_eq!(pair.source_guest.is_running(), !doubt, "{context}");
            });
        }
    });
}

#[test]
fn a_source_that_only_talks_does_not_hold_a_destination() {
    let (asks, lives) = ("but asked whether this side is there for 12 s", "sent nothing of the guest for 3 s");
    let cases = [
        (Talk::Lives, SILENCE, lives),
        (Talk::Floods, SILENCE, lives),
        (Talk::Trickles, SILENCE, "the peer did not do its part within 3 s"),
        (Talk::Asks, Duration::from_millis(100), asks),
    ];
    thread::scope(|scope| {
        for (talks, silence, words) in cases {
            scope.spawn(move || {
                let mut pair = Pair::new(false);
                pair.destination.set_timeout(destination::State::Loading, silence);
                let at = pair.listen();
                talking_source(&pair, &at, talks);
                let ended = ends(&pair.destination, 2 * LIMIT, words, &format!("{talks:?}"));
                assert_eq!(ended, destination::State::Failed);
            });
        }
    });
}

#[test]
fn a_source_that_keeps_talking_does_not_hold_the_clean_up_of_a_destination() {
    for talks in [Talk::Lives, Talk::Floods, Talk::Asks, Talk::Trickles] {
        let mut pair = Pair::new(false);
        let at = pair.listen();
        talking_source(&pair, &at, talks);
        let loading = destination::State::Loading;
        assert_eq!(pair.destination.wait(LIMIT, |state| state == loading), loading);
        let began = Instant::now();
        assert!(matches!(pair.destination.raise(destination::Trigger::Cancel), Raised::Accepted(_)));
        let ended = pair.destination.wait(LIMIT, |state| state.is_idle());
        assert_eq!(ended, destination::State::Failed, "{talks:?}");
        assert!(began.elapsed() < Duration::from_secs(8), "{talks:?}: {:?}", began.elapsed());
    }
}

#[test]
fn a_destination_that_falls_silent_is_noticed_in_the_pause() {
    let mut pair = Pair::new(true);
    pair.source.set_timeout(source::State::PreSwitchover, SILENCE);
    let at = pair.listen();
    let falls_silent = Arc::new(AtomicBool::new(false));
    let silent = Arc::clone(&falls_silent);
    let judge = Box::new(move |_, _: &Frame, _: &[u8]| match silent.load(Ordering::SeqCst) {
        true => Fate::After(0, Act::Silence),
        false => Fate::Pass,
    });
    pair.migrate(&wire::start(&at, judge));
    let paused = source::State::PreSwitchover;
    assert_eq!(pair.source.wait(LIMIT, |state| state == paused || state.is_idle()), paused);
    falls_silent.store(true, Ordering::SeqCst);
    let words =
        "word that the destination is there did not come: the peer did not do its part within 0.3 s (the timeout of";
    assert_eq!(ends(&pair.source, LIMIT, words, "silent in the pause"), source::State::Failed);
    assert!(pair.source_guest.is_running());
}
