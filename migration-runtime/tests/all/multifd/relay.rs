//! The network between two hosts, with a fate for each of their connections.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use migration_runtime::address::Address;

/// What becomes of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fate {
    Passes,
    /// It is cut, alone, after so many bytes of the source.
    CutAfter(u64),
    /// Each piece is held back.
    Slow(Duration),
    /// Nothing passes after so many bytes of the source, and nobody is told.
    HoldsAfter(u64),
}

/// Called with the number of the next connection and the address that it leads to.
pub(super) type Before = Box<dyn FnMut(usize, SocketAddr) + Send>;

pub(super) struct Relay {
    pub(super) address: Address,
    /// The bytes of the source that have passed on each connection.
    pub(super) passed: Vec<Arc<AtomicU64>>,
    /// While this holds nothing passes, on no connection and in neither direction.
    pub(super) frozen: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
}

impl Relay {
    /// Leads to `to`. Connections that have no fate pass.
    pub(super) fn start(to: &Address, fates: Vec<Fate>, mut before: Before) -> Relay {
        let to: SocketAddr = to.to_string().trim_start_matches("tcp:").parse().unwrap();
        let outer = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("tcp:{}", outer.local_addr().unwrap()).parse().unwrap();
        let passed: Vec<Arc<AtomicU64>> = (0..8).map(|_| Arc::default()).collect();
        let (frozen, over) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let (counts, holds, ends) = (passed.clone(), Arc::clone(&frozen), Arc::clone(&over));
        thread::spawn(move || {
            for (number, from) in outer.incoming().flatten().enumerate() {
                before(number, to);
                let Ok(onward) = TcpStream::connect(to) else { continue };
                let (back_from, back_to) = (onward.try_clone().unwrap(), from.try_clone().unwrap());
                let fate = fates.get(number).copied().unwrap_or(Fate::Passes);
                let back = if matches!(fate, Fate::Slow(_)) { fate } else { Fate::Passes };
                let count = counts.get(number).cloned().unwrap_or_default();
                let [here, there] = [(); 2].map(|()| [Arc::clone(&holds), Arc::clone(&ends)]);
                thread::spawn(move || pass(from, onward, fate, &count, &here));
                thread::spawn(move || pass(back_from, back_to, back, &AtomicU64::new(0), &there));
            }
        });
        Relay { address, passed, frozen, over }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

/// Passes bytes on until one side is done.
fn pass(mut from: TcpStream, mut to: TcpStream, fate: Fate, count: &AtomicU64, holds: &[Arc<AtomicBool>; 2]) {
    for socket in [&from, &to] {
        socket.set_nodelay(true).unwrap();
    }
    let [frozen, over] = holds;
    let mut buffer = vec![0; 16 << 10];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let so_far = count.load(Ordering::SeqCst);
        let goes = match fate {
            Fate::CutAfter(limit) | Fate::HoldsAfter(limit) => read.min((limit - so_far) as usize),
            Fate::Passes | Fate::Slow(_) => read,
        };
        while frozen.load(Ordering::SeqCst) && !over.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5));
        }
        if let Fate::Slow(time) = fate {
            thread::sleep(time);
        }
        count.fetch_add(goes as u64, Ordering::SeqCst);
        if to.write_all(&buffer[..goes]).is_err() {
            break;
        }
        if goes < read {
            while matches!(fate, Fate::HoldsAfter(_)) && !over.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(5));
            }
            break;
        }
    }
    for socket in [from, to] {
        let _ = socket.shutdown(Shutdown::Both);
    }
}
