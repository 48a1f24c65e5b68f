//! Somebody in the middle of a connection, who does something at a certain byte.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::super::wire::Way;

/// What is done at the byte.
pub(super) enum Act {
    /// Both directions are reset.
    Cut,
    /// One direction ends, as if its sender had nothing more to say.
    Truncate,
    /// A bit is turned round.
    Flip,
    /// Nothing passes any more, and the connection stays.
    Silence,
    /// This is called, and everything goes on.
    Call(Box<dyn FnOnce() + Send>),
}

/// What went one way.
pub(super) type Heard = Arc<Mutex<Vec<u8>>>;

/// A relay at work.
pub(super) struct Relay {
    /// Where the source is to connect.
    pub(super) address: String,
    /// What the source says, and what the destination does.
    pub(super) heard: [Heard; 2],
}

/// Starts a relay to `to` that does something when `at` bytes have gone one way.
pub(super) fn start(to: &str, way: Way, at: usize, act: Act) -> Relay {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (to, heard) = (to.to_owned(), [Heard::default(), Heard::default()]);
    let hears = heard.clone();
    thread::spawn(move || {
        let Ok((source, _)) = listener.accept() else { return };
        let Ok(destination) = TcpStream::connect(to) else { return };
        let (there, back) = if way == Way::There { (Some(act), None) } else { (None, Some(act)) };
        thread::scope(|scope| {
            scope.spawn(|| carry(&destination, &source, at, back, &hears[1]));
            carry(&source, &destination, at, there, &hears[0]);
        });
    });
    Relay { address, heard }
}

/// Carries bytes one way until an end is closed.
fn carry(mut from: &TcpStream, mut into: &TcpStream, at: usize, act: Option<Act>, heard: &Heard) {
    let (mut act, mut passed, mut silent) = (act, 0, false);
    let mut bytes = vec![0; 16 << 10];
    loop {
        // The byte at which something is done comes first in what is read.
        let most = if act.is_some() && passed < at { bytes.len().min(at - passed) } else { bytes.len() };
        let count = match from.read(&mut bytes[..most]) {
            Ok(0) | Err(_) => break,
            Ok(count) => count,
        };
        if passed == at {
            match act.take() {
                Some(Act::Cut) => {
                    let _ = (from.shutdown(Shutdown::Both), into.shutdown(Shutdown::Both));
                    return;
                }
                Some(Act::Truncate) => break,
                Some(Act::Flip) => bytes[0] ^= 1,
                Some(Act::Silence) => silent = true,
                Some(Act::Call(call)) => call(),
                None => {}
            }
        }
        passed += count;
        heard.lock().unwrap().extend_from_slice(&bytes[..count]);
        if !silent && into.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = into.shutdown(Shutdown::Write);
    let _ = std::io::copy(&mut from, &mut std::io::sink());
}
