//! The module of one machine: the parts that the other files generate, put together and documented.

use migration_draw::svg::{Options, svg};
use migration_draw::{self as draw, ARROWS_MAX};
use migration_table::model::{FactKind, Machine, Table};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::answers::Replies;
use crate::docs::{doc, escaped, sentence};
use crate::enumeration::choose;
use crate::names::{camel, snake};
use crate::{facts, states, work};

/// Declares the module of a machine.
pub(crate) fn declare(table: &Table, machine: &Machine, engine: &TokenStream) -> TokenStream {
    let (dot, mermaid) = (verbatim(&draw::dot(table, machine)), verbatim(&draw::mermaid(table, machine)));
    let replies = Replies::of(machine);
    let text = doc(&describe(table, machine, &replies));
    let (module, role) = (snake(&machine.name), camel(&machine.name));
    let unit = doc(&format!("The machine `{}` as a type: {}.", machine.name, escaped(&machine.doc)));
    let facts = facts::declare(machine, engine);
    let states = states::declare(table, machine, &replies, engine);
    let work = work::declare(machine);
    let implementation = role_trait(table, machine);
    quote! {
        #text
        pub mod #module {
            #[allow(unused_imports, reason = "not every table has something of everything")]
            use #engine::{
                Answer, EventEntry, FactSet, GuardEntry, Kind, Performs, Role, Rows, StateEntry, StateHead, Timeout, TriggerEntry,
                Unsent, Visit, VisitOver, accept, handle, ignore, on, refuse,
            };

            use super::{Message, Reason, Resource, Status};

            #unit
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub struct #role;

            /// One case of a row of the table: when the facts are such, the machine goes to another state.
            pub type Transition = #engine::Transition<#role>;

            /// Evidence that work has found.
            pub type Reported<C> = #engine::Reported<#role, C>;

            #facts
            #states

            /// Returns the answer to `trigger` in `state`, in an attempt with these fixed guards.
            #[must_use]
            pub const fn answer(state: State, trigger: Trigger, fixed_guards: Facts) -> Answer {
                #engine::answer(state.entry(), trigger.fact(), fixed_guards)
            }

            #work
            #implementation

            /// The machine as a picture, in the language of Graphviz.
            pub const DOT: &str = #dot;

            /// The machine as a picture, in the language of Mermaid.
            pub const MERMAID: &str = #mermaid;
        }
    }
}

fn role_trait(table: &Table, machine: &Machine) -> TokenStream {
    let (role, name) = (camel(&machine.name), &machine.name);
    let initial = camel(&machine.state(machine.initial).name);
    let messages = messages(table, machine);
    quote! {
        impl Role for #role {
            type Status = Status;
            type Reason = Reason;
            type Message = Message;
            type Resource = Resource;
            type State = State;
            type Trigger = Trigger;
            type Event = Event;
            type Guard = Guard;

            const NAME: &'static str = #name;
            const INITIAL: State = State::#initial;
            const TRIGGERS: Facts = Trigger::SET;
            const EVENTS: Facts = Event::SET;
            const GUARDS: Facts = Guard::SET;
            const FIXED: Facts = Guard::FIXED;

            fn entry(state: State) -> &'static StateEntry<Self> {
                state.entry()
            }

            fn advance(state: State, facts: Facts) -> Option<&'static Transition> {
                advance(state, facts)
            }

            #messages
        }
    }
}

fn messages(table: &Table, machine: &Machine) -> TokenStream {
    let is_event = |name: &&String| machine.facts.iter().any(|fact| fact.is_event() && fact.name == **name);
    let event = |name: Option<&String>| match name.filter(is_event) {
        Some(name) => {
            let event = camel(name);
            quote!(Some(Event::#event))
        }
        None => quote!(None),
    };
    let idents: Vec<_> = table.messages.iter().map(|message| camel(&message.name)).collect();
    let ours = |from: &str| from == machine.name;
    let unsent = table.messages.iter().map(|message| event(message.unsent.as_ref().filter(|_| ours(&message.from))));
    let received = table.messages.iter().enumerate().map(|(index, _)| {
        let arrives = |kind: &FactKind| matches!(kind, FactKind::Message(id) if id.index() == index);
        event(machine.facts.iter().find(|fact| arrives(&fact.kind)).map(|fact| &fact.name))
    });
    let unsent = choose(&quote!(message), &quote!(Message), idents.iter().zip(unsent));
    let received = choose(&quote!(message), &quote!(Message), idents.iter().zip(received));
    quote! {
        fn unsent(message: Message) -> Option<Event> { #unsent }
        fn received(message: Message) -> Option<Event> { #received }
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
    // In one line: nobody reads it here, and Markdown takes it as it is.
    svg(&figure, &options).lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

/// A string that prints as the lines that it is.
fn verbatim(text: &str) -> Literal {
    let longest = text.split('"').skip(1).map(|rest| rest.bytes().take_while(|byte| *byte == b'#').count()).max();
    let fence = "#".repeat(longest.map_or(0, |longest| longest + 1));
    format!("r{fence}\"{text}\"{fence}").parse().unwrap_or_else(|_| Literal::string(text))
}
