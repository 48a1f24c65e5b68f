//! The transition function: the rows of the table as static data, and for each state the rules by which they fire.

use std::collections::BTreeMap;

use migration_table::model::{Cube, FactSet, Machine, Row, StateId, Table};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::dispatch;
use crate::docs::{doc, list};
use crate::facts::bit_set;
use crate::names::{camel, constant_with};

/// Where the transition of each row stands among those to its state.
type Places = BTreeMap<*const Row, usize>;

pub(super) fn declare(table: &Table, machine: &Machine) -> TokenStream {
    let entering = entering(machine);
    let places: Places = entering
        .values()
        .flat_map(|rows| rows.iter().enumerate())
        .map(|(place, row)| (*row as *const Row, place))
        .collect();
    let transitions = entering.iter().map(|(to, rows)| transitions(table, machine, *to, rows));
    let leaving = machine.rows_by_state();
    let rules = machine.state_ids().zip(&leaving).map(|(from, rows)| rules(machine, from, rows, &places));
    let dispatch = dispatch::declare(machine, &leaving);
    quote! {
        /// One case in which a transition fires: of the facts in `mask`, exactly those in `set` are there.
        struct Rule {
            mask: u64,
            set: u64,
            transition: &'static Transition,
        }

        /// The transition fires when all facts in `set` are there and none of those in `clear` is.
        const fn rule(set: u64, clear: u64, transition: &'static Transition) -> Rule {
            Rule { mask: set | clear, set, transition }
        }

        #(#transitions)*
        #(#rules)*
        #dispatch
    }
}

/// The rows that enter each state, in an order that does not depend on the file's.
fn entering(machine: &Machine) -> BTreeMap<StateId, Vec<&Row>> {
    let mut entering: BTreeMap<StateId, Vec<&Row>> = BTreeMap::new();
    for row in &machine.rows {
        entering.entry(row.to).or_default().push(row);
    }
    for rows in entering.values_mut() {
        rows.sort_by(|a, b| (a.rank, &a.from, &a.cubes, &a.when).cmp(&(b.rank, &b.from, &b.cubes, &b.when)));
    }
    entering
}

fn transitions(table: &Table, machine: &Machine, to: StateId, rows: &[&Row]) -> TokenStream {
    let name = &machine.state(to).name;
    let intro = format!("To `{name}`:\n\n");
    let lines = (0..).zip(rows).map(|(index, row): (usize, _)| {
        format!("{index}. from {} when `{}`\n", list(row.from_names.iter().map(String::as_str)), row.when)
    });
    let doc = doc(&lines.fold(intro, |text, line| text + &line));
    let fixed = constant_with("TO", name);
    let count = Literal::usize_unsuffixed(rows.len());
    let rows = rows.iter().map(|row| transition(table, machine, row));
    quote! {
        #doc
        static #fixed: [Transition; #count] = [#(#rows),*];
    }
}

fn transition(table: &Table, machine: &Machine, row: &Row) -> TokenStream {
    let to = camel(&machine.state(row.to).name);
    let public = row.public;
    let facts = |facts: FactSet| {
        let set = bit_set(machine, facts);
        if facts.is_empty() { quote!(Facts::EMPTY) } else { quote!(Facts(#set)) }
    };
    let consumes = facts(row.mentions & machine.triggers());
    let drops = facts(row.drops);
    let sends = row.sends.iter().map(|id| camel(&table.messages[id.index()].name));
    let line = Literal::usize_unsuffixed(row.span.line);
    quote! {
        Transition {
            to: State::#to,
            public: #public,
            consumes: #consumes,
            drops: #drops,
            sends: &[#(Message::#sends),*],
            line: #line,
        }
    }
}

/// The rules of one state, strongest first.
fn rules(machine: &Machine, from: StateId, rows: &[&Row], places: &Places) -> TokenStream {
    let cases: Vec<(&Row, Cube)> = rows.iter().flat_map(|row| row.cubes.iter().map(|cube| (*row, *cube))).collect();
    let name = &machine.state(from).name;
    let fixed = constant_with("FROM", name);
    let count = Literal::usize_unsuffixed(cases.len());
    let text = if cases.is_empty() { format!("Nothing leaves `{name}`.") } else { precedence(machine, name, rows) };
    let doc = doc(&text);
    let cases = cases.iter().map(|(row, cube)| {
        let place = Literal::usize_unsuffixed(places.get(&(*row as *const Row)).copied().unwrap_or_default());
        let to = constant_with("TO", &machine.state(row.to).name);
        let (set, clear) = (bit_set(machine, cube.set), bit_set(machine, cube.clear));
        quote!(rule(#set, #clear, &#to[#place]))
    });
    quote! {
        #doc
        static #fixed: [Rule; #count] = [#(#cases),*];
    }
}

fn precedence(machine: &Machine, name: &str, rows: &[&Row]) -> String {
    let strong = |rank: usize| machine.precedence.get(rank).map(|fact| machine.fact(*fact).name.as_str());
    let mut ranks: Vec<&str> = rows.iter().filter_map(|row| strong(row.rank)).collect();
    ranks.dedup();
    if ranks.is_empty() {
        format!("From `{name}`.")
    } else {
        format!("From `{name}`; {} before the rest.", list(ranks))
    }
}
