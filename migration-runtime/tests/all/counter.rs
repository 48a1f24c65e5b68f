//! A guest with two vCPUs that count in every page of its memory, and notice at once when a page is not as they left it.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::guest::{Guest, GuestError};
use migration_runtime::memory::Memory;
use vm_memory::{Bytes, GuestAddress};

use super::backing::Kind;
use super::peers::{PAGE, PATIENCE, Ram};

/// Pages of the guest: 8 MiB.
pub(super) const PAGES: u64 = 2048;

/// Pages that are never written: they hold zeroes, or what was there from the beginning.
const QUIET: u64 = 512;

const VCPUS: u64 = 2;

pub(super) struct Counter {
    pub(super) ram: Arc<Ram>,
    marks: Vec<AtomicU64>,
    /// What each page must hold: it travels with the device state.
    expected: Vec<AtomicU64>,
    wanted: AtomicBool,
    running: Mutex<u64>,
    changed: Condvar,
    pub(super) wrong: AtomicU64,
    pub(super) turns: AtomicU64,
}

impl Counter {
    pub(super) fn new(kind: Kind) -> Arc<Counter> {
        let bytes = (PAGES * PAGE) as usize;
        let ram = match kind {
            Kind::Anonymous => Ram::from_ranges(&[(GuestAddress(0), bytes)]).unwrap(),
            Kind::Memfd => Ram::from_ranges_with_files(&[(GuestAddress(0), bytes, Some(kind.file(bytes)))]).unwrap(),
        };
        Arc::new(Counter {
            ram: Arc::new(ram),
            marks: (0..PAGES.div_ceil(64)).map(|_| AtomicU64::new(0)).collect(),
            expected: (0..PAGES).map(|_| AtomicU64::new(0)).collect(),
            wanted: AtomicBool::new(false),
            running: Mutex::new(0),
            changed: Condvar::new(),
            wrong: AtomicU64::new(0),
            turns: AtomicU64::new(0),
        })
    }

    /// A guest that runs, some of whose pages it will never write again.
    pub(super) fn running(kind: Kind) -> Arc<Counter> {
        let guest = Counter::new(kind);
        for page in (0..QUIET).filter(|page| page % 3 != 0) {
            guest.ram.write_obj(page, GuestAddress(page * PAGE)).unwrap();
            guest.expected[page as usize].store(page, Ordering::SeqCst);
        }
        guest.start();
        guest
    }

    pub(super) fn is_up(&self) -> bool {
        self.wanted.load(Ordering::SeqCst)
    }

    /// Waits until the vCPUs have come this much further.
    pub(super) fn count_on(&self, turns: u64) {
        let until = self.turns.load(Ordering::SeqCst) + turns;
        let began = std::time::Instant::now();
        while self.turns.load(Ordering::SeqCst) < until {
            assert!(began.elapsed() < PATIENCE, "the guest does not go on");
            thread::yield_now();
        }
    }

    /// Stops the guest if it runs, and looks at every page.
    pub(super) fn assert_whole(&self) {
        self.stop().unwrap();
        assert_eq!(self.wrong.load(Ordering::SeqCst), 0, "a vCPU found other contents than it had left");
        for page in 0..PAGES {
            let holds: u64 = self.ram.read_obj(GuestAddress(page * PAGE)).unwrap();
            assert_eq!(holds, self.expected[page as usize].load(Ordering::SeqCst), "page {page}");
        }
    }

    fn start(self: &Arc<Counter>) {
        self.wanted.store(true, Ordering::SeqCst);
        *lock(&self.running) = VCPUS;
        for vcpu in 0..VCPUS {
            let guest = Arc::clone(self);
            thread::spawn(move || guest.vcpu(vcpu));
        }
    }

    fn vcpu(&self, vcpu: u64) {
        let mut random = fastrand::Rng::with_seed(vcpu);
        while self.is_up() {
            let page = match random.u64(0..8) {
                0 => random.u64(0..QUIET),
                _ => QUIET + VCPUS * random.u64(0..(PAGES - QUIET) / VCPUS) + vcpu,
            };
            let (address, expected) = (GuestAddress(page * PAGE), &self.expected[page as usize]);
            let holds: u64 = self.ram.read_obj(address).unwrap();
            if !self.is_up() {
                // What was awaited may never have come.
                break;
            }
            if holds != expected.load(Ordering::SeqCst) {
                self.wrong.fetch_add(1, Ordering::SeqCst);
            }
            if page >= QUIET {
                self.ram.write_obj(holds + 1, address).unwrap();
                expected.store(holds + 1, Ordering::SeqCst);
                self.marks[(page / 64) as usize].fetch_or(1 << (page % 64), Ordering::SeqCst);
            }
            self.turns.fetch_add(1, Ordering::SeqCst);
        }
        *lock(&self.running) -= 1;
        self.changed.notify_all();
    }
}

/// The guest as a migration sees it: a handle, because vCPUs share it.
pub(super) struct Handle(pub(super) Arc<Counter>);

impl Counter {
    pub(super) fn stop(&self) -> Result<(), GuestError> {
        self.wanted.store(false, Ordering::SeqCst);
        let running = lock(&self.running);
        let waited = self.changed.wait_timeout_while(running, PATIENCE, |running| *running > 0);
        match waited.unwrap_or_else(PoisonError::into_inner).1.timed_out() {
            true => Err(GuestError::new("a vCPU does not stop")),
            false => Ok(()),
        }
    }
}

impl Guest for Handle {
    fn memory(&self) -> Memory {
        Memory::of(&self.0.ram)
    }

    fn describe(&self) -> Result<Vec<u8>, GuestError> {
        Ok(b"counter".to_vec())
    }

    fn admit(&self, _: &[u8]) -> Result<(), GuestError> {
        Ok(())
    }

    fn run(&self) -> Result<(), GuestError> {
        self.0.start();
        Ok(())
    }

    fn stop(&self) -> Result<(), GuestError> {
        self.0.stop()
    }

    fn is_running(&self) -> bool {
        self.0.is_up()
    }

    fn save(&self, state: &mut dyn Write) -> Result<(), GuestError> {
        for expected in &self.0.expected {
            let bytes = expected.load(Ordering::SeqCst).to_le_bytes();
            state.write_all(&bytes).map_err(|error| GuestError::with_source("not saved", error))?;
        }
        Ok(())
    }

    fn load(&self, state: &mut dyn Read) -> Result<(), GuestError> {
        for expected in &self.0.expected {
            let mut bytes = [0; 8];
            state.read_exact(&mut bytes).map_err(|error| GuestError::with_source("not loaded", error))?;
            expected.store(u64::from_le_bytes(bytes), Ordering::SeqCst);
        }
        Ok(())
    }

    fn start_dirty_log(&self) -> Result<(), GuestError> {
        Ok(())
    }

    fn harvest_dirty_log(&self, into: &mut DirtyBitmap) -> Result<(), GuestError> {
        let words: Vec<u64> = self.0.marks.iter().map(|word| word.swap(0, Ordering::SeqCst)).collect();
        into.merge_words(0, &words);
        Ok(())
    }

    fn stop_dirty_log(&self) {}
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
