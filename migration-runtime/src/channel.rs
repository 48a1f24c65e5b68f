//! The connection between the two sides: a byte stream whose every wait can be interrupted and is bounded.

mod interrupt;

pub use interrupt::{Interrupt, Raiser};
