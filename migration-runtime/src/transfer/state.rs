//! Device state on its way from the guest, which writes it on a thread of its own, to the connection.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::wire::STATE_CHUNK_BYTES_MAX;

/// Pieces that wait to be sent. A guest that saves faster than the connection takes has to wait.
const PIECES_MAX: usize = 8;

/// Where the guest writes. What it has written leaves in pieces of the size of a frame.
pub(crate) struct StatePipe {
    pieces: SyncSender<Vec<u8>>,
    piece: Vec<u8>,
}

impl StatePipe {
    /// A pipe, and where its pieces come out. When that is dropped, writes fail.
    pub(crate) fn new() -> (StatePipe, Receiver<Vec<u8>>) {
        let (pieces, received) = sync_channel(PIECES_MAX);
        (StatePipe { pieces, piece: Vec::new() }, received)
    }
}

impl Write for StatePipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = STATE_CHUNK_BYTES_MAX as usize - self.piece.len();
        let count = room.min(bytes.len());
        self.piece.extend_from_slice(&bytes[..count]);
        if self.piece.len() == STATE_CHUNK_BYTES_MAX as usize {
            self.flush()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let over = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the attempt is over, the device state is not needed");
        self.pieces.send(std::mem::take(&mut self.piece)).map_err(over)
    }
}
