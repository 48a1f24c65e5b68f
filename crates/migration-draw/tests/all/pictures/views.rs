//! Each view shows what it is for, and nothing that is not so.

use std::collections::{BTreeMap, BTreeSet};

use migration_draw::figure::{Figure, Mark, Number, Panel};
use migration_draw::svg::{Options, svg};
use migration_draw::{self as draw, Side, Step, Trace, View};
use migration_table::model::{Answer, Machine, Row, Table};
use migration_table::step;

use super::figures;

fn panel(table: &Table, machine: &Machine, view: &View<'_>) -> Panel {
    draw::figure(table, &[machine], view).expect("the view can be drawn").panels.remove(0)
}

fn marks(panel: &Panel) -> BTreeSet<Mark> {
    let rows = panel.arrows.iter().flat_map(|arrow| arrow.rows.iter().map(|row| row.mark));
    panel.nodes.iter().map(|node| node.mark).chain(panel.arrows.iter().map(|arrow| arrow.mark)).chain(rows).collect()
}

#[test]
fn a_table_and_itself_have_nothing_coloured() {
    for release in figures::RELEASES {
        let table = figures::qemu(release);
        let machines: Vec<&Machine> = table.machines.iter().collect();
        let view = View::Diff { old: &table, verdict: None, run: None };
        let figure = draw::figure(&table, &machines, &view).expect("a table can be compared with itself");
        for panel in &figure.panels {
            assert_eq!(marks(panel), BTreeSet::from([Mark::Unchanged]), "{release} {}", panel.machine);
        }
    }
    let table = figures::own();
    let figure = draw::figure(&table, &[&table.machines[0]], &View::Diff { old: &table, verdict: None, run: None });
    let text = svg(&figure.expect("it can be compared"), &Options::default());
    let shapes: Vec<&str> = text.lines().filter(|line| line.starts_with("<g ")).collect();
    for class in ["good", "bad", "seen"] {
        let coloured = shapes.iter().filter(|line| line.split(['"', ' ']).any(|word| word == class));
        assert_eq!(coloured.count(), 0, "{class}");
    }
}

#[test]
fn a_difference_shows_what_came_what_went_and_what_differs() {
    let (old, new) = (figures::qemu("9.1"), figures::qemu("10.0"));
    let machine = new.machine("source").expect("there is a source");
    let panel = panel(&new, machine, &View::Diff { old: &old, verdict: None, run: None });
    let of = |mark: Mark| -> BTreeSet<&str> {
        panel.nodes.iter().filter(|node| node.mark == mark).map(|node| node.id.as_str()).collect()
    };
    let before = old.machine("source").expect("there is a source");
    let names =
        |machine: &'_ Machine| -> BTreeSet<String> { machine.states.iter().map(|state| state.name.clone()).collect() };
    let added: BTreeSet<String> = names(machine).difference(&names(before)).cloned().collect();
    let removed: BTreeSet<String> = names(before).difference(&names(machine)).cloned().collect();
    assert_eq!(of(Mark::Added), added.iter().map(String::as_str).collect());
    assert_eq!(of(Mark::Removed), removed.iter().map(String::as_str).collect());
    assert!(marks(&panel).contains(&Mark::Added) && marks(&panel).contains(&Mark::Removed));
    let reverse =
        draw::figure(&old, &[before], &View::Diff { old: &new, verdict: None, run: None }).expect("it can be compared");
    let count = |panel: &Panel, mark: Mark| -> usize {
        panel.arrows.iter().flat_map(|arrow| &arrow.rows).filter(|row| row.mark == mark).map(|row| row.from.len()).sum()
    };
    for (there, back) in
        [(Mark::Added, Mark::Removed), (Mark::Changed, Mark::Changed), (Mark::Unchanged, Mark::Unchanged)]
    {
        assert_eq!(count(&panel, there), count(&reverse.panels[0], back), "{there:?} and {back:?}");
    }
}

#[test]
fn a_run_of_either_table_is_numbered_in_a_difference() {
    let (old, new) = (figures::qemu("9.1"), figures::qemu("10.0"));
    for (side, table) in [(Side::Old, &old), (Side::New, &new)] {
        let machine = table.machine("source").expect("there is a source");
        let trace = along_happy_path(machine);
        let drawn = new.machine("source").expect("there is a source");
        let view = View::Diff { old: &old, verdict: None, run: Some((side, &trace)) };
        let panel = panel(&new, drawn, &view);
        let mut taken: BTreeMap<String, (&str, &str, Mark)> = BTreeMap::new();
        for arrow in &panel.arrows {
            for row in &arrow.rows {
                for (from, number) in &row.steps {
                    let ends = (panel.nodes[*from].id.as_str(), panel.nodes[arrow.to].id.as_str(), row.mark);
                    assert_eq!(taken.insert(number.to_string(), ends), None, "{side:?} {number}");
                }
            }
        }
        assert_eq!(taken.len(), trace.steps.len(), "{side:?}");
        // A row that the run takes in one state says the same in the others as without a run.
        assert!(!marks(&panel).contains(&Mark::Muted), "{side:?}");
        for (at, step) in trace.steps.iter().enumerate() {
            let (from, to, mark) = taken[&(at + 1).to_string()];
            let on_run = panel.nodes.iter().filter(|node| node.id == from || node.id == to);
            assert!(on_run.into_iter().all(|node| node.mark != Mark::Unchanged), "{side:?} {at}");
            let ends = (machine.state(step.from).name.as_str(), machine.state(machine.rows[step.row].to).name.as_str());
            assert_eq!((from, to), ends, "{side:?} {at}");
            let other = if side == Side::Old { Mark::Added } else { Mark::Removed };
            assert!(mark != other && mark != Mark::Unchanged, "{side:?} {at}: {mark:?}");
        }
        let only_here = if side == Side::Old { Mark::Removed } else { Mark::Added };
        assert!(taken.values().any(|(_, _, mark)| *mark == only_here), "{side:?}: the two differ on the way");
        let last = panel.nodes.iter().find(|node| node.steps.contains(&Number::End)).expect("it ends somewhere");
        assert_eq!(last.id, machine.state(trace.ends[0].1).name, "{side:?}");
    }
}

/// The rows that lead along the happy path where every capability is off.
fn along_happy_path(machine: &Machine) -> Trace<'_> {
    let steps = machine.happy_path.windows(2).map(|pair| {
        let needs_one_fact = |row: &Row| row.cubes.iter().any(|cube| cube.set.len() == 1);
        let is_between = |row: &Row| row.from.contains(&pair[0]) && row.to == pair[1] && needs_one_fact(row);
        let row = machine.rows.iter().position(is_between).expect("the happy path has rows");
        Step { machine: &machine.name, from: pair[0], row, is_certain: true }
    });
    let end = *machine.happy_path.last().expect("there is one");
    Trace { steps: steps.collect(), ends: vec![(&machine.name, end)], notes: Vec::new() }
}

#[test]
fn a_trigger_is_shown_as_the_interpreter_answers() {
    let table = figures::own();
    for machine in &table.machines {
        for fact in machine.facts.iter().filter(|fact| fact.is_trigger()) {
            let trigger = machine.fact_id(&fact.name).expect("it is there");
            let panel = panel(&table, machine, &View::Trigger(&fact.name));
            for (state, node) in machine.state_ids().zip(&panel.nodes) {
                let fixed = machine.fixed_guards();
                let choices = fixed.subsets();
                let answers: Vec<Answer> =
                    choices.map(|guards| step::answer(machine, state, trigger, guards)).collect();
                let wanted = match answers.iter().find(|answer| **answer == Answer::Accept).unwrap_or(&answers[0]) {
                    Answer::Accept => Mark::Accepted,
                    Answer::Handle => Mark::Accepted,
                    Answer::Ignore => Mark::Ignored,
                    Answer::Refuse(_) => Mark::Refused,
                };
                assert_eq!(node.mark, wanted, "`{}` in `{}`", fact.name, node.id);
            }
        }
    }
}

#[test]
fn an_overview_has_each_status_once_and_every_step_that_a_client_sees() {
    let table = figures::own();
    for machine in &table.machines {
        let panel = panel(&table, machine, &View::Overview);
        let shown: BTreeSet<&str> = panel.nodes.iter().map(|node| node.id.as_str()).collect();
        assert_eq!(shown.len(), panel.nodes.len());
        let status =
            |state: migration_table::model::StateId| table.statuses[machine.state(state).shows.index()].name.as_str();
        let steps: BTreeSet<(&str, &str)> = machine
            .rows
            .iter()
            .filter(|row| row.public)
            .flat_map(|row| row.from.iter().map(|from| (status(*from), status(row.to))))
            .collect();
        let drawn: BTreeSet<(&str, &str)> = panel
            .arrows
            .iter()
            .flat_map(|arrow| arrow.rows.iter().map(move |row| (arrow, row)))
            .flat_map(|(arrow, row)| row.from.iter().map(move |from| (*from, arrow.to)))
            .map(|(from, to)| (panel.nodes[from].id.as_str(), panel.nodes[to].id.as_str()))
            .collect();
        assert_eq!(drawn, steps, "{}", machine.name);
    }
}

#[test]
fn a_state_is_shown_with_all_that_leads_to_it_and_leaves_it() {
    let table = figures::own();
    for machine in &table.machines {
        for state in machine.state_ids() {
            let name = &machine.state(state).name;
            let panel = panel(&table, machine, &View::State(name));
            let ways = |panel: &Panel| -> usize {
                panel.arrows.iter().flat_map(|arrow| &arrow.rows).map(|row| row.from.len()).sum()
            };
            let wanted: usize = machine
                .rows
                .iter()
                .map(|row| row.from.iter().filter(|from| **from == state || row.to == state).count())
                .sum();
            assert_eq!(ways(&panel), wanted, "{name}");
        }
    }
}

#[test]
fn the_happy_path_of_a_part_is_what_is_drawn_of_it() {
    for table in [figures::own(), figures::qemu("10.0")] {
        for machine in &table.machines {
            for state in &machine.states {
                let panel = panel(&table, machine, &View::State(&state.name));
                let leads = |from: usize, to: usize| {
                    let rows = panel.arrows.iter().filter(|arrow| arrow.to == to).flat_map(|arrow| &arrow.rows);
                    rows.into_iter().any(|row| row.from.contains(&from))
                };
                let path: Vec<&str> = panel.path.iter().map(|at| panel.nodes[*at].label.as_str()).collect();
                let is_drawn = panel.path.windows(2).all(|pair| leads(pair[0], pair[1]));
                assert!(is_drawn && path.len() != 1, "{}: {path:?}", state.name);
            }
        }
    }
}

#[test]
fn a_trace_numbers_its_steps_where_they_go() {
    let table = figures::own();
    let machine = &table.machines[0];
    let path = &machine.happy_path;
    let row = |from, to| machine.rows.iter().position(|row| row.from.contains(&from) && row.to == to);
    let steps: Vec<Step<'_>> = path
        .windows(2)
        .map(|pair| Step {
            machine: &machine.name,
            from: pair[0],
            row: row(pair[0], pair[1]).expect("it is a step"),
            is_certain: pair[0] != path[1],
        })
        .collect();
    let number = |at: usize| if at == 2 { Number::Perhaps(at) } else { Number::Step(at) };
    let ends = vec![(machine.name.as_str(), *path.last().expect("it has states"))];
    let trace = Trace { steps: steps.clone(), ends, notes: Vec::new() };
    let panel = panel(&table, machine, &View::Trace(&trace));
    let numbers: Vec<Number> = panel.arrows.iter().flat_map(|arrow| arrow.steps.clone()).collect();
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), steps.len(), "each step is on one arrow: {numbers:?}");
    for (at, pair) in path.windows(2).enumerate() {
        let is_end = at + 2 == path.len();
        let wanted: Vec<Number> = [number(at + 1)].into_iter().chain(is_end.then_some(Number::End)).collect();
        assert_eq!(panel.nodes[pair[1].index()].steps, wanted);
        assert_eq!(panel.nodes[pair[1].index()].mark, Mark::Highlighted);
    }
}

#[test]
fn every_state_is_in_one_phase() {
    for release in figures::RELEASES {
        for machine in &figures::qemu(release).machines {
            let phases = draw::phases(machine);
            let mut states: Vec<_> = phases.iter().flat_map(|phase| phase.states.clone()).collect();
            states.sort_unstable();
            assert_eq!(states, machine.state_ids().collect::<Vec<_>>());
        }
    }
}

#[test]
fn what_is_not_there_is_an_error_and_no_picture() {
    let table = figures::own();
    let machines: Vec<&Machine> = table.machines.iter().collect();
    let wrong = |view: View<'_>| draw::figure(&table, &machines, &view).map(|figure: Figure| figure.view);
    assert!(wrong(View::State("nowhere")).is_err());
    assert!(wrong(View::Trigger("failed")).is_err(), "an event is no trigger");
    assert!(wrong(View::Phase("phase-99")).is_err());
}

#[test]
fn a_legend_explains_the_lines_that_are_there() {
    let table = figures::own();
    let machine = table.machine("source").expect("there is a source");
    let views = [View::Full, View::Overview, View::Trigger("cancel"), View::State("device"), View::Phase("phase-1")];
    for view in views {
        let figure = draw::figure(&table, &[machine], &view).expect("the view can be drawn");
        let text = svg(&figure, &Options::default());
        let (picture, legend) = text.split_once("<g class=\"legend\">").expect("there is a legend");
        let classes = [
            ("arrow path", "happy path"),
            ("arrow forward", "another way on"),
            ("region", "states with the same status"),
        ];
        for (class, words) in classes {
            let is_drawn = picture.contains(&format!("class=\"{class}\""));
            assert_eq!(legend.contains(&format!(">{words}<")), is_drawn, "{}: {words}", figure.view);
        }
        let is_heavy = picture.contains("class=\"arrow path\"");
        assert_eq!(draw::describe(&figure).contains("heavy line"), is_heavy, "{}", figure.view);
    }
}
