//! A network between two hosts that breaks when it is told to, all connections at once, and works again later.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// What passes at a time.
const PIECE_BYTES: usize = 16 << 10;

/// A relay for any number of connections. Clones share it.
#[derive(Clone, Debug)]
pub struct Network(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    address: String,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    to: String,
    open: Vec<TcpStream>,
    /// The bytes of the source that still pass, and that have passed.
    left: u64,
    passed: u64,
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
        let (to, open, left) = (host_and_port(to), Vec::new(), u64::MAX);
        let state = State { to, open, left, passed: 0, delay: Duration::ZERO, age: 0 };
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
    #[must_use]
    pub fn address(&self) -> &str {
        &self.0.address
    }

    /// Leads to `to` from now on, and works.
    pub fn lead_to(&self, to: &str) {
        let mut state = self.state();
        state.cut();
        (state.to, state.left, state.age) = (host_and_port(to), u64::MAX, state.age + 1);
    }

    /// Makes every piece of 16 KiB take so long.
    pub fn slow_down(&self, delay: Duration) {
        self.state().delay = delay;
    }

    /// The bytes of the source that have passed.
    #[must_use]
    pub fn passed(&self) -> u64 {
        self.state().passed
    }

    /// Breaks after so many more bytes of the source.
    pub fn break_after(&self, bytes: u64) {
        self.state().left = bytes;
    }

    /// Breaks now.
    pub fn cut(&self) {
        let mut state = self.state();
        state.left = 0;
        state.cut();
    }

    fn connect(&self, from: TcpStream) -> io::Result<()> {
        let mut state = self.state();
        if state.left == 0 {
            return Ok(());
        }
        let to = TcpStream::connect(&state.to)?;
        for socket in [&from, &to] {
            socket.set_nodelay(true)?;
            state.open.push(socket.try_clone()?);
        }
        let (back_from, back_to) = (to.try_clone()?, from.try_clone()?);
        let (there, back, age) = (self.clone(), self.clone(), state.age);
        thread::spawn(move || there.relay(from, to, age, State::take));
        thread::spawn(move || back.relay(back_from, back_to, age, |_, bytes| bytes));
        Ok(())
    }

    /// Passes bytes on until one side is done or the network breaks.
    fn relay(&self, mut from: TcpStream, mut to: TcpStream, age: u64, take: impl Fn(&mut State, usize) -> usize) {
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = from.read(&mut piece).unwrap_or(0);
            let (passes, delay) = {
                let mut state = self.state();
                if state.age != age {
                    return;
                }
                (take(&mut state, read), state.delay)
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
    fn take(&mut self, bytes: usize) -> usize {
        let passes = (bytes as u64).min(self.left);
        self.left = if self.left == u64::MAX { self.left } else { self.left - passes };
        self.passed += passes;
        passes as usize
    }

    fn cut(&mut self) {
        for socket in self.open.drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

fn host_and_port(address: &str) -> String {
    address.strip_prefix("tcp:").unwrap_or(address).to_owned()
}
