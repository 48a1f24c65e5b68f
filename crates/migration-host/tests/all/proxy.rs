//! A wire between the two sides that does something at a chosen place: it parts, goes silent, or calls.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use migration_runtime::wire::{Frame, HEADER_BYTES};

/// Which way bytes go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    /// From the source.
    There,
    /// From the destination.
    Back,
}

/// A place in the conversation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// After this many bytes.
    Byte(Way, u64),
    /// When so many of the frames that are not pages have been seen, before the next one, in its middle, or after it.
    Frame(Way, u64, Part),
}

/// Where in a frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Part {
    Before,
    Within,
    After,
}

/// What happens at the place.
pub(crate) enum Act {
    /// Both directions end.
    Cut,
    /// Nothing passes any more, and nobody is told.
    Silence,
    /// Somebody is called, and everything goes on.
    Call(Box<dyn FnOnce() + Send>),
}

/// A running wire.
pub(crate) struct Proxy {
    address: String,
    shared: Arc<Shared>,
}

struct Shared {
    place: Place,
    act: Mutex<Option<Act>>,
    acted: AtomicBool,
    silent: AtomicBool,
    bytes: [AtomicU64; 2],
    frames: [AtomicU64; 2],
    ends: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// A wire to `to` (`HOST:PORT`) with something that happens once, at `place`.
    pub(crate) fn start(to: &str, place: Place, act: Act) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared {
            place,
            act: Mutex::new(Some(act)),
            acted: AtomicBool::new(false),
            silent: AtomicBool::new(false),
            bytes: [AtomicU64::new(0), AtomicU64::new(0)],
            frames: [AtomicU64::new(0), AtomicU64::new(0)],
            ends: Mutex::new(Vec::new()),
        });
        let (to, all) = (to.to_owned(), Arc::clone(&shared));
        thread::spawn(move || {
            let Ok((source, _)) = listener.accept() else { return };
            drop(listener);
            let Ok(destination) = TcpStream::connect(to) else { return };
            for end in [&source, &destination] {
                end.set_nodelay(true).unwrap();
                all.ends.lock().unwrap().push(end.try_clone().unwrap());
            }
            let (back, there) = (Arc::clone(&all), all);
            let (from, into) = (destination.try_clone().unwrap(), source.try_clone().unwrap());
            thread::spawn(move || back.carry(Way::Back, from, into));
            there.carry(Way::There, source, destination);
        });
        Self { address, shared }
    }

    /// Where the source is to connect, as `HOST:PORT`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Whether the place was reached.
    pub(crate) fn acted(&self) -> bool {
        self.shared.acted.load(Ordering::SeqCst)
    }

    /// How many bytes, and frames that are not pages, have passed this way.
    pub(crate) fn passed(&self, way: Way) -> (u64, u64) {
        let count = |counters: &[AtomicU64; 2]| counters[way as usize].load(Ordering::SeqCst);
        (count(&self.shared.bytes), count(&self.shared.frames))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.part();
    }
}

impl Shared {
    /// Carries frames one way until either end is closed.
    fn carry(&self, way: Way, mut from: TcpStream, mut into: TcpStream) {
        loop {
            let mut header = [0; HEADER_BYTES];
            if from.read_exact(&mut header).is_err() {
                break;
            }
            let Ok(frame) = Frame::decode(&header) else { break };
            let mut bytes = header.to_vec();
            let pages = matches!(frame, Frame::Pages(_) | Frame::Zeroes(_) | Frame::KeepAlive);
            bytes.resize(HEADER_BYTES + payload(&frame), 0);
            if from.read_exact(&mut bytes[HEADER_BYTES..]).is_err() {
                break;
            }
            let number = self.frames[way as usize].fetch_add(u64::from(!pages), Ordering::SeqCst);
            if !self.pass(way, &bytes, number, pages, &mut into) {
                return;
            }
        }
        // The end of one side is the end for the other.
        let _ = into.shutdown(Shutdown::Write);
    }

    /// Passes one frame on and acts within it if its place is there; false once nothing is to pass any more.
    fn pass(&self, way: Way, bytes: &[u8], number: u64, pages: bool, into: &mut TcpStream) -> bool {
        let begin = self.bytes[way as usize].fetch_add(bytes.len() as u64, Ordering::SeqCst);
        let at = match self.place {
            Place::Byte(of, at) if of == way => at.checked_sub(begin).map(|at| at as usize),
            Place::Frame(of, at, part) if of == way && !pages && at == number => Some(match part {
                Part::Before => 0,
                Part::Within => bytes.len() / 2,
                Part::After => bytes.len(),
            }),
            Place::Byte(..) | Place::Frame(..) => None,
        };
        let at = at.filter(|at| *at <= bytes.len() && !self.acted.load(Ordering::SeqCst));
        let (first, rest) = bytes.split_at(at.unwrap_or(bytes.len()));
        if self.silent.load(Ordering::SeqCst) || into.write_all(first).is_err() {
            return self.silent.load(Ordering::SeqCst);
        }
        if at.is_some() && !self.act() {
            return false;
        }
        self.silent.load(Ordering::SeqCst) || into.write_all(rest).is_ok()
    }

    fn act(&self) -> bool {
        let Some(act) = self.act.lock().unwrap().take() else { return true };
        self.acted.store(true, Ordering::SeqCst);
        match act {
            Act::Cut => {
                self.part();
                false
            }
            Act::Silence => {
                self.silent.store(true, Ordering::SeqCst);
                true
            }
            Act::Call(call) => {
                call();
                true
            }
        }
    }

    fn part(&self) {
        for end in self.ends.lock().unwrap().drain(..) {
            // It may be closed already.
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}

/// The bytes that follow the header of a frame.
pub(crate) fn payload(frame: &Frame) -> usize {
    match frame {
        Frame::Message { payload, .. } | Frame::State { payload, .. } => payload.bytes as usize,
        Frame::Pages(run) => run.bytes() as usize,
        Frame::Zeroes(_)
        | Frame::StateEnd { .. }
        | Frame::RoundEnd { .. }
        | Frame::MemoryEnd
        | Frame::KeepAlive
        | Frame::Sync
        | Frame::Synced => 0,
    }
}

/// How long the sides wait for each other in these tests when nothing comes.
pub(crate) const SILENCE: Duration = Duration::from_millis(150);
