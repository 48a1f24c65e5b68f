//! Peers that are not what they should be: whoever can act on it gets one clear error, a destination keeps its one
//! chance for the right source, and nothing of the guest is lost.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use migration_host::guest::{Contents, GuestKind, GuestOptions};
use migration_runtime::guest::Guest;
use migration_runtime::memory::{Layout, PAGE_BYTES, PageRun, Region};
use migration_runtime::states::{Message, destination, source};
use migration_runtime::wire::{Frame, HEADER_BYTES, Hello, Payload, Token};

use super::pair::{LIMIT, Pair};
use super::watched::Watched;
use super::wire::{self, Way, message};

/// The token of hellos that were made by hand.
pub(crate) const TOKEN: Token = Token::from_bytes([7; 16]);

/// What a visitor of a listening destination says, and a word of the answer; none if the destination just hangs up.
struct Visitor {
    what: &'static str,
    says: Vec<u8>,
    answer: Option<&'static str>,
}

fn visitor(what: &'static str, says: impl Into<Vec<u8>>, answer: impl Into<Option<&'static str>>) -> Visitor {
    Visitor { what, says: says.into(), answer: answer.into() }
}

pub(crate) fn hello(bytes: &[u8]) -> Vec<u8> {
    message(Message::Hello.number(), bytes)
}

/// A hello for the destination's own guest.
pub(crate) fn fitting(pair: &Pair) -> Vec<u8> {
    let guest = &pair.destination_guest;
    Hello::new(TOKEN, guest.kind().into(), Layout::of(&guest.memory()).unwrap()).unwrap().encode()
}

/// A header that announces more than anybody may send.
fn absurd() -> Vec<u8> {
    let payload = Payload { bytes: u32::MAX, crc: 0 };
    Frame::Message { number: Message::Hello.number(), payload }.encode().to_vec()
}

fn visitors(pair: &Pair) -> Vec<Visitor> {
    let (guest, good) = (&pair.destination_guest, fitting(pair));
    let layout = Layout::of(&guest.memory()).unwrap();
    let larger: Layout = vec![Region { start: 0, bytes: 2 << 20 }].try_into().unwrap();
    let mut versions = good.clone();
    versions.splice(..4, [7, 0, 9, 0]);
    // After the versions and the token. Numbers are written seven bits a byte; this one was 4096.
    let mut pages = good.clone();
    assert_eq!(pages.splice(20..22, [0x80, 0x80, 0x04]).collect::<Vec<_>>(), [0x80, 0x20]);
    let mut damaged = hello(&good);
    *damaged.last_mut().unwrap() ^= 1;
    vec![
        visitor("nothing", [], None),
        visitor("a fitting hello, and nothing more", hello(&good), None),
        visitor(
            "a hello of a source without a token",
            hello(&[&[2, 0, 2, 0], &good[20..]].concat()),
            "versions 2 to 2",
        ),
        visitor("garbage", *b"GET / HTTP/1.1\r\n\r\n", "does not speak the migration protocol"),
        visitor("a damaged hello", damaged, "damaged"),
        visitor("a frame of absurd length", absurd(), "announces 4294967295 bytes (allowed: 65536)"),
        visitor("pages", Frame::MemoryEnd.encode(), "the end of the memory instead of a message"),
        visitor("another message", message(Message::HandOver.number(), &[]), "`hand_over`"),
        visitor("an unknown message", message(999, &[]), "999"),
        visitor("half a hello", hello(&good[..good.len() - 1]), "hello of the source is malformed"),
        visitor("other versions", hello(&versions), "versions 7 to 9"),
        visitor("other pages", hello(&pages), "pages of 64 KiB, this host of 4 KiB"),
        visitor(
            "other memory",
            hello(&Hello::new(TOKEN, guest.kind().into(), larger).unwrap().encode()),
            "2 MiB in 1 region",
        ),
        visitor(
            "another guest",
            hello(&Hello::new(TOKEN, b"other-1".to_vec(), layout).unwrap().encode()),
            "kind `other-1`",
        ),
    ]
}

/// Says all of it, tells that no more will come, and returns the reason of the refusal, if there is one.
fn visit(at: &str, says: &[u8]) -> Option<String> {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream.write_all(says).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut heard = Vec::new();
    // A destination that has not read everything resets the connection.
    drop(stream.read_to_end(&mut heard));
    let (header, text) = heard.split_first_chunk::<HEADER_BYTES>()?;
    let frame = Frame::decode(header).unwrap();
    // The question whether the visitor is still there.
    if frame == Frame::Sync {
        return None;
    }
    let Frame::Message { number, .. } = frame else { panic!("the answer is {frame:?}") };
    assert_eq!(Message::from_number(number), Some(Message::Refused));
    Some(String::from_utf8(text.to_vec()).unwrap())
}

#[test]
fn whoever_is_not_the_source_does_not_use_up_the_one_chance() {
    let mut pair = Pair::new(false);
    let at = pair.listen();
    for visitor in visitors(&pair) {
        let answer = visit(&at, &visitor.says);
        match visitor.answer {
            Some(words) => {
                assert!(answer.as_ref().is_some_and(|text| text.contains(words)), "{}: {answer:?}", visitor.what)
            }
            None => assert_eq!(answer, None, "{}", visitor.what),
        }
        assert_eq!(pair.destination.state(), destination::State::Listening, "{}", visitor.what);
    }
    arrives(&mut pair, &at, "after all of them");
}

#[test]
fn visitors_who_stay_do_not_keep_the_source_out() {
    let mut pair = Pair::new(false);
    let at = pair.listen();
    let half = hello(&fitting(&pair));
    let half = &half[..half.len() / 2];
    let scan: Vec<TcpStream> = (0..40)
        .map(|number| {
            let mut stream = TcpStream::connect(&at).unwrap();
            stream.write_all(if number % 2 == 0 { half } else { &[] }).unwrap();
            stream
        })
        .collect();
    arrives(&mut pair, &at, "among 40 who say nothing");
    drop(scan);
}

/// The guest moves to where the destination listens, and is whole there.
pub(crate) fn arrives(pair: &mut Pair, at: &str, context: &str) {
    pair.migrate(at);
    let ended = pair.settle();
    let why = (pair.source.ending(), pair.destination.ending());
    assert_eq!(ended, (source::State::Completed, destination::State::Completed), "{context}: {why:?}");
    assert_eq!(pair.watch.most(), 1, "{context}");
    let verdict = pair.destination_guest.verdict();
    assert!(verdict.is_whole(), "{context}: {:?}", verdict.faults);
}

#[test]
fn a_source_that_does_not_fit_is_told_why_and_keeps_its_guest() {
    let mut pair = Pair::new(false);
    let at = pair.listen();
    let options = GuestOptions {
        kind: GuestKind::Memory,
        memory_bytes: 2 << 20,
        hot_bytes: 64 << 10,
        contents: Contents::Program,
        ..GuestOptions::default()
    };
    let small = std::mem::replace(&mut pair.source_guest, Watched::of(&options, &Arc::default()));
    pair.source_guest.run().unwrap();
    pair.migrate(&at);
    assert_eq!(pair.source.wait(LIMIT, |state| state.is_idle()), source::State::Failed);
    let why = why(&pair);
    assert!(why.contains("the source has 2 MiB in 1 region, this host has 1 MiB in 1 region"), "{why}");
    assert!(pair.source_guest.is_running());
    assert!(pair.source_guest.verdict().is_whole());
    assert_eq!(pair.destination.state(), destination::State::Listening);
    pair.source_guest = small;
    arrives(&mut pair, &at, "the one that fits");
}

/// Why the source's last attempt ended, in its own words.
fn why(pair: &Pair) -> String {
    pair.source.ending().and_then(|ending| ending.cause).map(|cause| cause.text().to_owned()).unwrap_or_default()
}

/// What becomes of a frame; `None` for those that pass.
type Change = Box<dyn FnMut(Way, &Frame, &[u8]) -> Option<Vec<u8>> + Send>;

/// One frame that is not what was sent, and what the source's user is told of it.
struct Damage {
    what: &'static str,
    words: &'static str,
    change: Change,
}

fn damage(
    what: &'static str,
    words: &'static str,
    change: impl FnMut(Way, &Frame, &[u8]) -> Option<Vec<u8>> + Send + 'static,
) -> Damage {
    Damage { what, words, change: Box::new(change) }
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

fn frame(frame: Frame) -> Vec<u8> {
    frame.encode().to_vec()
}

/// What the wire does to what the source sends.
fn damages_there() -> Vec<Damage> {
    let nowhere = PageRun { address: 1 << 40, pages: 1 };
    let first = PageRun { address: 0, pages: 1 };
    let edge = PageRun { address: (1 << 20) - PAGE_BYTES, pages: 2 };
    vec![
        damage("a damaged hello", "payload of a frame arrived damaged", |_, frame, bytes| {
            matches!(frame, Frame::Message { .. }).then(|| flipped(bytes, bytes.len() - 1))
        }),
        damage("a damaged header", "header arrived damaged", |_, frame, bytes| {
            matches!(frame, Frame::Pages(_)).then(|| flipped(bytes, 20))
        }),
        damage("something else", "does not speak the migration protocol", |_, frame, bytes| {
            matches!(frame, Frame::Pages(_)).then(|| flipped(bytes, 0))
        }),
        damage("a page that no guest has", "names the page at 0x10000000000", move |_, it, _| {
            matches!(it, Frame::Pages(_)).then(|| frame(Frame::Zeroes(nowhere)))
        }),
        damage("a page over the edge", "names 2 pages at 0xff000", move |_, it, _| {
            matches!(it, Frame::Zeroes(_)).then(|| frame(Frame::Zeroes(edge)))
        }),
        damage("a frame of absurd length", "announces 4294967295 bytes (allowed: 65536)", |_, it, _| {
            matches!(it, Frame::Pages(_)).then(absurd)
        }),
        damage("zero pages that were lost", "of its pages came", |_, it, _| {
            matches!(it, Frame::Zeroes(_)).then(Vec::new)
        }),
        damage("pages after the end", "the page at 0x0 came after the end of the memory", move |_, it, bytes| {
            let end = || [&frame(Frame::MemoryEnd), &frame(Frame::Zeroes(first)), bytes].concat();
            matches!(it, Frame::StateEnd { .. }).then(end)
        }),
        damage("a damaged device state", "payload of a frame arrived damaged", |_, it, bytes| {
            matches!(it, Frame::State { .. }).then(|| flipped(bytes, bytes.len() - 1))
        }),
        damage("a device state without its last byte", "of device state came instead of", |_, it, bytes| {
            let Frame::State { offset, .. } = it else { return None };
            let rest = &bytes[HEADER_BYTES..bytes.len() - 1];
            let header = Frame::State { offset: *offset, payload: Payload::of(rest) };
            Some([&frame(header), rest].concat())
        }),
        damage("no device state", "device state", |_, it, _| {
            matches!(it, Frame::State { .. }).then(|| frame(Frame::StateEnd { bytes: 0 }))
        }),
    ]
}

/// What the wire does to what the destination answers.
fn damages_back() -> Vec<Damage> {
    let answer = |way, frame: &Frame, message: Message| {
        way == Way::Back && matches!(frame, Frame::Message { number, .. } if *number == message.number())
    };
    vec![
        damage("a damaged welcome", "payload of a frame arrived damaged", move |way, frame, bytes| {
            answer(way, frame, Message::Welcome).then(|| flipped(bytes, bytes.len() - 1))
        }),
        damage("a welcome of a version we do not have", "`welcome` is malformed", move |way, frame, _| {
            answer(way, frame, Message::Welcome).then(|| message(Message::Welcome.number(), &[9, 0]))
        }),
        damage("another answer", "sent the message `running` (expected: welcome)", move |way, frame, _| {
            answer(way, frame, Message::Welcome).then(|| message(Message::Running.number(), &[]))
        }),
        damage("a damaged word that all is loaded", "header arrived damaged", move |way, frame, bytes| {
            answer(way, frame, Message::Ready).then(|| flipped(bytes, 20))
        }),
        damage("an unknown message", "unknown number 999", move |way, frame, _| {
            answer(way, frame, Message::Ready).then(|| message(999, &[]))
        }),
    ]
}

#[test]
fn what_arrives_damaged_fails_with_one_clear_error_and_the_guest_goes_on() {
    for Damage { what, words, change } in damages_there().into_iter().chain(damages_back()) {
        let mut pair = Pair::new(false);
        let at = pair.listen();
        pair.migrate(&wire::damage(&at, change));
        fails_here(&mut pair, what, words);
        // The damage was the wire's: without it, the same two sides succeed.
        let listening = pair.destination.state() == destination::State::Listening;
        let at = if listening { at } else { pair.listen() };
        pair.source_guest.run().unwrap();
        arrives(&mut pair, &at, what);
    }
}

/// The migration fails for a reason with these words, and the guest goes on where it was, whole.
fn fails_here(pair: &mut Pair, what: &str, words: &str) {
    assert_eq!(pair.source.wait(LIMIT, |state| state.is_idle()), source::State::Failed, "{what}");
    let why = why(pair);
    assert!(why.contains(words), "{what}: `{why}` does not say `{words}`");
    assert!(!why.contains('\n'), "{what}: {why}");
    let destination = pair.destination.wait(LIMIT, |state| state.is_idle() || state == destination::State::Listening);
    assert!(
        [destination::State::Failed, destination::State::Listening].contains(&destination),
        "{what}: {destination}"
    );
    assert_eq!(pair.watch.most(), 1, "{what}");
    assert!(pair.source_guest.is_running() && !pair.destination_guest.is_running(), "{what}");
    let verdict = pair.source_guest.verdict();
    assert!(verdict.is_whole(), "{what}: {:?}", verdict.faults);
}

#[test]
fn a_source_that_stops_in_mid_frame_is_given_up() {
    let mut pair = Pair::new(false);
    pair.destination.set_timeout(destination::State::Loading, Duration::from_millis(200));
    let at = pair.listen();
    pair.migrate(&wire::stop_in_a_page(&at));
    fails_here(&mut pair, "half a page", "gave no sign of life for 0.2 s");
    assert_eq!(pair.destination.ending().map(|ending| ending.decided_by), Some("timed_out"));
    assert_eq!(pair.source.ending().map(|ending| ending.decided_by), Some("refused"));
}
