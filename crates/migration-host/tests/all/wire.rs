//! A wire between the two sides on which frames, or the connection, can come to harm.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use migration_runtime::wire::{Frame, HEADER_BYTES, Payload};

/// Which way bytes go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Way {
    /// From the source.
    There,
    /// From the destination.
    Back,
}

/// What happens to a frame.
pub(crate) enum Fate {
    Pass,
    /// The other side gets these bytes in its place.
    Become(Vec<u8>),
    /// So many bytes of it pass; then something happens.
    After(usize, Act),
}

/// What happens within a frame.
pub(crate) enum Act {
    /// Both directions end.
    Cut,
    /// Nothing passes any more in either direction, and the connection stays.
    Silence,
    /// This is called, and everything goes on.
    Call(Box<dyn FnOnce() + Send>),
}

/// Decides about each frame, given with its header.
pub(crate) type Judge = Box<dyn FnMut(Way, &Frame, &[u8]) -> Fate + Send>;

/// Starts a wire to `to` (`HOST:PORT`), and returns where the source is to connect.
pub(crate) fn start(to: &str, judge: Judge) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let to = to.to_owned();
    thread::spawn(move || {
        let Ok((source, _)) = listener.accept() else { return };
        drop(listener);
        let Ok(destination) = TcpStream::connect(to) else { return };
        for end in [&source, &destination] {
            end.set_nodelay(true).unwrap();
        }
        let wire = Wire { judge: Mutex::new(judge), silent: AtomicBool::new(false) };
        thread::scope(|scope| {
            scope.spawn(|| wire.carry(Way::Back, &destination, &source));
            wire.carry(Way::There, &source, &destination);
        });
    });
    address
}

/// Starts a wire on which the first frame for which `change` returns bytes becomes these.
pub(crate) fn damage(to: &str, change: impl FnMut(Way, &Frame, &[u8]) -> Option<Vec<u8>> + Send + 'static) -> String {
    let mut change = Some(change);
    start(
        to,
        Box::new(move |way, frame, bytes| match change.as_mut().and_then(|change| change(way, frame, bytes)) {
            Some(bytes) => {
                change = None;
                Fate::Become(bytes)
            }
            None => Fate::Pass,
        }),
    )
}

/// Starts a wire on which what the source sends ends in the middle of the first page, and the connection stays.
pub(crate) fn stop_in_a_page(to: &str) -> String {
    let mut stopped = false;
    start(
        to,
        Box::new(move |way, frame, bytes| match (way, frame) {
            (Way::There, _) if stopped => Fate::Become(Vec::new()),
            (Way::There, Frame::Pages(_)) => {
                stopped = true;
                Fate::Become(bytes[..bytes.len() / 2].to_vec())
            }
            (Way::There | Way::Back, _) => Fate::Pass,
        }),
    )
}

/// A control message, as it goes over the wire.
pub(crate) fn message(number: u16, payload: &[u8]) -> Vec<u8> {
    let header = Frame::Message { number, payload: Payload::of(payload) };
    [header.encode().as_slice(), payload].concat()
}

/// Reads a frame with its header; `None` at the end of the connection, and where something else comes.
pub(crate) fn read(mut from: &TcpStream) -> Option<(Frame, Vec<u8>)> {
    let mut header = [0; HEADER_BYTES];
    from.read_exact(&mut header).ok()?;
    let frame = Frame::decode(&header).ok()?;
    let mut bytes = header.to_vec();
    bytes.resize(HEADER_BYTES + frame.payload_bytes(), 0);
    from.read_exact(&mut bytes[HEADER_BYTES..]).ok()?;
    Some((frame, bytes))
}

struct Wire {
    judge: Mutex<Judge>,
    silent: AtomicBool,
}

impl Wire {
    /// Carries frames one way until either end is closed.
    fn carry(&self, way: Way, mut from: &TcpStream, into: &TcpStream) {
        while let Some((frame, bytes)) = read(from) {
            let fate = (self.judge.lock().unwrap())(way, &frame, &bytes);
            let passed = match fate {
                Fate::Pass => self.pass(into, &bytes),
                Fate::Become(bytes) => self.pass(into, &bytes),
                Fate::After(count, act) => {
                    let passed = self.pass(into, &bytes[..count]);
                    match act {
                        Act::Cut => {
                            // Either may be closed already.
                            let _ = (from.shutdown(Shutdown::Both), into.shutdown(Shutdown::Both));
                        }
                        Act::Silence => self.silent.store(true, Ordering::SeqCst),
                        Act::Call(call) => call(),
                    }
                    passed && self.pass(into, &bytes[count..])
                }
            };
            if !passed {
                break;
            }
        }
        // The end of one side is the end for the other, but what it still has to say is to be heard.
        let _ = into.shutdown(Shutdown::Write);
        let _ = std::io::copy(&mut from, &mut std::io::sink());
    }

    fn pass(&self, mut into: &TcpStream, bytes: &[u8]) -> bool {
        self.silent.load(Ordering::SeqCst) || into.write_all(bytes).is_ok()
    }
}
