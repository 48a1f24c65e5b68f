//! A QMP client for tests: sends commands, keeps the events that come in between, and never waits for ever.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

/// How long the client waits for anything before the test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection to a host.
pub(crate) struct Client {
    reading: BufReader<Box<dyn std::io::Read>>,
    writing: Box<dyn Write>,
    events: VecDeque<Value>,
    /// What the host sent first.
    pub(crate) greeting: Value,
}

impl Client {
    /// Connects to a Unix socket and negotiates.
    pub(crate) fn unix(path: &Path) -> Client {
        let mut client = Client::over(UnixStream::connect(path).unwrap());
        client.negotiate();
        client
    }

    /// Greets on a connection, and does not negotiate.
    pub(crate) fn over(stream: UnixStream) -> Client {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let writing = stream.try_clone().unwrap();
        Client::new(Box::new(stream), Box::new(writing))
    }

    /// Greets on a TCP connection, and does not negotiate.
    pub(crate) fn tcp(address: &str) -> Client {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let writing = stream.try_clone().unwrap();
        Client::new(Box::new(stream), Box::new(writing))
    }

    fn new(reading: Box<dyn std::io::Read>, writing: Box<dyn Write>) -> Client {
        let reading = BufReader::new(reading);
        let mut client = Client { reading, writing, events: VecDeque::new(), greeting: Value::Null };
        client.greeting = client.receive().expect("a greeting");
        client
    }

    /// Ends the negotiation.
    pub(crate) fn negotiate(&mut self) {
        assert_eq!(self.execute("qmp_capabilities", json!({})), Ok(json!({})));
    }

    /// Sends bytes as they are.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.writing.write_all(bytes).unwrap();
    }

    /// The next value that the host sends; none at the end of the connection.
    pub(crate) fn receive(&mut self) -> Option<Value> {
        let mut line = String::new();
        match self.reading.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(serde_json::from_str(&line).expect("the host sends a JSON value a line")),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => None,
            Err(error) => panic!("nothing came from the host: {error}"),
        }
    }

    /// The next reply; events that come before it are kept.
    pub(crate) fn reply(&mut self) -> Value {
        loop {
            let value = self.receive().expect("the connection is open");
            if value.get("event").is_none() {
                return value;
            }
            self.events.push_back(value);
        }
    }

    /// Executes a command: what it returned, or the description of the error.
    pub(crate) fn execute(&mut self, command: &str, arguments: Value) -> Result<Value, String> {
        let request = json!({ "execute": command, "arguments": arguments });
        self.send(format!("{request}\n").as_bytes());
        let mut reply = self.reply();
        match reply.get_mut("return") {
            Some(value) => Ok(value.take()),
            None => Err(reply["error"]["desc"].as_str().expect("an error has a description").to_owned()),
        }
    }

    /// The next event.
    pub(crate) fn event(&mut self) -> Value {
        if let Some(event) = self.events.pop_front() {
            return event;
        }
        let value = self.receive().expect("the connection is open");
        assert!(value.get("event").is_some(), "expected an event, got {value}");
        value
    }

    /// The names of the next `count` events, with the status of those that carry one.
    pub(crate) fn event_names(&mut self, count: usize) -> Vec<String> {
        let name = |event: Value| {
            let name = event["event"].as_str().unwrap().to_owned();
            match event["data"]["status"].as_str() {
                Some(status) => format!("{name} {status}"),
                None => name,
            }
        };
        (0..count).map(|_| name(self.event())).collect()
    }
}
