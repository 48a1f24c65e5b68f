//! Frames. A frame is a header of 32 bytes and, for some kinds, a payload.

use zerocopy::byteorder::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::refusal::REFUSAL_BYTES_MAX;
use crate::memory::{PAGE_BYTES, PageRun};

/// The first bytes of every frame, and so of every connection.
pub const MAGIC: [u8; 4] = *b"vMIG";

/// The size of a header, in bytes.
pub const HEADER_BYTES: usize = size_of::<Header>();

/// The most pages that a frame of pages carries: 1 MiB of them.
pub const FRAME_PAGES_MAX: u64 = 256;

/// The most bytes that a control message carries.
pub const MESSAGE_BYTES_MAX: u32 = 64 << 10;

/// The most bytes of device state that a frame carries.
pub const STATE_CHUNK_BYTES_MAX: u32 = 64 << 10;

/// The longest description of a guest, in bytes.
pub const DESCRIPTION_BYTES_MAX: usize = 32 << 10;

/// What the header of a frame says. A payload, if there is one, follows it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Frame {
    /// A control message of the table.
    Message {
        /// The number that the table gives the message.
        number: u16,
        /// The length and checksum of the payload.
        payload: Payload,
    },
    /// Pages, whose contents follow: at most [`FRAME_PAGES_MAX`].
    Pages(PageRun),
    /// Pages that hold only zeroes.
    Zeroes(PageRun),
    /// A piece of the device state.
    State {
        /// How many bytes of the state came before it.
        offset: u64,
        /// The length and checksum of the piece.
        payload: Payload,
    },
    /// The end of the device state.
    StateEnd {
        /// The size of the whole state, in bytes.
        bytes: u64,
    },
    /// The end of a section of device state that was saved while the guest runs.
    StateRoundEnd {
        /// The size of the section, in bytes.
        bytes: u64,
    },
    /// The end of a round of pages.
    RoundEnd {
        /// The number of the round, counted from 1.
        round: u64,
    },
    /// The end of all memory: the guest is stopped and no page comes after this.
    MemoryEnd,
    /// A sign of life.
    KeepAlive,
    /// A question, answered once everything before it was taken in: from the source while it sends, and from a listening
    /// destination after the hello.
    Sync,
    /// The answer to [`Frame::Sync`].
    Synced,
    /// An acknowledgement from the destination.
    Taken {
        /// How many bytes of the connection it has read.
        bytes: u64,
    },
    /// The destination of a post-copy asks for pages that its guest waits for: at most [`FRAME_PAGES_MAX`].
    Request(PageRun),
    /// A piece of the bitmap of missing pages: words of 64 pages, the lowest page in the lowest bit.
    Missing {
        /// How many words of the bitmap come before this piece.
        first_word: u32,
        /// The length and checksum of the piece.
        payload: Payload,
    },
    /// The end of the bitmap of missing pages.
    MissingEnd {
        /// How many pages are missing.
        pages: u64,
    },
    /// Why the sender ends the attempt, in words, before it hangs up.
    Farewell {
        /// The length and checksum of the words.
        payload: Payload,
    },
}

/// The length and the checksum of bytes that follow a header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Payload {
    /// The number of bytes.
    pub bytes: u32,
    /// The CRC-32 of the bytes.
    pub crc: u32,
}

/// Why bytes are not what a peer of ours would send.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// The bytes begin a TLS session.
    #[error("the peer uses TLS, and this host does not: set `tls-creds` on both sides, or on neither")]
    Tls,
    /// The bytes do not begin with [`MAGIC`].
    #[error("the peer does not speak the migration protocol: it sent {0:02x?}")]
    Magic([u8; 4]),
    /// The header's checksum is wrong.
    #[error("a frame's header arrived damaged")]
    HeaderDamaged,
    /// The payload's checksum is wrong.
    #[error("the payload of a frame arrived damaged")]
    PayloadDamaged,
    /// A kind of frame that this version does not have.
    #[error("a frame of unknown kind {0}")]
    Kind(u16),
    /// A field that this kind of frame does not use is not zero.
    #[error("a frame of kind {0} has values where none belong")]
    Unused(u16),
    /// A payload is longer than its kind allows, or its length contradicts the rest of the header.
    #[error("a frame of kind {kind} announces {bytes} bytes (allowed: {allowed})")]
    Length {
        /// The kind of frame.
        kind: u16,
        /// What it says.
        bytes: u64,
        /// What it may say, at most.
        allowed: u64,
    },
    /// Pages that no guest can have.
    #[error("a frame names {}, which this guest does not have", .0)]
    Pages(PageRun),
    /// A description of a guest is longer than
    /// [`DESCRIPTION_BYTES_MAX`].
    #[error("the guest describes itself in {0} bytes (allowed: {max})", max = DESCRIPTION_BYTES_MAX)]
    Description(usize),
    /// The payload of a message is not what the message carries.
    #[error("the payload of `{0}` is malformed")]
    Malformed(&'static str),
}

/// A header as it is on the wire.
#[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned)]
#[repr(C)]
struct Header {
    magic: [u8; 4],
    kind: U16,
    number: U16,
    bytes: U32,
    payload_crc: U32,
    value: U64,
    count: U32,
    crc: U32,
}

/// The numbers of the kinds; a number never changes its meaning.
mod kind {
    pub(super) const MESSAGE: u16 = 1;
    pub(super) const PAGES: u16 = 2;
    pub(super) const ZEROES: u16 = 3;
    pub(super) const STATE: u16 = 4;
    pub(super) const STATE_END: u16 = 5;
    pub(super) const ROUND_END: u16 = 6;
    pub(super) const MEMORY_END: u16 = 7;
    pub(super) const KEEP_ALIVE: u16 = 8;
    pub(super) const SYNC: u16 = 9;
    pub(super) const SYNCED: u16 = 10;
    pub(super) const TAKEN: u16 = 11;
    pub(super) const FAREWELL: u16 = 12;
    pub(super) const STATE_ROUND_END: u16 = 13;
    pub(super) const REQUEST: u16 = 14;
    pub(super) const MISSING: u16 = 15;
    pub(super) const MISSING_END: u16 = 16;
}

impl Frame {
    /// The header of this frame.
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut header = match *self {
            Frame::Message { number, payload } => {
                Header { number: number.into(), ..Header::with_payload(kind::MESSAGE, payload) }
            }
            Frame::Pages(run) => Header { bytes: (run.bytes() as u32).into(), ..Header::of_run(kind::PAGES, run) },
            Frame::Zeroes(run) => Header::of_run(kind::ZEROES, run),
            Frame::State { offset, payload } => {
                Header { value: offset.into(), ..Header::with_payload(kind::STATE, payload) }
            }
            Frame::StateEnd { bytes } => Header::with_value(kind::STATE_END, bytes),
            Frame::StateRoundEnd { bytes } => Header::with_value(kind::STATE_ROUND_END, bytes),
            Frame::RoundEnd { round } => Header::with_value(kind::ROUND_END, round),
            Frame::MemoryEnd => Header::with_value(kind::MEMORY_END, 0),
            Frame::KeepAlive => Header::with_value(kind::KEEP_ALIVE, 0),
            Frame::Sync => Header::with_value(kind::SYNC, 0),
            Frame::Synced => Header::with_value(kind::SYNCED, 0),
            Frame::Taken { bytes } => Header::with_value(kind::TAKEN, bytes),
            Frame::Farewell { payload } => Header::with_payload(kind::FAREWELL, payload),
            Frame::Request(run) => Header::of_run(kind::REQUEST, run),
            Frame::Missing { first_word, payload } => {
                Header { value: u64::from(first_word).into(), ..Header::with_payload(kind::MISSING, payload) }
            }
            Frame::MissingEnd { pages } => Header::with_value(kind::MISSING_END, pages),
        };
        header.crc = header.checksum().into();
        zerocopy::transmute!(header)
    }

    /// Reads a header.
    ///
    /// # Errors
    /// When it is damaged, of an unknown kind, or announces more than its kind allows.
    pub fn decode(bytes: &[u8; HEADER_BYTES]) -> Result<Frame, WireError> {
        let header: Header = zerocopy::transmute!(*bytes);
        check_magic(header.magic)?;
        if header.crc.get() != header.checksum() {
            return Err(WireError::HeaderDamaged);
        }
        let frame = header.read()?;
        // Every frame has one header, so what is not used is zero: a later version may give it a meaning.
        if frame.encode() != *bytes {
            return Err(WireError::Unused(header.kind.get()));
        }
        Ok(frame)
    }

    /// The number of bytes that follow the header.
    pub fn payload_bytes(&self) -> usize {
        let header: Header = zerocopy::transmute!(self.encode());
        header.bytes.get() as usize
    }
}

impl Payload {
    /// Describes bytes that will follow a header.
    ///
    /// # Panics
    /// When they are more than any frame may carry.
    pub fn of(bytes: &[u8]) -> Payload {
        assert!(bytes.len() <= STATE_CHUNK_BYTES_MAX as usize, "a payload is bounded");
        Payload { bytes: bytes.len() as u32, crc: crc32fast::hash(bytes) }
    }

    /// Checks the bytes that followed a header.
    ///
    /// # Errors
    /// When they are not those that were announced.
    pub fn check(&self, bytes: &[u8]) -> Result<(), WireError> {
        if bytes.len() != self.bytes as usize || crc32fast::hash(bytes) != self.crc {
            return Err(WireError::PayloadDamaged);
        }
        Ok(())
    }
}

impl Header {
    fn with_value(kind: u16, value: u64) -> Header {
        Header {
            magic: MAGIC,
            kind: kind.into(),
            number: 0.into(),
            bytes: 0.into(),
            payload_crc: 0.into(),
            value: value.into(),
            count: 0.into(),
            crc: 0.into(),
        }
    }

    fn with_payload(kind: u16, payload: Payload) -> Header {
        Header { bytes: payload.bytes.into(), payload_crc: payload.crc.into(), ..Header::with_value(kind, 0) }
    }

    fn of_run(kind: u16, run: PageRun) -> Header {
        Header { count: (run.pages as u32).into(), ..Header::with_value(kind, run.address) }
    }

    fn checksum(&self) -> u32 {
        crc32fast::hash(&self.as_bytes()[..HEADER_BYTES - size_of::<U32>()])
    }

    fn read(&self) -> Result<Frame, WireError> {
        let number = self.number.get();
        match self.kind.get() {
            kind::MESSAGE => Ok(Frame::Message { number, payload: self.payload(MESSAGE_BYTES_MAX)? }),
            kind::PAGES => {
                let run = self.run(FRAME_PAGES_MAX)?;
                self.expect_bytes(run.bytes())?;
                Ok(Frame::Pages(run))
            }
            kind::ZEROES => Ok(Frame::Zeroes(self.run(u64::from(u32::MAX))?)),
            kind::STATE => Ok(Frame::State { offset: self.value.get(), payload: self.payload(STATE_CHUNK_BYTES_MAX)? }),
            kind::STATE_END => Ok(Frame::StateEnd { bytes: self.value.get() }),
            kind::STATE_ROUND_END => Ok(Frame::StateRoundEnd { bytes: self.value.get() }),
            kind::ROUND_END => Ok(Frame::RoundEnd { round: self.value.get() }),
            kind::MEMORY_END => Ok(Frame::MemoryEnd),
            kind::KEEP_ALIVE => Ok(Frame::KeepAlive),
            kind::SYNC => Ok(Frame::Sync),
            kind::SYNCED => Ok(Frame::Synced),
            kind::REQUEST => Ok(Frame::Request(self.run(FRAME_PAGES_MAX)?)),
            kind::MISSING => self.missing(),
            kind::MISSING_END => Ok(Frame::MissingEnd { pages: self.value.get() }),
            kind::TAKEN => Ok(Frame::Taken { bytes: self.value.get() }),
            kind::FAREWELL => Ok(Frame::Farewell { payload: self.payload(REFUSAL_BYTES_MAX as u32)? }),
            other => Err(WireError::Kind(other)),
        }
    }

    fn payload(&self, bytes_max: u32) -> Result<Payload, WireError> {
        let bytes = self.bytes.get();
        if bytes > bytes_max {
            return Err(self.length(bytes.into(), bytes_max.into()));
        }
        Ok(Payload { bytes, crc: self.payload_crc.get() })
    }

    fn run(&self, pages_max: u64) -> Result<PageRun, WireError> {
        let run = PageRun { address: self.value.get(), pages: self.count.get().into() };
        if run.pages > pages_max {
            return Err(self.length(run.bytes(), pages_max * PAGE_BYTES));
        }
        let ends = run.address.checked_add(run.bytes()).is_some();
        if run.pages == 0 || !ends || !run.address.is_multiple_of(PAGE_BYTES) {
            return Err(WireError::Pages(run));
        }
        Ok(run)
    }

    /// A piece of a bitmap: at least one word, and whole ones.
    fn missing(&self) -> Result<Frame, WireError> {
        let payload = self.payload(STATE_CHUNK_BYTES_MAX)?;
        let first_word = u32::try_from(self.value.get()).map_err(|_| WireError::Malformed("missing"))?;
        if payload.bytes == 0 || !payload.bytes.is_multiple_of(8) {
            return Err(WireError::Malformed("missing"));
        }
        Ok(Frame::Missing { first_word, payload })
    }

    fn expect_bytes(&self, expected: u64) -> Result<(), WireError> {
        let bytes = u64::from(self.bytes.get());
        if bytes != expected {
            return Err(self.length(bytes, expected));
        }
        Ok(())
    }

    fn length(&self, bytes: u64, allowed: u64) -> WireError {
        WireError::Length { kind: self.kind.get(), bytes, allowed }
    }
}

/// Tells a peer that speaks something else by its first four bytes.
///
/// # Errors
/// When they are not [`MAGIC`].
pub fn check_magic(first: [u8; 4]) -> Result<(), WireError> {
    match first {
        MAGIC => Ok(()),
        // A record of a handshake, in whatever version of TLS.
        [0x16, 3, ..] => Err(WireError::Tls),
        _ => Err(WireError::Magic(first)),
    }
}

#[cfg(test)]
mod tests;
