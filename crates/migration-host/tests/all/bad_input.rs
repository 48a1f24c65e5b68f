//! Bad input to real processes, by their users and by their peers: each gives one clear error to whoever can act on it,
//! and what was there before goes on.

use std::io::Write;
use std::net::{TcpListener, TcpStream};

use serde_json::{Value, json};

use super::client::Client;
use super::mangler::{mangle, stopping_in_a_page};
use super::process::{Host, events_until, migration, status_of, verified};

/// The class and the description of the error that answers to a line.
fn error(client: &mut Client, line: &str) -> (String, String) {
    client.send(format!("{line}\n").as_bytes());
    let reply = client.reply();
    let text = |name: &str| reply["error"][name].as_str().unwrap_or_else(|| panic!("{line}: {reply}")).to_owned();
    (text("class"), text("desc"))
}

#[test]
fn what_a_client_gets_wrong_it_is_told_and_nothing_begins() {
    let host = Host::start(&[]);
    let mut client = host.client();
    for (line, class, words) in [
        (r#"{"execute": "migrate", "arguments": {"uri""#.to_owned() + "\n}}", "GenericError", "JSON"),
        (r#"{"execute": "no-such-command"}"#.to_owned(), "CommandNotFound", "`no-such-command`"),
        (r#"{"execute": "migrate"}"#.to_owned(), "GenericError", "`uri`"),
        (r#"{"execute": "migrate", "arguments": {"uri": 5}}"#.to_owned(), "GenericError", "`uri`"),
        (r#"{"execute": "migrate", "arguments": {"url": "tcp:h:1"}}"#.to_owned(), "GenericError", "`url`"),
        (r#"{"execute": "migrate", "arguments": {"uri": "tcp:nowhere"}}"#.to_owned(), "GenericError", "`tcp:nowhere`"),
        (r#"{"execute": "migrate", "arguments": {"uri": "rdma:h:1"}}"#.to_owned(), "GenericError", "`rdma:h:1`"),
        (
            r#"{"execute": "migrate-incoming", "arguments": {"uri": "tcp:127.0.0.1:0"}}"#.to_owned(),
            "GenericError",
            "--incoming",
        ),
    ] {
        let (is, desc) = error(&mut client, &line);
        assert_eq!(is, class, "{line}: {desc}");
        assert!(desc.contains(words), "{line}: {desc}");
    }
    assert_eq!(host.trace(), [Value::Null; 0]);
    assert_eq!(migration(&mut client), json!({}));
    assert_eq!(status_of(&mut client), "running");
}

#[test]
fn peers_that_do_not_fit_are_told_and_the_right_one_comes_after_them() {
    let (small, large) = (Host::start(&[]), Host::with_memory("16M", &[]));
    let to = Host::start(&["--incoming", "tcp:127.0.0.1:0"]);
    let (mut source, mut stranger, mut destination) = (small.client(), large.client(), to.client());
    let uri = migration(&mut destination)["x-listens-at"].as_str().unwrap().to_owned();
    let at = uri.strip_prefix("tcp:").unwrap();

    // A port that nobody listens on: whoever had it is gone.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    source.execute("migrate", json!({ "uri": format!("tcp:{closed}") })).unwrap();
    let why = failed(&mut source);
    assert!(why.contains(&closed.to_string()) && why.contains("refused"), "{why}");

    drop(TcpStream::connect(at).unwrap());
    TcpStream::connect(at).unwrap().write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let scan: Vec<TcpStream> = (0..40).map(|_| TcpStream::connect(at).unwrap()).collect();
    stranger.execute("migrate", json!({ "uri": uri })).unwrap();
    let why = failed(&mut stranger);
    assert!(why.contains("the source has 16 MiB") && why.contains("this host has 8 MiB"), "{why}");
    assert!(verified(&mut stranger));

    assert_eq!(migration(&mut destination)["status"], "setup");
    source.execute("migrate", json!({ "uri": uri })).unwrap();
    events_until(&mut source, "MIGRATION completed");
    events_until(&mut destination, "MIGRATION completed");
    assert!(verified(&mut destination));
    drop(scan);
}

#[test]
fn a_source_that_stops_in_mid_frame_is_given_up_after_the_time_that_was_asked_for() {
    let from = Host::start(&[]);
    let to = Host::start(&["--incoming", "tcp:127.0.0.1:0", "--timeout", "loading=1", "--timeout", "loading=200"]);
    let (mut source, mut destination) = (from.client(), to.client());
    let uri = migration(&mut destination)["x-listens-at"].as_str().unwrap().to_owned();
    let wire = mangle(uri.strip_prefix("tcp:").unwrap(), stopping_in_a_page());
    source.execute("migrate", json!({ "uri": format!("tcp:{wire}") })).unwrap();
    let why = failed(&mut source);
    assert!(why.contains("no sign of life for 0.2 s"), "{why}");
    events_until(&mut destination, "MIGRATION failed");
    let told = migration(&mut destination);
    assert_eq!((&told["x-ended-by"], &told["status"]), (&json!("timed_out"), &json!("failed")));
    assert!(verified(&mut source));
}

/// Waits for a failure after which the guest goes on here; why it failed.
fn failed(client: &mut Client) -> String {
    events_until(client, "MIGRATION failed");
    assert_eq!(status_of(client), "running");
    migration(client)["error-desc"].as_str().expect("a failure has a reason").to_owned()
}
