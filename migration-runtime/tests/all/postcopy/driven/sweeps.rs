//! The connection is cut, or a user pauses, at every message and every few kilobytes of a post-copy, plain and encrypted:
//! the post-copy is recovered and the guest is whole, or it stays where it is.

use migration_testkit::certificates::Authority;
use migration_testkit::network::Side;

use super::*;

/// How many bytes one side says before the post-copy begins, and until it is complete.
#[derive(Clone, Copy, Debug)]
struct Said {
    before: u64,
    whole: u64,
}

/// What the source says, and what the destination does, in a post-copy that nothing disturbs.
fn said(certificates: Option<&Path>) -> [Said; 2] {
    let run = Run::begin_over(Kind::Anonymous, &[], None, certificates);
    let _ = run.here.wait(PATIENCE, |state| state == Started::Active);
    run.start_postcopy();
    let _ = run.here.wait(PATIENCE, |state| state == Started::Device || is_end(state));
    let before = [run.network.passed(), run.network.passed_back()];
    let network = run.network.clone();
    assert_eq!(run.end(), Ending::Moved { pauses: 0 });
    let whole = [network.passed(), network.passed_back()];
    [0, 1].map(|side| Said { before: before[side], whole: whole[side] })
}

/// Places in what the source says: in the switchover, among the pages, and at the end.
fn places_there(said: Said, of_each: u64) -> impl Iterator<Item = u64> {
    let Said { before, whole } = said;
    // The messages of the switchover come after what was sent before, which is never quite the same.
    let switchover = (0..of_each).map(move |place| before.saturating_sub(4000) + place * (24_504 / of_each));
    let pages = (0..of_each).map(move |place| before + (whole - before) / of_each * place + place % 41);
    let end = (0..of_each).map(move |place| whole - 512 + place * (512 / of_each));
    switchover.chain(pages).chain(end)
}

/// Places in what the destination says, which is short.
fn places_back(said: Said, count: u64) -> impl Iterator<Item = u64> {
    let step = (said.whole / count).max(1);
    (0..count + 2).map(move |place| 1 + place * step)
}

/// What became of many guests.
#[derive(Debug, Default)]
struct Tally {
    paused: usize,
    undisturbed: usize,
    stayed: usize,
    in_doubt: usize,
}

impl Tally {
    fn count(&mut self, ending: Ending, context: &str) {
        match ending {
            Ending::Moved { pauses: 0 } => self.undisturbed += 1,
            Ending::Moved { .. } => self.paused += 1,
            Ending::Stayed => self.stayed += 1,
            Ending::InDoubt => self.in_doubt += 1,
            Ending::Lost => panic!("the guest is lost: {context}"),
        }
    }
}

fn kind_of(index: usize) -> Kind {
    if index.is_multiple_of(2) { Kind::Anonymous } else { Kind::Memfd }
}

#[test]
fn a_post_copy_cut_at_every_place_is_recovered_or_the_guest_stays() {
    let Some(()) = userfaultfd() else { return };
    let authority = Authority::new().unwrap();
    let directory = authority.host().unwrap();
    for (certificates, of_each) in [(None, 24), (Some(directory.path()), 8)] {
        let [there, back] = said(certificates);
        let first = (0..of_each + 8).map(|place| place * 37 * (32 / of_each)).collect::<Vec<_>>();
        let mut tally = Tally::default();
        for (index, cut) in first.into_iter().chain(places_there(there, of_each)).enumerate() {
            // The second time it breaks too: in the bitmap, or soon after.
            let again = 20 + 31_000 * (index as u64 % 3);
            println!("cut after {cut} bytes, and again after {again}, encrypted: {}", certificates.is_some());
            let run = Run::begin_over(kind_of(index), &[cut, again], None, certificates);
            run.start_postcopy();
            tally.count(run.end(), &format!("cut after {cut} bytes"));
        }
        for (index, cut) in places_back(back, 2 * of_each).enumerate() {
            println!("cut after {cut} bytes of the destination, encrypted: {}", certificates.is_some());
            let run = Run::begin_over(kind_of(index), &[], None, certificates);
            let network = run.network.clone();
            run.network.when(Side::Destination, cut, move || network.cut());
            run.start_postcopy();
            tally.count(run.end(), &format!("cut after {cut} bytes of the destination"));
        }
        eprintln!("cuts, encrypted {}: {tally:?}", certificates.is_some());
        let enough = of_each as usize / 2;
        assert!(tally.paused > enough && tally.stayed > enough && tally.in_doubt < 10, "{tally:?}");
    }
}

#[test]
fn a_pause_at_every_place_is_recovered_or_refused() {
    let Some(()) = userfaultfd() else { return };
    let authority = Authority::new().unwrap();
    let directory = authority.host().unwrap();
    for (certificates, of_each) in [(None, 12), (Some(directory.path()), 4)] {
        let [there, back] = said(certificates);
        let there = places_there(there, of_each).map(|place| (Side::Source, place));
        let back = places_back(back, 2 * of_each).map(|place| (Side::Destination, place));
        let mut tally = Tally::default();
        for (index, (side, place)) in there.chain(back).enumerate() {
            let at_source = index / 2 % 2 == 0;
            let context = format!("a pause after {place} bytes of {side:?}, at the source: {at_source}");
            println!("{context}");
            let run = Run::begin_over(kind_of(index), &[], None, certificates);
            let (here, there) = (run.here.clone(), run.there.clone());
            run.network.when(side, place, move || {
                if at_source {
                    here.raise(Leaves::Pause);
                } else {
                    there.raise(Arrives::Pause);
                }
            });
            run.start_postcopy();
            tally.count(run.end(), &context);
        }
        eprintln!("pauses, encrypted {}: {tally:?}", certificates.is_some());
        assert!(tally.paused > of_each as usize / 2, "{tally:?}: most come where a pause is accepted");
        assert_eq!((tally.stayed, tally.in_doubt), (0, 0), "{tally:?}: a pause ends nothing");
    }
}
