//! The module of one machine.

use migration_table::draw;
use migration_table::model::{Machine, Table};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::answers::Replies;
use super::docs::{doc, sentence};
use super::names::{camel, snake};
use super::{alone, facts, role, rules, states, work};

pub(super) fn declare(table: &Table, machine: &Machine) -> TokenStream {
    let (dot, mermaid) = (draw::dot(table, machine), draw::mermaid(table, machine));
    let replies = Replies::of(machine);
    let doc = doc(&describe(machine, &mermaid, &replies));
    let module = snake(&machine.name);
    let unit = unit(machine);
    let states = states::declare(table, machine);
    let facts = facts::declare(machine);
    let rules = rules::declare(table, machine);
    let answer = replies.declare(machine);
    let alone = alone::declare(machine);
    let work = work::declare(machine);
    let role = role::implement(table, machine);
    let (dot, mermaid) = (verbatim(&dot), verbatim(&mermaid));
    quote! {
        #doc
        pub mod #module {
            use ::core::fmt;

            use super::{Answer, Deprecated, Kind, Message, Resource, Role, Status, Timeout};

            #unit
            #states
            #facts
            #rules
            #answer
            #alone
            #work
            #role

            /// The machine as a picture, in the language of Graphviz.
            pub const DOT: &str = #dot;

            /// The machine as a picture, in the language of Mermaid.
            pub const MERMAID: &str = #mermaid;
        }
    }
}

fn unit(machine: &Machine) -> TokenStream {
    let doc = doc(&format!("The machine `{}` as a type: {}.", machine.name, super::docs::escaped(&machine.doc)));
    let name = camel(&machine.name);
    quote! {
        #doc
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct #name;

        /// One row of the table: what happens when its formula holds.
        pub type Transition = super::Transition<#name>;
    }
}

fn describe(machine: &Machine, mermaid: &str, replies: &Replies) -> String {
    let summary = sentence(&machine.doc);
    let answers = replies.table(machine);
    format!(
        "{summary}\n\n```mermaid\n{mermaid}\n```\n\n[`DOT`]({module}::DOT) is the same picture for Graphviz. What \
         the machine says to each trigger in each state:\n\n{answers}",
        mermaid = mermaid.trim_end(),
        module = snake(&machine.name),
    )
}

/// A string that prints as the lines that it is.
fn verbatim(text: &str) -> Literal {
    let longest = text.split('"').skip(1).map(|rest| rest.bytes().take_while(|byte| *byte == b'#').count()).max();
    let fence = "#".repeat(longest.map_or(0, |longest| longest + 1));
    format!("r{fence}\"{text}\"{fence}").parse().unwrap_or_else(|_| Literal::string(text))
}
