//! Which standard streams the caller left open.
//!
//! Before `main` begins, the standard library opens `/dev/null` in place of a standard stream that is closed, and whatever
//! is written there seems to be written. So a function that runs before that notes which streams are closed. A caller that
//! passes `/dev/null` on purpose has not closed the stream. On systems that are no Unix, every stream counts as open.

use std::sync::atomic::{AtomicBool, Ordering};

static IS_STDOUT_CLOSED: AtomicBool = AtomicBool::new(false);
static IS_STDERR_CLOSED: AtomicBool = AtomicBool::new(false);

/// Returns whether the caller closed standard output.
pub(crate) fn is_stdout_closed() -> bool {
    IS_STDOUT_CLOSED.load(Ordering::Relaxed)
}

/// Returns whether the caller closed standard error.
pub(crate) fn is_stderr_closed() -> bool {
    IS_STDERR_CLOSED.load(Ordering::Relaxed)
}

#[cfg(unix)]
ctor::declarative::ctor! {
    /// Notes which streams are closed.
    // SAFETY: before `main` the standard library is not ready, and this asks the system alone and writes to two statics.
    #[ctor(unsafe)]
    fn note() {
        use rustix::{io::fcntl_getfd, stdio};
        IS_STDOUT_CLOSED.store(fcntl_getfd(stdio::stdout()).is_err(), Ordering::Relaxed);
        IS_STDERR_CLOSED.store(fcntl_getfd(stdio::stderr()).is_err(), Ordering::Relaxed);
    }
}
