//! The network between two hosts: it breaks when it is told to, all connections at once.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use migration_runtime::address::Address;

/// The bytes of the source that pass before the network breaks, once for each time that it works.
pub(super) type Cuts = Vec<u64>;

/// Who says something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    Source,
    Destination,
}

/// What happens once, when one side has said so many bytes.
struct Watch {
    side: Side,
    left: u64,
    act: Box<dyn FnOnce() + Send>,
}

#[derive(Clone)]
pub(super) struct Network(Arc<Shared>);

struct Shared {
    address: Address,
    state: Mutex<State>,
    /// The bytes of the source that still pass.
    left: AtomicU64,
    /// What passes is held back by so much for each piece.
    slow: Option<Duration>,
}

struct State {
    to: Option<SocketAddr>,
    open: Vec<TcpStream>,
    cuts: std::vec::IntoIter<u64>,
    watch: Option<Watch>,
    /// The bytes that the destination has said.
    back: u64,
    /// How often it was led elsewhere: what is left of an older network breaks nothing.
    age: u64,
}

impl Network {
    pub(super) fn new(cuts: Cuts, slow: Option<Duration>) -> Network {
        let outer = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("tcp:{}", outer.local_addr().unwrap()).parse().unwrap();
        let mut cuts = cuts.into_iter();
        let left = AtomicU64::new(cuts.next().unwrap_or(u64::MAX));
        let state = Mutex::new(State { to: None, open: Vec::new(), cuts, watch: None, back: 0, age: 0 });
        let network = Network(Arc::new(Shared { address, state, left, slow }));
        let accepts = network.clone();
        thread::spawn(move || {
            for from in outer.incoming().flatten() {
                accepts.pass(from);
            }
        });
        network
    }

    /// Where the source connects.
    pub(super) fn address(&self) -> Address {
        self.0.address.clone()
    }

    /// Works again, and leads to this listener from now on.
    pub(super) fn lead_to(&self, listener: &Address) {
        self.cut();
        let mut state = self.state();
        state.age += 1;
        state.to = Some(listener.to_string().trim_start_matches("tcp:").parse().unwrap());
        if self.0.left.load(Ordering::SeqCst) == 0 {
            let next = state.cuts.next().unwrap_or(u64::MAX);
            self.0.left.store(next, Ordering::SeqCst);
        }
    }

    /// Breaks every connection.
    pub(super) fn cut(&self) {
        for socket in self.state().open.drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }

    /// The bytes of the source that have passed, if it never breaks.
    pub(super) fn passed(&self) -> u64 {
        u64::MAX - self.0.left.load(Ordering::SeqCst)
    }

    /// The bytes of the destination that have passed.
    pub(super) fn passed_back(&self) -> u64 {
        self.state().back
    }

    /// Calls `act` when `side` has said so many bytes, before the last of them pass.
    pub(super) fn when(&self, side: Side, bytes: u64, act: impl FnOnce() + Send + 'static) {
        self.state().watch = Some(Watch { side, left: bytes, act: Box::new(act) });
    }

    /// Takes what is to happen now that `side` says so many bytes more.
    fn due(&self, side: Side, bytes: u64) -> Option<Box<dyn FnOnce() + Send>> {
        let mut state = self.state();
        if side == Side::Destination {
            state.back += bytes;
        }
        let watch = state.watch.as_mut().filter(|watch| watch.side == side)?;
        watch.left = watch.left.saturating_sub(bytes);
        if watch.left > 0 { None } else { state.watch.take().map(|watch| watch.act) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass(&self, from: TcpStream) {
        let mut state = self.state();
        let Some(Ok(to)) = state.to.map(TcpStream::connect) else { return };
        for socket in [&from, &to] {
            socket.set_nodelay(true).unwrap();
            state.open.push(socket.try_clone().unwrap());
        }
        let (back_from, back_to) = (to.try_clone().unwrap(), from.try_clone().unwrap());
        let (there, back, age) = (self.clone(), self.clone(), state.age);
        thread::spawn(move || there.relay(from, to, age, Side::Source));
        thread::spawn(move || back.relay(back_from, back_to, age, Side::Destination));
    }

    /// Passes bytes on until one side is done or the network breaks.
    fn relay(&self, mut from: TcpStream, mut to: TcpStream, age: u64, side: Side) {
        let mut buffer = vec![0; 16 << 10];
        loop {
            let passed = from.read(&mut buffer).unwrap_or(0);
            if self.state().age != age {
                return;
            }
            if let Some(act) = self.due(side, passed as u64) {
                act();
            }
            let goes = if side == Side::Source { self.take(passed as u64) as usize } else { passed };
            if let Some(slow) = self.0.slow {
                thread::sleep(slow);
            }
            if passed == 0 || to.write_all(&buffer[..goes]).is_err() {
                break;
            }
            if goes < passed {
                if self.state().age == age {
                    self.cut();
                }
                return;
            }
        }
        for socket in [from, to] {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }

    fn take(&self, wanted: u64) -> u64 {
        let left = self.0.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left - wanted.min(left)));
        wanted.min(left.unwrap_or(0))
    }
}
