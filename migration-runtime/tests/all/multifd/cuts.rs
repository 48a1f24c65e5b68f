//! Each of several connections is cut, or the migration is cancelled, at many places of what passes on it, plain and
//! encrypted: the guest is moved or stays, as with a single connection, and nobody waits long.

use std::path::Path;
use std::time::{Duration, Instant};

use migration_runtime::machine::Raised;
use migration_runtime::states::{Reason, source};
use migration_testkit::certificates::Authority;

use super::nobody;
use super::relay::Fate;
use super::rig::{Ending, Sides};

/// Bytes that the source has sent on a connection: in the handshake of TLS, in the hello, among the pages, at the end.
const PLACES: [u64; 14] =
    [0, 1, 40, 70, 300, 1000, 1800, 2600, 50_000, 500_000, 2_000_000, 4_100_000, 5_000_000, 6_000_000];

/// The main connection and those for pages.
const CONNECTIONS: usize = 3;

/// How long an attempt may take to end, whatever happens to it.
const BOUND: Duration = Duration::from_secs(25);

fn sides(certificates: Option<&Path>) -> Sides {
    Sides { certificates: certificates.map(Path::to_owned), ..Sides::with([2, 2]) }
}

#[test]
fn a_connection_that_is_cut_ends_the_attempt_as_a_single_one_does() {
    let authority = Authority::new().unwrap();
    let directory = authority.host().unwrap();
    for certificates in [None, Some(directory.path())] {
        let (mut moved, mut stayed) = (0, 0);
        for number in 0..CONNECTIONS {
            for cut in PLACES {
                println!("connection {number} is cut after {cut} bytes, encrypted: {}", certificates.is_some());
                let mut fates = vec![Fate::Passes; CONNECTIONS];
                fates[number] = Fate::CutAfter(cut);
                let run = sides(certificates).through(fates, nobody());
                let (here, began) = (run.here.clone(), Instant::now());
                match run.end() {
                    Ending::Moved => moved += 1,
                    Ending::Stayed => {
                        stayed += 1;
                        assert_eq!(here.reason(), Some(Reason::Error), "what a connection that is closed comes to");
                    }
                    Ending::InDoubt => assert_eq!(number, 0),
                    Ending::Cancelled => panic!("nobody cancels"),
                }
                assert!(began.elapsed() < BOUND, "it is found out late");
            }
        }
        eprintln!("cuts, encrypted {}: {moved} moved, {stayed} stayed", certificates.is_some());
        assert!(moved > 0 && stayed > 20, "{moved} moved, {stayed} stayed");
    }
}

#[test]
fn a_cancel_at_every_place_leaves_the_guest_here_or_comes_too_late() {
    let authority = Authority::new().unwrap();
    let directory = authority.host().unwrap();
    for certificates in [None, Some(directory.path())] {
        let (mut cancelled, mut refused) = (0, 0);
        for number in 0..CONNECTIONS {
            for place in PLACES {
                println!("a cancel after {place} bytes on {number}, encrypted: {}", certificates.is_some());
                let run = sides(certificates).through(vec![], nobody());
                let here = run.here.clone();
                // What the main connection carries is little: its last places are never reached.
                run.wait_for_passed_or_end(number, place);
                let accepted = !matches!(here.raise(source::Trigger::Cancel), Raised::Refused(_));
                let began = Instant::now();
                let ending = run.end();
                assert!(began.elapsed() < BOUND, "it is found out late");
                match (accepted, ending) {
                    (true, Ending::Cancelled) => cancelled += 1,
                    // Nothing is cancelled any more; an idle machine ignores it.
                    (_, Ending::Moved) => refused += 1,
                    (_, other) => panic!("{other:?}, the cancel accepted: {accepted}"),
                }
            }
        }
        eprintln!("cancels, encrypted {}: {cancelled} cancelled, {refused} too late", certificates.is_some());
        assert!(cancelled > 20 && refused > 0, "{cancelled} cancelled, {refused} too late");
    }
}
