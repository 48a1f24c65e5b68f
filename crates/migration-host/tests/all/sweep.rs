//! Something goes wrong at every message and at every few kilobytes of a small migration, one place at a time: the
//! connection is cut, goes silent, or the user cancels. Whatever happens, the guest runs on one side at most, is whole
//! where it is, and nothing is left behind.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use migration_runtime::guest::Guest;
use migration_runtime::machine::Raised;
use migration_runtime::states::{Status, destination, source};
use migration_runtime::wire::Frame;

use super::pair::{Pair, check_bound};
use super::wire::{self, Act, Fate, Judge, Way};

/// The distance of the places within the bytes of the memory.
const STEP_BYTES: u64 = 16 << 10;

/// Which thing goes wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    Cut,
    Silence,
    Cancel,
    /// A cancel on the destination.
    GiveUp,
}

/// A place in the conversation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    /// After this many bytes.
    Byte(Way, u64),
    /// When so many of the frames that are not pages have been seen, before the next one, in its middle, or after it.
    Frame(Way, u64, Part),
}

/// A place in a frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Part {
    Before,
    Within,
    After,
}

/// What has passed each way: bytes, and frames that are not pages.
#[derive(Debug, Default)]
struct Seen {
    bytes: [u64; 2],
    frames: [u64; 2],
    reached: bool,
}

/// How a trial came out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Outcome {
    reached: bool,
    source: source::State,
    destination: destination::State,
    /// The guest is stopped on the source, and nobody knows whether it runs on the destination.
    abandoned: bool,
}

impl Outcome {
    /// What the states say in which both sides ended.
    pub(crate) fn of(source: source::State, destination: destination::State) -> Outcome {
        Outcome { reached: true, source, destination, abandoned: source == source::State::Unknown }
    }
}

#[test]
fn undisturbed_the_guest_arrives() {
    let (outcome, seen) = trial(Fault::Cut, Place::Byte(Way::There, u64::MAX), false);
    assert!(!outcome.reached);
    assert_eq!(outcome.source, source::State::Completed);
    assert_eq!(outcome.destination, destination::State::Completed);
    assert!(seen.bytes[Way::There as usize] > 3 * STEP_BYTES, "{seen:?}");
    let back = seen.frames[Way::Back as usize];
    assert!(back >= 4, "welcome, at least one answer to a question, ready, running: {seen:?}");
}

#[test]
fn cut_at_every_place() {
    let tally = sweep(Fault::Cut);
    assert!(tally.abandoned > 0, "{tally:?}: the answer to the hand-over was never lost");
}

#[test]
fn silence_at_every_place() {
    let tally = sweep(Fault::Silence);
    assert!(tally.abandoned > 0, "{tally:?}: the answer to the hand-over was never lost");
}

#[test]
fn cancel_at_every_place() {
    let tally = sweep(Fault::Cancel);
    assert!(tally.cancelled > 0 && tally.completed > 0, "{tally:?}");
    assert_eq!(tally.failed, 0, "{tally:?}: a cancel is not a failure");
}

#[test]
fn the_destination_is_told_to_give_up_at_every_place() {
    let tally = sweep(Fault::GiveUp);
    assert!(tally.failed > 0 && tally.completed > 0, "{tally:?}");
    assert_eq!((tally.cancelled, tally.abandoned), (0, 0), "{tally:?}: the source is told");
}

/// How many trials came out how.
#[derive(Debug, Default)]
struct Tally {
    trials: usize,
    reached: usize,
    completed: usize,
    cancelled: usize,
    failed: usize,
    abandoned: usize,
}

/// Tries one fault at every place, with and without the pause before the switchover.
fn sweep(fault: Fault) -> Tally {
    let mut tally = Tally::default();
    for pause in [false, true] {
        let (_, Seen { bytes: [bytes, _], frames: [there, back], .. }) =
            trial(fault, Place::Byte(Way::There, u64::MAX), pause);
        // A few more than in the undisturbed run: no two runs are alike.
        let bytes = (0..=bytes / STEP_BYTES + 2).map(|step| Place::Byte(Way::There, step * STEP_BYTES));
        let frames = [(Way::There, there + 2), (Way::Back, back + 1)].into_iter().flat_map(|(way, count)| {
            (0..count).flat_map(move |frame| {
                [Part::Before, Part::Within, Part::After].map(|part| Place::Frame(way, frame, part))
            })
        });
        for place in bytes.chain(frames) {
            let (outcome, ..) = trial(fault, place, pause);
            tally.count(&outcome);
        }
    }
    eprintln!("{fault:?}: {tally:?}");
    assert!(tally.reached * 10 > tally.trials * 6, "{tally:?}: most places are to be reached");
    tally
}

impl Tally {
    fn count(&mut self, outcome: &Outcome) {
        self.trials += 1;
        self.reached += usize::from(outcome.reached);
        self.completed += usize::from(outcome.source == source::State::Completed);
        self.cancelled += usize::from(outcome.source == source::State::Cancelled);
        self.failed += usize::from(outcome.source == source::State::Failed);
        self.abandoned += usize::from(outcome.abandoned);
    }
}

/// Lets something happen once, at a place, and counts what passes.
fn judge(place: Place, act: Act, seen: Arc<Mutex<Seen>>) -> Judge {
    let mut act = Some(act);
    Box::new(move |way, frame, bytes| {
        let mut seen = seen.lock().unwrap();
        let pages = matches!(frame, Frame::Pages(_) | Frame::Zeroes(_) | Frame::KeepAlive | Frame::Taken { .. });
        let (begin, number) = (seen.bytes[way as usize], seen.frames[way as usize]);
        seen.bytes[way as usize] += bytes.len() as u64;
        seen.frames[way as usize] += u64::from(!pages);
        let at = match place {
            Place::Byte(of, at) if of == way => at.checked_sub(begin).map(|at| at as usize),
            Place::Frame(of, at, part) if of == way && !pages && at == number => Some(match part {
                Part::Before => 0,
                Part::Within => bytes.len() / 2,
                Part::After => bytes.len(),
            }),
            Place::Byte(..) | Place::Frame(..) => None,
        };
        match at.filter(|at| *at <= bytes.len()).and_then(|at| Some((at, act.take()?))) {
            Some((at, act)) => {
                seen.reached = true;
                Fate::After(at, act)
            }
            None => Fate::Pass,
        }
    })
}

/// One migration with one fault: how it came out, and what has passed.
fn trial(fault: Fault, place: Place, pause: bool) -> (Outcome, Seen) {
    let mut pair = Pair::new(pause);
    pair.hurry();
    let at = pair.listen();
    let cancel = Arc::<Mutex<Option<Raised>>>::default();
    let give_up = Arc::<Mutex<Option<Raised>>>::default();
    let act = match fault {
        Fault::Cut => Act::Cut,
        Fault::Silence => Act::Silence,
        Fault::Cancel => {
            let (machine, answer) = (pair.source.clone(), Arc::clone(&cancel));
            Act::Call(Box::new(move || {
                *answer.lock().unwrap() = Some(machine.raise(source::Trigger::Cancel));
            }))
        }
        Fault::GiveUp => {
            let (machine, answer) = (pair.destination.clone(), Arc::clone(&give_up));
            Act::Call(Box::new(move || {
                *answer.lock().unwrap() = Some(machine.raise(destination::Trigger::Cancel));
            }))
        }
    };
    let seen = Arc::<Mutex<Seen>>::default();
    pair.migrate(&wire::start(&at, judge(place, act, Arc::clone(&seen))));
    if pause {
        let state =
            pair.source.wait(super::pair::LIMIT, |state| state == source::State::PreSwitchover || state.is_idle());
        if state == source::State::PreSwitchover {
            // A fault may end the pause first; then the table refuses, and that is all.
            let _ = pair.source.raise(source::Trigger::Continue);
        }
    }
    let (source, destination) = pair.settle();
    let ending = pair.source.ending();
    let seen = std::mem::take(&mut *seen.lock().unwrap());
    let outcome = Outcome { reached: seen.reached, ..Outcome::of(source, destination) };
    let context = format!("{fault:?} at {place:?}, pause {pause}: {outcome:?}, {ending:?}");
    check_all(&pair, &outcome, &context);
    if let Some(answer) = cancel.lock().unwrap().take() {
        check_cancel(&answer, source, &context);
    }
    if let Some(answer) = give_up.lock().unwrap().take() {
        check_give_up(&answer, (source, destination), &context);
    }
    (outcome, seen)
}

/// Looks at the guest, at what clients were shown, and at the words of an ending.
pub(crate) fn check_all(pair: &Pair, outcome: &Outcome, context: &str) {
    check_sides(pair, outcome, context);
    check_shown(pair, context);
    for ending in [pair.source.ending(), pair.destination.ending()].into_iter().flatten() {
        check_bound(&ending, context);
    }
}

/// The guest is whole where it is, and ran on one side at a time.
fn check_sides(pair: &Pair, outcome: &Outcome, context: &str) {
    assert_eq!(pair.watch.most(), 1, "{context}: ran on both sides");
    let arrived = outcome.destination == destination::State::Completed;
    assert_eq!(pair.destination_guest.is_running(), arrived, "{context}");
    assert_eq!(pair.destination_guest.ran.load(Ordering::SeqCst), arrived, "{context}");
    assert!(!pair.source_guest.logs.load(Ordering::SeqCst), "{context}: the dirty log is on");
    let stays = outcome.source != source::State::Completed;
    if stays {
        assert!(outcome.abandoned || !arrived, "{context}: on both sides");
    } else {
        assert!(arrived, "{context}: completed, but not there");
    }
    assert_eq!(pair.source_guest.is_running(), stays && !outcome.abandoned, "{context}");
    // After a lost hand-over it may be there, or nowhere, but it is always whole here.
    for (guest, has) in [(&pair.source_guest, stays), (&pair.destination_guest, arrived)] {
        if has {
            let verdict = guest.verdict();
            assert!(verdict.is_whole(), "{context}: {:?}", verdict.faults);
            assert_eq!(verdict.pages_checked, 256, "{context}");
        }
    }
}

/// What clients are shown is a course of the table: no status twice, one end, nothing after it.
fn check_shown(pair: &Pair, context: &str) {
    for (shown, ends) in [(&pair.source_shows, 1), (&pair.destination_shows, 1)] {
        let shown = shown.lock().unwrap();
        let is_end = |status: &&Status| matches!(status, Status::Completed | Status::Failed | Status::Cancelled);
        assert_eq!(shown.iter().filter(is_end).count(), ends, "{context}: {shown:?}");
        assert!(shown.last().as_ref().is_some_and(is_end), "{context}: {shown:?}");
        assert!(shown.windows(2).all(|two| two[0] != two[1]), "{context}: {shown:?}");
    }
}

pub(crate) fn check_cancel(answer: &Raised, source: source::State, context: &str) {
    match answer {
        Raised::Accepted(_) => assert_eq!(source, source::State::Cancelled, "{context}"),
        Raised::Refused(_) => assert_eq!(source, source::State::Completed, "{context}"),
        Raised::Ignored | Raised::Handled => assert!(source.is_idle(), "{context}"),
    }
}

/// A destination that gave up never ran the guest, and the source runs it.
fn check_give_up(answer: &Raised, ended: (source::State, destination::State), context: &str) {
    let expected = match answer {
        Raised::Accepted(_) => (source::State::Failed, destination::State::Failed),
        Raised::Refused(_) => (source::State::Completed, destination::State::Completed),
        Raised::Ignored | Raised::Handled => return assert!(ended.1.is_idle(), "{context}"),
    };
    assert_eq!(ended, expected, "{context}");
}
