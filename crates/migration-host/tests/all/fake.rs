//! A host without a real guest and without real machines, to test what lies between.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use migration_host::announce::{Announcer, Stage};
use migration_host::capabilities::Capabilities;
use migration_host::figures::{Fetched, Figures, MigrationInfo, SideInfo};
use migration_host::host::{Awaits, Host, Inspect, Migrations};
use migration_host::qmp::{Broadcast, CommandError};
use migration_host::runstate::Runstate;
use migration_host::shutdown::Shutdown;
use migration_host::vm::Vm;
use migration_runtime::address::Address;
use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::guest::{Guest, GuestError};
use migration_runtime::memory::Memory;
use migration_runtime::postcopy::Figures as PostcopyFigures;
use migration_runtime::states::Status;
use migration_runtime::wire::Token;
use serde_json::{Map, Value, json};
use vm_memory::{GuestAddress, GuestMemoryMmap};

/// A guest of one page that only remembers whether it runs.
pub(crate) struct FakeGuest {
    memory: Memory,
    running: AtomicBool,
    /// Whether it refuses to run.
    pub(crate) broken: AtomicBool,
}

impl FakeGuest {
    pub(crate) fn new() -> Arc<FakeGuest> {
        let ram = GuestMemoryMmap::<()>::from_ranges(&[(GuestAddress(0), 4096)]).unwrap();
        let memory = Memory::of(&Arc::new(ram));
        Arc::new(FakeGuest { memory, running: AtomicBool::new(false), broken: AtomicBool::new(false) })
    }
}

impl Guest for FakeGuest {
    fn memory(&self) -> Memory {
        self.memory.clone()
    }

    fn describe(&self) -> Result<Vec<u8>, GuestError> {
        Ok(b"fake-1".to_vec())
    }

    fn admit(&self, description: &[u8]) -> Result<(), GuestError> {
        if description == b"fake-1" { Ok(()) } else { Err(GuestError::new("another guest")) }
    }

    fn run(&self) -> Result<(), GuestError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(GuestError::new("the guest is broken"));
        }
        self.running.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn stop(&self) -> Result<(), GuestError> {
        self.running.store(false, Ordering::SeqCst);
        Ok(())
    }

    fn is_running(&self) -> bool {
        self.running.load(Ordering::SeqCst)
    }

    fn save(&self, state: &mut dyn Write) -> Result<(), GuestError> {
        state.write_all(b"state").map_err(|error| GuestError::with_source("not saved", error))
    }

    fn load(&self, state: &mut dyn Read) -> Result<(), GuestError> {
        let mut bytes = Vec::new();
        let read = state.read_to_end(&mut bytes);
        if read.is_ok() && bytes == b"state" { Ok(()) } else { Err(GuestError::new("not a state")) }
    }

    fn start_dirty_log(&self) -> Result<(), GuestError> {
        Ok(())
    }

    fn harvest_dirty_log(&self, _into: &mut DirtyBitmap) -> Result<(), GuestError> {
        Ok(())
    }

    fn stop_dirty_log(&self) {}
}

impl Inspect for FakeGuest {
    fn look(&self) -> Map<String, Value> {
        Map::from_iter([("kind".to_owned(), json!("fake-1"))])
    }

    fn verify(&self) -> Result<Value, String> {
        Ok(json!({ "whole": true }))
    }
}

/// Machines that do what a test says, and remember what they were asked.
pub(crate) struct FakeMigrations {
    announcer: Announcer,
    state: Mutex<State>,
}

struct State {
    source: SideInfo,
    destination: SideInfo,
    asked: Vec<String>,
    refusal: Option<CommandError>,
    fetched: Option<Fetched>,
    ran_there: bool,
}

impl FakeMigrations {
    /// The source now shows this.
    pub(crate) fn source(&self, status: Status, stage: Stage) {
        self.state.lock().unwrap().source = side(status, stage);
        self.announcer.source_shows(status, None, stage);
    }

    /// The destination now shows this.
    pub(crate) fn destination(&self, status: Status, stage: Stage) {
        self.state.lock().unwrap().destination = side(status, stage);
        self.announcer.destination_shows(status, None, stage);
    }

    /// So many pages of a guest that arrives by a post-copy are missing.
    pub(crate) fn lacks(&self, missing_pages: u64) {
        self.state.lock().unwrap().fetched = Some(Fetched { missing_pages, figures: PostcopyFigures::default() });
    }

    /// The destination of a post-copy has said that it runs the guest.
    pub(crate) fn ran_there(&self) {
        self.state.lock().unwrap().ran_there = true;
    }

    /// The machines refuse everything from now on, with this error.
    pub(crate) fn refuse(&self, error: CommandError) {
        self.state.lock().unwrap().refusal = Some(error);
    }

    /// What the machines were asked so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    fn ask(&self, what: String) -> Result<(), CommandError> {
        let mut state = self.state.lock().unwrap();
        state.asked.push(what);
        state.refusal.clone().map_or(Ok(()), Err)
    }
}

fn side(status: Status, stage: Stage) -> SideInfo {
    let state = status.name().to_owned();
    let (in_progress, reason, token) = (stage == Stage::InProgress, None, None);
    SideInfo { status, reason, state, in_progress, ended_by: None, cause: None, stranded: None, token }
}

impl Migrations for FakeMigrations {
    fn migrate(&self, to: Address, _token: Option<Token>) -> Result<(), CommandError> {
        self.ask(format!("migrate {to}"))
    }

    fn incoming(&self, at: Address, awaits: Awaits) -> Result<(), CommandError> {
        self.announcer.set_exit_on_error(awaits.exit_on_error);
        self.ask(format!("incoming {at}"))
    }

    fn cancel(&self) -> Result<(), CommandError> {
        self.ask("cancel".to_owned())
    }

    fn go_on(&self) -> Result<(), CommandError> {
        self.ask("continue".to_owned())
    }

    fn start_postcopy(&self) -> Result<(), CommandError> {
        self.ask("start_postcopy".to_owned())
    }

    fn pause(&self) -> Result<(), CommandError> {
        self.ask("pause".to_owned())
    }

    fn resume(&self, to: Address) -> Result<(), CommandError> {
        self.ask(format!("resume {to}"))
    }

    fn recover(&self, at: Address) -> Result<(), CommandError> {
        self.ask(format!("recover {at}"))
    }

    fn give_up(&self) -> Result<(), CommandError> {
        self.ask("give_up".to_owned())
    }

    fn query(&self) -> MigrationInfo {
        let state = self.state.lock().unwrap();
        MigrationInfo {
            source: state.source.clone(),
            destination: state.destination.clone(),
            figures: Figures::default(),
            listens_at: None,
            fetched: state.fetched.clone(),
            ran_there: state.ran_there,
        }
    }

    fn end(&self, _limit: Duration) {}
}

/// A whole host of fakes.
pub(crate) struct Fakes {
    pub(crate) host: Arc<Host>,
    pub(crate) guest: Arc<FakeGuest>,
    pub(crate) migrations: Arc<FakeMigrations>,
    pub(crate) events: Arc<Broadcast>,
}

impl Fakes {
    /// A host whose guest is in `runstate`.
    pub(crate) fn new(runstate: Runstate) -> Fakes {
        let (guest, events) = (FakeGuest::new(), Arc::<Broadcast>::default());
        if runstate.is_running() {
            guest.run().unwrap();
        }
        let vm = Arc::new(Vm::new(Arc::clone(&guest) as Arc<dyn Guest>, runstate, Arc::clone(&events)));
        let (capabilities, shutdown) = (Arc::<Capabilities>::default(), Arc::<Shutdown>::default());
        let announcer =
            Announcer::new(Arc::clone(&vm), Arc::clone(&capabilities), Arc::clone(&events), Arc::clone(&shutdown));
        let none = || side(Status::None, Stage::Ended);
        let state = State {
            source: none(),
            destination: none(),
            asked: Vec::new(),
            refusal: None,
            fetched: None,
            ran_there: false,
        };
        let migrations = Arc::new(FakeMigrations { announcer, state: Mutex::new(state) });
        let host = Arc::new(Host {
            name: Some("fake".to_owned()),
            guest: Arc::clone(&guest) as Arc<dyn Inspect>,
            vm,
            capabilities,
            parameters: Arc::default(),
            encryption: Arc::default(),
            migrations: Arc::clone(&migrations) as Arc<dyn Migrations>,
            shutdown,
            turn: Mutex::new(()),
        });
        Fakes { host, guest, migrations, events }
    }
}
