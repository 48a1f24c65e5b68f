//! Races in words: who wins, by which rule, and what comes of it.

use migration_table::check::wording::plural;
use migration_table::model::{FactId, FactSet, Machine};

use super::super::grid::{Cell, Fit, Grid};
use super::super::page::{Page, Part};
use super::super::words;
use super::race::{AtOnce, InTurn, Late, Order, Race, Rule};

const LEGEND: &str = "together: whether both can be there at one look, which they can if a caller sets several flags \
                      before it asks, or if the first of them waits. at once: which row fires then, and why; where \
                      they cannot, what the rows would say. in turn: what happens if one is acted upon before the \
                      other comes. Facts that no row of a state asks for race with nobody there.";

/// The races of a machine as a page.
pub(in super::super) fn page(machine: &Machine, races: &[Race]) -> Page {
    let mut page = Page::default();
    page.heading(format!("{}: races", machine.name));
    if races.is_empty() {
        page.paragraph("No two facts can meet.");
        return page;
    }
    let columns = ["state", "facts", "together", "at once", "in turn"].map(str::to_owned).to_vec();
    let rows = races.iter().map(|race| row(machine, race)).collect();
    page.parts.push(Part::Grid(Grid { columns, rows, fit: Fit::Wrap }));
    page.paragraph(summary(races));
    page.paragraph(LEGEND);
    page
}

fn row(machine: &Machine, race: &Race) -> Vec<Cell> {
    let (first, second) = race.facts;
    let together = if race.is_together { "yes" } else { "no" };
    vec![
        vec![words::state(machine, race.state).to_owned()],
        vec![words::facts(machine, FactSet::from_iter([first, second]))],
        vec![together.to_owned()],
        race.at_once.iter().map(|once| at_once(machine, once)).collect(),
        in_turn(machine, race),
    ]
}

fn at_once(machine: &Machine, once: &AtOnce) -> String {
    let to = once.to.map_or("stays", |to| words::state(machine, to));
    let rule = match once.rule {
        Rule::Formula => "formula".to_owned(),
        Rule::SameEffect => "same effect".to_owned(),
        Rule::Precedence(fact) => format!("precedence of {}", machine.fact(fact).name),
        Rule::Ambiguous => "nobody decides: ambiguous".to_owned(),
        Rule::Waits => "both wait".to_owned(),
    };
    let condition = if once.condition.is_empty() { String::new() } else { format!(" if {}", once.condition) };
    format!("{to}: {rule}{condition}")
}

fn in_turn(machine: &Machine, race: &Race) -> Cell {
    if race.in_turn.0.turns.is_empty() && race.in_turn.1.turns.is_empty() {
        return vec!["-".to_owned()];
    }
    let (first, second) = race.facts;
    let mut lines = match (race.only_end(), race.end_of_several_reasons()) {
        (Some(end), _) => vec![format!("{}: same effect in either order", words::state(machine, end))],
        (None, Some(end)) => vec![format!("{}: order of arrival decides the reason", words::state(machine, end))],
        (None, None) => vec!["nobody: order of arrival decides".to_owned()],
    };
    if race.only_end().or(race.end_of_several_reasons()).is_none() || !is_plain(race) {
        lines.extend(order(machine, first, second, &race.in_turn.0));
        lines.extend(order(machine, second, first, &race.in_turn.1));
    }
    lines
}

/// Whether each of the two leads to the end by itself, so that there is nothing to explain.
fn is_plain(race: &Race) -> bool {
    race.in_turn.0.turns.iter().chain(&race.in_turn.1.turns).all(|turn| turn.via == turn.end)
}

/// What happens with one of them first, a line for each way it can go.
fn order(machine: &Machine, first: FactId, second: FactId, order: &Order) -> Vec<String> {
    let (first, second) = (&machine.fact(first).name, &machine.fact(second).name);
    let line = |turn: &InTurn| {
        let via = words::state(machine, turn.via);
        let late = match turn.late {
            Late::Stale => format!("{second} is stale"),
            Late::Awaited if turn.end == turn.via => format!("{second} is awaited"),
            Late::NotAwaited => format!("{second} is not awaited"),
            Late::Ignored => format!("{second} is ignored"),
            Late::Handled => format!("{second} is handled"),
            Late::Refused => format!("{second} is refused"),
            Late::Accepted if turn.end == turn.via => format!("{second} is accepted"),
            Late::Awaited | Late::Accepted => format!("{second} leads to {}", words::state(machine, turn.end)),
        };
        let condition = order.conditions.get(&turn.via).map_or_else(String::new, |it| format!(" if {it}"));
        format!("{first} first: {via}{condition}, {late}")
    };
    if order.turns.is_empty() {
        return vec![format!("{first} first: waits, see at once")];
    }
    let mut lines: Vec<String> = order.turns.iter().map(line).collect();
    lines.dedup();
    lines
}

fn summary(races: &[Race]) -> String {
    let by_order = races.iter().filter(|race| race.is_decided_by_order()).count();
    let together = races.iter().filter(|race| race.is_together).count();
    let by_precedence = races
        .iter()
        .filter(|race| race.is_together && race.at_once.iter().any(|once| matches!(once.rule, Rule::Precedence(_))));
    format!(
        "{} {}; together at one look: {together}, of which precedence decides {}; decided by the order of arrival \
         alone: {by_order}.",
        races.len(),
        plural(races.len(), "race", "races"),
        by_precedence.count()
    )
}
