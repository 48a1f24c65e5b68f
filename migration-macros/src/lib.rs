//! The doorway from a table to Rust: [`state_machine!`] finds the file, lets `migration-table` judge it, and writes
//! down what it says as Rust.
//!
//! There are no rules here. What a table may say and what it means is decided in `migration-table`; this crate turns
//! its findings into compile errors and its model into tokens, and everything it writes depends on `core` alone.
//!
//! # What it writes
//!
//! For a table that says
//!
//! ```yaml
#![doc = include_str!("../tests/tables/tiny.yaml")]
//! ```
//!
//! the calling module gets what the machines share (`Status`, `Message`, `Resource`, `Kind`, `Answer`, `Timeout`,
//! `Transition`, and the trait `Role` that stands for any machine), and a module for each machine:
//!
//! ```
//! mod doors {
//!     migration_macros::state_machine!("tests/tables/tiny.yaml");
//! }
//!
//! use doors::Answer;
//! use doors::door::{self, Event, Facts, MovingEvent, Reported, State, Trigger, Work, advance, answer};
//!
//! // The transition function is total and `const`.
//! const OPENS: Option<&door::Transition> = advance(State::Shut, Facts::of_trigger(Trigger::Open));
//! assert_eq!(OPENS.map(|transition| transition.to), Some(State::Moving));
//! assert_eq!(answer(State::Moving, Trigger::Open, Facts::EMPTY), Answer::Refuse("the door is moving"));
//! assert_eq!(State::Moving.shows().name(), "busy");
//!
//! // Work can report what its state awaits, and nothing else.
//! struct Motor;
//!
//! impl Work for Motor {
//!     type Visit = ();
//!     type Cause = String;
//!     type Over = std::convert::Infallible;
//!
//!     fn moving(&mut self, _: &()) -> Result<MovingEvent<String>, Self::Over> {
//!         Ok(MovingEvent::Stuck("ice".to_owned()))
//!     }
//!
//!     fn releasing(&mut self, _: &()) -> Result<door::ReleasingEvent, Self::Over> {
//!         Ok(door::ReleasingEvent::Released)
//!     }
//! }
//!
//! let found = door::perform(&mut Motor, State::Moving, &());
//! assert_eq!(found, Some(Ok(Reported { event: Event::Stuck, cause: Some("ice".to_owned()) })));
//! assert_eq!(door::perform(&mut Motor, State::Shut, &()), None);
//! ```
//!
//! The documentation of a generated module shows its picture and what it answers to each trigger in each state;
//! `cargo xtask expand` prints the code.

mod errors;
mod frozen;
mod request;
mod source;

use proc_macro2::TokenStream;
use quote::quote;

use source::Role;

/// Writes the machines of a table where it is called.
///
/// The argument is the path of the table, a plain string literal: relative to the file of the call, or else to the
/// directory of the package's `Cargo.toml`. The calling crate is built again when the table changes.
///
/// `frozen = "../api/current.lock"` may follow: the lock that `cargo xtask api bless` writes. The crate then compiles
/// only while the public behaviour of the table is the one in the lock, so that nobody changes it unawares.
///
/// ```
/// mod doors {
///     migration_macros::state_machine!("tests/tables/tiny.yaml");
/// }
///
/// use doors::door::State;
///
/// assert_eq!(State::ALL.map(State::name), ["shut", "moving", "releasing", "open"]);
/// ```
///
/// # Errors
///
/// Every error of the table is a compile error at the call, with the table's own line. A path that leads nowhere is
/// one too, and names both files that were tried; so is any other argument. With `frozen`, every difference between what
/// a client can observe of the table and what the lock says is an error, with the shortest sequence that shows it.
#[proc_macro]
pub fn state_machine(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    request::parse(input.into()).and_then(|request| expand(&request)).unwrap_or_else(|problem| problem.tokens()).into()
}

fn expand(request: &request::Request) -> Result<TokenStream, errors::Problem> {
    let source = source::find(&request.table, Role::Table)?;
    let loaded = migration_contract::load(&source.text);
    let mut errors = errors::of_table(&loaded.findings, &source, request.table.span);
    // What a table shows that has errors is not worth comparing.
    if let (Some(frozen), Some(table), true) = (&request.frozen, &loaded.table, errors.is_empty()) {
        let lock = source::find(frozen, Role::Lock)?;
        errors.extend(frozen::differences(table, &source, &lock, frozen.span));
        errors.extend(lock.dependency);
    }
    // A table with errors that could be read still gives its names, so that the compiler reports the table alone and
    // not every use of it.
    let code = loaded.table.as_ref().map(migration_generate::generate);
    let dependency = &source.dependency;
    Ok(quote! {
        #errors
        #dependency
        #code
    })
}
