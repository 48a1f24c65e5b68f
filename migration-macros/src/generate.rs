//! From a table to Rust: pure functions from the model to tokens.
//!
//! Nothing here knows that it runs in a compiler, so that `cargo xtask expand` can include these files and print what
//! they write. For that reason every module says where its file is: a module that is included by path would look for
//! them beside itself. What is written names no crate but `core`, and depends on what the table says alone, not on the
//! order of its rows.

#[path = "generate/alone.rs"]
mod alone;
#[path = "generate/answers.rs"]
mod answers;
#[path = "generate/deprecations.rs"]
mod deprecations;
#[path = "generate/dispatch.rs"]
mod dispatch;
#[path = "generate/docs.rs"]
mod docs;
#[path = "generate/enumeration.rs"]
mod enumeration;
#[path = "generate/facts.rs"]
mod facts;
#[path = "generate/machine.rs"]
mod machine;
#[path = "generate/names.rs"]
mod names;
#[path = "generate/role.rs"]
mod role;
#[path = "generate/rules.rs"]
mod rules;
#[path = "generate/states.rs"]
mod states;
#[path = "generate/vocabulary.rs"]
mod vocabulary;
#[path = "generate/work.rs"]
mod work;

use migration_table::model::Table;
use proc_macro2::TokenStream;
use quote::quote;

/// Everything that a table becomes: the words that its machines share, the trait that they implement, and a module for
/// each of them.
pub(crate) fn generate(table: &Table) -> TokenStream {
    let vocabulary = vocabulary::declare(table);
    let role = role::declare();
    let machines = table.machines.iter().map(|machine| machine::declare(table, machine));
    quote! {
        #vocabulary
        #role
        #(#machines)*
    }
}
