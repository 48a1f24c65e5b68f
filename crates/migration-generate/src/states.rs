//! The states of a machine, and everything that the table says of each.
//!
//! What several states share (cases of rows, lists of answers) is written once, and all states are in one static: the
//! compiler spends most of its time on what is written out, and on items.

use std::collections::BTreeMap;

use migration_table::model::{Cube, Kind, Machine, Row, State, StateId, Table, Timeout};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use crate::answers::Replies;
use crate::docs::{doc, list};
use crate::enumeration::{Enumeration, Variant};
use crate::facts::{case, set};
use crate::names::{camel, constant_with, ident, predicate};

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
    let cases = Cases::of(machine);
    let consts = cases.declare(table, machine);
    let answers = Answers::of(machine, replies);
    let lists = answers.declare(&role, engine);
    let entries = machine.state_ids().zip(&rows).map(|(id, rows)| {
        let rows: Vec<&Ident> = rows.iter().filter_map(|row| cases.name(row)).collect();
        entry(table, machine, id, &rows, answers.of_state(id))
    });
    let many = Literal::usize_unsuffixed(machine.states.len());
    let order = doc(&order(machine));
    let groups = groups(machine);
    quote! {
        #states

        impl State {
            const ENTRIES: &'static [StateEntry<#role>] = &STATES;

            #(#groups)*
        }

        #engine::state!(State, #role, Status, Resource, Event);

        #consts
        #lists

        #order
        static STATES: [StateEntry<#role>; #many] = [#(#entries),*];

        /// The rows of each state.
        static ROWS: [Rows<#role>; #many] = Rows::of(&STATES);

        /// Returns the transition that fires in `state` while these facts hold, or `None`.
        ///
        /// Where several are enabled it is the one of the highest precedence. Every pair of arguments has an answer.
        #[must_use]
        #[inline]
        pub const fn advance(state: State, facts: Facts) -> Option<&'static Transition> {
            ROWS[state as usize].first(facts)
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
    if let Some(timer) = state.timer {
        text += &format!("; `{}` {} ms after it was entered", machine.fact(timer.event).name, timer.after_ms);
    }
    text + "."
}

/// Everything that the table says of one state.
fn entry(table: &Table, machine: &Machine, id: StateId, rows: &[&Ident], answers: &TokenStream) -> TokenStream {
    let state = machine.state(id);
    let (word, name) = (camel(&state.name), &state.name);
    let (kind, shows) = (camel(state.kind.name()), camel(&table.statuses[state.shows.index()].key));
    let holds = state.holds.iter().map(|id| camel(&table.resources[id.index()].name));
    let bound = |bound: Option<Timeout>| match bound {
        None => quote!(None),
        Some(bound) => {
            let event = camel(&machine.fact(bound.event).name);
            let after_ms = Literal::u32_unsuffixed(bound.after_ms);
            quote!(Some(Timeout::new(Event::#event, #after_ms)))
        }
    };
    let (timeout, timer) = (bound(state.timeout), bound(state.timer));
    quote! {
        StateEntry {
            state: StateHead::new(State::#word, #name, Kind::#kind, Status::#shows),
            holds: &[#(Resource::#holds),*],
            timeout: #timeout,
            timer: #timer,
            rows: &[#(#rows),*],
            answers: #answers,
        }
    }
}

/// The rows of the machine, each with the name of the constant that it is. They are named after their lines.
struct Cases<'m>(Vec<(&'m Row, Ident)>);

impl<'m> Cases<'m> {
    fn of(machine: &'m Machine) -> Cases<'m> {
        let mut rows: Vec<&Row> = machine.rows.iter().collect();
        rows.sort_by_key(|row| (row.span.line, row.span.column, &row.cubes, row.public));
        let mut on_line: BTreeMap<usize, usize> = BTreeMap::new();
        let named = rows.into_iter().map(|row| {
            let line = row.span.line;
            let many = on_line.entry(line).or_default();
            *many += 1;
            (row, ident(&if *many == 1 { format!("ROW_{line}") } else { format!("ROW_{line}_{many}") }))
        });
        Cases(named.collect())
    }

    fn declare(&self, table: &Table, machine: &Machine) -> TokenStream {
        let consts = self.0.iter().flat_map(|(row, name)| {
            row.cubes.iter().map(move |cube| {
                let case = transition(table, machine, row, *cube);
                quote!(const #name: Transition = #case;)
            })
        });
        quote!(#(#consts)*)
    }

    /// The constant of a row; none for one that never holds.
    fn name(&self, row: &Row) -> Option<&Ident> {
        let place = (row.span.line, row.span.column, &row.cubes, row.public);
        let at = self
            .0
            .binary_search_by_key(&place, |(row, _)| (row.span.line, row.span.column, &row.cubes, row.public))
            .ok()?;
        (!row.cubes.is_empty()).then(|| &self.0[at].1)
    }
}

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
    let reason = row.reason.map(|id| camel(&table.reasons[id.index()].key));
    let reason = reason.map(|reason| quote!(.reason(Reason::#reason)));
    quote!(#when.to(State::#to, #line)#public #reason #sends #drops)
}

/// The answers of each state. Those that several states share have a constant, named after the first of them.
struct Answers {
    shared: Vec<(Ident, TokenStream)>,
    of_states: Vec<TokenStream>,
}

impl Answers {
    fn of(machine: &Machine, replies: &Replies) -> Answers {
        let lists: Vec<(StateId, TokenStream)> = machine
            .state_ids()
            .map(|id| {
                let answers = replies.of_state(machine, id);
                (id, quote!(&[#(#answers),*]))
            })
            .collect();
        let mut states: BTreeMap<String, Vec<StateId>> = BTreeMap::new();
        for (id, list) in &lists {
            states.entry(list.to_string()).or_default().push(*id);
        }
        let (mut shared, mut of_states) = (Vec::new(), Vec::new());
        for (id, list) in lists {
            let alike = &states[&list.to_string()];
            if alike.len() == 1 {
                of_states.push(list);
                continue;
            }
            let name = constant_with("ANSWERS_IN", &machine.state(alike[0]).name);
            of_states.push(quote!(#name));
            if alike[0] == id {
                shared.push((name, list));
            }
        }
        Answers { shared, of_states }
    }

    fn declare(&self, role: &Ident, engine: &TokenStream) -> TokenStream {
        let consts = self.shared.iter().map(|(name, list)| quote!(const #name: &[#engine::Reply<#role>] = #list;));
        quote!(#(#consts)*)
    }

    fn of_state(&self, id: StateId) -> &TokenStream {
        &self.of_states[id.index()]
    }
}

/// What a reader of the states must know of the order of their rows.
fn order(machine: &Machine) -> String {
    let strong = list(machine.precedence.iter().map(|fact| machine.fact(*fact).name.as_str()));
    let text = "Everything that the table says of each state, in the order of the table.";
    if strong.is_empty() {
        text.to_owned()
    } else {
        format!("{text} Rows stand strongest first: {strong}, then the rest.")
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
