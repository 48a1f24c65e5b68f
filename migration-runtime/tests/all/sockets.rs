//! Connecting and listening: every wait ends when it is told to, and files that are not ours are left alone.

use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::thread;
use std::time::{Duration, Instant};

use migration_runtime::address::Address;
use migration_runtime::channel::{Channel, ChannelErrorKind, Listener, Raiser, Wait};
use migration_testkit::network::FullPort;

use super::peers::{NEVER, PATIENCE, beside, pair, patiently};

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

#[test]
fn names_and_both_families_are_connected() {
    let localhost = pair(&address("tcp:localhost:0"));
    assert!(localhost.1.peer().starts_with("tcp:"), "{}", localhost.1.peer());
    if TcpListener::bind("[::1]:0").is_err() {
        eprintln!("skipped: no IPv6 here");
        return;
    }
    let (here, there) = pair(&address("tcp:[::1]:0"));
    assert!(here.peer().starts_with("tcp:[::1]:"), "{}", here.peer());
    assert!(there.peer().starts_with("tcp:[::1]:"), "{}", there.peer());
}

#[test]
fn a_refused_connection_says_where() {
    let wait = patiently();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let target = format!("tcp:127.0.0.1:{free}");
    let error = Channel::connect(&address(&target), &wait).unwrap_err();
    assert_eq!(error.kind(), ChannelErrorKind::Io);
    assert_eq!(error.to_line(), format!("cannot connect to `{target}`: Connection refused (os error 111)"));
    let error = Channel::connect(&address("unix:/nonexistent/socket"), &wait).unwrap_err();
    assert_eq!(error.to_line(), "cannot connect to `unix:/nonexistent/socket`: No such file or directory (os error 2)");
}

#[test]
fn a_port_that_hangs_can_be_left_at_once() {
    let port = FullPort::start().unwrap();
    let raiser = Raiser::new().unwrap();
    let began = Instant::now();
    let ((), connected) = beside(
        || {
            thread::yield_now();
            raiser.raise();
        },
        || Channel::connect(&address(&port.address()), &Wait::new(&raiser, PATIENCE)),
    );
    assert_eq!(connected.unwrap_err().kind(), ChannelErrorKind::Interrupted);
    assert!(began.elapsed() < Duration::from_secs(5));
    let connected = Channel::connect(&address(&port.address()), &Wait::new(&*NEVER, Duration::from_millis(50)));
    let error = connected.unwrap_err();
    assert_eq!(error.kind(), ChannelErrorKind::TimedOut);
    let target = port.address();
    assert_eq!(error.to_line(), format!("cannot connect to `{target}`: the peer gave no sign of life for 0.05 s"));
}

#[test]
fn a_listener_waits_no_longer_than_it_is_told() {
    let raiser = Raiser::new().unwrap();
    let wait = Wait::new(&raiser, Duration::from_millis(20));
    let listener = Listener::bind(&address("tcp:127.0.0.1:0"), &wait).unwrap();
    let error = listener.accept(&wait).unwrap_err();
    assert_eq!(error.kind(), ChannelErrorKind::TimedOut);
    let taken = Listener::bind(listener.address(), &wait).unwrap_err();
    assert_eq!(
        taken.to_line(),
        format!("cannot listen at `{}`: Address already in use (os error 98)", listener.address())
    );
    raiser.raise();
    assert_eq!(listener.accept(&wait).unwrap_err().kind(), ChannelErrorKind::Interrupted);
}

#[test]
fn a_port_can_be_listened_on_again_at_once() {
    let wait = patiently();
    let listener = Listener::bind(&address("tcp:127.0.0.1:0"), &wait).unwrap();
    let again = listener.address().clone();
    let here = Channel::connect(&again, &wait).unwrap();
    let there = listener.accept(&wait).unwrap();
    // The accepting side closes first, so its half of the connection lingers.
    drop((listener, there));
    drop(here);
    Listener::bind(&again, &wait).unwrap();
}

#[test]
fn a_socket_file_is_made_and_removed_and_no_other_is_touched() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    let target = Address::Unix { path: path.clone() };
    let wait = patiently();

    drop(Listener::bind(&target, &wait).unwrap());
    assert!(!path.exists(), "a listener takes its file with it");

    drop(UnixListener::bind(&path).unwrap());
    let listener = Listener::bind(&target, &wait).expect("a stale socket is replaced");
    let taken = Listener::bind(&target, &wait).unwrap_err();
    assert!(taken.to_line().ends_with("Address already in use (os error 98)"), "{}", taken.to_line());

    fs::remove_file(&path).unwrap();
    let second = Listener::bind(&target, &wait).unwrap();
    drop(listener);
    assert!(path.exists(), "the file belongs to the second listener");
    drop(second);

    fs::write(&path, "precious").unwrap();
    let error = Listener::bind(&target, &wait).unwrap_err();
    assert_eq!(error.to_line(), format!("cannot listen at `{target}`: a file that is not a socket is in the way"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}

#[test]
fn a_farewell_waits_for_the_peer() {
    let (mut here, mut there) = pair(&address("tcp:127.0.0.1:0"));
    let wait = patiently();
    // What was said to us and not read would turn our close into a reset, and lose our last words.
    there.write_all(&[1; 100_000], &wait).unwrap();
    here.write_all(b"farewell", &wait).unwrap();
    let ((), ()) = beside(
        || here.finish(&patiently()).unwrap(),
        || {
            let mut words = [0; 8];
            there.read_exact(&mut words, &patiently()).unwrap();
            assert_eq!(&words, b"farewell");
            drop(there);
        },
    );
}
