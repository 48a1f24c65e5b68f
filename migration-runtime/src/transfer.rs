//! Moves a guest over a channel: memory in rounds, device state, and the messages between the two state machines.
//!
//! Nothing here decides what happens next; it says what happened, and whoever drives the table does the rest.

mod batch;
mod flow;
mod landing;
mod message;
mod multifd;
mod pace;
mod prefault;
mod rate;
mod receiver;
mod sender;
mod spool;
mod state;
mod synchronise;

pub(crate) use batch::Batch;
pub use flow::Sent;
pub(crate) use flow::{Acknowledged, hear_signs, push};
pub(crate) use message::{Beginning, append_payload, decode_beginning, misplaced, noun, read_frame};
pub use message::{RawMessage, receive_message, send_farewell, send_keep_alive, send_message};
pub use multifd::{PageReceivers, PageSenders};
pub use receiver::{Received, Receiver};
pub use sender::{Pace, Sender};
pub use spool::Spool;
pub(crate) use state::StatePipe;
pub use synchronise::synchronise;
