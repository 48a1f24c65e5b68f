//! A network between two hosts that can hold back what one of them sends, and let it go later.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use migration_runtime::wire::{Frame, HEADER_BYTES};

/// No test waits longer than this for a frame.
const LIMIT: Duration = Duration::from_secs(60);

/// Which way frames go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Way {
    /// From the source to the destination.
    There,
    /// From the destination to the source.
    Back,
}

/// A relay of one connection. From the first frame on that `hold` picks, it keeps everything that goes some ways: the
/// sender finds that its bytes were taken, as when a network loses packets that the kernel sends again later.
pub(super) struct Relay {
    address: String,
    shared: Arc<Shared>,
}

/// Says at which frame the network begins to hold back.
type Hold = Box<dyn Fn(Way, &Frame) -> bool + Send + Sync>;

struct Shared {
    hold: Hold,
    /// Which ways nothing gets through then.
    ways: Vec<Way>,
    network: Mutex<Network>,
    changed: Condvar,
}

/// What the network does now.
#[derive(Default)]
struct Network {
    holding: bool,
    released: bool,
    ended: usize,
}

impl Relay {
    /// Starts a relay to `to`, an address such as `tcp:127.0.0.1:4444`, that holds back what goes these ways.
    pub(super) fn start(to: &str, ways: &[Way], hold: impl Fn(Way, &Frame) -> bool + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = format!("tcp:{}", listener.local_addr().expect("it has an address"));
        let to = to.strip_prefix("tcp:").expect("the destination listens at a TCP port").to_owned();
        let (network, changed) = (Mutex::default(), Condvar::new());
        let shared = Arc::new(Shared { hold: Box::new(hold), ways: ways.to_vec(), network, changed });
        let relay = Self { address, shared: Arc::clone(&shared) };
        thread::spawn(move || {
            let Ok((source, _)) = listener.accept() else { return };
            let destination = TcpStream::connect(to).expect("the destination listens");
            thread::scope(|scope| {
                scope.spawn(|| shared.carry(Way::Back, &destination, &source));
                shared.carry(Way::There, &source, &destination);
            });
        });
        relay
    }

    /// Where the source is to connect.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Waits until a frame is held back.
    pub(super) fn wait_until_it_holds(&self) {
        self.shared.wait("no frame is held back", |network| network.holding);
    }

    /// Lets go of everything that was held back, and waits until it has arrived or nobody wants it any more.
    pub(super) fn release(&self) {
        self.shared.network().released = true;
        self.shared.changed.notify_all();
        self.shared.wait("the connections do not end", |network| network.ended == 2);
    }
}

impl Shared {
    /// Carries frames one way until its sender has hung up.
    fn carry(&self, way: Way, from: &TcpStream, mut into: &TcpStream) {
        let mut held = Vec::new();
        while let Some((frame, bytes)) = read_frame(from) {
            let mut network = self.network();
            if !network.holding && (self.hold)(way, &frame) {
                network.holding = true;
                self.changed.notify_all();
            }
            if network.holding && !network.released && self.ways.contains(&way) {
                held.extend(bytes);
            } else {
                drop(network);
                // The receiver may have hung up; the sender finds out by itself.
                let _ = into.write_all(&bytes);
            }
        }
        if self.network().holding && self.ways.contains(&way) {
            self.wait("nothing is released", |network| network.released);
            let _ = into.write_all(&held);
        }
        // The end of what one side says is passed on like everything else.
        let _ = into.shutdown(Shutdown::Write);
        self.network().ended += 1;
        self.changed.notify_all();
    }

    fn wait(&self, otherwise: &str, until: impl Fn(&Network) -> bool) {
        let deadline = Instant::now() + LIMIT;
        let mut network = self.network();
        while !until(&network) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{otherwise}");
            network = self.changed.wait_timeout(network, left).expect("nobody panics with the lock").0;
        }
    }

    fn network(&self) -> MutexGuard<'_, Network> {
        self.network.lock().expect("nobody panics with the lock")
    }
}

/// Reads a frame with its header; `None` at the end of the connection.
fn read_frame(mut from: &TcpStream) -> Option<(Frame, Vec<u8>)> {
    let mut bytes = vec![0; HEADER_BYTES];
    from.read_exact(&mut bytes).ok()?;
    let header: &[u8; HEADER_BYTES] = bytes.first_chunk().expect("a header was read");
    let frame = Frame::decode(header).expect("hosts send frames");
    bytes.resize(HEADER_BYTES + frame.payload_bytes(), 0);
    from.read_exact(&mut bytes[HEADER_BYTES..]).ok()?;
    Some((frame, bytes))
}
