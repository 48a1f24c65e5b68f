//! The yardstick: bytes over one TCP connection of this machine with itself, and nothing done to them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

/// What is handed to the kernel by one call.
const PIECE_BYTES: usize = 1 << 20;

/// Sends bytes to a thread that receives them into one buffer, and says how long it took.
pub(super) fn into_buffer(from: &[u8]) -> Result<Duration> {
    send(from, |mut stream| {
        let mut buffer = vec![1; PIECE_BYTES];
        let mut received = 0;
        while received < from.len() {
            match stream.read(&mut buffer)? {
                0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                count => received += count,
            }
        }
        Ok(())
    })
}

/// Sends bytes to a thread that receives them into as much memory, and says how long it took.
pub(super) fn into_memory(from: &[u8], into: &mut [u8]) -> Result<Duration> {
    send(from, |mut stream| into.chunks_mut(PIECE_BYTES).try_for_each(|piece| stream.read_exact(piece)))
}

/// Sends bytes over several connections at once into as much memory, and says how long it took.
pub(super) fn by_several(from: &[u8], into: &mut [u8], connections: usize) -> Result<Duration> {
    let (piece, began) = (from.len().div_ceil(connections), Instant::now());
    thread::scope(|scope| {
        let parts = from.chunks(piece).zip(into.chunks_mut(piece));
        let sends: Vec<_> = parts.map(|(from, into)| scope.spawn(|| into_memory(from, into))).collect();
        sends.into_iter().try_for_each(|sends| {
            sends.join().map_err(|_| anyhow!("a sender panicked")).and_then(|sent| sent).map(drop)
        })
    })?;
    Ok(began.elapsed())
}

fn send(from: &[u8], receive: impl FnOnce(TcpStream) -> std::io::Result<()> + Send) -> Result<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0").context("cannot listen on loopback")?;
    let mut sender = TcpStream::connect(listener.local_addr()?).context("cannot connect over loopback")?;
    let (stream, _) = listener.accept()?;
    let began = Instant::now();
    thread::scope(|scope| {
        let receiver = scope.spawn(move || receive(stream));
        from.chunks(PIECE_BYTES).try_for_each(|piece| sender.write_all(piece)).context("cannot send over loopback")?;
        receiver.join().map_err(|_| anyhow!("the receiver panicked"))?.context("cannot receive over loopback")?;
        Ok(began.elapsed())
    })
}
