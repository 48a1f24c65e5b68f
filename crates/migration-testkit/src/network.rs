//! A network between two hosts that breaks when it is told to, all connections at once, and works again later.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, listen, socket_with};

/// What passes at a time.
const PIECE_BYTES: usize = 16 << 10;

/// Who says something: the side that connects, or the one that it is led to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// The side that connects.
    Source,
    /// The side that listens.
    Destination,
}

/// A relay for any number of connections. Clones share it.
#[derive(Clone)]
pub struct Network(Arc<Shared>);

struct Shared {
    address: String,
    state: Mutex<State>,
}

/// What happens once, when one side has said so many bytes.
struct Watch {
    side: Side,
    left: u64,
    act: Act,
}

type Act = Box<dyn FnOnce() + Send>;

struct State {
    to: String,
    open: Vec<TcpStream>,
    is_broken: bool,
    /// The bytes of the source that still pass, and those that do after each repair.
    left: u64,
    cuts: VecDeque<u64>,
    watch: Option<Watch>,
    /// The bytes of the source, and of the destination, that have passed.
    passed: u64,
    passed_back: u64,
    /// How long each piece takes.
    delay: Duration,
    /// How often it was led elsewhere: what is left of an older network breaks nothing.
    age: u64,
}

impl Network {
    /// A network that leads to `to`, an address such as `tcp:127.0.0.1:4444`.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start(to: &str) -> io::Result<Network> {
        let outer = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("tcp:{}", outer.local_addr()?);
        let state = State {
            to: host_and_port(to),
            open: Vec::new(),
            is_broken: false,
            left: u64::MAX,
            cuts: VecDeque::new(),
            watch: None,
            passed: 0,
            passed_back: 0,
            delay: Duration::ZERO,
            age: 0,
        };
        let network = Network(Arc::new(Shared { address, state: Mutex::new(state) }));
        let accepts = network.clone();
        thread::spawn(move || {
            for from in outer.incoming().flatten() {
                // A side that is not there hangs up on the other.
                let _ = accepts.connect(from);
            }
        });
        Ok(network)
    }

    /// The address at which the source connects.
    pub fn address(&self) -> &str {
        &self.0.address
    }

    /// Leads to `to` from now on, and works.
    pub fn lead_to(&self, to: &str) {
        let mut state = self.state();
        state.cut();
        state.left = state.cuts.pop_front().unwrap_or(u64::MAX);
        (state.to, state.is_broken, state.age) = (host_and_port(to), false, state.age + 1);
    }

    /// Makes every piece of 16 KiB take so long.
    pub fn slow_down(&self, delay: Duration) {
        self.state().delay = delay;
    }

    /// The bytes of the source that have passed.
    pub fn passed(&self) -> u64 {
        self.state().passed
    }

    /// The bytes of the destination that have passed.
    pub fn passed_back(&self) -> u64 {
        self.state().passed_back
    }

    /// Breaks after so many more bytes of the source, and after so many each time that it was led elsewhere.
    pub fn break_after(&self, cuts: impl IntoIterator<Item = u64>) {
        let mut state = self.state();
        state.cuts = cuts.into_iter().collect();
        state.left = state.cuts.pop_front().unwrap_or(u64::MAX);
    }

    /// Calls `act` when a side has said so many more bytes, before the last of them pass.
    pub fn when(&self, side: Side, bytes: u64, act: impl FnOnce() + Send + 'static) {
        self.state().watch = Some(Watch { side, left: bytes, act: Box::new(act) });
    }

    /// Breaks now.
    pub fn cut(&self) {
        self.state().cut();
    }

    fn connect(&self, from: TcpStream) -> io::Result<()> {
        let mut state = self.state();
        if state.is_broken {
            return Ok(());
        }
        let to = TcpStream::connect(&state.to)?;
        for socket in [&from, &to] {
            socket.set_nodelay(true)?;
            state.open.push(socket.try_clone()?);
        }
        let (back_from, back_to) = (to.try_clone()?, from.try_clone()?);
        let (there, back, age) = (self.clone(), self.clone(), state.age);
        thread::spawn(move || there.relay(from, to, age, Side::Source));
        thread::spawn(move || back.relay(back_from, back_to, age, Side::Destination));
        Ok(())
    }

    /// Passes bytes on until one side is done or the network breaks.
    fn relay(&self, mut from: TcpStream, mut to: TcpStream, age: u64, side: Side) {
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = from.read(&mut piece).unwrap_or(0);
            let due = {
                let mut state = self.state();
                if state.age != age {
                    return;
                }
                state.due(side, read as u64)
            };
            // It may do anything to this network.
            due.into_iter().for_each(|act| act());
            let (passes, delay) = {
                let mut state = self.state();
                (state.take(side, read as u64) as usize, state.delay)
            };
            thread::sleep(delay);
            if read == 0 || to.write_all(&piece[..passes]).is_err() {
                break;
            }
            if passes < read {
                let mut state = self.state();
                if state.age == age {
                    state.cut();
                }
                return;
            }
        }
        for socket in [from, to] {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes what is to happen now that a side says so many bytes more.
    fn due(&mut self, side: Side, bytes: u64) -> Option<Act> {
        let watch = self.watch.as_mut().filter(|watch| watch.side == side)?;
        watch.left = watch.left.saturating_sub(bytes);
        if watch.left > 0 { None } else { self.watch.take().map(|watch| watch.act) }
    }

    /// Counts what a side says, and returns how much of it passes.
    fn take(&mut self, side: Side, bytes: u64) -> u64 {
        if side == Side::Destination {
            self.passed_back += bytes;
            return bytes;
        }
        let passes = bytes.min(self.left);
        self.left -= passes;
        self.passed += passes;
        passes
    }

    fn cut(&mut self) {
        self.is_broken = true;
        for socket in self.open.drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// A port whose queue is full: whoever connects gets no answer at all.
#[derive(Debug)]
pub struct FullPort {
    listener: TcpListener,
    _queued: Vec<OwnedFd>,
}

impl FullPort {
    /// Fills the queue of a free port.
    ///
    /// # Errors
    /// When no socket can be made.
    ///
    /// # Panics
    /// When the queue has no end.
    pub fn start() -> io::Result<FullPort> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = || socket_with(AddressFamily::INET, SocketType::STREAM, flags, None);
        let listener = socket()?;
        bind(&listener, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0))?;
        listen(&listener, 0)?;
        let listener = TcpListener::from(listener);
        let at = listener.local_addr()?;
        let mut queued = Vec::new();
        loop {
            let one = socket()?;
            // It is under way, or there at once.
            let _ = connect(&one, &at);
            let limit = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };
            let is_taken = poll(&mut [PollFd::new(&one, PollFlags::OUT)], Some(&limit))? > 0;
            queued.push(one);
            if !is_taken {
                return Ok(FullPort { listener, _queued: queued });
            }
            assert!(queued.len() < 10, "the queue has no end");
        }
    }

    /// The address at which nobody answers, such as `tcp:127.0.0.1:4444`.
    ///
    /// # Panics
    /// When the system has forgotten it.
    pub fn address(&self) -> String {
        format!("tcp:{}", self.listener.local_addr().expect("a listener has an address"))
    }

    /// Answers to all who are still there.
    ///
    /// # Panics
    /// When the socket cannot be told to do so.
    pub fn take_everybody(&self) {
        self.listener.set_nonblocking(true).expect("a socket can be told so");
        while self.listener.accept().is_ok() {}
    }
}

fn host_and_port(address: &str) -> String {
    address.strip_prefix("tcp:").unwrap_or(address).to_owned()
}
