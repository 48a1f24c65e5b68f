//! What a VMM can bring in place of a socket.

use std::io::{Read, Write};
use std::os::fd::AsFd;

/// A connected byte stream that a VMM brings, such as the end of a tunnel.
///
/// Reads and writes must not block: they fail with [`WouldBlock`](std::io::ErrorKind::WouldBlock) when there is nothing to
/// read or no room, and the descriptor then becomes readable or writable when it is worth trying again.
/// [`flush`](Write::flush) is called after each piece, and may fail with `WouldBlock` too.
pub trait Stream: Read + Write + AsFd + Send {}

impl<S: Read + Write + AsFd + Send> Stream for S {}
