//! How blocking work is told that it is over: a flag, and a descriptor to poll beside the socket.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use migration_machine::{Visit, Wake};
use rustix::event::{EventfdFlags, eventfd};

/// Tells work that waits for a peer to stop waiting.
pub trait Interrupt {
    /// Whether the work is over.
    fn is_raised(&self) -> bool;

    /// Returns a descriptor that is readable exactly while [`is_raised`](Interrupt::is_raised); nobody reads from it.
    /// `None` means that the process has no descriptor left: the wait then ends late, with its timeout.
    fn fd(&self) -> Option<BorrowedFd<'_>>;
}

/// An [`Interrupt`] that any thread can raise, once.
#[derive(Debug)]
pub struct Raiser {
    raised: AtomicBool,
    eventfd: OwnedFd,
}

impl Raiser {
    /// An interrupt that is not raised.
    ///
    /// # Errors
    /// When the process has no descriptor left.
    pub fn new() -> std::io::Result<Raiser> {
        let eventfd = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Raiser { raised: AtomicBool::new(false), eventfd })
    }

    /// Raises the interrupt; no effect when it is raised already.
    pub fn raise(&self) {
        if !self.raised.swap(true, Ordering::SeqCst) {
            rustix::io::write(&self.eventfd, &1_u64.to_ne_bytes()).expect("a first count fits into an eventfd");
        }
    }
}

impl AsFd for Raiser {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.eventfd.as_fd()
    }
}

impl Interrupt for Raiser {
    fn is_raised(&self) -> bool {
        self.raised.load(Ordering::SeqCst)
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.as_fd())
    }
}

/// The descriptor of a visit, made when its work first waits; `None` where the process had none left.
struct Ends(Option<Raiser>);

impl Wake for Ends {
    fn wake(&self) {
        if let Some(raiser) = &self.0 {
            raiser.raise();
        }
    }
}

/// The end of a visit interrupts whatever its work waits for.
impl Interrupt for Visit {
    fn is_raised(&self) -> bool {
        self.is_over()
    }

    fn fd(&self) -> Option<BorrowedFd<'_>> {
        let raiser = self.waker(|| Ends(Raiser::new().ok()))?.0.as_ref()?;
        Some(raiser.as_fd())
    }
}
