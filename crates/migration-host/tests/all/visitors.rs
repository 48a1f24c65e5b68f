//! Many connections to a listening destination: none uses it up, wears it out, or keeps the awaited source out.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::{Duration, Instant};

use migration_runtime::states::{Message, destination, source};
use migration_runtime::wire::{Frame, HEADER_BYTES, Token};
use migration_testkit::host::Host;
use migration_testkit::skip::skipped;
use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit, setrlimit};
use serde_json::json;

use super::bad_peers::{arrives, fitting, hello};
use super::pair::{LIMIT, Pair};
use super::process::host;
use super::wire::{self, Act, Fate};

/// So many connections that say nothing are heard side by side.
const FLOOD: usize = 100;

/// So many are more than a destination hears at a time, which is 512.
const OVERFLOW: usize = 1_000;

fn connect(at: &str) -> TcpStream {
    let stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
}

/// A wire whose source is late with the last bytes of its hello: meanwhile there is a flood of so many connections.
fn late_among_a_flood(at: &str, said_before: usize, connections: usize) -> String {
    let (to, mut flooded) = (at.to_owned(), None::<Vec<TcpStream>>);
    wire::start(
        at,
        Box::new(move |_, _, _| {
            if flooded.is_some() {
                return Fate::Pass;
            }
            flooded = Some(Vec::new());
            let to = to.clone();
            Fate::After(
                said_before,
                Act::Call(Box::new(move || {
                    let flood: Vec<TcpStream> = (0..connections).map(|_| connect(&to)).collect();
                    // They stay until the test ends.
                    thread::spawn(move || {
                        thread::park_timeout(LIMIT);
                        drop(flood);
                    });
                })),
            )
        }),
    )
}

#[test]
fn a_flood_does_not_evict_a_source_that_is_late() {
    // A source that has said nothing at all is one of those who say nothing, so it may only meet those who fit in.
    for (said_before, connections) in [(0, FLOOD), (10, FLOOD), (10, OVERFLOW), (HEADER_BYTES + 3, OVERFLOW)] {
        if connections == OVERFLOW && !has_room_for(4 * OVERFLOW) {
            continue;
        }
        let mut pair = Pair::new(false);
        let at = pair.listen();
        let wire = late_among_a_flood(&at, said_before, connections);
        arrives(&mut pair, &wire, &format!("{connections} connections after {said_before} bytes"));
    }
}

/// Whether this process, which has both ends of every connection, may have so many descriptors; says so otherwise.
fn has_room_for(descriptors: usize) -> bool {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit { current: Some(descriptors as u64), maximum: limit.maximum };
    let has_room = limit.current.is_none_or(|current| current >= descriptors as u64)
        || setrlimit(Resource::Nofile, wanted).is_ok();
    if !has_room {
        skipped(format_args!("a flood of more than 512 connections: {descriptors} descriptors are not to be had"));
    }
    has_room
}

/// What a visitor says without end.
const SIGNS: usize = 4096;

/// A visitor that says this first, and then signs of life, as many as the connection takes.
fn chatters(at: &str, first: &[u8]) -> thread::JoinHandle<()> {
    let mut stream = connect(at);
    stream.write_all(first).unwrap();
    thread::spawn(move || {
        let signs = Frame::KeepAlive.encode().repeat(SIGNS);
        let began = Instant::now();
        while stream.write_all(&signs).is_ok() && began.elapsed() < 2 * LIMIT {}
    })
}

/// Each of them always has something to be heard: before its hello, and after it was sent away.
#[test]
fn visitors_that_never_stop_talking_keep_nobody_out() {
    let mut pair = Pair::new(false);
    let at = pair.listen();
    let chatterers = [chatters(&at, &[]), chatters(&at, &wire::message(Message::Running.number(), &[]))];
    let began = Instant::now();
    arrives(&mut pair, &at, "beside two that never stop");
    assert!(began.elapsed() < Duration::from_secs(4), "it took {:?}", began.elapsed());
    chatterers.into_iter().for_each(|chatterer| chatterer.join().unwrap());
}

#[test]
fn visitors_with_a_fitting_hello_that_leave_at_any_moment_use_nothing_up() {
    let mut pair = Pair::new(false);
    let at = pair.listen();
    let says = hello(&fitting(&pair));
    // At once; after the question; and after a wrong answer.
    for answers in [None, Some(Vec::new()), Some(wire::message(Message::Hello.number(), &[]))] {
        let mut visitor = connect(&at);
        visitor.write_all(&says).unwrap();
        if let Some(bytes) = answers {
            assert_eq!(wire::read(&visitor).unwrap().0, Frame::Sync);
            visitor.write_all(&bytes).unwrap();
        }
    }
    // This one stays, and says no more.
    let mut stays = connect(&at);
    stays.write_all(&says).unwrap();
    assert_eq!(wire::read(&stays).unwrap().0, Frame::Sync);
    assert_eq!(pair.destination.state(), destination::State::Listening);
    arrives(&mut pair, &at, "after four that did not mean it");
    let (frame, bytes) = wire::read(&stays).unwrap();
    assert!(matches!(frame, Frame::Message { number, .. } if number == Message::Refused.number()), "{frame:?}");
    assert_eq!(&bytes[HEADER_BYTES..], b"another source was chosen");
}

#[test]
fn a_stray_twin_is_not_taken_for_the_awaited_source() {
    let mut pair = Pair::new(false);
    let (awaited, stray) = (Token::random().unwrap(), Token::random().unwrap());
    pair.awaited = Some(awaited);
    let at = pair.listen();
    for token in [Some(stray), None] {
        pair.token = token;
        pair.migrate(&at);
        assert_eq!(pair.source.wait(LIMIT, |state| state.is_idle()), source::State::Failed);
        let why = pair.source.ending().and_then(|ending| ending.cause).unwrap();
        let words = "the peer refused: the source belongs to another attempt: this host awaits one with another token";
        assert_eq!(why.text(), words);
        assert_eq!(pair.destination.state(), destination::State::Listening);
    }
    pair.token = Some(awaited);
    arrives(&mut pair, &at, "the one that is awaited");
}

#[test]
fn clients_give_a_token_to_both_sides_and_see_it() {
    let token = "00010203-0405-0607-0809-0a0b0c0d0e0f";
    let (from, to) = (host(&[]), host(&["--incoming", "defer"]));
    let (mut source, mut destination) = (from.client().unwrap(), to.client().unwrap());
    let error = destination.refused("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0", "x-token": "mine" }));
    assert!(error.contains("argument `x-token`: `mine` is not a token"), "{error}");
    destination.ask("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0", "x-token": token }));
    let uri = destination.listens_at();
    source.ask("migrate", json!({ "uri": uri }));
    source.wait_for("failed");
    assert!(source.migration()["error-desc"].as_str().unwrap().contains("another token"));
    assert_eq!(destination.migration()["x-token"], json!(null));
    source.ask("migrate", json!({ "uri": uri, "x-token": token }));
    source.wait_for("completed");
    destination.wait_for("completed");
    assert_eq!((&source.migration()["x-token"], &destination.migration()["x-token"]), (&json!(token), &json!(token)));
    // Without one, both sides know the token that was drawn.
    let (from, to) = (host(&[]), host(&["--incoming", "tcp:127.0.0.1:0"]));
    let (mut source, mut destination) = (from.client().unwrap(), to.client().unwrap());
    source.ask("migrate", json!({ "uri": destination.listens_at() }));
    source.wait_for("completed");
    let (sent, received) = (source.migration(), destination.migration());
    assert!(sent["x-token"].is_string() && sent["x-token"] == received["x-token"], "{sent} {received}");
}

/// How many entries a directory of a process has: `task` for its threads, `fd` for its descriptors.
fn count(host: &Host, what: &str) -> usize {
    fs::read_dir(format!("/proc/{}/{what}", host.id())).unwrap().count()
}

/// Waits until the process has at least so many descriptors.
fn wait_for_descriptors(host: &Host, wanted: usize) {
    let began = Instant::now();
    while count(host, "fd") < wanted {
        assert!(began.elapsed() < LIMIT, "the connections are not accepted");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn visitors_cost_no_threads() {
    let host = host(&["--incoming", "tcp:127.0.0.1:0"]);
    let mut client = host.client().unwrap();
    let at = client.listens_at();
    let (threads, descriptors) = (count(&host, "task"), count(&host, "fd"));
    let visitors: Vec<TcpStream> = (0..FLOOD).map(|_| connect(at.strip_prefix("tcp:").unwrap())).collect();
    wait_for_descriptors(&host, descriptors + FLOOD);
    assert_eq!(count(&host, "task"), threads);
    drop(visitors);
}

#[test]
fn a_destination_without_descriptors_waits_until_it_has_some_and_keeps_the_source() {
    let (from, to) = (host(&[]), host(&["--incoming", "tcp:127.0.0.1:0"]));
    let (mut source, mut destination) = (from.client().unwrap(), to.client().unwrap());
    let uri = destination.listens_at();
    let (pid, before) = (Pid::from_raw(to.id().cast_signed()), getrlimit(Resource::Nofile));
    let few = Rlimit { current: Some(count(&to, "fd") as u64 + 8), maximum: before.maximum };
    prlimit(pid, Resource::Nofile, few).unwrap();
    let at = uri.strip_prefix("tcp:").unwrap();
    let flood: Vec<TcpStream> = (0..FLOOD).map(|_| connect(at)).collect();
    wait_for_descriptors(&to, few.current.unwrap() as usize - 1);
    assert_eq!(destination.migration()["status"], "setup");
    // Those that say nothing make room for the one that speaks.
    source.ask("migrate", json!({ "uri": uri }));
    source.wait_for("completed");
    destination.wait_for("completed");
    assert!(destination.is_whole());
    drop(flood);
}

/// A standard error that takes nothing.
enum Stuck {
    /// A pipe that is full, and its other end, which nobody reads.
    Pipe,
    /// A device that is full.
    Device,
}

impl Stuck {
    fn open(&self) -> (OwnedFd, Option<OwnedFd>) {
        match self {
            Stuck::Pipe => {
                let (reads, writes) = rustix::pipe::pipe().unwrap();
                rustix::io::ioctl_fionbio(&writes, true).unwrap();
                while rustix::io::write(&writes, &[b'x'; 4096]).is_ok() {}
                rustix::io::ioctl_fionbio(&writes, false).unwrap();
                (writes, Some(reads))
            }
            Stuck::Device => (fs::OpenOptions::new().write(true).open("/dev/full").unwrap().into(), None),
        }
    }
}

#[test]
fn a_log_that_cannot_be_written_holds_nothing_up() {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_migration-host"));
    for stuck in [Stuck::Pipe, Stuck::Device] {
        let start = |arguments: &[&str]| {
            let (log, reads) = stuck.open();
            let guest = ["--log", "trace", "--guest", "memory", "--memory", "8M", "--hot", "1M"];
            (Host::start_logging_to(log, "silenced", program, &[&guest, arguments].concat()).unwrap(), reads)
        };
        let ((mut from, _from_log), (to, _to_log)) = (start(&[]), start(&["--incoming", "tcp:127.0.0.1:0"]));
        let (mut source, mut destination) = (from.client().unwrap(), to.client().unwrap());
        source.capability("pause-before-switchover").unwrap();
        source.ask("migrate", json!({ "uri": destination.listens_at() }));
        source.wait_for("pre-switchover");
        source.ask("migrate-continue", json!({ "state": "pre-switchover" }));
        source.wait_for("completed");
        destination.wait_for("completed");
        assert!(destination.is_whole());
        source.ask("quit", json!({}));
        assert_eq!(from.wait().unwrap().code(), Some(0));
    }
}
