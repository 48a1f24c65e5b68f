//! The server: accepts clients, and gives each a thread that reads and one that writes.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use migration_runtime::address::Address;
use rustix::net::Shutdown;

use super::broadcast::{Broadcast, Subscriber};
use super::dispatch::Dispatch;
use super::outbox::{EVENTS_MAX, Hears, Outbox, Untaken};
use super::reply::line;
use super::session::{Output, Session};
use super::socket::{Listener, Stream};

/// Most clients at a time. One more is turned away.
pub const CLIENTS_MAX: usize = 64;

/// How long the server waits before it accepts again when the system has no descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A running server. Dropping it does not end it; [`close`](Server::close) does.
pub struct Server {
    shared: Arc<Shared>,
}

struct Shared {
    listener: Listener,
    dispatch: Arc<dyn Dispatch>,
    broadcast: Arc<Broadcast>,
    closing: AtomicBool,
    clients: Mutex<Clients>,
    left: Condvar,
}

#[derive(Default)]
struct Clients {
    next: u64,
    connected: BTreeMap<u64, Arc<Client>>,
}

/// What others need of a client: its queue, and the connection to end.
struct Client {
    number: u64,
    outbox: Outbox,
    stream: Stream,
}

impl Server {
    /// Serves QMP on `listener`: commands go to `dispatch`, events come from `broadcast`.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(listener: Listener, dispatch: Arc<dyn Dispatch>, broadcast: Arc<Broadcast>) -> io::Result<Server> {
        let shared = Arc::new(Shared {
            listener,
            dispatch,
            broadcast,
            closing: AtomicBool::new(false),
            clients: Mutex::default(),
            left: Condvar::new(),
        });
        let accepting = Arc::clone(&shared);
        thread::Builder::new().name("qmp-accept".to_owned()).spawn(move || accepting.accept())?;
        Ok(Server { shared })
    }

    /// Returns the address that clients connect to.
    pub fn address(&self) -> &Address {
        self.shared.listener.address()
    }

    /// Ends the service: takes no commands any more, and waits at most for `limit` until what was said is sent.
    pub fn close(self, limit: Duration) {
        self.shared.closing.store(true, Ordering::SeqCst);
        self.shared.listener.shut_down();
        let clients = self.shared.clients();
        for client in clients.connected.values() {
            client.stream.shut_down(Shutdown::Read);
        }
        let waited = self.shared.left.wait_timeout_while(clients, limit, |clients| !clients.connected.is_empty());
        let (clients, _) = waited.unwrap_or_else(PoisonError::into_inner);
        for client in clients.connected.values() {
            client.cut();
        }
    }
}

impl Shared {
    fn accept(self: Arc<Self>) {
        while !self.closing.load(Ordering::SeqCst) {
            match self.listener.accept() {
                Ok(stream) => {
                    if let Err(error) = self.admit(stream) {
                        tracing::warn!(%error, "QMP client turned away");
                    }
                }
                Err(_) if self.closing.load(Ordering::SeqCst) => break,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a QMP client");
                    thread::sleep(ACCEPT_PAUSE);
                }
            }
        }
    }

    fn admit(self: &Arc<Self>, stream: Stream) -> io::Result<()> {
        let (number, client) = {
            let mut clients = self.clients();
            if clients.connected.len() == CLIENTS_MAX {
                return Err(io::Error::other(format!("{CLIENTS_MAX} clients are connected already")));
            }
            clients.next += 1;
            let number = clients.next;
            let client = Arc::new(Client { number, outbox: Outbox::default(), stream });
            clients.connected.insert(number, Arc::clone(&client));
            (number, client)
        };
        // Closing may have begun in between; then nobody else ends this one.
        if self.closing.load(Ordering::SeqCst) {
            client.stream.shut_down(Shutdown::Read);
        }
        let shared = Arc::clone(self);
        let session = thread::Builder::new().name(format!("qmp-{number}"));
        let spawned = session.spawn(move || {
            tracing::info!(client = number, "QMP client connected");
            shared.serve(&client);
            tracing::info!(client = number, "QMP client left");
            shared.forget(number);
        });
        spawned.map(drop).inspect_err(|_| self.forget(number))
    }

    /// Serves one client until it leaves or is cut off.
    fn serve(&self, client: &Arc<Client>) {
        let subscriber = Arc::clone(client) as Arc<dyn Subscriber>;
        self.broadcast.subscribe(Arc::clone(&subscriber));
        thread::scope(|scope| {
            let writer = thread::Builder::new().name("qmp-write".to_owned());
            match writer.spawn_scoped(scope, || client.write()) {
                Ok(_) => {
                    self.read(client);
                    client.outbox.finish();
                }
                Err(error) => tracing::warn!(%error, "QMP client turned away"),
            }
        });
        self.broadcast.unsubscribe(&subscriber);
        client.stream.shut_down(Shutdown::Both);
    }

    fn read(&self, client: &Client) {
        let mut stream = client.stream.clone();
        let mut session = Session::new(&*self.dispatch);
        let mut hears = Hears::Replies;
        let mut open = client.outbox.reply(line(&session.greeting()), hears).is_ok();
        let mut buffer = vec![0; 16 << 10];
        while open {
            let count = match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    tracing::debug!(%error, "QMP client lost");
                    break;
                }
            };
            session.receive(&buffer[..count], &mut |output| {
                let value = match output {
                    Output::Reply(value) => value,
                    Output::Negotiated(value) => {
                        hears = Hears::Everything;
                        value
                    }
                };
                open &= client.outbox.reply(line(&value), hears).is_ok();
            });
        }
    }

    fn forget(&self, number: u64) {
        self.clients().connected.remove(&number);
        self.left.notify_all();
    }

    fn clients(&self) -> MutexGuard<'_, Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    /// Writes what the outbox holds until there is no more.
    fn write(&self) {
        let mut stream = self.stream.clone();
        let mut line = Vec::new();
        while self.outbox.next(&mut line).is_some() {
            if let Err(error) = stream.write_all(&line) {
                tracing::debug!(%error, "QMP client lost");
                self.cut();
            }
        }
    }

    fn cut(&self) {
        self.outbox.cut();
        self.stream.shut_down(Shutdown::Both);
    }
}

impl Subscriber for Client {
    fn take(&self, event: &Arc<[u8]>) -> bool {
        let taken = self.outbox.event(event);
        if taken == Err(Untaken::TooMany) {
            tracing::warn!(
                client = self.number,
                unsent = EVENTS_MAX,
                "QMP client cut off: it does not read its events"
            );
        }
        if taken.is_err() {
            self.stream.shut_down(Shutdown::Both);
        }
        taken.is_ok()
    }
}
