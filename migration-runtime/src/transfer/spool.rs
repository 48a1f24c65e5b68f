//! Device state that has arrived and waits for memory to be complete.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom, Write};

use tempfile::SpooledTempFile;

/// A section of device state above this size waits in a temporary file, in bytes.
const MEMORY_BYTES_MAX: usize = 16 << 20;

/// A section of device state. It is read once, from its beginning.
pub struct Spool {
    file: SpooledTempFile,
    bytes: u64,
    read: u64,
}

impl Spool {
    pub(super) fn new() -> Spool {
        Spool { file: SpooledTempFile::new(MEMORY_BYTES_MAX), bytes: 0, read: 0 }
    }

    /// The size of the section, in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The bytes that were not read yet.
    pub fn left(&self) -> u64 {
        self.bytes - self.read
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn rewind(&mut self) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0)).map(|_| ())
    }
}

impl Read for Spool {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(into)?;
        self.read += count as u64;
        Ok(count)
    }
}

impl fmt::Debug for Spool {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Spool").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}
