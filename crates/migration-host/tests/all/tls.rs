//! Migrations over TLS. A peer that is not trusted gets nothing. A middleman can end an attempt, and do nothing else.

mod relay;
mod sweep;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use migration_runtime::channel::Channel;
use migration_runtime::destination::DestinationWork;
use migration_runtime::guest::Guest;
use migration_runtime::machine::drive;
use migration_runtime::source::SourceWork;
use migration_runtime::states::{destination, source};
use migration_runtime::tls::{TlsClient, TlsServer, TlsStream};
use migration_testkit::certificates::{Authority, Until};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;

use self::relay::Act;
use super::bad_peers::{arrives, fitting, hello};
use super::pair::{LIMIT, Pair, accepted};
use super::process::host;
use super::wire::Way;

fn client(directory: &Path) -> TlsClient {
    TlsClient::from_directory(directory, "127.0.0.1").unwrap()
}

fn server(directory: &Path) -> TlsServer {
    TlsServer::from_directory(directory).unwrap()
}

/// Two sides that trust each other.
fn encrypted(authority: &Authority) -> Pair {
    let directory = authority.host().unwrap();
    let mut pair = Pair::new(false);
    (pair.client, pair.server) = (Some(client(directory.path())), Some(server(directory.path())));
    pair
}

/// Why the source's attempt failed.
fn fails(pair: &mut Pair, at: &str, context: &str) -> String {
    pair.migrate(at);
    let state = pair.source.wait(LIMIT, |state| state.is_idle());
    assert_eq!(state, source::State::Failed, "{context}");
    assert!(pair.source_guest.is_running() && !pair.destination_guest.is_running(), "{context}");
    pair.source.ending().and_then(|ending| ending.cause).unwrap().text().to_owned()
}

#[test]
fn a_guest_moves_over_tls() {
    let mut pair = encrypted(&Authority::new().unwrap());
    let at = pair.listen();
    let relay = relay::start(&at, Way::There, usize::MAX, Act::Cut);
    arrives(&mut pair, &relay.address, "over TLS");
    let heard = relay.heard[0].lock().unwrap();
    assert!(heard.len() > 500_000, "{} bytes", heard.len());
    // Neither a frame nor a page of the guest is to be seen on the way.
    assert!(!heard.windows(4).any(|bytes| bytes == b"vMIG"));
}

#[test]
fn credentials_are_regular_files_of_a_bounded_length() {
    let authority = Authority::new().unwrap();
    let key = |make: &dyn Fn(&Path)| {
        let directory = authority.host().unwrap();
        let path = directory.path().join("client-key.pem");
        std::fs::remove_file(&path).unwrap();
        make(&path);
        TlsClient::from_directory(directory.path(), "127.0.0.1").unwrap_err().to_string()
    };
    let fifo = key(&|at| rustix::fs::mkfifoat(rustix::fs::CWD, at, rustix::fs::Mode::RWXU).unwrap());
    let device = key(&|at| std::os::unix::fs::symlink("/dev/zero", at).unwrap());
    for why in [fifo, device] {
        assert!(why.ends_with("it is not a regular file"), "{why}");
    }
    let large = key(&|at| std::fs::write(at, vec![b' '; (1 << 20) + 1]).unwrap());
    assert!(large.ends_with("it is larger than 1 MiB"), "{large}");
    // A link to a regular file is one.
    let link = authority.host().unwrap();
    let (path, moved) = (link.path().join("client-key.pem"), link.path().join("key"));
    std::fs::rename(&path, &moved).unwrap();
    std::os::unix::fs::symlink(&moved, &path).unwrap();
    client(link.path());
}

#[test]
fn an_untrusted_source_is_told_why_and_uses_nothing_up() {
    let (ours, theirs) = (Authority::new().unwrap(), Authority::new().unwrap());
    let good = ours.host().unwrap();
    let source = |change: &dyn Fn(&Path)| {
        let directory = ours.host().unwrap();
        change(directory.path());
        Some(client(directory.path()))
    };
    let stranger = source(&|at| theirs.write(at, "client", &["source.example"], Until::Later).unwrap());
    let expired = source(&|at| ours.write(at, "client", &["source.example"], Until::LongAgo).unwrap());
    let of_a_server = source(&|at| {
        std::fs::copy(at.join("server-cert.pem"), at.join("client-cert.pem")).unwrap();
        std::fs::copy(at.join("server-key.pem"), at.join("client-key.pem")).unwrap();
    });
    let other_name = source(&|at| ours.write(at, "client", &["other.example"], Until::Later).unwrap());
    let distrusts = source(&|at| theirs.trust(at).unwrap());
    let expects = Some(TlsClient::from_directory(good.path(), "other.example").unwrap());
    let mut pair = Pair::new(false);
    pair.server = Some(server(good.path()).allow(&["source.example", "10.0.0.1"]).unwrap());
    let at = pair.listen();
    for (what, client, words) in [
        ("no TLS", None, "the peer refused: this host takes a guest over TLS only: set `tls-creds` at the source too"),
        ("another authority", stranger, "the peer does not accept this side of the TLS session: UnknownCA"),
        ("an expired certificate", expired, "does not accept this side of the TLS session: CertificateExpired"),
        ("the certificate of a server", of_a_server, "does not accept this side of the TLS session"),
        (
            "a name that may not",
            other_name,
            "the peer refused: the certificate of the source is not for a name that may",
        ),
        ("a destination of another authority", distrusts, "the certificate of the peer is not accepted"),
        ("a destination of another name", expects, "not accepted: certificate not valid for name \"other.example\""),
    ] {
        pair.client = client;
        let why = fails(&mut pair, &at, what);
        assert!(why.contains(words), "{what}: `{why}` does not say `{words}`");
        assert_eq!(pair.destination.state(), destination::State::Listening, "{what}");
    }
    without_a_certificate(&pair, good.path(), &at);
    pair.client = Some(client(good.path()));
    arrives(&mut pair, &at, "the one that is trusted");
}

/// A source that shows no certificate at all.
fn without_a_certificate(pair: &Pair, directory: &Path, at: &str) {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(directory.join("ca-cert.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    let session = rustls::ClientConnection::new(config, "127.0.0.1".try_into().unwrap()).unwrap();
    let socket = TcpStream::connect(at).unwrap();
    socket.set_read_timeout(Some(LIMIT)).unwrap();
    let mut stream = rustls::StreamOwned::new(session, socket);
    // The client is done with its handshake before the server has judged it.
    let _ = stream.write_all(&hello(&fitting(pair)));
    let error = stream.read_to_end(&mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("CertificateRequired"), "{error}");
    assert_eq!(pair.destination.state(), destination::State::Listening);
}

#[test]
fn a_destination_that_is_not_trusted_gets_no_hello() {
    let (ours, theirs) = (Authority::new().unwrap(), Authority::new().unwrap());
    let good = ours.host().unwrap();
    let destination = |change: &dyn Fn(&Path)| {
        let directory = ours.host().unwrap();
        change(directory.path());
        Some(server(directory.path()))
    };
    let stranger = destination(&|at| theirs.write(at, "server", &["127.0.0.1"], Until::Later).unwrap());
    let expired = destination(&|at| ours.write(at, "server", &["127.0.0.1"], Until::LongAgo).unwrap());
    let other = destination(&|at| ours.write(at, "server", &["127.0.0.2"], Until::Later).unwrap());
    for (what, server, words) in [
        ("no TLS", None, "the destination does not use TLS: set `tls-creds` on both sides, or on neither"),
        ("another authority", stranger, "UnknownIssuer"),
        ("an expired certificate", expired, "certificate expired"),
        ("another address", other, "certificate not valid for name \"127.0.0.1\""),
    ] {
        let mut pair = Pair::new(false);
        (pair.client, pair.server) = (Some(client(good.path())), server);
        let at = pair.listen();
        let why = fails(&mut pair, &at, what);
        assert!(why.contains(words), "{what}: `{why}` does not say `{words}`");
        assert_eq!(pair.source.ending().unwrap().decided_by, "failed");
        assert_eq!(pair.destination.state(), destination::State::Listening, "{what}");
    }
}

#[test]
fn a_middleman_can_end_an_attempt_and_do_nothing_else() {
    let authority = Authority::new().unwrap();
    for way in [Way::There, Way::Back] {
        // In the handshake, in the hello, and in memory.
        let places: &[usize] = if way == Way::There { &[0, 3, 100, 1200, 20_000, 300_000] } else { &[0, 3, 60, 700] };
        for (name, act) in
            [("cut", (|| Act::Cut) as fn() -> Act), ("truncate", || Act::Truncate), ("flip", || Act::Flip)]
        {
            for &at in places {
                let context = format!("{name} at byte {at} {way:?}");
                let mut pair = encrypted(&authority);
                pair.hurry();
                let listens = pair.listen();
                pair.migrate(&relay::start(&listens, way, at, act()).address);
                let ended = pair.source.wait(LIMIT, |state| state.is_idle());
                if name == "flip" && ended == source::State::Completed {
                    // A few bits of TLS mean nothing, such as the version of a record.
                    pair.settle();
                    assert!(pair.destination_guest.verdict().is_whole(), "{context}");
                    continue;
                }
                assert_eq!(ended, source::State::Failed, "{context}");
                let why = pair.source.ending().and_then(|ending| ending.cause).unwrap();
                assert!(!why.text().is_empty() && !why.text().contains('\n'), "{context}: {why}");
                assert!(pair.source_guest.is_running() && pair.source_guest.verdict().is_whole(), "{context}");
                let ended = |state: destination::State| state.is_idle() || state == destination::State::Listening;
                assert!(ended(pair.destination.wait(LIMIT, ended)), "{context}");
                assert_eq!(pair.watch.most(), 1, "{context}");
            }
        }
    }
}

#[test]
fn what_was_said_once_cannot_be_said_again() {
    let authority = Authority::new().unwrap();
    let mut pair = encrypted(&authority);
    let listens = pair.listen();
    let relay = relay::start(&listens, Way::There, usize::MAX, Act::Cut);
    arrives(&mut pair, &relay.address, "the first time");
    let heard = relay.heard[0].lock().unwrap().clone();
    let mut again = Pair::new(false);
    again.server = pair.server.clone();
    let at = again.listen();
    let mut stream = TcpStream::connect(&at).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    // It may hang up before it has read everything.
    let _ = stream.write_all(&heard);
    let _ = stream.read_to_end(&mut Vec::new());
    assert_eq!(again.destination.state(), destination::State::Listening);
    again.client = pair.client.clone();
    arrives(&mut again, &at, "after the replay");
}

#[test]
fn the_end_of_a_stream_that_was_truncated_is_no_end() {
    let authority = Authority::new().unwrap();
    let mut pair = encrypted(&authority);
    let at = pair.listen();
    fails(&mut pair, &relay::start(&at, Way::There, 300_000, Act::Truncate).address, "truncated");
    let state = pair.destination.wait(LIMIT, |state| state.is_idle());
    assert_eq!(state, destination::State::Failed);
    let why = pair.destination.ending().and_then(|ending| ending.cause).unwrap();
    assert!(why.text().contains("ended without the farewell that TLS demands"), "{why}");
}

#[test]
fn hosts_encrypt_as_clients_say_and_read_the_files_anew_each_time() {
    let (authority, other) = (Authority::new().unwrap(), Authority::new().unwrap());
    let directory = authority.host().unwrap();
    let creds = directory.path().to_str().unwrap();
    let (from, to) = (host(&["--tls-creds", creds]), host(&["--incoming", "defer"]));
    let (mut source, mut destination) = (from.client().unwrap(), to.client().unwrap());
    assert_eq!(source.ask("query-migrate-parameters", json!({}))["tls-creds"], creds);
    let error = source.refused("migrate", json!({ "uri": "unix:/nonexistent/m.sock" }));
    assert!(error.contains("set `tls-hostname`"), "{error}");
    destination.ask("migrate-set-parameters", json!({ "tls-creds": "/nonexistent" }));
    let error = destination.refused("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0" }));
    assert!(error.contains("`/nonexistent/server-cert.pem` cannot be used: No such file"), "{error}");
    // A distinguished name is refused with what is compared, not taken for a name that nobody has.
    destination.ask("migrate-set-parameters", json!({ "tls-creds": creds, "tls-authz": "CN=source" }));
    let error = destination.refused("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0" }));
    assert!(error.contains("`CN=source` is not a host name or an IP address: names are compared"), "{error}");
    destination
        .ask("migrate-set-parameters", json!({ "tls-creds": creds, "tls-authz": "source.example, third.example" }));
    destination.ask("migrate-incoming", json!({ "uri": "tcp:127.0.0.1:0" }));
    let uri = destination.listens_at();
    // The source changes its certificates for those of another authority, and back.
    other.write(directory.path(), "client", &["source.example"], Until::Later).unwrap();
    source.ask("migrate", json!({ "uri": uri }));
    source.wait_for("failed");
    assert!(source.migration()["error-desc"].as_str().unwrap().contains("UnknownCA"), "{}", source.migration());
    authority.write(directory.path(), "client", &["source.example"], Until::Later).unwrap();
    source.ask("migrate-set-parameters", json!({ "tls-hostname": "destination.example" }));
    let began = Instant::now();
    source.ask("migrate", json!({ "uri": uri }));
    source.wait_for("completed");
    destination.wait_for("completed");
    assert!(destination.is_whole() && began.elapsed() < Duration::from_secs(30));
    // A key that does not go with its certificate is said to be so, before anything begins.
    let broken = authority.host().unwrap();
    std::fs::copy(broken.path().join("client-key.pem"), broken.path().join("server-key.pem")).unwrap();
    let error = TlsServer::from_directory(broken.path()).unwrap_err();
    assert!(error.to_string().contains("cannot be used"), "{error}");
    std::fs::write(broken.path().join("ca-cert.pem"), "nothing").unwrap();
    let error = TlsServer::from_directory(broken.path()).unwrap_err();
    assert!(
        error.to_string().ends_with("ca-cert.pem` cannot be used: it does not contain a certificate in PEM form"),
        "{error}"
    );
}

#[test]
fn an_embedder_encrypts_a_connection_of_its_own() {
    let directory = Authority::new().unwrap().host().unwrap();
    let (one, other) = UnixStream::pair().unwrap();
    one.set_nonblocking(true).unwrap();
    other.set_nonblocking(true).unwrap();
    let here = TlsStream::client(one, &client(directory.path())).unwrap();
    let there = TlsStream::server(other, &server(directory.path())).unwrap();
    let pair = Pair::new(false);
    let guest = Arc::clone(&pair.destination_guest) as Arc<dyn Guest>;
    let ends = [Channel::from_tls(here, "the destination").unwrap(), Channel::from_tls(there, "the source").unwrap()];
    let [here, there] = ends;
    let mut receives = DestinationWork::new(guest, there, Arc::default());
    let guest = Arc::clone(&pair.source_guest) as Arc<dyn Guest>;
    let mut sends = SourceWork::new(guest, here, Arc::clone(&pair.parameters), Arc::default(), |_| {}).unwrap();
    let (incoming, outgoing) = (pair.destination.clone(), pair.source.clone());
    let arrives = accepted(&incoming.raise(destination::Trigger::Incoming));
    let leaves = accepted(&outgoing.raise(source::Trigger::Migrate));
    thread::scope(|scope| {
        scope.spawn(|| drive(&incoming, arrives, &mut receives));
        let outcome = drive(&outgoing, leaves, &mut sends);
        assert_eq!(outcome.state, source::State::Completed, "{:?}", outcome.cause());
    });
    assert_eq!(pair.destination.state(), destination::State::Completed);
    assert!(pair.destination_guest.verdict().is_whole());
}
