//! A small VMM that moves its guest to another process: `vmm receive` prints an address, `vmm send ADDRESS` moves a guest
//! there. The guest is two threads that write memory; memory is one memfd with a hole in its address space, and
//! vm-memory's own bitmap is the dirty log. Everything that an embedder has to write is in this file.

use std::error::Error;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::{fs::File, thread, time::Duration};

use migration_runtime::channel::{Listener, Raiser, Wait};
use migration_runtime::guest::{Guest, GuestError};
use migration_runtime::machine::{Machine, Raised, drive};
use migration_runtime::memory::Memory;
use migration_runtime::states::{Status, destination, source};
use migration_runtime::{address::Address, destination::DestinationWork, dirty::DirtyBitmap, source::SourceWork};
use rustix::fs::{MemfdFlags, memfd_create};
use vm_memory::bitmap::AtomicBitmap;
use vm_memory::{Bytes, FileOffset, GuestAddress, GuestMemoryBackend, GuestMemoryMmap, MmapRegion};

const HIGH: u64 = 1 << 30;
const PAGES: u64 = 4096;
const HALF_BYTES: u64 = PAGES * 4096;

/// The guest: thread 0 writes the memory at 0, thread 1 the memory at 1 GiB.
struct Vmm {
    memory: Arc<GuestMemoryMmap<AtomicBitmap>>,
    /// Whether the threads run. Each holds it while it takes a step; all are told of a step, and when they are to run.
    runs: Mutex<bool>,
    moved: Condvar,
    /// How many steps each thread has taken: the registers.
    steps: [AtomicU64; 2],
}

impl Vmm {
    fn new() -> Result<Arc<Vmm>, Box<dyn Error>> {
        let file = File::from(memfd_create("ram", MemfdFlags::CLOEXEC)?);
        file.set_len(2 * HALF_BYTES)?;
        let part = |start, offset| -> io::Result<_> {
            Ok((GuestAddress(start), HALF_BYTES as usize, Some(FileOffset::new(file.try_clone()?, offset))))
        };
        let memory = Arc::new(GuestMemoryMmap::from_ranges_with_files([part(0, 0)?, part(HIGH, HALF_BYTES)?])?);
        let vmm = Arc::new(Vmm { memory, runs: false.into(), moved: Condvar::new(), steps: Default::default() });
        for index in 0..2 {
            let vmm = Arc::clone(&vmm);
            thread::spawn(move || vmm.write_on(index));
        }
        Ok(vmm)
    }

    /// What a vCPU does while it runs: it writes memory, and then the page is marked; vm-memory does so in this order.
    fn write_on(&self, index: usize) {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            runs = self.moved.wait_while(runs, |runs| !*runs).unwrap_or_else(PoisonError::into_inner);
            let step = self.steps[index].load(SeqCst) + 1;
            self.memory.write_obj(step, place(index, step)).expect("a page of this guest");
            self.steps[index].store(step, SeqCst);
            self.moved.notify_all();
            runs = self.moved.wait_timeout(runs, Duration::from_micros(50)).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn set_running(&self, on: bool) {
        *self.runs.lock().unwrap_or_else(PoisonError::into_inner) = on;
        self.moved.notify_all();
    }

    /// Checks that every page holds what was written to it last.
    fn is_whole(&self) -> bool {
        (0..2).all(|index| {
            let last = self.steps[index].load(SeqCst);
            let recent = last.saturating_sub(PAGES - 1).max(1)..=last;
            last > 0 && recent.into_iter().all(|step| self.memory.read_obj(place(index, step)).ok() == Some(step))
        })
    }
}

/// Where a thread writes in a step: every page once before any page again.
fn place(index: usize, step: u64) -> GuestAddress {
    GuestAddress(index as u64 * HIGH + (step * 2731) % PAGES * 4096)
}

impl Guest for Vmm {
    fn memory(&self) -> Memory {
        Memory::of(&self.memory)
    }
    fn describe(&self) -> Result<Vec<u8>, GuestError> {
        Ok(b"example-1".to_vec())
    }
    fn admit(&self, description: &[u8]) -> Result<(), GuestError> {
        if description == b"example-1" { Ok(()) } else { Err(GuestError::new("the source has another guest")) }
    }
    fn run(&self) -> Result<(), GuestError> {
        self.set_running(true);
        Ok(())
    }
    fn stop(&self) -> Result<(), GuestError> {
        self.set_running(false);
        Ok(())
    }
    fn is_running(&self) -> bool {
        *self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn save(&self, state: &mut dyn Write) -> Result<(), GuestError> {
        let steps = self.steps.each_ref().map(|steps| steps.load(SeqCst).to_le_bytes()).concat();
        state.write_all(&steps).map_err(|error| GuestError::with_source("not saved", error))
    }
    fn load(&self, state: &mut dyn Read) -> Result<(), GuestError> {
        for steps in &self.steps {
            let mut bytes = [0; 8];
            state.read_exact(&mut bytes).map_err(|error| GuestError::with_source("not loaded", error))?;
            steps.store(u64::from_le_bytes(bytes), SeqCst);
        }
        Ok(())
    }
    fn start_dirty_log(&self) -> Result<(), GuestError> {
        self.memory.iter().for_each(|region| drop(MmapRegion::bitmap(region).get_and_reset()));
        Ok(())
    }
    fn harvest_dirty_log(&self, into: &mut DirtyBitmap) -> Result<(), GuestError> {
        for (index, region) in self.memory.iter().enumerate() {
            into.merge_words(index, &MmapRegion::bitmap(region).get_and_reset());
        }
        Ok(())
    }
    fn stop_dirty_log(&self) {}
}

/// Runs one side, as its arguments say, and fails unless the guest has moved whole.
pub(crate) fn run(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let vmm = Vmm::new()?;
    let status = match arguments {
        ["receive"] => {
            let listener = Listener::bind(&"tcp:127.0.0.1:0".parse()?, &Wait::new(&Raiser::new()?, None))?;
            println!("{}", listener.address());
            let machine = Machine::<destination::Destination>::new(|_| false);
            let mut work = DestinationWork::new(vmm.clone(), listener, Arc::default());
            let Raised::Accepted(attempt) = machine.raise(destination::Trigger::Incoming) else { return Ok(()) };
            drive(&machine, attempt, &mut work).status()
        }
        ["send", address] => {
            vmm.run()?;
            drop(vmm.moved.wait_while(vmm.runs.lock().expect("nobody panics"), |_| vmm.steps[1].load(SeqCst) < 500));
            let machine = Machine::<source::Source>::new(|_| false);
            let mut work =
                SourceWork::new(vmm.clone(), address.parse::<Address>()?, Arc::default(), Arc::default(), |_| {})?;
            let Raised::Accepted(attempt) = machine.raise(source::Trigger::Migrate) else { return Ok(()) };
            drive(&machine, attempt, &mut work).status()
        }
        _ => return Err("usage: vmm receive | vmm send ADDRESS".into()),
    };
    let is_here = vmm.is_running() == (arguments[0] == "receive");
    vmm.stop()?;
    if status == Status::Completed && is_here && vmm.is_whole() { Ok(()) } else { Err("it did not move".into()) }
}

#[allow(dead_code, reason = "the tests call `run`")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}
