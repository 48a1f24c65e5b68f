//! What a machine says to each trigger in each state: decided here, once, for all values of the fixed guards.

use std::collections::BTreeMap;

use migration_table::cases;
use migration_table::model::{Answer, AnswerRow, Condition, Cube, FactId, GENERIC_ERROR, Machine, Row, StateId};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::docs::{self, escaped, list};
use crate::enumeration::choose;
use crate::facts::bit_set;
use crate::names::camel;

/// What a state says to a trigger.
struct Reply {
    /// Values of the fixed guards under which it accepts; none if it never does.
    accepts: Vec<Cube>,
    /// What it says under the others.
    otherwise: Answer,
    /// The class of the error that a refusal is.
    class: String,
}

/// What a machine says to each of its triggers, in each of its states.
pub(super) struct Replies(Vec<(FactId, Vec<Reply>)>);

impl Replies {
    pub(super) fn of(machine: &Machine) -> Replies {
        let mut listed: BTreeMap<(FactId, StateId), &AnswerRow> = BTreeMap::new();
        for row in &machine.answers {
            for state in &row.states {
                listed.entry((row.trigger, *state)).or_insert(row);
            }
        }
        let rows = machine.rows_by_state();
        let reply = |trigger: FactId, state: StateId| {
            let row = listed.get(&(trigger, state));
            Reply {
                accepts: accepts(machine, &rows[state.index()], trigger),
                otherwise: row.map_or_else(|| Answer::Refuse(String::new()), |row| row.answer.clone()),
                class: row.and_then(|row| row.class.as_deref()).unwrap_or(GENERIC_ERROR).to_owned(),
            }
        };
        let of_trigger = |trigger| (trigger, machine.state_ids().map(|state| reply(trigger, state)).collect());
        Replies((machine.triggers()).iter().map(of_trigger).collect())
    }

    /// The function `answer`.
    pub(super) fn declare(&self, machine: &Machine) -> TokenStream {
        let depends = self.0.iter().flat_map(|(_, replies)| replies).any(Reply::depends);
        let states: Vec<Ident> = machine.states.iter().map(|state| camel(&state.name)).collect();
        let triggers = self.0.iter().map(|(trigger, replies)| {
            let trigger = camel(&machine.fact(*trigger).name);
            let replies = replies.iter().map(|reply| reply.expression(machine));
            let of_state = choose(&quote!(state), &quote!(State), states.iter().zip(replies));
            quote!(Trigger::#trigger => #of_state,)
        });
        let classes = self.classes(machine, &states);
        let fixed_guards = if depends { quote!(fixed_guards) } else { quote!(_fixed_guards) };
        let state = if self.0.is_empty() { quote!(_state) } else { quote!(state) };
        quote! {
            /// What the machine says to `trigger` in `state`, in an attempt with these fixed guards.
            ///
            /// It is taken where a row of the state needs it and can still be enabled under these guards.
            #[must_use]
            pub const fn answer(#state: State, trigger: Trigger, #fixed_guards: Facts) -> Answer {
                match trigger { #(#triggers)* }
            }

            #classes
        }
    }

    /// The function `refusal_class`. Nearly all classes are the same, so a trigger asks for the state only if it must.
    fn classes(&self, machine: &Machine, states: &[Ident]) -> TokenStream {
        let is_same = |replies: &[Reply]| replies.iter().all(|reply| reply.class == replies[0].class);
        let asks = self.0.iter().any(|(_, replies)| !is_same(replies));
        let triggers: Vec<Ident> = self.0.iter().map(|(trigger, _)| camel(&machine.fact(*trigger).name)).collect();
        let classes = self.0.iter().map(|(_, replies)| match &replies[..] {
            [Reply { class, .. }, ..] if is_same(replies) => quote!(#class),
            replies => {
                let classes = replies.iter().map(|Reply { class, .. }| quote!(#class));
                choose(&quote!(state), &quote!(State), states.iter().zip(classes))
            }
        });
        let classes = choose(&quote!(trigger), &quote!(Trigger), triggers.iter().zip(classes));
        let state = if asks { quote!(state) } else { quote!(_state) };
        quote! {
            /// The class of the error that a client is told where `trigger` is refused in `state`.
            #[must_use]
            pub const fn refusal_class(#state: State, trigger: Trigger) -> &'static str {
                #classes
            }
        }
    }

    /// The same as a table for people, in Markdown.
    pub(super) fn table(&self, machine: &Machine) -> String {
        let names = self.0.iter().map(|(trigger, _)| format!("`{}`", machine.fact(*trigger).name));
        let names: Vec<String> = names.collect();
        let mut text = format!("| State | {} |\n", names.join(" | "));
        text += &format!("| --- |{}\n", " --- |".repeat(names.len()));
        for state in machine.state_ids() {
            let cells = self.0.iter().map(|(_, replies)| replies[state.index()].cell(machine));
            text += &format!("| `{}` | {} |\n", machine.state(state).name, cells.collect::<Vec<_>>().join(" | "));
        }
        text
    }
}

/// The values of the fixed guards under which a row that needs the trigger can be enabled.
///
/// The cubes of a row are exact, so a row needs a trigger if each of its cubes has it; and a cube can be enabled by the
/// other facts whenever its fixed guards have their values.
fn accepts(machine: &Machine, rows: &[&Row], trigger: FactId) -> Vec<Cube> {
    let needs = |row: &&&Row| row.cubes.iter().all(|cube| cube.set.contains(trigger));
    let fixed = machine.fixed_guards();
    let cubes = rows.iter().filter(needs).flat_map(|row| &row.cubes);
    let mut cubes: Vec<Cube> = cubes.map(|cube| cube.among(fixed)).collect();
    cubes.sort_unstable();
    cubes.dedup();
    if cubes.len() < 2 {
        return cubes;
    }
    let any = Condition::Or(cubes.iter().map(|cube| Condition::of(*cube)).collect());
    cases::cubes(&any).unwrap_or(cubes)
}

impl Reply {
    fn always(&self) -> bool {
        self.accepts.contains(&Cube::ALWAYS)
    }

    fn depends(&self) -> bool {
        !self.accepts.is_empty() && !self.always()
    }

    fn expression(&self, machine: &Machine) -> TokenStream {
        let otherwise = match &self.otherwise {
            Answer::Accept => quote!(Answer::Accept),
            Answer::Ignore => quote!(Answer::Ignore),
            Answer::Refuse(because) => quote!(Answer::Refuse(#because)),
        };
        if self.always() {
            return quote!(Answer::Accept);
        }
        if self.accepts.is_empty() {
            return otherwise;
        }
        let cases = self.accepts.iter().map(|cube| {
            let (mask, set) = (bit_set(machine, cube.asks()), bit_set(machine, cube.set));
            quote!(fixed_guards.0 & (#mask) == #set)
        });
        quote!(if #(#cases)||* { Answer::Accept } else { #otherwise })
    }

    fn cell(&self, machine: &Machine) -> String {
        let otherwise = match &self.otherwise {
            Answer::Accept => "accept".to_owned(),
            Answer::Ignore => "ignore".to_owned(),
            Answer::Refuse(because) => {
                let class = Some(&self.class).filter(|class| *class != GENERIC_ERROR);
                let class = class.map_or_else(String::new, |class| format!(" as `{class}`"));
                let because = if because.is_empty() { String::new() } else { format!(": {}", escaped(because)) };
                format!("refuse{class}{because}")
            }
        };
        if self.always() {
            return "accept".to_owned();
        }
        if self.accepts.is_empty() {
            return otherwise;
        }
        let cases = self.accepts.iter().map(|cube| case(machine, *cube));
        format!("accept with {}; else {otherwise}", cases.collect::<Vec<_>>().join(" or "))
    }
}

/// The guards of a cube in words: "`a`, without `b`".
fn case(machine: &Machine, cube: Cube) -> String {
    let there = docs::names(machine, cube.set);
    let not_there = docs::names(machine, cube.clear);
    match (there.is_empty(), not_there.is_empty()) {
        (_, true) => list(there),
        (true, false) => format!("no {}", list(not_there)),
        (false, false) => format!("{} and no {}", list(there), list(not_there)),
    }
}
