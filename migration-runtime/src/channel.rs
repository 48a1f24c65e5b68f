//! The connection between the two sides: a byte stream whose every wait can be interrupted and is bounded.
//!
//! Sockets never block. Whoever waits polls the socket and the interrupt together, so a cancel acts at once, and gives
//! up when nothing has moved for the time that the caller allows.

mod connect;
mod cutter;
mod endpoint;
mod error;
mod hand_in;
mod interrupt;
mod listen;
mod outgoing;
mod parts;
mod port;
mod resolve;
mod rest;
mod secure;
mod socket_file;
mod stream;
mod wait;

pub(crate) use cutter::Cutter;
pub use endpoint::Endpoint;
pub use error::{ChannelError, ChannelErrorKind};
pub use interrupt::{Interrupt, Raiser};
pub use listen::Listener;
pub(crate) use listen::{ACCEPT_PAUSE, Accepted};
pub(crate) use parts::Part;
pub use socket_file::SocketFile;
pub(crate) use stream::Written;
pub use stream::{Channel, Peek};
pub use wait::Wait;
pub(crate) use wait::patience;

pub use crate::byte_stream::Stream;
