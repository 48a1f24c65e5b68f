//! A wire between the two sides on which one frame, or one connection, is not what was sent.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread;

use migration_runtime::wire::{Frame, HEADER_BYTES, Payload};

use super::proxy::{Way, payload};

/// What a frame becomes, with its payload: its bytes, or nothing to change nothing.
pub(crate) type Change = Box<dyn FnMut(Way, &Frame, &[u8]) -> Option<Vec<u8>> + Send>;

/// Starts a wire to `to` (`HOST:PORT`) that passes each frame through `change`; where the source is to connect.
pub(crate) fn mangle(to: &str, change: Change) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let to = to.to_owned();
    thread::spawn(move || {
        let (source, _) = listener.accept().unwrap();
        let destination = TcpStream::connect(to).unwrap();
        let change = Mutex::new(change);
        thread::scope(|scope| {
            scope.spawn(|| carry(Way::Back, &destination, &source, &change));
            carry(Way::There, &source, &destination, &change);
        });
    });
    address
}

fn carry(way: Way, mut from: &TcpStream, mut into: &TcpStream, change: &Mutex<Change>) {
    let mut header = [0; HEADER_BYTES];
    while from.read_exact(&mut header).is_ok() {
        let Ok(frame) = Frame::decode(&header) else { break };
        let mut bytes = header.to_vec();
        bytes.resize(HEADER_BYTES + payload(&frame), 0);
        if from.read_exact(&mut bytes[HEADER_BYTES..]).is_err() {
            break;
        }
        let changed = (change.lock().unwrap())(way, &frame, &bytes);
        if into.write_all(&changed.unwrap_or(bytes)).is_err() {
            break;
        }
    }
    // The end of one side is the end for the other, but what it still has to say is to be heard.
    let _ = into.shutdown(Shutdown::Write);
    let _ = std::io::copy(&mut from, &mut std::io::sink());
}

/// A control message, as it goes over the wire.
pub(crate) fn message(number: u16, payload: &[u8]) -> Vec<u8> {
    let header = Frame::Message { number, payload: Payload::of(payload) };
    [header.encode().as_slice(), payload].concat()
}

/// What the source sends ends in the midst of the first page, and the connection stays.
pub(crate) fn stopping_in_a_page() -> Change {
    let mut stopped = false;
    Box::new(move |way, frame, bytes| {
        if way == Way::Back {
            return None;
        }
        if stopped {
            return Some(Vec::new());
        }
        stopped = matches!(frame, Frame::Pages(_));
        stopped.then(|| bytes[..bytes.len() / 2].to_vec())
    })
}
