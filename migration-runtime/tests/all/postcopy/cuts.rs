//! Connections that break: the guest goes on with what it has, and loses nothing.

use std::thread;
use std::time::Instant;

use migration_runtime::channel::Channel;
use migration_runtime::transfer::Sent;
use migration_testkit::network::Network;

use super::super::peers::{PATIENCE, contents, listen, patiently};
use super::rig::{Connections, Kind, Rig, Stream, VCPUS, userfaultfd};

/// Which connection is cut, and after how many bytes from the side that says most there.
#[derive(Clone, Copy, Debug)]
struct Cut {
    main_bytes: u64,
    urgent_bytes: u64,
}

const NEVER: u64 = u64::MAX;

#[test]
fn cut_at_every_place_and_again_in_the_recovery() {
    let Some(()) = userfaultfd() else { return };
    let whole = bytes_of_a_run();
    let step = whole / 24;
    let cuts = (0..24).map(|at| Cut { main_bytes: at * step + at % 37, urgent_bytes: NEVER });
    // On the connection for requests: within the first answers, at each border of a frame and beside it.
    let within = [0, 1, 31, 32, 33, 4127, 4128, 4129, 20_000].map(|at| Cut { main_bytes: NEVER, urgent_bytes: at });
    let (mut broken, began) = (0, Instant::now());
    for (index, cut) in cuts.chain(within).enumerate() {
        let kind = if index % 2 == 0 { Kind::Anonymous } else { Kind::Memfd };
        broken += run(kind, cut);
    }
    assert!(broken > 40, "only {broken} connections broke");
    // Nobody noticed a break only because its patience ended.
    assert!(began.elapsed() < PATIENCE, "{:?}", began.elapsed());
}

/// Moves a guest over connections that break, and returns how many did.
fn run(kind: Kind, cut: Cut) -> usize {
    let rig = Rig::new(kind);
    let expected = rig.expected_after_vcpus();
    let mut broken = 0;
    thread::scope(|scope| {
        for vcpu in 0..VCPUS {
            scope.spawn({
                let rig = &rig;
                move || rig.run_vcpu(vcpu)
            });
        }
        // The second time breaks early: in the bitmap, or soon after.
        let again = Cut { main_bytes: cut.main_bytes / 7, ..cut };
        for (attempt, cut) in [cut, again, Cut { main_bytes: NEVER, urgent_bytes: NEVER }].into_iter().enumerate() {
            if rig.fetch.is_whole() {
                break;
            }
            let ended = attempt_over(&rig, cut, attempt > 0);
            if let Err(why) = ended {
                assert!(attempt < 2, "an honest connection broke: {why} ({kind:?}, {cut:?})");
                broken += 1;
            }
        }
    });
    assert!(rig.fetch.is_whole(), "{kind:?}, {cut:?}");
    assert!(contents(&rig.destination) == expected, "{kind:?}, {cut:?}");
    let figures = rig.fetch.figures();
    assert_eq!(figures.pulled_pages + figures.pushed_pages, rig.missing, "{figures:?}");
    broken
}

/// Goes on over a new pair of connections. Both sides have to notice when one of them breaks.
fn attempt_over(rig: &Rig, cut: Cut, recount: bool) -> Result<(), String> {
    let (source, destination, _network) = cut_pair(cut.main_bytes);
    let mut connections = Connections { source, destination };
    if recount {
        rig.recount(&mut connections).map_err(|error| error.to_line())?;
    }
    let (answers, asks, _network) = cut_pair(cut.urgent_bytes);
    rig.supply.connect(answers, &connections.source).map_err(|error| error.to_line())?;
    rig.fetch.connect(asks, &connections.destination).map_err(|error| error.to_line())?;
    let (_, received) = rig.exchange(connections);
    rig.supply.disconnect();
    received.map_err(|error| error.to_line())
}

/// The bytes that the source says on the main connection if nothing breaks and nobody asks.
fn bytes_of_a_run() -> u64 {
    let rig = Rig::new(Kind::Anonymous);
    let (source, destination, network) = cut_pair(NEVER);
    let connections = Connections { source, destination };
    let (answers, asks) = Stream::Pair.connect();
    rig.supply.connect(answers, &connections.source).unwrap();
    rig.fetch.connect(asks, &connections.destination).unwrap();
    let (pushed, received) = rig.exchange(connections);
    assert_eq!(pushed.unwrap(), Sent::All);
    received.unwrap();
    network.passed()
}

/// A TCP connection through a network that hangs up on both sides after so many bytes of the source.
fn cut_pair(bytes: u64) -> (Channel, Channel, Network) {
    let wait = patiently();
    let listener = listen();
    let network = Network::start(&listener.address().to_string()).unwrap();
    network.break_after([bytes]);
    let source = Channel::connect(&network.address().parse().unwrap(), &wait).unwrap();
    (source, listener.accept(&wait).unwrap(), network)
}
