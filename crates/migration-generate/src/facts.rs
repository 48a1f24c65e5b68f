//! The facts of a machine: triggers, events and guards, and the sets of them that decide.

use migration_table::model::{Deprecation, Fact, FactId, FactKind, FactSet, Machine};
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use crate::deprecations::{self, described};
use crate::docs;
use crate::enumeration::{Enumeration, Variant};
use crate::names::{camel, constant, ident};

pub(super) fn declare(machine: &Machine) -> TokenStream {
    let trigger = list(machine, "Trigger", "What a user can ask for.", Fact::is_trigger);
    let event = list(machine, "Event", "Evidence that the work reports, and messages from the peer.", Fact::is_event);
    let guard = list(machine, "Guard", "What is asked about when the machine decides.", Fact::is_guard);
    let set = set(machine, [&trigger, &event, &guard]);
    let bits = bits(machine);
    let trigger = trigger.declare(&trigger_methods(machine, &trigger));
    let event = event.declare(&event_methods(machine, &event));
    let guard = guard.declare(&guard_methods(machine, &guard));
    quote! {
        #trigger
        #event
        #guard
        #set
        #bits
    }
}

/// The facts whose bits these are.
pub(super) fn facts_of(bits: u64) -> FactSet {
    (0..64).filter(|bit| bits >> bit & 1 != 0).map(FactId).collect()
}

/// A set as Rust: `bit::CANCEL | bit::FAILED`.
pub(super) fn bit_set(machine: &Machine, facts: FactSet) -> TokenStream {
    let bits = facts.iter().map(|id| constant(&machine.fact(id).name));
    if facts.is_empty() { quote!(0) } else { quote!(#(bit::#bits)|*) }
}

fn list(machine: &Machine, name: &str, doc: &str, wanted: impl Fn(&Fact) -> bool) -> Enumeration {
    let variant = |(number, fact): (u16, &Fact)| Variant {
        ident: camel(&fact.name),
        name: fact.name.clone(),
        doc: described(&fact.doc, deprecation(&fact.kind)),
        number: Some(number),
    };
    let facts = (0..).zip(&machine.facts).filter(|(_, fact)| wanted(fact));
    Enumeration { ident: ident(name), doc: doc.to_owned(), variants: facts.map(variant).collect() }
}

fn kind_of<'m>(machine: &'m Machine, variant: &Variant) -> &'m FactKind {
    &machine.facts[usize::from(variant.number.unwrap_or_default())].kind
}

fn deprecation(kind: &FactKind) -> Option<&Deprecation> {
    match kind {
        FactKind::Trigger { deprecated, .. } => deprecated.as_ref(),
        FactKind::Event | FactKind::Message(_) | FactKind::Guard { .. } => None,
    }
}

fn trigger_methods(machine: &Machine, trigger: &Enumeration) -> TokenStream {
    let command = trigger.choose(|variant| match kind_of(machine, variant) {
        FactKind::Trigger { command, .. } => quote!(#command),
        FactKind::Event | FactKind::Message(_) | FactKind::Guard { .. } => quote!(""),
    });
    let with = trigger.choose(|variant| match kind_of(machine, variant) {
        FactKind::Trigger { with, .. } => {
            let with = with.iter().map(|(name, value)| quote!((#name, #value)));
            quote!(&[#(#with),*])
        }
        FactKind::Event | FactKind::Message(_) | FactKind::Guard { .. } => quote!(&[]),
    });
    let deprecated = deprecations::method(trigger, &quote!(Option), |variant| deprecation(kind_of(machine, variant)));
    quote! {
        /// The command by which a user asks for it.
        #[must_use]
        pub const fn command(self) -> &'static str {
            #command
        }

        /// Arguments that tell it from others with the same command, as `(name, value)`.
        #[must_use]
        pub const fn with(self) -> &'static [(&'static str, &'static str)] {
            #with
        }

        #deprecated
    }
}

fn event_methods(machine: &Machine, event: &Enumeration) -> TokenStream {
    let message = event.choose(|variant| match kind_of(machine, variant) {
        FactKind::Message(_) => {
            let message = &variant.ident;
            quote!(Some(Message::#message))
        }
        FactKind::Event | FactKind::Trigger { .. } | FactKind::Guard { .. } => quote!(None),
    });
    let carries = event.choose(|variant| {
        let carries = machine.facts[usize::from(variant.number.unwrap_or_default())].carries_cause;
        quote!(#carries)
    });
    quote! {
        /// The message whose arrival it is, if it is one.
        #[must_use]
        pub const fn message(self) -> Option<Message> {
            #message
        }

        /// Whether it says why: it comes with a text for people.
        #[must_use]
        pub const fn carries_cause(self) -> bool {
            #carries
        }
    }
}

fn guard_methods(machine: &Machine, guard: &Enumeration) -> TokenStream {
    let capability = guard.choose(|variant| match kind_of(machine, variant) {
        FactKind::Guard { capability: Some(capability), .. } => quote!(Some(#capability)),
        FactKind::Guard { capability: None, .. }
        | FactKind::Trigger { .. }
        | FactKind::Event
        | FactKind::Message(_) => {
            quote!(None)
        }
    });
    let is_fixed = guard.choose(|variant| match kind_of(machine, variant) {
        FactKind::Guard { fixed, .. } => quote!(#fixed),
        FactKind::Trigger { .. } | FactKind::Event | FactKind::Message(_) => quote!(false),
    });
    quote! {
        /// The capability behind it, if it is one.
        #[must_use]
        pub const fn capability(self) -> Option<&'static str> {
            #capability
        }

        /// Whether it keeps its value for a whole attempt.
        #[must_use]
        pub const fn is_fixed(self) -> bool {
            #is_fixed
        }
    }
}

fn set(machine: &Machine, [trigger, event, guard]: [&Enumeration; 3]) -> TokenStream {
    let constants = constants(machine);
    let members = [("of_trigger", "trigger", trigger), ("of_event", "event", event), ("of_guard", "guard", guard)];
    let members = members.into_iter().map(|(method, argument, of)| member(method, argument, of));
    let operations = operations();
    let known = bit_set(machine, machine.triggers() | machine.events() | machine.guards());
    let names = machine.facts.iter().map(|fact| &fact.name);
    quote! {
        /// A set of facts: pending triggers, events of the present visit, and guards that hold.
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct Facts(u64);

        impl Facts {
            #constants
            #(#members)*
            #operations

            /// The set of these bits; those that stand for nothing are left out.
            #[must_use]
            pub const fn from_bits(bits: u64) -> Self {
                Self(bits & (#known))
            }
        }

        impl fmt::Debug for Facts {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                const NAMES: &[&str] = &[#(#names),*];
                let names = NAMES.iter().enumerate().filter(|(bit, _)| self.0 >> bit & 1 == 1);
                out.debug_set().entries(names.map(|(_, name)| name)).finish()
            }
        }
    }
}

fn constants(machine: &Machine) -> TokenStream {
    let triggers = bit_set(machine, machine.triggers());
    let events = bit_set(machine, machine.events());
    let guards = bit_set(machine, machine.guards());
    let fixed = bit_set(machine, machine.fixed_guards());
    quote! {
        /// No fact.
        pub const EMPTY: Self = Self(0);
        /// All triggers.
        pub const TRIGGERS: Self = Self(#triggers);
        /// All events, messages from the peer among them.
        pub const EVENTS: Self = Self(#events);
        /// All guards.
        pub const GUARDS: Self = Self(#guards);
        /// All guards that keep their value for a whole attempt.
        pub const FIXED: Self = Self(#fixed);
    }
}

fn member(method: &str, argument: &str, of: &Enumeration) -> TokenStream {
    let doc = docs::doc(&format!("The set of this {argument} alone."));
    let (method, argument, of_ident) = (ident(method), ident(argument), &of.ident);
    let body = if of.variants.is_empty() { quote!(match #argument {}) } else { quote!(Self(1 << #argument as u64)) };
    quote! {
        #doc
        #[must_use]
        pub const fn #method(#argument: #of_ident) -> Self {
            #body
        }
    }
}

fn operations() -> TokenStream {
    quote! {
        /// The facts in either set.
        #[must_use]
        pub const fn union(self, other: Self) -> Self {
            Self(self.0 | other.0)
        }

        /// The facts in both sets.
        #[must_use]
        pub const fn intersection(self, other: Self) -> Self {
            Self(self.0 & other.0)
        }

        /// The facts in this set that are not in the other.
        #[must_use]
        pub const fn minus(self, other: Self) -> Self {
            Self(self.0 & !other.0)
        }

        /// Whether all facts of the other set are in this one.
        #[must_use]
        pub const fn contains(self, other: Self) -> bool {
            self.0 & other.0 == other.0
        }

        /// Whether a fact is in both sets.
        #[must_use]
        pub const fn intersects(self, other: Self) -> bool {
            self.0 & other.0 != 0
        }

        /// Whether there is no fact in it.
        #[must_use]
        pub const fn is_empty(self) -> bool {
            self.0 == 0
        }

        /// Its bits, in the order of the table: triggers, events, messages, guards.
        #[must_use]
        pub const fn bits(self) -> u64 {
            self.0
        }
    }
}

/// Names for the bits, so that the tables below can be read.
fn bits(machine: &Machine) -> TokenStream {
    let bits = (0..).zip(&machine.facts).map(|(number, fact)| {
        let name = constant(&fact.name);
        let number = Literal::u16_unsuffixed(number).into_token_stream();
        quote!(pub(super) const #name: u64 = 1 << #number;)
    });
    quote! {
        /// The facts as bits of a set.
        mod bit {
            #(#bits)*
        }
    }
}
