//! The typed layer: for each state in which something goes on, the events that can be reported there, and a method of
//! the trait `Work` that reports them. Work that reports anything else does not compile.

use migration_table::model::{FactId, FactSet, Kind, Machine, Row, State, StateId};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::docs::{self, doc, list, sentence};
use crate::names::{camel, camel_with, snake};

/// A state with work, and what its work can report.
struct Busy<'m> {
    state: &'m State,
    events: Vec<FactId>,
    /// The enum of its events.
    event: Ident,
    /// The same as a type, with its cause.
    generics: TokenStream,
}

pub(super) fn declare(machine: &Machine) -> TokenStream {
    let rows = machine.state_ids().zip(machine.rows_by_state());
    let busy: Vec<Busy<'_>> = rows.filter_map(|(id, rows)| busy(machine, id, &rows)).collect();
    let events = busy.iter().map(|busy| busy.event_enum(machine));
    let sends = machine.rows.iter().any(|row| !row.sends.is_empty());
    let unsent = sends.then(unsent);
    let work = work(&busy, sends, machine);
    let perform = perform(machine, &busy);
    quote! {
        /// What work found, in the form that the machine takes.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Reported<C> {
            /// What it found.
            pub event: Event,
            /// Its words on it, if the event comes with any.
            pub cause: Option<C>,
        }

        #(#events)*
        #unsent
        #work
        #perform
    }
}

fn busy<'m>(machine: &'m Machine, id: StateId, rows: &[&Row]) -> Option<Busy<'m>> {
    let state = machine.state(id);
    match state.kind {
        Kind::Idle => return None,
        Kind::Work | Kind::Wait | Kind::Cleanup => {}
    }
    let mentioned = FactSet::union(rows.iter().map(|row| row.mentions));
    let events: Vec<FactId> = (mentioned & machine.events()).iter().collect();
    let carries = events.iter().any(|event| machine.fact(*event).carries_cause);
    let generics = if carries { quote!(<C>) } else { TokenStream::new() };
    Some(Busy { state, events, event: camel_with(&state.name, "Event"), generics })
}

impl Busy<'_> {
    /// The enum of its events, and how each of them is reported.
    fn event_enum(&self, machine: &Machine) -> TokenStream {
        let Busy { event, generics, .. } = self;
        let doc = doc(&format!("What work in state `{}` can report.", self.state.name));
        let variants = self.events.iter().map(|id| {
            let fact = machine.fact(*id);
            let doc = docs::doc(&sentence(&fact.doc));
            let variant = camel(&fact.name);
            let cause = fact.carries_cause.then(|| quote!((C)));
            quote!(#doc #variant #cause)
        });
        let arms = self.events.iter().map(|id| {
            let variant = camel(&machine.fact(*id).name);
            if machine.fact(*id).carries_cause {
                quote!(#event::#variant(cause) => Reported { event: Event::#variant, cause: Some(cause) },)
            } else {
                quote!(#event::#variant => Reported { event: Event::#variant, cause: None },)
            }
        });
        quote! {
            #doc
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub enum #event #generics { #(#variants),* }

            impl<C> From<#event #generics> for Reported<C> {
                fn from(event: #event #generics) -> Self {
                    match event { #(#arms)* }
                }
            }
        }
    }

    /// The method of `Work`.
    fn method(&self, machine: &Machine) -> TokenStream {
        let Busy { state, event, .. } = self;
        let reports = match self.events.as_slice() {
            [] => "It reports nothing: only a trigger or a guard ends this visit.".to_owned(),
            events => format!("It reports {}.", list(events.iter().map(|id| machine.fact(*id).name.as_str()))),
        };
        let summary = sentence(&state.doc);
        let name = &state.name;
        let doc = doc(&format!(
            "{summary}\n\nThis is the work of state `{name}`. {reports}\n\n# Errors\n\nThe proof that the visit was over \
             before anything was found."
        ));
        let method = snake(name);
        let generics = if self.generics.is_empty() { TokenStream::new() } else { quote!(<Self::Cause>) };
        quote! {
            #doc
            fn #method(&mut self, visit: &Self::Visit) -> Result<#event #generics, Self::Over>;
        }
    }
}

fn unsent() -> TokenStream {
    quote! {
        /// Why a message was not sent.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Unsent<C, O> {
            /// It could not be, and why.
            Failed(C),
            /// The visit was over before it was.
            Over(O),
        }
    }
}

fn work(busy: &[Busy<'_>], sends: bool, machine: &Machine) -> TokenStream {
    let doc = doc(&format!(
        "The work of the machine `{}`: a method for each state in which something goes on.\n\nNothing here has a default: \
         a new state or event in the table is a compile error at each place that must handle it.",
        machine.name
    ));
    let send = sends.then(|| {
        quote! {
            /// Sends a message because a transition that sends it has fired; `visit` is the stay in the state that was
            /// entered.
            ///
            /// # Errors
            ///
            /// The reason why it could not be sent, or the proof that the visit was over before it was.
            fn send(&mut self, message: Message, visit: &Self::Visit) -> Result<(), Unsent<Self::Cause, Self::Over>>;
        }
    });
    let methods = busy.iter().map(|busy| busy.method(machine));
    quote! {
        #doc
        pub trait Work {
            /// What work is told about its stay in a state; it knows when the stay is over.
            type Visit: ?Sized;
            /// Why something went wrong.
            type Cause;
            /// The proof that a visit was over before anything was found.
            type Over;

            #send
            #(#methods)*
        }
    }
}

fn perform(machine: &Machine, busy: &[Busy<'_>]) -> TokenStream {
    let idle = machine.states.iter().filter(|state| state.kind == Kind::Idle).map(|state| camel(&state.name));
    let idle: Vec<Ident> = idle.collect();
    let idle = (!idle.is_empty()).then(|| quote!(#(State::#idle)|* => None,));
    let arms = busy.iter().map(|busy| {
        let state = camel(&busy.state.name);
        let method = snake(&busy.state.name);
        quote!(State::#state => Some(work.#method(visit).map(Reported::from)),)
    });
    let unused = busy.is_empty().then(|| quote!(let _ = (work, visit);));
    quote! {
        /// Does the work of `state`. There is none in an idle state.
        pub fn perform<W: Work + ?Sized>(
            work: &mut W,
            state: State,
            visit: &W::Visit,
        ) -> Option<Result<Reported<W::Cause>, W::Over>> {
            #unused
            match state {
                #idle
                #(#arms)*
            }
        }
    }
}
