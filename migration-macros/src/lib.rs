//! The doorway from a table to Rust: [`state_machine!`] finds the file, has `migration-table` check it, and writes what
//! `migration-generate` makes of it.
//!
//! There are no rules here. Generated code names `core` and `migration-machine` and nothing else.
//!
//! # What it writes
//!
//! For a table that says
//!
//! ```yaml
#![doc = include_str!("../tests/tables/tiny.yaml")]
//! ```
//!
//! the calling module gets what the machines share (`Status`, `Message`, `Resource`), and a module for each machine:
//!
//! ```
//! mod doors {
//!     migration_macros::state_machine!("tests/tables/tiny.yaml");
//! }
//!
//! use doors::door::{self, Door, Facts, MovingEvent, ReleasingEvent, State, Trigger, Work, advance, answer};
//! use migration_machine::{Answer, Machine, Raised, Visit, VisitOver, drive};
//!
//! // The transition function is total and `const`.
//! const OPENS: Option<&door::Transition> = advance(State::Shut, Trigger::Open.fact());
//! assert_eq!(OPENS.map(|transition| transition.to), Some(State::Moving));
//! assert_eq!(answer(State::Moving, Trigger::Open, Facts::EMPTY), Answer::Refuse("the door is moving"));
//! assert_eq!(State::Moving.shows().name(), "busy");
//!
//! // Work can report what its state awaits, and nothing else.
//! struct Motor;
//!
//! impl Work for Motor {
//!     type Cause = String;
//!
//!     fn moving(&mut self, _: &Visit) -> Result<MovingEvent<String>, VisitOver> {
//!         Ok(MovingEvent::Stuck("ice".to_owned()))
//!     }
//!
//!     fn releasing(&mut self, _: &Visit) -> Result<ReleasingEvent, VisitOver> {
//!         Ok(ReleasingEvent::Released)
//!     }
//! }
//!
//! // A machine takes triggers, and `drive` calls the work of each state until the attempt is over.
//! let machine = Machine::<Door>::new(|guard| match guard {});
//! let Raised::Accepted(attempt) = machine.raise(Trigger::Open) else { panic!("a shut door opens") };
//! let outcome = drive(&machine, attempt, &mut Motor);
//! assert_eq!((outcome.state, outcome.cause().map(String::as_str)), (State::Open, Some("ice")));
//! ```
//!
//! The documentation of a generated module shows its picture and what it answers to each trigger in each state;
//! `migration-table expand` prints the code.

mod arguments;
mod file;

use migration_contract::compare::Source;
use migration_generate::{default_engine, frozen, generate, report};
use migration_table::check::Notes;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, parse_macro_input};

use arguments::Arguments;

/// Writes the machines of a table where it is called.
///
/// The argument is the path of the table, a plain string literal: relative to the file of the call, or else to the
/// directory of the package's `Cargo.toml`. The calling crate is built again when the table changes.
///
/// `frozen = "../api/current.lock"` may follow: the lock that `migration-table api bless` writes. The crate then compiles
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
/// Generated code names the crate `::migration_machine`. A crate that re-exports it says so with
/// `crate = "::other::path"`.
///
/// # Errors
///
/// Every error of the table is a compile error at the call, with the table's own line. A path that leads nowhere is
/// one too, and names both files that were tried; so is a path that leads to two different files, and any other argument.
/// With `frozen`, every difference between what a client can observe of the table and what the lock says is an error, with
/// the shortest sequence that shows it.
///
/// # Warnings
///
/// Every warning of the table is a warning at the call. The compiler calls it the use of a deprecated constant, since a
/// macro has no other way to give one; `#![deny(warnings)]` makes it an error. `allow:` in the table silences it.
#[proc_macro]
pub fn state_machine(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let arguments = parse_macro_input!(input as Arguments);
    expand(&arguments).unwrap_or_else(Error::into_compile_error).into()
}

fn expand(arguments: &Arguments) -> syn::Result<TokenStream> {
    let file = file::find(&arguments.table, "table", "")?;
    let (text, loaded) = migration_contract::load_bytes_with(&file.bytes, Notes::LeftOut);
    let mut found = report::findings(&loaded.findings, &text, &file.shown, arguments.table.span());
    // What a table shows that has errors is not worth comparing.
    if let (Some(path), Some(table), false) = (&arguments.frozen, &loaded.table, loaded.findings.has_errors()) {
        let lock = file::find(path, "lock", ": `migration-table api bless` writes it")?;
        let now = Source { file: &file.shown, text: &text };
        let then = Source { file: &lock.shown, text: &String::from_utf8_lossy(&lock.bytes) };
        found.extend(frozen::differences(table, now, then, path.span()));
        found.extend(lock.dependency);
    }
    let engine = match &arguments.engine {
        Some(path) => path.parse_with(syn::Path::parse_mod_style).map(|path| quote!(#path))?,
        None => default_engine(),
    };
    // A table with errors that could be read still gives its names, so that the compiler reports the table alone and
    // not every use of it.
    let code = loaded.table.as_ref().map(|table| generate(table, &engine));
    let dependency = &file.dependency;
    Ok(quote!(#found #dependency #code))
}
