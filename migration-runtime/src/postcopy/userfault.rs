//! userfaultfd: memory whose missing pages are filled by this process when they are touched.
//!
//! The crate `userfaultfd` needs libclang to build; the kernel's own numbers and structures come from `linux-raw-sys`,
//! which rustix uses too, and what is left to write is a call each.
#![expect(unsafe_code, reason = "the kernel fills memory by address")]

use std::ffi::c_void;
use std::fs::OpenOptions;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd};

use linux_raw_sys::general as uapi;
use linux_raw_sys::ioctl::{UFFDIO_API, UFFDIO_COPY, UFFDIO_REGISTER, UFFDIO_UNREGISTER, UFFDIO_WAKE, UFFDIO_ZEROPAGE};
use rustix::io::Errno;
use rustix::ioctl::{Ioctl, IoctlOutput, Opcode, Setter, Updater, ioctl};
use rustix::mm::{UserfaultfdFlags, userfaultfd};
use zerocopy::{FromBytes, IntoBytes};

use super::PostcopyError;
use crate::memory::PAGE_BYTES;

/// The device that gives a descriptor to whoever may open it.
const DEVICE: &str = "/dev/userfaultfd";

/// `USERFAULTFD_IOC_NEW`: `_IO(USERFAULTFD_IOC, 0)`.
const NEW: Opcode = (uapi::USERFAULTFD_IOC as Opcode) << 8;

/// The most faults that are read at once.
const FAULTS_MAX: usize = 16;

/// Memory of this process whose faults are served. Addresses are those of this process.
// Invariant: registered ranges are guest memory, which only the guest and volatile accesses look at.
#[derive(Debug)]
pub(super) struct Userfault(OwnedFd);

/// A thread that waits for a page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Fault {
    /// The address that was touched.
    pub(super) address: u64,
    /// The thread that touched it.
    pub(super) thread: u32,
}

/// A message of the kernel, as `struct uffd_msg` has it for a page fault.
#[derive(Clone, Copy, FromBytes, IntoBytes)]
#[repr(C)]
struct Message {
    event: u8,
    reserved: [u8; 7],
    flags: u64,
    address: u64,
    thread: u32,
    unused: u32,
}

impl Userfault {
    /// Asks the kernel for a descriptor that sees faults of the kernel too, such as KVM's.
    pub(super) fn open() -> Result<Userfault, PostcopyError> {
        let flags = UserfaultfdFlags::CLOEXEC | UserfaultfdFlags::NONBLOCK;
        // SAFETY: the descriptor alone does nothing; what is done with it is told at each call.
        let fd = match unsafe { userfaultfd(flags) } {
            Ok(fd) => fd,
            Err(Errno::NOSYS) => return Err(PostcopyError::Lacking("userfaultfd")),
            Err(errno) => {
                open_device(flags).map_err(|device| PostcopyError::Refused { syscall: errno.into(), device })?
            }
        };
        let features = u64::from(uapi::UFFD_FEATURE_MISSING_SHMEM | uapi::UFFD_FEATURE_THREAD_ID);
        let mut api = uapi::uffdio_api { api: uapi::UFFD_API.into(), features, ioctls: 0 };
        // SAFETY: the opcode takes this structure.
        unsafe { ioctl(&fd, Updater::<{ UFFDIO_API as Opcode }, _>::new(&mut api)) }
            .map_err(|_| PostcopyError::Lacking("userfaultfd for shared memory"))?;
        Ok(Userfault(fd))
    }

    /// Makes pages that are missing from a range of guest memory wait for this process.
    pub(super) fn register(&self, start: u64, bytes: u64) -> io::Result<()> {
        let range = uapi::uffdio_range { start, len: bytes };
        let mode = uapi::UFFDIO_REGISTER_MODE_MISSING.into();
        let mut register = uapi::uffdio_register { range, mode, ioctls: 0 };
        // SAFETY: the opcode takes this structure. Contents and mapping stay as they are.
        unsafe { ioctl(&self.0, Updater::<{ UFFDIO_REGISTER as Opcode }, _>::new(&mut register)) }?;
        Ok(())
    }

    /// Undoes [`register`](Userfault::register): who waits for a page of the range gets zeroes.
    pub(super) fn unregister(&self, start: u64, bytes: u64) -> io::Result<()> {
        self.tell::<{ UFFDIO_UNREGISTER as Opcode }>(start, bytes)
    }

    /// Fills pages at `start` with `bytes`, which are whole pages, and wakes who waits for them. Returns how many were
    /// filled: pages that are here already stay as they are.
    pub(super) fn copy(&self, start: u64, bytes: &[u8]) -> io::Result<u64> {
        self.fill(start, bytes.len() as u64, |at, left| {
            let from = &bytes[bytes.len() - left as usize..];
            let (src, mode) = (from.as_ptr() as u64, 0);
            let mut copy = uapi::uffdio_copy { dst: at, src, len: left, mode, copy: 0 };
            // SAFETY: the opcode takes this structure. The kernel reads `from`, and writes only pages that are missing
            // from registered ranges, which are guest memory by the invariant.
            let done = unsafe { ioctl(&self.0, Updater::<{ UFFDIO_COPY as Opcode }, _>::new(&mut copy)) };
            (done, copy.copy)
        })
    }

    /// Fills pages with zeroes, as [`copy`](Userfault::copy) does with bytes.
    pub(super) fn zero(&self, start: u64, bytes: u64) -> io::Result<u64> {
        self.fill(start, bytes, |at, left| {
            let range = uapi::uffdio_range { start: at, len: left };
            let mut zero = uapi::uffdio_zeropage { range, mode: 0, zeropage: 0 };
            // SAFETY: the opcode takes this structure; as for `copy`.
            let done = unsafe { ioctl(&self.0, Updater::<{ UFFDIO_ZEROPAGE as Opcode }, _>::new(&mut zero)) };
            (done, zero.zeropage)
        })
    }

    /// Reads who waits for which page, without waiting.
    pub(super) fn faults(&self) -> io::Result<Vec<Fault>> {
        let mut messages =
            [Message { event: 0, reserved: [0; 7], flags: 0, address: 0, thread: 0, unused: 0 }; FAULTS_MAX];
        let bytes = match rustix::io::read(&self.0, messages.as_mut_bytes()) {
            Ok(bytes) => bytes,
            Err(Errno::AGAIN | Errno::INTR) => 0,
            Err(errno) => return Err(errno.into()),
        };
        let messages = messages[..bytes / size_of::<Message>()].iter();
        let faults = messages.filter(|message| u32::from(message.event) == uapi::UFFD_EVENT_PAGEFAULT);
        Ok(faults.map(|message| Fault { address: message.address, thread: message.thread }).collect())
    }

    /// Fills a range piece by piece. The kernel stops at a page that is here already, and wherever the mappings of the
    /// process change meanwhile; what it filled before that counts.
    fn fill(
        &self,
        start: u64,
        bytes: u64,
        mut step: impl FnMut(u64, u64) -> (rustix::io::Result<()>, i64),
    ) -> io::Result<u64> {
        let (mut at, end, mut filled) = (start, start + bytes, 0);
        while at < end {
            let (done, count) = step(at, end - at);
            let count = u64::try_from(count).unwrap_or(0);
            filled += count / PAGE_BYTES;
            at += count;
            match done {
                Ok(()) => {}
                Err(Errno::EXIST) => {
                    // Whoever filled it woke who waited then; who came between is woken here.
                    self.tell::<{ UFFDIO_WAKE as Opcode }>(at, PAGE_BYTES)?;
                    at += PAGE_BYTES;
                }
                Err(Errno::AGAIN) => std::hint::spin_loop(),
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(filled)
    }

    fn tell<const OPCODE: Opcode>(&self, start: u64, len: u64) -> io::Result<()> {
        // SAFETY: both opcodes that are used take this structure, and change no contents.
        unsafe { ioctl(&self.0, Setter::<OPCODE, _>::new(uapi::uffdio_range { start, len })) }?;
        Ok(())
    }
}

impl AsFd for Userfault {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn open_device(flags: UserfaultfdFlags) -> io::Result<OwnedFd> {
    let device = OpenOptions::new().read(true).write(true).open(DEVICE)?;
    // SAFETY: the opcode takes flags instead of a pointer, and returns a new descriptor.
    Ok(unsafe { ioctl(&device, New(flags)) }?)
}

/// Asks the device for a descriptor.
struct New(UserfaultfdFlags);

// SAFETY: the opcode changes no memory; its argument is a number.
unsafe impl Ioctl for New {
    type Output = OwnedFd;

    const IS_MUTATING: bool = false;

    fn opcode(&self) -> Opcode {
        NEW
    }

    fn as_ptr(&mut self) -> *mut c_void {
        std::ptr::without_provenance_mut(self.0.bits() as usize)
    }

    unsafe fn output_from_ptr(out: IoctlOutput, _: *mut c_void) -> rustix::io::Result<OwnedFd> {
        // SAFETY: the call succeeded, and gave a descriptor that nobody else has.
        Ok(unsafe { OwnedFd::from_raw_fd(out) })
    }
}
