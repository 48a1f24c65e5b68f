//! Turns a table into Rust code: pure functions from the model to tokens.
//!
//! `migration-macros` writes the tokens where it is called, and `expand` prints them. They depend on what the table says
//! alone, not on the order of its rows.

mod alone;
mod answers;
mod deprecations;
mod dispatch;
mod docs;
mod enumeration;
mod facts;
mod machine;
mod names;
mod role;
mod rules;
mod states;
mod vocabulary;
mod work;

use migration_table::model::Table;
use proc_macro2::TokenStream;
use quote::quote;

/// Returns the items that a table becomes: the words that its machines share, and a module for each machine.
#[must_use]
pub fn generate(table: &Table) -> TokenStream {
    let vocabulary = vocabulary::declare(table);
    let role = role::declare();
    let machines = table.machines.iter().map(|machine| machine::declare(table, machine));
    quote! {
        #vocabulary
        #role
        #(#machines)*
    }
}
