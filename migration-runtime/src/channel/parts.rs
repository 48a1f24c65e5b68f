//! Scattered memory for one system call: pieces of this process's own memory and pages of the guest, side by side.
//!
//! The standard library's `IoSlice` would need a reference, and none may exist to memory that a guest writes. A
//! [`Part`] has the same layout and holds a pointer; only the kernel follows it.
#![expect(unsafe_code, reason = "the kernel reads and writes guest memory through pointers")]

use std::io::{IoSlice, IoSliceMut};
use std::marker::PhantomData;
use std::os::fd::BorrowedFd;

use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg};
use vm_memory::VolatileSlice;

use crate::memory::Pages;

/// Memory for the kernel to read.
// Invariant: same layout as `iovec`; `base` is valid for reads of `bytes` bytes during 'm.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Part<'m> {
    base: *const u8,
    bytes: usize,
    memory: PhantomData<&'m [u8]>,
}

/// Memory for the kernel to write.
// Invariant: same layout as `iovec`; `base` is valid for writes of `bytes` bytes during 'm.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Place<'m> {
    base: *mut u8,
    bytes: usize,
    memory: PhantomData<&'m mut [u8]>,
}

impl<'m> Part<'m> {
    fn after(&self, bytes: usize) -> Part<'m> {
        assert!(bytes <= self.bytes, "a part of the part");
        // SAFETY: at most the end of what `base` is valid for, by the invariant.
        let base = unsafe { self.base.add(bytes) };
        Part { base, bytes: self.bytes - bytes, memory: PhantomData }
    }
}

impl Part<'_> {
    /// Copies at most `bytes_max` bytes out. A page that the guest writes meanwhile may come out mixed.
    pub(crate) fn copy(&self, bytes_max: usize) -> Vec<u8> {
        let mut bytes = vec![0; self.bytes.min(bytes_max)];
        // SAFETY: `base` is valid for reads of so many bytes, by the invariant; nothing is written through the slice.
        let slice = unsafe { VolatileSlice::new(self.base.cast_mut(), bytes.len()) };
        slice.copy_to(&mut bytes[..]);
        bytes
    }
}

impl<'m> From<&'m [u8]> for Part<'m> {
    fn from(bytes: &'m [u8]) -> Part<'m> {
        Part { base: bytes.as_ptr(), bytes: bytes.len(), memory: PhantomData }
    }
}

impl<'m> From<Pages<'m>> for Part<'m> {
    fn from(pages: Pages<'m>) -> Part<'m> {
        Part { base: pages.base(), bytes: pages.bytes(), memory: PhantomData }
    }
}

impl<'m> From<&'m mut [u8]> for Place<'m> {
    fn from(bytes: &'m mut [u8]) -> Place<'m> {
        Place { base: bytes.as_mut_ptr(), bytes: bytes.len(), memory: PhantomData }
    }
}

impl<'m> From<Pages<'m>> for Place<'m> {
    fn from(pages: Pages<'m>) -> Place<'m> {
        Place { base: pages.base(), bytes: pages.bytes(), memory: PhantomData }
    }
}

/// Forgets the first `bytes` bytes of `parts`, because they were sent, and returns what is left.
pub(crate) fn advance<'p, 'm>(mut parts: &'p mut [Part<'m>], mut bytes: usize) -> &'p mut [Part<'m>] {
    while let Some(first) = parts.first_mut() {
        if bytes < first.bytes {
            *first = first.after(bytes);
            break;
        }
        bytes -= first.bytes;
        parts = &mut parts[1..];
    }
    parts
}

/// Sends as much of `parts` as the socket takes, and never raises SIGPIPE.
pub(crate) fn send(socket: BorrowedFd<'_>, parts: &[Part<'_>]) -> rustix::io::Result<usize> {
    // SAFETY: a `Part` has the layout of an `iovec`, which is that of an `IoSlice`; it is only passed on to the kernel,
    // so no reference to what it points at comes to be.
    let parts = unsafe { &*(std::ptr::from_ref(parts) as *const [IoSlice<'_>]) };
    sendmsg(socket, parts, &mut SendAncillaryBuffer::default(), SendFlags::NOSIGNAL | SendFlags::DONTWAIT)
}

/// Receives what there is into `places`; 0 is the end of the stream.
pub(crate) fn receive(socket: BorrowedFd<'_>, places: &mut [Place<'_>]) -> rustix::io::Result<usize> {
    // SAFETY: as in `send`.
    let places = unsafe { &mut *(std::ptr::from_mut(places) as *mut [IoSliceMut<'_>]) };
    rustix::io::readv(socket, places)
}
