//! The lock file: a public side written down, so that a change of it is a change of lines that people read.
//!
//! The text follows from the [`super::Public`] and from nothing else: [`write()`] and [`read()`] are each other's inverse, but for the
//! places of edges, which are not written. One fact is one line, lines of a kind are sorted, and no line has a number
//! that counts other lines, so that a change shows as that change. What holds under some settings only says so at its
//! end: `when pause-before-switchover and not multifd`.
//!
//! ```text
//! api-lock 1                                    the format
//! # ...
//! table migration
//! release 0.1 sha256:...                        the releases that were frozen
//!
//! status active since 2.3                       the vocabulary
//! reason peer-lost since 0.2
//! command migrate
//! setting pause-before-switchover
//! ...
//! machine source
//! case not pause-before-switchover              settings under which it behaves differently
//! case pause-before-switchover
//!
//! after setup -> active                         for readers: which status may follow which
//! reply migrate_cancel in setup: success        and how commands are answered
//!
//! with failed: peer-lost                        and with which reasons a status comes
//!
//! begins none                                   the automaton, for the comparison
//! at none: rests ends
//! on none: migrate success -> none#2
//! on none#2: !setup -> setup
//! on setup: !failed(peer-lost) -> failed(peer-lost)
//!
//! query none#2: none -> none#3 rests            what a query tells besides the status: where the machine is then, and
//!                                               whether nothing more may come where this is shown
//!
//! end
//! ```
//!
//! A query that shows a status and has no line tells nothing more: the automaton stays where it is. Locks that were
//! written before there were such lines have none.
//!
//! A state of the automaton has the name of the status that it shows; of several that show the same, the nearest to the
//! beginning has the plain name and the others are numbered. What is there for readers is not read but computed again.
//! So a text that is not what its content writes was changed by hand, and is refused.

mod damage;
mod facts;
mod format;
mod line;
mod listed;
mod names;
mod parsed;
mod read;
mod rebuild;
#[cfg(test)]
mod tests;
mod vocabulary;
mod when;
mod words;
mod write;

pub use damage::{Damage, LockError};
pub use format::FORMAT;
pub use listed::{Listed, listed, with_listed, without_listed};
pub use read::{LOCK_BYTES_MAX, read};
pub use write::write;
