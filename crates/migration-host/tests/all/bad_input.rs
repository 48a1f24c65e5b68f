//! Bad input to real processes, by their users and by their peers: each gives one clear error to whoever can act on it,
//! and what was there before goes on.

use std::io::Write;
use std::net::{TcpListener, TcpStream};

use migration_testkit::qmp::Client;
use serde_json::{Value, json};

use super::process::{host, host_with_memory, pair_of_hosts};
use super::wire;

#[test]
fn what_a_client_gets_wrong_it_is_told_and_nothing_begins() {
    let host = host(&[]);
    let mut client = host.client().unwrap();
    for (line, class, words) in [
        ("{\"execute\": \"migrate\", \"arguments\": {\"uri\"\n}}", "GenericError", "JSON"),
        (r#"{"execute": "no-such-command"}"#, "CommandNotFound", "`no-such-command`"),
        (r#"{"execute": "migrate"}"#, "GenericError", "`uri`"),
        (r#"{"execute": "migrate", "arguments": {"uri": 5}}"#, "GenericError", "`uri`"),
        (r#"{"execute": "migrate", "arguments": {"url": "tcp:h:1"}}"#, "GenericError", "`url`"),
        (r#"{"execute": "migrate", "arguments": {"uri": "tcp:nowhere"}}"#, "GenericError", "`tcp:nowhere`"),
        (r#"{"execute": "migrate", "arguments": {"uri": "rdma:h:1"}}"#, "GenericError", "`rdma:h:1`"),
        (r#"{"execute": "migrate-incoming", "arguments": {"uri": "tcp:127.0.0.1:0"}}"#, "GenericError", "--incoming"),
    ] {
        client.send(format!("{line}\n").as_bytes()).unwrap();
        let error = client.reply().unwrap()["error"].take();
        assert_eq!(error["class"], class, "{line}: {error}");
        assert!(error["desc"].as_str().unwrap().contains(words), "{line}: {error}");
    }
    assert_eq!(host.trace().unwrap(), [Value::Null; 0]);
    assert_eq!(client.migration(), json!({}));
    assert_eq!(client.runstate(), "running");
}

#[test]
fn peers_that_do_not_fit_are_told_and_the_right_one_comes_after_them() {
    let mut hosts = pair_of_hosts();
    let large = host_with_memory("16M", &[]);
    let mut stranger = large.client().unwrap();
    let uri = hosts.destination.listens_at();
    let at = uri.strip_prefix("tcp:").unwrap();

    // A port that nobody listens on: whoever had it is gone.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    hosts.source.ask("migrate", json!({ "uri": format!("tcp:{closed}") }));
    let why = failed(&mut hosts.source);
    assert!(why.contains(&closed.to_string()) && why.contains("refused"), "{why}");

    drop(TcpStream::connect(at).unwrap());
    TcpStream::connect(at).unwrap().write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let scan: Vec<TcpStream> = (0..40).map(|_| TcpStream::connect(at).unwrap()).collect();
    stranger.ask("migrate", json!({ "uri": uri }));
    let why = failed(&mut stranger);
    assert!(why.contains("the source has 16 MiB") && why.contains("this host has 8 MiB"), "{why}");
    assert!(stranger.is_whole());

    assert_eq!(hosts.destination.migration()["status"], "setup");
    hosts.migrate();
    hosts.complete();
    assert!(hosts.destination.is_whole());
    drop(scan);
}

#[test]
fn a_source_that_stops_in_mid_frame_is_given_up_after_the_time_that_was_asked_for() {
    let from = host(&[]);
    let to = host(&["--incoming", "tcp:127.0.0.1:0", "--timeout", "loading=1", "--timeout", "loading=200"]);
    let (mut source, mut destination) = (from.client().unwrap(), to.client().unwrap());
    let wire = wire::stop_in_a_page(destination.listens_at().strip_prefix("tcp:").unwrap());
    source.ask("migrate", json!({ "uri": format!("tcp:{wire}") }));
    let why = failed(&mut source);
    assert!(why.contains("no sign of life for 0.2 s"), "{why}");
    destination.wait_for("failed");
    let told = destination.migration();
    assert_eq!((&told["x-ended-by"], &told["status"]), (&json!("timed_out"), &json!("failed")));
    assert!(source.is_whole());
}

/// Waits for a failure after which the guest goes on here; why it failed.
fn failed(client: &mut Client) -> String {
    client.wait_for("failed");
    assert_eq!(client.runstate(), "running");
    client.migration()["error-desc"].as_str().expect("a failure has a reason").to_owned()
}
