//! What a machine says to each trigger in each state: decided here, once, for all values of the fixed guards.

use std::collections::BTreeMap;

use migration_table::cases;
use migration_table::model::{Answer, AnswerRow, Condition, Cube, FactId, GENERIC_ERROR, Machine, Row, StateId};
use migration_table::step;
use proc_macro2::TokenStream;
use quote::quote;

use crate::docs::{self, escaped, list};
use crate::facts::{case, set};

/// What a state says to a trigger.
struct Reply {
    /// Values of the fixed guards under which it accepts; none if it never does.
    accepts: Vec<Cube>,
    /// What it says under the others.
    otherwise: Answer,
    /// The class of the error that a refusal is, where the table names one.
    class: Option<String>,
}

/// What a machine says to each of its triggers, in each of its states.
pub(crate) struct Replies(Vec<(FactId, Vec<Reply>)>);

impl Replies {
    pub(crate) fn of(machine: &Machine) -> Replies {
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
                class: row.and_then(|row| row.class.clone()).filter(|class| class != GENERIC_ERROR),
            }
        };
        let of_trigger = |trigger| (trigger, machine.state_ids().map(|state| reply(trigger, state)).collect());
        Replies(machine.triggers().iter().map(of_trigger).collect())
    }

    /// What a state answers to each trigger.
    pub(crate) fn of_state(&self, machine: &Machine, state: StateId) -> Vec<TokenStream> {
        let of = |(trigger, replies): &(FactId, Vec<Reply>)| replies[state.index()].tokens(machine, *trigger);
        self.0.iter().flat_map(of).collect()
    }

    /// The same as a table for people, in Markdown.
    pub(crate) fn table(&self, machine: &Machine) -> String {
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

/// The values of the fixed guards under which the trigger is accepted in a state that has these rows.
fn accepts(machine: &Machine, rows: &[&Row], trigger: FactId) -> Vec<Cube> {
    let cubes = step::accepting_among(machine, rows.iter().copied(), trigger);
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

    /// The answers of the state to the trigger: the first one that applies counts.
    fn tokens(&self, machine: &Machine, trigger: FactId) -> Vec<TokenStream> {
        let trigger = set(machine, trigger.into());
        if self.always() {
            return vec![quote!(accept(#trigger))];
        }
        let accepts = self.accepts.iter().map(|cube| {
            let guards = case(machine, cube.set, cube.clear);
            quote!(accept(#trigger).when(#guards))
        });
        let otherwise = match &self.otherwise {
            Answer::Accept => quote!(accept(#trigger)),
            Answer::Ignore => quote!(ignore(#trigger)),
            Answer::Handle => quote!(handle(#trigger)),
            Answer::Refuse(because) => quote!(refuse(#trigger, #because)),
        };
        let class = self.class.as_ref().map(|class| quote!(.class(#class)));
        accepts.chain([quote!(#otherwise #class)]).collect()
    }

    fn cell(&self, machine: &Machine) -> String {
        let otherwise = match &self.otherwise {
            Answer::Accept => "accept".to_owned(),
            Answer::Ignore => "ignore".to_owned(),
            Answer::Handle => "handle".to_owned(),
            Answer::Refuse(because) => {
                let class = self.class.as_ref().map_or_else(String::new, |class| format!(" as `{class}`"));
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
        let cases = self.accepts.iter().map(|cube| guards(machine, *cube));
        format!("accept with {}; else {otherwise}", cases.collect::<Vec<_>>().join(" or "))
    }
}

/// The guards of a cube in words: "`a`, without `b`".
fn guards(machine: &Machine, cube: Cube) -> String {
    let there = docs::names(machine, cube.set);
    let not_there = docs::names(machine, cube.clear);
    match (there.is_empty(), not_there.is_empty()) {
        (_, true) => list(there),
        (true, false) => format!("no {}", list(not_there)),
        (false, false) => format!("{} and no {}", list(there), list(not_there)),
    }
}
