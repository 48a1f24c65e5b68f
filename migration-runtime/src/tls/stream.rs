//! A TLS session over a byte stream that does not block.

use std::fmt;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{AlertDescription, ClientConnection, Connection, InvalidMessage, ServerConnection};

use super::credentials::{TlsClient, TlsServer};
use crate::byte_stream::Stream;
use crate::states::Message;
use crate::wire::{Frame, MAGIC, Payload, Refusal};

/// The first bytes of a peer are looked at, so many at a time.
const FIRST_BYTES: usize = 4096;

/// A peer that hangs up said why in the last of so many records.
const LAST_WORDS_MAX: usize = 16;

/// What a source that does not use TLS is told.
const ENCRYPTED_ONLY: &str = "this host takes a guest over TLS only: set `tls-creds` at the source too";

/// A TLS session over an embedder's own connection, which must not block. `Channel::from_tls` makes it a channel.
///
/// The handshake is made by the first reads and writes.
pub struct TlsStream {
    session: Connection,
    below: Box<dyn Stream>,
    /// The first bytes of the peer, until it is known whether it speaks TLS.
    first: First,
    allowed: Option<Arc<[ServerName<'static>]>>,
}

/// Whether the peer speaks TLS.
enum First {
    /// It has not said enough; so much.
    Unknown(Vec<u8>),
    /// It does, and these bytes are not with the session yet.
    Tls(Vec<u8>, usize),
}

impl TlsStream {
    /// The side of a source, over a connection to the destination.
    ///
    /// # Errors
    /// When no session can be begun.
    pub fn client(below: impl Stream + 'static, with: &TlsClient) -> io::Result<TlsStream> {
        let session = ClientConnection::new(Arc::clone(&with.config), with.name.clone()).map_err(io::Error::other)?;
        Ok(TlsStream::over(below, session.into(), None))
    }

    /// The side of a destination, over a connection to the source.
    ///
    /// # Errors
    /// When no session can be begun.
    pub fn server(below: impl Stream + 'static, with: &TlsServer) -> io::Result<TlsStream> {
        let session = ServerConnection::new(Arc::clone(&with.config)).map_err(io::Error::other)?;
        Ok(TlsStream::over(below, session.into(), with.allowed.clone()))
    }

    fn over(
        below: impl Stream + 'static,
        session: Connection,
        allowed: Option<Arc<[ServerName<'static>]>>,
    ) -> TlsStream {
        TlsStream { session, below: Box::new(below), first: First::Unknown(Vec::new()), allowed }
    }

    /// Goes on with the handshake as far as is possible now, and returns whether it is over.
    ///
    /// # Errors
    /// When the peer does not speak TLS, or either side does not trust the other.
    pub fn handshake(&mut self) -> io::Result<bool> {
        loop {
            self.send_pending()?;
            if !self.session.is_handshaking() {
                return Ok(true);
            }
            match self.receive() {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
    }

    /// Returns whether the session waits for room to send.
    pub fn wants_write(&self) -> bool {
        self.session.wants_write()
    }

    /// Judges whether the peer, whose certificate is good, may do what it wants to do.
    ///
    /// # Errors
    /// When it may not, with the reason.
    pub(crate) fn authorise(&self) -> Result<(), Refusal> {
        let Some(allowed) = &self.allowed else { return Ok(()) };
        let certificate = self.session.peer_certificates().and_then(|chain| chain.first());
        let certificate = certificate.and_then(|der| webpki::EndEntityCert::try_from(der).ok());
        let is_for = |name| certificate.as_ref().is_some_and(|it| it.verify_is_valid_for_subject_name(name).is_ok());
        if allowed.iter().any(is_for) {
            return Ok(());
        }
        let names: Vec<_> = allowed.iter().map(ServerName::to_str).collect();
        let text = format!(
            "the certificate of the source is not for a name that may send a guest here ({})",
            names.join(", ")
        );
        Err(Refusal::new(&text))
    }

    /// Tells the peer that nothing more will come, as far as the connection takes it now.
    pub(crate) fn end(&mut self) {
        self.session.send_close_notify();
        // A connection that takes no more cannot be told.
        let _ = self.send_pending();
    }

    /// Sends what the session has to send, as far as the connection takes it.
    fn send_pending(&mut self) -> io::Result<()> {
        while self.session.wants_write() {
            match self.session.write_tls(&mut self.below) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.explained(error)),
            }
        }
        Ok(())
    }

    /// Finds out whether the peer said why it hung up.
    fn explained(&mut self, error: io::Error) -> io::Error {
        for _ in 0..LAST_WORDS_MAX {
            match self.receive() {
                Ok(()) => {}
                Err(why) if why.get_ref().is_some_and(|why| why.is::<TlsFailure>()) => return why,
                Err(_) => break,
            }
        }
        error
    }

    /// Receives what there is, and has the session make something of it.
    fn receive(&mut self) -> io::Result<()> {
        if let First::Unknown(bytes) = &mut self.first {
            let bytes = std::mem::take(bytes);
            self.look(bytes)?;
        }
        let count = match &mut self.first {
            First::Tls(bytes, used) if *used < bytes.len() => {
                let count = self.session.read_tls(&mut &bytes[*used..])?;
                *used += count;
                count
            }
            First::Tls(..) | First::Unknown(_) => self.session.read_tls(&mut self.below)?,
        };
        if count == 0 && self.session.is_handshaking() {
            let text = "the peer hung up during the TLS handshake";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, TlsFailure(text.to_owned())));
        }
        let Err(error) = self.session.process_new_packets() else { return Ok(()) };
        // The peer is told by an alert, if it is still there.
        let _ = self.session.write_tls(&mut self.below);
        Err(io::Error::new(io::ErrorKind::InvalidData, TlsFailure(told(&error))))
    }

    /// Finds out whether the peer speaks TLS.
    fn look(&mut self, mut bytes: Vec<u8>) -> io::Result<()> {
        while bytes.len() < MAGIC.len() {
            let mut more = [0; FIRST_BYTES];
            match self.below.read(&mut more) {
                // The session finds out that it ends.
                Ok(0) => break,
                Ok(count) => bytes.extend_from_slice(&more[..count]),
                Err(error) => {
                    self.first = First::Unknown(bytes);
                    return Err(error);
                }
            }
        }
        if !bytes.starts_with(&MAGIC) {
            self.first = First::Tls(bytes, 0);
            return Ok(());
        }
        let text = match self.session {
            Connection::Client(_) => "the destination does not use TLS: set `tls-creds` on both sides, or on neither",
            Connection::Server(_) => {
                let words = Refusal::new(ENCRYPTED_ONLY).encode();
                let number = Message::Refused.number();
                let header = Frame::Message { number, payload: Payload::of(&words) }.encode();
                // What does not fit into an empty connection is not read by anybody.
                let _ = self.below.write(&[&header[..], &words].concat());
                "the source does not use TLS: set `tls-creds` on both sides, or on neither"
            }
        };
        self.first = First::Unknown(bytes);
        Err(io::Error::new(io::ErrorKind::InvalidData, TlsFailure(text.to_owned())))
    }
}

impl Read for TlsStream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            self.send_pending()?;
            match self.session.reader().read(into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.receive()?,
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    let text = "the connection was cut: it ended without the farewell that TLS demands";
                    return Err(io::Error::new(error.kind(), TlsFailure(text.to_owned())));
                }
                read => return read,
            }
        }
    }
}

impl Write for TlsStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.flush()?;
        let count = self.session.writer().write(bytes)?;
        self.send_pending()?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.handshake()?;
        if done && !self.session.wants_write() { Ok(()) } else { Err(io::ErrorKind::WouldBlock.into()) }
    }
}

impl AsFd for TlsStream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.below.as_fd()
    }
}

impl Drop for TlsStream {
    fn drop(&mut self) {
        self.end();
    }
}

impl fmt::Debug for TlsStream {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("TlsStream").finish_non_exhaustive()
    }
}

/// Why a session cannot go on, in words for people.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct TlsFailure(String);

/// What an error of a session means to its user.
fn told(error: &rustls::Error) -> String {
    use rustls::Error as E;
    if let E::InvalidMessage(InvalidMessage::InvalidContentType) = error {
        return "the peer does not speak TLS".to_owned();
    }
    if let E::AlertReceived(AlertDescription::CertificateRequired) = error {
        return "the peer demands a certificate of this host".to_owned();
    }
    if let E::AlertReceived(alert) = error {
        return format!("the peer does not accept this side of the TLS session: {alert:?}");
    }
    if let E::NoCertificatesPresented = error {
        return "the peer shows no certificate".to_owned();
    }
    if let E::InvalidCertificate(why) = error {
        return format!("the certificate of the peer is not accepted: {why}");
    }
    format!("the TLS session failed: {error}")
}
