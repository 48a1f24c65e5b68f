//! What the programs are given: every view of the project's own table and of the tables of released machines, and of a
//! table whose words hold everything that a language could take for its own.

use std::fs;

use migration_contract::load;
use migration_draw::{Figure, Side, Step, Trace, View, figure, phases};
use migration_table::interpret::Run;
use migration_table::model::{Answer, Machine, Table};

use super::installed::own;

const RELEASES: [&str; 5] = ["9.0", "9.1", "10.0", "10.2", "11.0"];

/// What a word ends with in the table that no reader should trip over.
const ODD: &str = " \"<b>&amp;|\\n%x ${y}` *_~#; -- [[z]] {'}) --> @enduml ]]> <!--";

/// A figure and its name.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) figure: Figure,
}

impl Named {
    /// Whether a program that takes long to draw is asked to: every view of the project's own table, and whole machines
    /// of the newest release and of the odd table.
    pub(super) fn is_worth_waiting_for(&self) -> bool {
        let is_whole = self.name.contains(": full of ") || self.name.ends_with(": overview");
        self.name.starts_with("../states.yaml")
            || (is_whole && !self.name.starts_with("tables/qemu-9")) && !self.name.starts_with("tables/qemu-10")
    }
}

/// Tables that load, with their names; the project's own first.
pub(super) fn tables() -> Vec<(String, Table)> {
    let releases = RELEASES.map(|release| format!("tables/qemu-{release}.yaml"));
    let paths = ["../states.yaml".to_owned()].into_iter().chain(releases);
    let table = |path: String| {
        let text = fs::read_to_string(own(&path)).unwrap_or_else(|error| panic!("`{path}`: {error}"));
        let table = load(&text).table.unwrap_or_else(|| panic!("`{path}` does not resolve"));
        (path, table)
    };
    paths.map(table).collect()
}

/// The project's own table with words that no table could hold: names too, if asked for.
pub(super) fn odd(names_too: bool) -> Table {
    let (_, mut table) = tables().swap_remove(0);
    let doc = |text: &mut String| *text = format!("{text}{ODD}\nand a second line");
    let name = |text: &mut String| *text = if names_too { format!("{text}{ODD}") } else { text.clone() };
    let both = |one: &mut String, other: &mut String| {
        name(one);
        doc(other);
    };
    table.statuses.iter_mut().for_each(|status| both(&mut status.name, &mut status.doc));
    table.messages.iter_mut().for_each(|message| both(&mut message.name, &mut message.doc));
    table.resources.iter_mut().for_each(|resource| both(&mut resource.name, &mut resource.doc));
    for machine in &mut table.machines {
        doc(&mut machine.doc);
        machine.states.iter_mut().for_each(|state| both(&mut state.name, &mut state.doc));
        machine.facts.iter_mut().for_each(|fact| both(&mut fact.name, &mut fact.doc));
        machine.groups.iter_mut().for_each(|group| name(&mut group.name));
        for answer in &mut machine.answers {
            if let Answer::Refuse(reason) = &mut answer.answer {
                doc(reason);
            }
        }
    }
    table
}

/// Every view of every table.
pub(super) fn all() -> Vec<Named> {
    let tables = tables();
    let mut found = Vec::new();
    for (at, (name, table)) in tables.iter().enumerate() {
        // The first release has none before it; the one after it stands in, since the project's own table is no release.
        let before = if at == 1 { 2 } else { at.saturating_sub(1) };
        let old = &tables[before].1;
        add(name, table, old, &mut found);
    }
    let odd = odd(true);
    add("odd", &odd, &tables[0].1, &mut found);
    found
}

fn add(name: &str, table: &Table, old: &Table, found: &mut Vec<Named>) {
    let all: Vec<&Machine> = table.machines.iter().collect();
    let mut add = |what: &str, machines: &[&Machine], view: &View<'_>| {
        // Machines that have nothing of what is looked at are left out, and perhaps all are.
        if let Ok(figure) = figure(table, machines, view) {
            found.push(Named { name: format!("{name}: {what}"), figure });
        }
    };
    add("overview", &all, &View::Overview);
    add("full", &all, &View::Full);
    let verdict = Some("what comes of it: <nothing> & \"all\"");
    let taken = run(all[0]);
    add("changes", &all, &View::Diff { old, verdict, run: Some((Side::New, &taken)) });
    for machine in &table.machines {
        let what = |view: &str| format!("{view} of {}", machine.name);
        add(&what("full"), &[machine], &View::Full);
        for phase in phases(machine) {
            add(&what(&format!("phase {}", phase.name)), &[machine], &View::Phase(&phase.name));
        }
        for state in machine.states.iter().step_by(9) {
            add(&what(&format!("state {}", state.name)), &[machine], &View::State(&state.name));
        }
        for fact in machine.facts.iter().filter(|fact| fact.is_trigger()).take(3) {
            add(&what(&format!("trigger {}", fact.name)), &[machine], &View::Trigger(&fact.name));
        }
        add(&what("trace"), &[machine], &View::Trace(&run(machine)));
    }
}

/// A run: every fact in turn, a few times.
fn run(machine: &Machine) -> Trace<'_> {
    let mut run = Run::new(machine);
    for fact in (0..4).flat_map(|_| machine.fact_ids()) {
        if machine.fact(fact).is_trigger() {
            run.raise(fact);
        } else if machine.fact(fact).is_event() {
            run.report(run.visit(), fact);
        }
    }
    let mut state = machine.initial;
    let step = |row: &usize| {
        let from = std::mem::replace(&mut state, machine.rows[*row].to);
        Step { machine: &machine.name, from, row: *row, is_certain: !row.is_multiple_of(3) }
    };
    let steps = run.fired().iter().map(step).collect();
    Trace { steps, ends: vec![(&machine.name, run.state())], notes: Vec::new() }
}
