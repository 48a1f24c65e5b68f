//! Carries out a live migration, driven by the table.
//!
//! A VMM brings three things: its guest behind the trait [`Guest`](guest::Guest), a [`Machine`](machine::Machine) for
//! each side of a migration that it wants to play, and a thread that [drives](machine::drive) the machine through an
//! attempt once a trigger that starts one was accepted. All else, cancels and failures included, goes through the
//! machine: any thread may raise triggers, ask for the state, or subscribe to its steps.
//!
//! The whole of it, with a guest that has one register and 64 KiB of memory:
//!
//! ```
//! use std::error::Error;
//! use std::io::{Read, Write};
//! use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
//! use std::sync::{Arc, Mutex};
//! use std::thread;
//!
//! use migration_runtime::channel::{Listener, Raiser, Wait};
//! use migration_runtime::dirty::DirtyBitmap;
//! use migration_runtime::guest::{Guest, GuestError};
//! use migration_runtime::machine::{Machine, Raised, Step, drive};
//! use migration_runtime::memory::{Layout, Memory};
//! use migration_runtime::parameters::Parameters;
//! use migration_runtime::progress::Progress;
//! use migration_runtime::states::{Status, destination, source};
//! use migration_runtime::destination::DestinationWork;
//! use migration_runtime::source::{Departure, SourceWork};
//! use vm_memory::{Bytes, GuestAddress, GuestMemoryMmap};
//!
//! struct Tiny {
//!     memory: Arc<GuestMemoryMmap>,
//!     register: AtomicU32,
//!     runs: AtomicBool,
//!     written: Mutex<Option<DirtyBitmap>>,
//! }
//!
//! impl Tiny {
//!     fn new() -> Result<Arc<Tiny>, Box<dyn Error>> {
//!         let memory = Arc::new(GuestMemoryMmap::from_ranges(&[(GuestAddress(0), 64 << 10)])?);
//!         Ok(Arc::new(Tiny { memory, register: 0.into(), runs: false.into(), written: Mutex::default() }))
//!     }
//!
//!     /// What a vCPU would do.
//!     fn write(&self, address: u64, value: u32) -> Result<(), Box<dyn Error>> {
//!         self.memory.write_obj(value, GuestAddress(address))?;
//!         if let Some(written) = self.written.lock().unwrap().as_mut() {
//!             written.set(address);
//!         }
//!         Ok(())
//!     }
//! }
//!
//! impl Guest for Tiny {
//!     fn memory(&self) -> Memory {
//!         Memory::of(&self.memory)
//!     }
//!     fn describe(&self) -> Result<Vec<u8>, GuestError> {
//!         Ok(b"tiny-1".to_vec())
//!     }
//!     fn admit(&self, description: &[u8]) -> Result<(), GuestError> {
//!         if description == b"tiny-1" { Ok(()) } else { Err(GuestError::new("the source has another guest")) }
//!     }
//!     fn run(&self) -> Result<(), GuestError> {
//!         self.runs.store(true, SeqCst);
//!         Ok(())
//!     }
//!     fn stop(&self) -> Result<(), GuestError> {
//!         self.runs.store(false, SeqCst);
//!         Ok(())
//!     }
//!     fn is_running(&self) -> bool {
//!         self.runs.load(SeqCst)
//!     }
//!     fn save(&self, state: &mut dyn Write) -> Result<(), GuestError> {
//!         let bytes = self.register.load(SeqCst).to_le_bytes();
//!         state.write_all(&bytes).map_err(|error| GuestError::with_source("the register was not sent", error))
//!     }
//!     fn load(&self, state: &mut dyn Read) -> Result<(), GuestError> {
//!         // These bytes come from a peer: there may be fewer. The runtime finds out if there are more.
//!         let mut bytes = [0; 4];
//!         state.read_exact(&mut bytes).map_err(|error| GuestError::with_source("there is no register", error))?;
//!         self.register.store(u32::from_le_bytes(bytes), SeqCst);
//!         Ok(())
//!     }
//!     fn start_dirty_log(&self) -> Result<(), GuestError> {
//!         let layout = Layout::of(&self.memory()).map_err(|error| GuestError::with_source("no dirty log", error))?;
//!         *self.written.lock().unwrap() = Some(DirtyBitmap::new(&layout));
//!         Ok(())
//!     }
//!     fn harvest_dirty_log(&self, into: &mut DirtyBitmap) -> Result<(), GuestError> {
//!         let mut written = self.written.lock().unwrap();
//!         let written = written.as_mut().ok_or_else(|| GuestError::new("there is no dirty log"))?;
//!         while let Some(run) = written.take_run(1) {
//!             into.set(run.address);
//!         }
//!         Ok(())
//!     }
//!     fn stop_dirty_log(&self) {
//!         *self.written.lock().unwrap() = None;
//!     }
//! }
//!
//! let (here, there) = (Tiny::new()?, Tiny::new()?);
//! here.register.store(7, SeqCst);
//! here.write(0x1000, 42)?;
//! here.run()?;
//!
//! // The destination binds its address first, so that a bad one is the user's error and no attempt begins.
//! let never = Raiser::new()?;
//! let listener = Listener::bind(&"tcp:127.0.0.1:0".parse()?, &Wait::new(&never, None))?;
//! let address = listener.address().clone();
//! let incoming = Machine::<destination::Destination>::new(|_guard| false);
//! let mut work = DestinationWork::new(there.clone(), listener, Arc::new(Progress::new()));
//! let Raised::Accepted(attempt) = incoming.raise(destination::Trigger::Incoming) else { panic!("it was idle") };
//! let receives = thread::spawn({
//!     let incoming = incoming.clone();
//!     move || drive(&incoming, attempt, &mut work)
//! });
//!
//! // The guards of the source: capabilities that the user sets, and whether the user runs a guest here that an earlier
//! // attempt left in doubt. None of them holds here.
//! let outgoing = Machine::<source::Source>::new(|_guard| false);
//! outgoing.subscribe(|step| {
//!     if let Step::Fired { publishes: Some(status), .. } = step {
//!         println!("MIGRATION {status}");
//!     }
//! });
//! let (parameters, progress) = (Arc::new(Parameters::default()), Arc::new(Progress::new()));
//! let mut work = SourceWork::new(here.clone(), address, parameters, progress, |_| {})?;
//! let Raised::Accepted(attempt) = outgoing.raise(source::Trigger::Migrate) else { panic!("it was idle") };
//! let outcome = drive(&outgoing, attempt, &mut work);
//! // Where the guest is now, as a value: here as it was, here and stuck, there, or in doubt.
//! assert_eq!(work.departure(&outcome), Departure::Completed);
//! receives.join().expect("work does not panic");
//!
//! assert_eq!((outgoing.status(), incoming.status()), (Status::Completed, Status::Completed));
//! assert!(there.is_running() && !here.is_running());
//! assert_eq!(there.register.load(SeqCst), 7);
//! assert_eq!(there.memory.read_obj::<u32>(GuestAddress(0x1000))?, 42);
//!
//! // An idle source ignores a cancel; the table has an answer for every trigger in every state.
//! assert_eq!(outgoing.raise(source::Trigger::Cancel), Raised::Ignored);
//! # Ok::<(), Box<dyn Error>>(())
//! ```

pub mod address;
mod bell;
mod byte_stream;
pub mod cause;
pub mod channel;
pub mod convergence;
mod conversation;
mod custody;
pub mod destination;
pub mod dirty;
mod figures;
pub mod guest;
pub mod machine;
pub mod memory;
pub mod multifd;
pub mod parameters;
pub mod postcopy;
pub mod progress;
pub mod recovery;
mod rounds;
pub mod source;
pub mod states;
mod throttle;
pub mod tls;
pub mod transfer;
mod trouble;
mod way;
pub mod wire;

/// Compiles and runs the example of the front page.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}
