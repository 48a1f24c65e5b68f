//! The states of a machine, and everything that the table says of each: one static a state.

use migration_table::model::{Cube, Kind, Machine, Row, State, StateId, Table};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use crate::answers::Replies;
use crate::docs::{doc, list};
use crate::enumeration::{Enumeration, Variant};
use crate::facts::{case, set};
use crate::names::{camel, constant_with, predicate};

/// Declares the states with their rows and answers, and the functions that look at them.
pub(crate) fn declare(table: &Table, machine: &Machine, replies: &Replies, engine: &TokenStream) -> TokenStream {
    let role = camel(&machine.name);
    let none = TokenStream::new();
    let variants = machine
        .states
        .iter()
        .map(|state| Variant::new(&state.name, &describe(table, machine, state), &none, none.clone()));
    let text = "Where the machine can be. Clients are shown a [`Status`] instead.";
    let states = Enumeration::new("State", text, 0, variants.collect()).enumeration();
    let rows = machine.rows_by_state();
    let entries = machine.state_ids().zip(&rows).map(|(id, rows)| entry(table, machine, id, rows, replies));
    let statics: Vec<Ident> = machine.states.iter().map(|state| constant_with("IN", &state.name)).collect();
    let names = machine.states.iter().map(|state| camel(&state.name));
    let groups = groups(machine);
    quote! {
        #states

        impl State {
            const ENTRIES: &'static [&'static StateEntry<#role>] = &[#(&#statics),*];

            #(#groups)*
        }

        #engine::state!(State, #role, Status, Resource, Event);

        #(#entries)*

        /// Returns the transition that fires in `state` while these facts hold, or `None`.
        ///
        /// Where several are enabled it is the one of the highest precedence. Every pair of arguments has an answer.
        #[must_use]
        #[inline(always)]
        pub const fn advance(state: State, facts: Facts) -> Option<&'static Transition> {
            match state {
                #(State::#names => first(#statics.rows, facts),)*
            }
        }
    }
}

/// The doc comment of a state.
fn describe(table: &Table, machine: &Machine, state: &State) -> String {
    let end = if state.doc.trim_end().ends_with(['.', '!', '?']) { "" } else { "." };
    let shows = &table.statuses[state.shows.index()].name;
    let mut text = format!("{}{end} Kind `{}`; shows `{shows}`", state.doc.trim_end(), state.kind.name());
    if !state.holds.is_empty() {
        text += &format!("; holds {}", list(state.holds.iter().map(|id| table.resources[id.index()].name.as_str())));
    }
    if let Some(timeout) = state.timeout {
        text += &format!("; `{}` after {} ms of silence", machine.fact(timeout.event).name, timeout.after_ms);
    }
    text + "."
}

/// Everything that the table says of one state.
fn entry(table: &Table, machine: &Machine, id: StateId, rows: &[&Row], replies: &Replies) -> TokenStream {
    let state = machine.state(id);
    let (role, word, name) = (camel(&machine.name), camel(&state.name), &state.name);
    let doc = doc(&precedence(machine, name, rows));
    let fixed = constant_with("IN", name);
    let (kind, shows) = (camel(state.kind.name()), camel(&table.statuses[state.shows.index()].name));
    let holds = state.holds.iter().map(|id| camel(&table.resources[id.index()].name));
    let timeout = match state.timeout {
        None => quote!(None),
        Some(timeout) => {
            let event = camel(&machine.fact(timeout.event).name);
            let after_ms = Literal::u32_unsuffixed(timeout.after_ms);
            quote!(Some(Timeout::new(Event::#event, #after_ms)))
        }
    };
    let rows = rows.iter().flat_map(|row| row.cubes.iter().map(|cube| transition(table, machine, row, *cube)));
    let answers = replies.of_state(machine, id);
    quote! {
        #doc
        static #fixed: StateEntry<#role> = StateEntry {
            state: StateHead::new(State::#word, #name, Kind::#kind, Status::#shows),
            holds: &[#(Resource::#holds),*],
            timeout: #timeout,
            rows: &[#(#rows),*],
            answers: &[#(#answers),*],
        };
    }
}

/// One case of a row.
fn transition(table: &Table, machine: &Machine, row: &Row, cube: Cube) -> TokenStream {
    let when = case(machine, cube.set, cube.clear);
    let to = camel(&machine.state(row.to).name);
    let line = Literal::usize_unsuffixed(row.span.line);
    let public = row.public.then(|| quote!(.public()));
    let sends = row.sends.iter().map(|id| camel(&table.messages[id.index()].name));
    let sends = (!row.sends.is_empty()).then(|| quote!(.sends(&[#(Message::#sends),*])));
    let drops = (!row.drops.is_empty()).then(|| {
        let drops = set(machine, row.drops);
        quote!(.drops(#drops))
    });
    let (named, needed) = (row.mentions & machine.triggers(), cube.set & machine.triggers());
    let consumes = (named != needed).then(|| {
        let named = set(machine, named);
        quote!(.consumes(#named))
    });
    quote!(#when.to(State::#to, #line)#public #sends #drops #consumes)
}

/// What a reader of the rows of a state must know of their order.
fn precedence(machine: &Machine, name: &str, rows: &[&Row]) -> String {
    let strong = |rank: usize| machine.precedence.get(rank).map(|fact| machine.fact(*fact).name.as_str());
    let mut ranks: Vec<&str> = rows.iter().filter_map(|row| strong(row.rank)).collect();
    ranks.dedup();
    if rows.is_empty() {
        format!("Nothing leaves `{name}`.")
    } else if ranks.is_empty() {
        format!("State `{name}`.")
    } else {
        format!("State `{name}`; {} before the rest.", list(ranks))
    }
}

/// A method for each group.
fn groups(machine: &Machine) -> impl Iterator<Item = TokenStream> {
    machine.groups.iter().map(|group| {
        let doc = doc(&format!("Returns whether it is in the group `{}`.", group.name));
        let name = predicate(&group.name);
        let states: Vec<Ident> = group.states.iter().map(|id| camel(&machine.state(*id).name)).collect();
        let body = if states.is_empty() { quote!(false) } else { quote!(matches!(self, #(Self::#states)|*)) };
        quote! {
            #doc
            #[must_use]
            pub const fn #name(self) -> bool {
                #body
            }
        }
    })
}

/// Whether work is done in states of this kind.
pub(crate) fn is_busy(kind: Kind) -> bool {
    match kind {
        Kind::Idle => false,
        Kind::Work | Kind::Wait | Kind::Cleanup => true,
    }
}
