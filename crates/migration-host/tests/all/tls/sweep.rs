//! The sweep over an encrypted stream: something goes wrong before, within and after every record of TLS, which is every
//! message and every 16 KiB of memory, either way.

use std::sync::{Arc, Mutex};
use std::thread;

use migration_runtime::machine::Raised;
use migration_runtime::states::{destination, source};
use migration_testkit::certificates::Authority;

use super::super::sweep::{Outcome, check_all, check_cancel};
use super::super::wire::Way;
use super::encrypted;
use super::relay::{self, Act};

/// The bytes before a record of TLS: its type, its version, and its length.
const RECORD_HEADER: usize = 5;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    Cut,
    Silence,
    Cancel,
}

/// Where records begin, and the middle of each.
fn places(heard: &[u8]) -> Vec<usize> {
    let (mut places, mut at) = (Vec::new(), 0);
    while let Some(header) = heard.get(at..at + RECORD_HEADER) {
        let length = RECORD_HEADER + usize::from(u16::from_be_bytes([header[3], header[4]]));
        places.extend([at, at + length / 2]);
        at += length;
    }
    places.push(at);
    places
}

/// One migration with one fault; how it came out.
fn trial(authority: &Authority, fault: Fault, way: Way, at: usize) -> source::State {
    let mut pair = encrypted(authority);
    pair.hurry();
    let cancel = Arc::<Mutex<Option<Raised>>>::default();
    let act = match fault {
        Fault::Cut => Act::Cut,
        Fault::Silence => Act::Silence,
        Fault::Cancel => {
            let (machine, answer) = (pair.source.clone(), Arc::clone(&cancel));
            Act::Call(Box::new(move || *answer.lock().unwrap() = Some(machine.raise(source::Trigger::Cancel))))
        }
    };
    let listens = pair.listen();
    pair.migrate(&relay::start(&listens, way, at, act).address);
    let context = format!("{fault:?} at byte {at} {way:?}, encrypted");
    let (source, destination) = pair.settle();
    check_all(&pair, &Outcome::of(source, destination), &context);
    if let Some(answer) = cancel.lock().unwrap().take() {
        check_cancel(&answer, source, &context);
    }
    source
}

/// How many trials run at once. Most of the time, they wait for a peer that is silent.
const AT_ONCE: usize = 4;

/// A migration for each place, with one fault there; how they came out.
fn trials(authority: &Authority, fault: Fault, places: &[(Way, &[usize])]) -> Vec<source::State> {
    let all: Vec<(Way, usize)> = places.iter().flat_map(|(way, places)| places.iter().map(|at| (*way, *at))).collect();
    let share = |first: usize| {
        let own = all.iter().skip(first).step_by(AT_ONCE);
        own.map(|(way, at)| trial(authority, fault, *way, *at)).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let share = &share;
        let shares: Vec<_> = (0..AT_ONCE).map(|first| scope.spawn(move || share(first))).collect();
        shares.into_iter().flat_map(|share| share.join().expect("no trial fails")).collect()
    })
}

#[test]
fn an_encrypted_migration_ends_well_wherever_something_goes_wrong() {
    let authority = Authority::new().unwrap();
    let mut pair = encrypted(&authority);
    let listens = pair.listen();
    let relay = relay::start(&listens, Way::There, usize::MAX, Act::Cut);
    pair.migrate(&relay.address);
    assert_eq!(pair.settle(), (source::State::Completed, destination::State::Completed));
    let [there, back] = relay.heard.map(|heard| places(&heard.lock().unwrap()));
    assert!(there.len() > 100 && back.len() > 12, "{} and {} places", there.len(), back.len());
    for fault in [Fault::Cut, Fault::Silence, Fault::Cancel] {
        let ends = trials(&authority, fault, &[(Way::There, &there), (Way::Back, &back)]);
        let count = |state| ends.iter().filter(|end| **end == state).count();
        let (failed, cancelled) = (count(source::State::Failed), count(source::State::Cancelled));
        eprintln!("{fault:?}, encrypted: {} trials, {failed} failed, {cancelled} cancelled", ends.len());
        let disturbed = if fault == Fault::Cancel { cancelled } else { failed };
        assert!(disturbed * 10 > ends.len() * 6, "{fault:?}: {disturbed} of {}", ends.len());
    }
}
