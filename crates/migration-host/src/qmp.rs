//! The QMP protocol: sessions, framing, requests, replies and events, as QEMU's clients speak it.
//!
//! This part knows nothing of guests or migrations: [`Dispatch`] executes the commands, and an [`Event`] reports what
//! happened. [`server`] accepts clients and gives each a thread that feeds a [`session`]. A session cuts bytes into
//! values ([`framing`], [`json`]), values into requests ([`request`]), and has them executed. Replies and events go out
//! through one bounded [`outbox`] for each client; [`broadcast`] puts each event into all of them in one order.

pub mod arguments;
pub mod broadcast;
pub mod dispatch;
pub mod event;
pub mod framing;
pub mod json;
pub mod outbox;
pub mod reply;
pub mod request;
pub mod server;
pub mod session;
pub mod socket;

pub use arguments::{Argument, Arguments, Kind, Presence};
pub use broadcast::Broadcast;
pub use dispatch::Dispatch;
pub use event::Event;
pub use reply::{CommandError, ErrorClass};
pub use server::Server;
pub use socket::Listener;
