//! How pages are spread over several connections.

use std::num::NonZeroU8;

use crate::channel::Endpoint;

/// Connections for the pages of a pre-copy, beside the main one. Both sides must have as many.
///
/// One thread on each side serves each connection. Which of them a page goes by is decided by its address, so what is
/// sent later arrives later. The main connection carries everything else; what is left to a post-copy goes over it too.
#[derive(Debug)]
pub struct Multifd {
    count: NonZeroU8,
    endpoints: Vec<Endpoint>,
}

impl Multifd {
    /// So many connections, had in the same way as the main one: by the address that it dials, or from the listener that
    /// accepts it.
    pub fn new(count: NonZeroU8) -> Multifd {
        Multifd { count, endpoints: Vec::new() }
    }

    /// Connections that are had in ways of their own, one each: streams that a VMM hands in, or addresses that are dialled
    /// once the destination has agreed. `None` if there are none, or more than 255.
    ///
    /// Both sides need as many, and have them in the same order: they are opened one after the other.
    pub fn from_endpoints(endpoints: Vec<Endpoint>) -> Option<Multifd> {
        let count = u8::try_from(endpoints.len()).ok().and_then(NonZeroU8::new)?;
        Some(Multifd { count, endpoints })
    }

    pub(crate) fn count(&self) -> u8 {
        self.count.get()
    }

    /// Whether they are had in the same way as the main connection.
    pub(crate) fn are_as_the_main_one(&self) -> bool {
        self.endpoints.is_empty()
    }

    /// Returns how each connection is had, in their order; `None` stands for the way of the main one.
    pub(crate) fn ways(self) -> Vec<Option<Endpoint>> {
        if self.endpoints.is_empty() {
            return (0..self.count()).map(|_| None).collect();
        }
        self.endpoints.into_iter().map(Some).collect()
    }
}
