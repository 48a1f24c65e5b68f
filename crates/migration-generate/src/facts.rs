//! The facts of a machine: triggers, events and guards, and the sets of them that decide.

use migration_table::model::{Fact, FactKind, FactSet, Machine};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use crate::enumeration::{Enumeration, Variant, deprecated};
use crate::names::{camel, constant};

/// Declares the enums of the facts, and a constant for each set of one fact.
pub(crate) fn declare(machine: &Machine, engine: &TokenStream) -> TokenStream {
    let role = camel(&machine.name);
    let lists = [
        ("Trigger", "What a user can ask for.", Fact::is_trigger as fn(&Fact) -> bool),
        ("Event", "Evidence that the work reports, and messages from the peer.", Fact::is_event),
        ("Guard", "What is asked when the machine decides.", Fact::is_guard),
    ];
    let lists = lists.into_iter().map(|(name, doc, wanted)| {
        let facts = machine.facts.iter().enumerate().filter(|(_, fact)| wanted(fact));
        let first = facts.clone().next().map_or(0, |(position, _)| position);
        let list = Enumeration::new(name, doc, first, facts.map(|(_, fact)| variant(fact)).collect());
        let entry = Ident::new(&format!("{name}Entry"), proc_macro2::Span::call_site());
        let methods = Ident::new(&name.to_lowercase(), proc_macro2::Span::call_site());
        list.declare(&quote!(#entry), &quote!(#engine::#methods), &quote!(, #role))
    });
    let constants = (0..).zip(&machine.facts).map(|(position, fact)| {
        let (name, position) = (constant(&fact.name), Literal::u16_unsuffixed(position));
        quote!(pub(super) const #name: Facts = Facts::bit(#position);)
    });
    let constants: Vec<TokenStream> = constants.collect();
    let imports = (!constants.is_empty()).then(|| {
        quote!(
            use super::Facts;
        )
    });
    quote! {
        #(#lists)*

        /// A set of facts: pending triggers, events of the current visit, and guards that hold.
        pub type Facts = #engine::FactSet<#role>;

        /// The set of each fact alone.
        mod fact {
            #imports
            #(#constants)*
        }
    }
}

fn variant(fact: &Fact) -> Variant {
    let none = TokenStream::new();
    match &fact.kind {
        FactKind::Trigger { command, with, deprecated: gone, .. } => {
            let with_arguments = with.iter().map(|(name, value)| quote!((#name, #value)));
            let with = (!with.is_empty()).then(|| quote!(.with(&[#(#with_arguments),*])));
            let gone = gone.as_ref();
            let deprecated = deprecated(gone);
            Variant::new(&fact.name, &fact.doc, &quote!(, #command), quote!(#with #deprecated)).deprecated(gone)
        }
        FactKind::Event | FactKind::Message(_) => {
            let cause = fact.carries_cause.then(|| quote!(.with_cause()));
            Variant::new(&fact.name, &fact.doc, &none, cause.unwrap_or_default())
        }
        FactKind::Guard { capability, fixed, .. } => {
            let capability = capability.as_ref().map(|capability| quote!(.capability(#capability)));
            let fixed = fixed.then(|| quote!(.fixed()));
            Variant::new(&fact.name, &fact.doc, &none, quote!(#capability #fixed))
        }
    }
}

/// A set of facts as Rust: `fact::CANCEL.union(fact::FAILED)`.
pub(crate) fn set(machine: &Machine, facts: FactSet) -> TokenStream {
    let mut facts = facts.iter().map(|id| constant(&machine.fact(id).name));
    let Some(first) = facts.next() else { return quote!(Facts::EMPTY) };
    facts.fold(quote!(fact::#first), |set, fact| quote!(#set.union(fact::#fact)))
}

/// The facts under which something applies: all in `set`, and none in `clear`.
pub(crate) fn case(machine: &Machine, all: FactSet, none: FactSet) -> TokenStream {
    let on = set(machine, all);
    if none.is_empty() {
        return quote!(on(#on));
    }
    let unless = set(machine, none);
    quote!(on(#on).unless(#unless))
}
