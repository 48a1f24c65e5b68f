//! The states of a machine and what the table says of each: what a client is shown, what goes on, what is held, and how
//! long the peer may be silent.

use migration_table::model::{Kind, Machine, State, Table};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use crate::docs::{doc, list, sentence};
use crate::enumeration::{Enumeration, Variant};
use crate::names::{camel, ident, predicate};

pub(super) fn declare(table: &Table, machine: &Machine) -> TokenStream {
    let variant = |state: &State| Variant {
        ident: camel(&state.name),
        name: state.name.clone(),
        doc: describe(table, machine, state),
        number: None,
    };
    let variants = machine.states.iter().map(variant).collect();
    let text = "Where the machine can be. Clients are shown a [`Status`] instead.".to_owned();
    let states = Enumeration { ident: ident("State"), doc: text, variants };
    let properties = properties(table, machine, &states);
    let predicates = predicates(machine);
    states.declare(&quote! {
        #properties
        #(#predicates)*
    })
}

/// The doc comment of a state.
fn describe(table: &Table, machine: &Machine, state: &State) -> String {
    let mut doc = sentence(&state.doc);
    let shows = &table.statuses[state.shows.index()].name;
    doc += &format!("\n\nKind `{}`; shows `{shows}`", state.kind.name());
    if !state.holds.is_empty() {
        doc += &format!("; holds {}", list(state.holds.iter().map(|id| table.resources[id.index()].name.as_str())));
    }
    if let Some(timeout) = state.timeout {
        doc += &format!("; `{}` after {} ms of silence", machine.fact(timeout.event).name, timeout.after_ms);
    }
    doc + "."
}

fn properties(table: &Table, machine: &Machine, states: &Enumeration) -> TokenStream {
    let choose = |value: &dyn Fn(&State) -> TokenStream| {
        let mut of = machine.states.iter();
        states.choose(|_| of.next().map(value).unwrap_or_default())
    };
    let shows = choose(&|state| {
        let status = camel(&table.statuses[state.shows.index()].name);
        quote!(Status::#status)
    });
    let kind = choose(&|state| {
        let kind = camel(state.kind.name());
        quote!(Kind::#kind)
    });
    let holds = choose(&|state| {
        let resources = state.holds.iter().map(|id| camel(&table.resources[id.index()].name));
        quote!(&[#(Resource::#resources),*])
    });
    let timeout = choose(&|state| match state.timeout {
        None => quote!(None),
        Some(timeout) => {
            let event = camel(&machine.fact(timeout.event).name);
            let after_ms = Literal::u32_unsuffixed(timeout.after_ms);
            quote!(Some(Timeout { event: Event::#event, after_ms: #after_ms }))
        }
    });
    quote! {
        /// What a client is shown.
        #[must_use]
        pub const fn shows(self) -> Status {
            #shows
        }

        /// What goes on in it.
        #[must_use]
        pub const fn kind(self) -> Kind {
            #kind
        }

        /// What exists while in it.
        #[must_use]
        pub const fn holds(self) -> &'static [Resource] {
            #holds
        }

        /// How long the peer may give no sign of life.
        #[must_use]
        pub const fn timeout(self) -> Option<Timeout<Event>> {
            #timeout
        }
    }
}

/// A method for each kind and for each group.
fn predicates(machine: &Machine) -> Vec<TokenStream> {
    let of_kind = |kind: Kind| {
        let states = machine.states.iter().filter(move |state| state.kind == kind);
        contains(kind.name(), &format!("Whether its kind is `{}`.", kind.name()), states)
    };
    let kinds = Kind::ALL.into_iter().map(of_kind);
    let groups = machine.groups.iter().map(|group| {
        let states = group.states.iter().map(|id| machine.state(*id));
        contains(&group.name, &format!("Whether it is in the group `{}`.", group.name), states)
    });
    kinds.chain(groups).collect()
}

fn contains<'m>(name: &str, text: &str, states: impl Iterator<Item = &'m State>) -> TokenStream {
    let doc = doc(text);
    let name = predicate(name);
    let states: Vec<Ident> = states.map(|state| camel(&state.name)).collect();
    let body = if states.is_empty() { quote!(false) } else { quote!(matches!(self, #(Self::#states)|*)) };
    quote! {
        #doc
        #[must_use]
        pub const fn #name(self) -> bool {
            #body
        }
    }
}
