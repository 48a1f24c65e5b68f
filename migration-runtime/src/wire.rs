//! What goes over a connection: frames, the greeting that comes first, and refusals.
//!
//! Everything here is pure: bytes to values and back. What comes from a peer is checked before anything is done with
//! it, a length is bounded before it is believed, and nothing panics. All numbers are little-endian.

mod frame;
mod hand_over;
mod hello;
mod join;
mod ready;
mod refusal;
mod token;

pub use frame::{
    DESCRIPTION_BYTES_MAX, FRAME_PAGES_MAX, Frame, HEADER_BYTES, MAGIC, MESSAGE_BYTES_MAX, Payload,
    STATE_CHUNK_BYTES_MAX, WireError, check_magic,
};
pub use hand_over::HandOver;
pub use hello::{Hello, VERSION_MAX, VERSION_MIN, Welcome};
pub use join::{JOIN, JOIN_PAGES, encode_membership, encode_page_membership, judge_membership, judge_page_membership};
pub use ready::Ready;
pub use refusal::{REFUSAL_BYTES_MAX, Refusal};
pub use token::{Token, TokenError};
