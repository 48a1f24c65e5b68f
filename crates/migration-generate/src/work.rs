//! The typed layer: for each state in which something goes on, the events that can be reported there, and a method of
//! the trait `Work` that reports them. Work that reports anything else does not compile.

use migration_table::model::{FactId, FactSet, Machine, Row, State, StateId};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::docs::{self, doc, list, sentence};
use crate::names::{camel, camel_with, snake};
use crate::states::is_busy;

/// A state with work, and what its work can report.
struct Busy<'m> {
    state: &'m State,
    events: Vec<FactId>,
    /// The enum of its events.
    event: Ident,
    /// Whether an event comes with a cause.
    carries: bool,
}

/// Declares the enums of events, the trait, and its part in the driver.
pub(crate) fn declare(machine: &Machine) -> TokenStream {
    let rows = machine.state_ids().zip(machine.rows_by_state());
    let busy: Vec<Busy<'_>> = rows.filter_map(|(id, rows)| busy(machine, id, &rows)).collect();
    let events = busy.iter().map(|busy| busy.event_enum(machine));
    let sends = machine.rows.iter().any(|row| !row.sends.is_empty());
    let work = work(&busy, sends, machine);
    let performs = performs(machine, &busy, sends);
    quote! {
        #(#events)*
        #work
        #performs
    }
}

fn busy<'m>(machine: &'m Machine, id: StateId, rows: &[&Row]) -> Option<Busy<'m>> {
    let state = machine.state(id);
    if !is_busy(state.kind) {
        return None;
    }
    let mentioned = FactSet::union(rows.iter().map(|row| row.mentions));
    let events: Vec<FactId> = (mentioned & machine.events()).iter().collect();
    let carries = events.iter().any(|event| machine.fact(*event).carries_cause);
    Some(Busy { state, events, event: camel_with(&state.name, "Event"), carries })
}

impl Busy<'_> {
    /// The enum of its events. It implements nothing: with the traits that one expects, such enums took most of the
    /// compiler's time for a large table.
    fn event_enum(&self, machine: &Machine) -> TokenStream {
        let Busy { event, .. } = self;
        let doc = doc(&format!("What work in state `{}` can report.", self.state.name));
        let variants = self.events.iter().map(|id| {
            let fact = machine.fact(*id);
            let (doc, variant) = (docs::doc(&sentence(&fact.doc)), camel(&fact.name));
            let cause = fact.carries_cause.then(|| quote!((C)));
            quote!(#doc #variant #cause)
        });
        let of_cause = self.carries.then(|| quote!(<C>));
        quote! {
            #doc
            pub enum #event #of_cause { #(#variants),* }
        }
    }

    /// The work of the state, and how each of its events is reported.
    fn arm(&self, machine: &Machine) -> TokenStream {
        let (state, method, event) = (camel(&self.state.name), snake(&self.state.name), &self.event);
        let reported = self.events.iter().map(|id| {
            let (fact, variant) = (machine.fact(*id), camel(&machine.fact(*id).name));
            if fact.carries_cause {
                quote!(Ok(#event::#variant(cause)) => Reported::because(Event::#variant, cause),)
            } else {
                quote!(Ok(#event::#variant) => Reported::new(Event::#variant),)
            }
        });
        // Closures in one function take the compiler a time that grows with their square.
        quote! {
            State::#state => match work.#method(visit) {
                #(#reported)*
                Err(over) => return Some(Err(over)),
            },
        }
    }

    /// The method of `Work`.
    fn method(&self, machine: &Machine) -> TokenStream {
        let Busy { state, event, .. } = self;
        let reports = match self.events.as_slice() {
            [] => "Reports nothing: only a trigger or a guard ends this visit.".to_owned(),
            events => format!("Reports {}.", list(events.iter().map(|id| machine.fact(*id).name.as_str()))),
        };
        let doc = doc(&format!("The work of `{}`: {} {reports}", state.name, ended(&docs::escaped(state.doc.trim()))));
        let method = snake(&state.name);
        let cause = self.carries.then(|| quote!(<Self::Cause>));
        quote! {
            #doc
            fn #method(&mut self, visit: &Visit) -> Result<#event #cause, VisitOver>;
        }
    }
}

/// A text with a full stop.
fn ended(text: &str) -> String {
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{text}{end}")
}

fn work(busy: &[Busy<'_>], sends: bool, machine: &Machine) -> TokenStream {
    let doc = doc(&format!(
        "The work of the machine `{}`: a method for each state in which something goes on.\n\nA method returns what it \
         found, or the proof that its visit was over before it found anything. Nothing has a default: a new state or event \
         in the table is a compile error at each place that must handle it.",
        machine.name
    ));
    let send = sends.then(|| {
        quote! {
            /// Sends a message because a transition that sends it has fired; `visit` is the stay in the state it entered.
            fn send(&mut self, message: Message, visit: &Visit) -> Result<(), Unsent<Self::Cause>>;
        }
    });
    let methods = busy.iter().map(|busy| busy.method(machine));
    quote! {
        #doc
        pub trait Work {
            /// Why something went wrong.
            type Cause;

            #send
            #(#methods)*
        }
    }
}

/// The role's part in the driver.
fn performs(machine: &Machine, busy: &[Busy<'_>], sends: bool) -> TokenStream {
    let role = camel(&machine.name);
    let idle = machine.states.iter().filter(|state| !is_busy(state.kind)).map(|state| camel(&state.name));
    let idle: Vec<Ident> = idle.collect();
    let idle = (!idle.is_empty()).then(|| quote!(#(State::#idle)|* => return None,));
    let arms = busy.iter().map(|busy| busy.arm(machine));
    let send = sends.then(|| {
        quote! {
            fn send(work: &mut W, message: Message, visit: &Visit) -> Result<(), Unsent<W::Cause>> {
                work.send(message, visit)
            }
        }
    });
    let body = if busy.is_empty() {
        quote! {
            let _ = (work, state, visit);
            None
        }
    } else {
        quote! {
            Some(Ok(match state {
                #idle
                #(#arms)*
            }))
        }
    };
    quote! {
        impl<W: Work + ?Sized> Performs<W> for #role {
            type Cause = W::Cause;

            fn perform(work: &mut W, state: State, visit: &Visit) -> Option<Result<Reported<W::Cause>, VisitOver>> {
                #body
            }

            #send
        }
    }
}
