//! What is left of a write that was given up in its middle, so that it can be finished later.

use std::time::Instant;

use rustix::event::PollFlags;

use super::parts::Part;
use super::stream::{Channel, Written};
use super::{ChannelError, Wait};

impl Channel {
    /// Keeps what is left of a write that was given up. Of pages that the guest writes meanwhile, it keeps what they hold
    /// now. No effect where nothing of the write has left yet.
    pub(crate) fn keep_rest(&mut self, parts: &[Part<'_>]) {
        if self.begin_write().is_err() {
            self.rest = parts.iter().flat_map(|part| part.copy(usize::MAX)).collect();
        }
    }

    /// Finishes a write that was given up in its middle; no effect where there is none.
    ///
    /// # Errors
    /// When the wait is interrupted or takes too long, or the connection breaks.
    pub(crate) fn finish_write(&mut self, wait: &Wait<'_>) -> Result<(), ChannelError> {
        if self.begin_write().is_ok() {
            return Ok(());
        }
        let rest = std::mem::take(&mut self.rest);
        let mut parts = [Part::from(&rest[..])];
        let mut left = &mut parts[..];
        loop {
            if self.try_write(&mut left)? == Written::All {
                return Ok(());
            }
            wait.until_ready(self.port.fd(), PollFlags::OUT, Instant::now())?;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::channel::{ChannelErrorKind, Raiser};

    #[test]
    fn a_write_that_was_interrupted_is_finished_where_it_was_left() {
        let (mut here, mut there) = Channel::pair().unwrap();
        let (never, over) = (Raiser::new().unwrap(), Raiser::new().unwrap());
        let bytes: Vec<u8> = (0..4 << 20).map(|index: u32| (index % 251) as u8).collect();
        let error = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(50));
                over.raise();
            });
            here.write_all(&bytes, &Wait::new(&over, None)).unwrap_err()
        });
        assert_eq!(error.kind(), ChannelErrorKind::Interrupted);
        assert!(here.write_all(b"more", &Wait::new(&never, None)).is_err(), "nothing can follow half a write");
        let mut bytes_read = vec![0; bytes.len() + 4];
        let read = &mut bytes_read;
        std::thread::scope(|scope| {
            scope.spawn(|| there.read_exact(read, &Wait::new(&never, Duration::from_secs(20))).unwrap());
            let wait = Wait::new(&never, Duration::from_secs(20));
            here.finish_write(&wait).unwrap();
            here.write_all(b"more", &wait).unwrap();
        });
        assert!(bytes_read[..bytes.len()] == bytes, "the bytes arrive as they were written");
        assert_eq!(bytes_read[bytes.len()..], *b"more");
    }
}
