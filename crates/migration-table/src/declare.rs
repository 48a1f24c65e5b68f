//! The declarations of a table: what the format is, read from the tree.
//!
//! The structs say what the format is; their decoding and its JSON Schema both follow from them. Every field may be
//! absent here, even a required one: then the absence is reported already, and the rest is still worth judging.

mod block;
mod declarations;
mod decode;
mod definition;
mod exchange;
mod promises;
mod restore;
#[cfg(feature = "schema")]
mod schema;
mod slip;
mod values;
mod words;

pub use declarations::{
    AnswerDecl, EventDecl, GuardDecl, MachineDecl, MarkerDecl, MessageDecl, QmpDecl, ReasonDecl, ResourceDecl, RowDecl,
    StateDecl, StatusDecl, TableDecl, TimeoutDecl, TriggerDecl,
};
pub(crate) use declarations::{WORDS, decode};
pub(crate) use exchange::exchanges;
pub use promises::{ActDecl, DeprecationDecl, GuaranteeDecl, ObserverDecl, PropertyDecl, ReservedDecl};
#[cfg(feature = "schema")]
pub use schema::schema;
pub use values::{Allowed, Argument, Declared, Name, Named, Names, Spanned};
pub(crate) use words::Choice;
pub use words::{AnswerWord, Carries};
