//! The guest without KVM: a thread that does what [`program`](super::program) does, in the same memory.
//!
//! It keeps a dirty log of its own. **A page is marked after it is written, never before.** Whoever migrates takes the
//! marks first and reads the pages then. If a read misses a write, the write came after the read, and its mark after the
//! write: the mark was not among those taken and is still there for the next harvest. Were the mark set first, a harvest
//! could take it, read the old page, and the write would be lost. The last harvest comes after [`stop`](Guest::stop), and
//! the thread does not stop between a write and its mark.
//!
//! Marks are always set, also while nobody harvests: a thread that first looked whether the log is on could see it off,
//! and its write could still become visible after the first copy of the page was taken. Neither does it look whether the
//! mark is there already, for the same reason. The read-modify-write that sets a mark is what orders it after the write.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::guest::{Guest, GuestError};
use migration_runtime::memory::{Memory, PAGE_BYTES};
use serde::{Deserialize, Serialize};
use vm_memory::{Bytes, GuestAddress};

use super::gate::{Gate, Go, lock};
use super::hosted::{HostedGuest, check_program};
use super::layout::{self, Plan, word};
use super::pace::{Pace, Speed};
use super::program::TURN_PAGES;
use super::ram::Ram;
use super::state;
use super::verify::{self, Verdict};

const KIND: &str = "memory-1";

/// A workload in plain memory.
#[derive(Debug)]
pub(super) struct PlainGuest {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    memory: Ram,
    gate: Gate,
    /// The program's registers. Locked by the thread while it runs.
    registers: Mutex<Registers>,
    log: DirtyLog,
    speed: Arc<Speed>,
}

/// Where the program is; what a vCPU has in its registers.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Registers {
    /// In front of its first instruction.
    Start,
    /// In a pass.
    Pass { pass: u32, position: u32 },
}

#[derive(Debug)]
struct DirtyLog {
    /// One bit a page, whether the log is on or not.
    marks: Vec<AtomicU64>,
    is_on: Mutex<bool>,
}

impl PlainGuest {
    /// A stopped guest over this memory.
    pub(super) fn new(memory: Ram, pages_per_second: u32) -> Result<PlainGuest, GuestError> {
        let log = DirtyLog::new(layout::memory_pages(&memory));
        let shared = Arc::new(Shared {
            memory,
            gate: Gate::new(),
            registers: Mutex::new(Registers::Start),
            log,
            speed: Arc::new(Speed::new(pages_per_second)),
        });
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("guest".to_owned())
            .spawn(move || of_thread.serve())
            .map_err(|error| GuestError::with_source("the guest's thread cannot be started", error))?;
        Ok(PlainGuest { shared, thread: Some(thread) })
    }
}

impl Guest for PlainGuest {
    fn memory(&self) -> Memory {
        Memory::of(&Arc::new(self.shared.memory.clone()))
    }

    fn describe(&self) -> Result<Vec<u8>, GuestError> {
        Ok(KIND.into())
    }

    fn admit(&self, description: &[u8]) -> Result<(), GuestError> {
        state::admit(KIND, description)
    }

    fn run(&self) -> Result<(), GuestError> {
        self.shared.gate.open(|| check_program(&self.shared.memory))
    }

    fn stop(&self) -> Result<(), GuestError> {
        self.shared.gate.close(|| ())
    }

    fn give_up_stop(&self) {
        self.shared.gate.give_up_closing();
    }

    fn is_running(&self) -> bool {
        self.shared.gate.is_open()
    }

    fn save(&self, state: &mut dyn Write) -> Result<(), GuestError> {
        let _closed = self.shared.gate.keep_closed()?;
        state::write(KIND, &*lock(&self.shared.registers), state)
    }

    fn load(&self, state: &mut dyn Read) -> Result<(), GuestError> {
        let closed = self.shared.gate.keep_closed()?;
        *lock(&self.shared.registers) = state::read(KIND, state)?;
        closed.forgive();
        Ok(())
    }

    fn throttle(&self, percent: u8) -> Result<(), GuestError> {
        self.shared.speed.throttle(percent);
        Ok(())
    }

    fn start_dirty_log(&self) -> Result<(), GuestError> {
        self.shared.log.start();
        Ok(())
    }

    fn harvest_dirty_log(&self, into: &mut DirtyBitmap) -> Result<(), GuestError> {
        self.shared.log.harvest(into)
    }

    fn stop_dirty_log(&self) {
        *lock(&self.shared.log.is_on) = false;
    }
}

impl HostedGuest for PlainGuest {
    fn ram(&self) -> &Ram {
        &self.shared.memory
    }

    fn kind(&self) -> &'static str {
        KIND
    }

    fn kind_name(&self) -> &'static str {
        "memory"
    }

    fn verdict(&self) -> Result<Verdict, GuestError> {
        let _closed = self.shared.gate.keep_closed()?;
        Ok(verify::verify(&self.shared.memory))
    }

    fn failure(&self) -> Option<String> {
        self.shared.gate.failure()
    }
}

impl Drop for PlainGuest {
    fn drop(&mut self) {
        // Nobody is left to be told that it does not end; then it is left alone with its own reference to the memory.
        if self.shared.gate.end(|| ()).is_ok()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

impl Shared {
    /// The thread.
    fn serve(&self) {
        while self.gate.enter() == Go::Run {
            let mut registers = lock(&self.registers);
            match Plan::of(&self.memory) {
                Ok(plan) => self.run(&plan, &mut registers),
                Err(error) => self.gate.fail(error.to_string()),
            }
        }
    }

    fn run(&self, plan: &Plan, registers: &mut Registers) {
        let mut writes = verify::writes_counted(&self.memory);
        let mut pace = Pace::new(Arc::clone(&self.speed), writes, Instant::now());
        while !self.gate.is_closing() {
            let (next, turn_is_over) = self.step(plan, *registers, &mut writes);
            *registers = next;
            if turn_is_over {
                self.gate.wait_until(pace.turn(writes, Instant::now()));
            }
        }
    }

    /// Writes one page, or ends a pass; says where the program is then, and whether it is the host's turn.
    fn step(&self, plan: &Plan, registers: Registers, writes: &mut u64) -> (Registers, bool) {
        let (pass, position) = match registers {
            Registers::Pass { pass, position } => (pass, position),
            Registers::Start => (layout::read_word(&self.memory, word::PASS), 0),
        };
        if position >= plan.hot_pages {
            let pass = pass.wrapping_add(1);
            self.write(word::PASS, pass);
            self.write(word::POSITION, 0);
            return (Registers::Pass { pass, position: 0 }, true);
        }
        let address = layout::HOT_ADDRESS as u32 + position * PAGE_BYTES as u32;
        let found = layout::read_word(&self.memory, address);
        if found != pass.wrapping_sub(1) {
            self.write(word::WRONG_ADDRESS, address);
            self.write(word::WRONG_VALUE, found);
            self.write(word::WRONG, layout::read_word(&self.memory, word::WRONG).wrapping_add(1));
        }
        self.write(address, pass);
        let position = position + 1;
        self.write(word::POSITION, position);
        *writes += 1;
        (Registers::Pass { pass, position }, position.is_multiple_of(TURN_PAGES))
    }

    fn write(&self, address: u32, value: u32) {
        self.memory
            .store(value.to_le(), GuestAddress(address.into()), Ordering::Relaxed)
            .expect("the plan has the pages of this memory");
        self.log.mark(u64::from(address) / PAGE_BYTES);
    }
}

impl DirtyLog {
    fn new(pages: u64) -> DirtyLog {
        let words = pages.div_ceil(u64::from(u64::BITS));
        DirtyLog { marks: (0..words).map(|_| AtomicU64::new(0)).collect(), is_on: Mutex::new(false) }
    }

    fn mark(&self, page: u64) {
        let bit = 1 << (page % u64::from(u64::BITS));
        self.marks[(page / u64::from(u64::BITS)) as usize].fetch_or(bit, Ordering::SeqCst);
    }

    fn start(&self) {
        let mut is_on = lock(&self.is_on);
        self.take();
        *is_on = true;
    }

    fn harvest(&self, into: &mut DirtyBitmap) -> Result<(), GuestError> {
        let is_on = lock(&self.is_on);
        if !*is_on {
            return Err(GuestError::new("the dirty log is not running"));
        }
        into.merge_words(0, &self.take());
        Ok(())
    }

    fn take(&self) -> Vec<u64> {
        self.marks.iter().map(|word| word.swap(0, Ordering::SeqCst)).collect()
    }
}
