//! The server over real sockets: several clients, event order, clients that do not read, and the end.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use migration_host::announce::Stage;
use migration_host::qmp::outbox::{EVENTS_MAX, REPLIES_MAX};
use migration_host::qmp::server::CLIENTS_MAX;
use migration_host::qmp::{Dispatch, Event, Listener, Server};
use migration_host::runstate::Resting::Running;
use migration_host::runstate::Runstate::Own;
use migration_runtime::address::Address;
use migration_runtime::states::Status;
use migration_testkit::qmp::{Client, Event as Told};
use serde_json::json;
use tempfile::TempDir;

use super::fake::Fakes;

struct Served {
    fakes: Fakes,
    server: Server,
    path: PathBuf,
    _dir: TempDir,
}

impl Served {
    fn new() -> Served {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("qmp.sock");
        let (fakes, server) = serve(&Address::Unix { path: path.clone() });
        Served { fakes, server, path, _dir: dir }
    }

    fn client(&self) -> Client {
        Client::connect("served", &self.path).unwrap()
    }
}

fn serve(address: &Address) -> (Fakes, Server) {
    let fakes = Fakes::new(Own(Running));
    let dispatch = Arc::clone(&fakes.host) as Arc<dyn Dispatch>;
    let server = Server::start(Listener::bind(address).unwrap(), dispatch, Arc::clone(&fakes.events)).unwrap();
    (fakes, server)
}

#[test]
fn it_serves_over_tcp() {
    let (_fakes, server) = serve(&"tcp:127.0.0.1:0".parse().unwrap());
    let address = server.address().to_string();
    let mut client = Client::over("TCP", TcpStream::connect(address.strip_prefix("tcp:").unwrap()).unwrap()).unwrap();
    assert_eq!(client.greeting()["QMP"]["capabilities"], json!([]));
    client.ask("qmp_capabilities", json!({}));
    assert_eq!(client.ask("query-name", json!({})), json!({"name": "fake"}));
    server.close(Duration::from_secs(10));
    client.assert_ended();
}

#[test]
fn commands_may_be_sent_ahead_and_are_answered_in_order() {
    let served = Served::new();
    let mut client = served.client();
    let requests = (0..1000).map(|id| json!({"execute": "query-name", "id": id}).to_string());
    client.send(requests.collect::<String>().as_bytes()).unwrap();
    for id in 0..1000 {
        assert_eq!(client.reply().unwrap()["id"], id);
    }
}

#[test]
fn every_client_is_told_every_event_in_one_order() {
    let served = Served::new();
    let (mut one, mut two) = (served.client(), served.client());
    one.capability("events").unwrap();
    one.ask("stop", json!({}));
    served.fakes.migrations.source(Status::Setup, Stage::InProgress);
    two.ask("cont", json!({}));
    served.fakes.migrations.source(Status::Cancelling, Stage::InProgress);
    served.fakes.migrations.source(Status::Cancelled, Stage::Ended);
    let expected = ["STOP", "MIGRATION setup", "RESUME", "MIGRATION cancelling", "MIGRATION cancelled"];
    assert_eq!(one.events_until("MIGRATION cancelled"), expected);
    assert_eq!(two.events_until("MIGRATION cancelled"), expected);
}

#[test]
fn many_writers_give_one_order() {
    let served = Served::new();
    let mut clients = [served.client(), served.client(), served.client()];
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let events = &served.fakes.events;
            scope.spawn(move || {
                for number in 0..100 {
                    events.publish(&Event::with_data("TEST", json!([writer, number])));
                }
            });
        }
    });
    let orders = clients.each_mut().map(|client| (0..400).map(|_| client.event().unwrap()).collect::<Vec<Told>>());
    assert!(orders[0] == orders[1] && orders[1] == orders[2]);
    assert!(orders[0].iter().map(|event| event.at).is_sorted());
}

#[test]
fn migration_events_are_told_only_with_the_capability_and_only_after_negotiation() {
    let served = Served::new();
    let mut client = served.client();
    let mut silent = Client::over("silent", UnixStream::connect(&served.path).unwrap()).unwrap();
    served.fakes.migrations.source(Status::Setup, Stage::InProgress);
    served.fakes.migrations.source(Status::Failed, Stage::Ended);
    client.ask("stop", json!({}));
    client.capability("events").unwrap();
    served.fakes.migrations.source(Status::Setup, Stage::InProgress);
    assert_eq!(client.events_until("MIGRATION setup"), ["STOP", "MIGRATION setup"]);
    silent.ask("qmp_capabilities", json!({}));
    client.ask("cont", json!({}));
    assert_eq!(silent.events_until("RESUME"), ["RESUME"]);
}

#[test]
fn a_client_that_does_not_read_is_cut_off_and_nobody_waits_for_it() {
    let served = Served::new();
    let mut lazy = UnixStream::connect(&served.path).unwrap();
    lazy.write_all(b"{\"execute\": \"qmp_capabilities\"}").unwrap();
    let mut negotiated = Vec::new();
    while !negotiated.ends_with(b"{\"return\":{}}\r\n") {
        let mut byte = [0];
        lazy.read_exact(&mut byte).unwrap();
        negotiated.extend_from_slice(&byte);
    }
    let mut eager = served.client();
    // More than its socket and its queue can hold.
    let event = Event::with_data("TEST", json!("x".repeat(4096)));
    let count = 8 * EVENTS_MAX;
    for _ in 0..count {
        served.fakes.events.publish(&event);
        eager.event().unwrap();
    }
    let mut rest = Vec::new();
    lazy.read_to_end(&mut rest).unwrap();
    assert!(rest.len() < count * 4096, "{}", rest.len());
    assert_eq!(eager.ask("query-name", json!({})), json!({"name": "fake"}));
}

#[test]
fn a_client_that_sends_and_does_not_read_stops_only_itself() {
    let served = Served::new();
    let mut stream = UnixStream::connect(&served.path).unwrap();
    stream.set_nonblocking(true).unwrap();
    let request =
        [b"{\"execute\": \"qmp_capabilities\"}", &b"{\"execute\": \"query-commands\"}".repeat(64)[..]].concat();
    let mut sent = 0;
    // Until the host takes no more: its queue and both sockets are full.
    loop {
        match stream.write(&request) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock && sent > 30 * REPLIES_MAX => break,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => std::thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(served.client().ask("query-name", json!({})), json!({"name": "fake"}));
    // It is not cut off for that: what it asked for is there when it reads.
    stream.set_nonblocking(false).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).unwrap();
    assert!(all.lines().count() > REPLIES_MAX);
}

#[test]
fn one_client_too_many_is_turned_away() {
    let served = Served::new();
    let mut clients: Vec<Client> = (0..CLIENTS_MAX).map(|_| served.client()).collect();
    let mut turned_away = Vec::new();
    UnixStream::connect(&served.path).unwrap().read_to_end(&mut turned_away).unwrap();
    assert_eq!(turned_away, b"");
    clients[0].ask("query-name", json!({}));
}

#[test]
fn quit_is_answered_before_the_end() {
    let served = Served::new();
    let mut client = served.client();
    let mut other = served.client();
    client.send(b"{\"execute\": \"quit\", \"id\": 9}").unwrap();
    assert_eq!(served.fakes.host.shutdown.wait(), migration_host::shutdown::Reason::Quit);
    served.fakes.events.publish(&Event::bare("SHUTDOWN"));
    served.server.close(Duration::from_secs(10));
    assert_eq!(client.reply().unwrap()["id"], 9);
    assert_eq!(other.events_until("SHUTDOWN"), ["SHUTDOWN"]);
    other.assert_ended();
    assert!(!served.path.exists());
}
