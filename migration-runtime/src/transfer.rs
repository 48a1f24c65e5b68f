//! Moves a guest over a channel: memory in rounds, device state, and the messages between the two state machines.
//!
//! Nothing here decides what happens next; it says what happened, and whoever drives the table does the rest.

mod batch;
mod message;
mod pace;
mod prefault;
mod receiver;
mod sender;

pub use message::{RawMessage, receive_message, send_keep_alive, send_message, synchronise};
pub use receiver::{Received, Receiver};
pub use sender::{Pace, Sender, Sent};
