//! The module of one machine: the parts that the other files generate, put together and documented.

use migration_draw::svg::{Options, svg};
use migration_draw::{self as draw, ARROWS_MAX};
use migration_table::model::{Machine, Table};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::answers::Replies;
use crate::docs::{doc, sentence};
use crate::names::{camel, snake};
use crate::{alone, facts, role, rules, states, work};

pub(super) fn declare(table: &Table, machine: &Machine) -> TokenStream {
    let (dot, mermaid) = (draw::dot(table, machine), draw::mermaid(table, machine));
    let replies = Replies::of(machine);
    let doc = doc(&describe(table, machine, &replies));
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
    let doc = doc(&format!("The machine `{}` as a type: {}.", machine.name, crate::docs::escaped(&machine.doc)));
    let name = camel(&machine.name);
    quote! {
        #doc
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct #name;

        /// One row of the table: what happens when its formula holds.
        pub type Transition = super::Transition<#name>;
    }
}

fn describe(table: &Table, machine: &Machine, replies: &Replies) -> String {
    let summary = sentence(&machine.doc);
    let answers = replies.table(machine);
    format!(
        "{summary}\n\n{picture}\n\n[`DOT`]({module}::DOT) and [`MERMAID`]({module}::MERMAID) are the same for other \
         programs. What the machine says to each trigger in each state:\n\n{answers}",
        picture = picture(table, machine),
        module = snake(&machine.name),
    )
}

/// The picture as a part of a page, or a sentence where it would be too large to be read.
fn picture(table: &Table, machine: &Machine) -> String {
    let figure = draw::readable(table, machine);
    let many: usize = figure.panels.iter().map(|panel| panel.arrows.len()).sum();
    if many > ARROWS_MAX {
        return format!("It has {many} arrows even in overview: too many for a picture.");
    }
    let options = Options { inline: true, ..Options::default() };
    svg(&figure, &options).trim_end().to_owned()
}

/// A string that prints as the lines that it is.
fn verbatim(text: &str) -> Literal {
    let longest = text.split('"').skip(1).map(|rest| rest.bytes().take_while(|byte| *byte == b'#').count()).max();
    let fence = "#".repeat(longest.map_or(0, |longest| longest + 1));
    format!("r{fence}\"{text}\"{fence}").parse().unwrap_or_else(|_| Literal::string(text))
}
