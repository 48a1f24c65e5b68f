//! Turns a table into Rust code: pure functions from the model to tokens.
//!
//! `migration-macros` writes the tokens where it is called, and `expand` prints them. They depend on what the table says
//! alone, not on the order of its rows.

mod answers;
mod docs;
mod enumeration;
mod facts;
pub mod frozen;
mod machine;
mod names;
pub mod report;
mod states;
mod vocabulary;
mod work;

use migration_table::model::Table;
use proc_macro2::TokenStream;
use quote::quote;

/// Returns the path by which generated code names `migration-machine`, where the caller gives no other.
#[must_use]
pub fn default_engine() -> TokenStream {
    quote!(::migration_machine)
}

/// Returns the items that a table becomes: the words that its machines share, and a module for each machine.
///
/// `engine` is the path of `migration-machine` in the code that takes them in. It must mean the same in every module.
#[must_use]
pub fn generate(table: &Table, engine: &TokenStream) -> TokenStream {
    let vocabulary = vocabulary::declare(table, engine);
    let machines = table.machines.iter().map(|machine| machine::declare(table, machine, engine));
    quote! {
        #vocabulary
        #(#machines)*
    }
}
