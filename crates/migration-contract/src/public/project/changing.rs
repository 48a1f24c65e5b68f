//! What a client sees that changes settings, between two attempts or during one.
//!
//! For a machine that rests, a change of settings is one more command, which always succeeds: it stays in its
//! configuration and does from there what it does under the new settings. So every case of settings is explored from where
//! the machine begins and from every place where a client may change to it. Settings that a fixed guard takes change in
//! idle states alone, since they mean nothing before the next attempt; the others change wherever the machine takes
//! commands.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::bounds::{CASES_MAX, EDGES_MAX, Limit, TooLarge};
use super::course::{Course, CourseKey, Smallest};
use super::form::{Found, Mark, Shape, automaton, mark};
use super::minimal;
use super::outline::{Outline, PlaceId, number, setting};
use super::reach::Reach;
use super::sets::{SetId, Sets};
use super::steps::{ConfigId, Graph, Setting};
use super::untried::apart;
use crate::public::changes::{Changes, Changing, ChangingCase, Stay};
use crate::public::settings::{SettingCube, SettingSet, Settings};
use migration_table::bdd::Diagrams;
use migration_table::cases::fewest;
use migration_table::model::{FactSet, Machine, Row, Table};

/// What a client sees of a machine whose settings it changes.
///
/// # Errors
///
/// When the machine has more to it than the bounds of the projection allow.
pub(super) fn changes(table: &Table, machine: &Machine) -> Result<Changes, TooLarge> {
    let mut facts = table.machines.iter().flat_map(|machine| &machine.facts);
    if facts.all(|fact| setting(&fact.kind).is_none()) {
        return Ok(Changes::default());
    }
    let too_large = |limit| TooLarge::of(machine, limit);
    let gives = machine.rows.iter().any(|row| row.reason.is_some());
    let told = if gives { Some(of(table, &Outline::new(table, machine)).map_err(too_large)?) } else { None };
    // Statuses are compared without reasons.
    let rows = machine.rows.iter().map(|row| Row { reason: None, ..row.clone() }).collect();
    let bare = Machine { rows, ..machine.clone() };
    let outline = Outline::new(table, &bare);
    Ok(Changes(Some(of(table, &outline).map_err(too_large)?), told))
}

fn of(table: &Table, outline: &Outline<'_>) -> Result<Arc<Changing>, Limit> {
    let needed = FactSet::union(outline.triggers.iter().map(|trigger| trigger.needs));
    let mentioned = FactSet::union(outline.machine.rows.iter().map(|row| row.mentions)) | needed;
    let decided = mentioned & outline.decided;
    let fixed = outline.settings_of(decided & outline.fixed);
    let steps = outline.settings_of(decided) - fixed;
    let mut explorer = Explorer {
        graph: Graph::new(outline),
        sets: Sets::default(),
        places: Places::default(),
        fixed,
        has_steps: !steps.is_empty(),
    };
    let mut found: Vec<(Case, Vec<SettingCube>)> = Vec::new();
    let mut known: FxHashMap<Case, usize> = FxHashMap::default();
    let mut pieces: FxHashMap<PieceKey, usize> = FxHashMap::default();
    let mut size = 0;
    for Piece { cube, course, key } in explorer.pieces()? {
        let index = match pieces.entry(key) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let case = case(outline, &course, new.key());
                let index = *known.entry(case.clone()).or_insert_with(|| {
                    size += 1 + case.shape.states.len() + case.shape.edges.len();
                    found.push((case, Vec::new()));
                    found.len() - 1
                });
                *new.insert(index)
            }
        };
        found[index].1.push(cube);
        if size > EDGES_MAX {
            return Err(Limit::Sets);
        }
    }
    let named = |(case, cubes): (Case, Vec<SettingCube>)| {
        let under = Settings(fewest(&mut Diagrams::new(), &cubes)?);
        let Case { shape, places, stays, entries, fixed } = case;
        let automaton = automaton(table, outline, &shape, &Found { places, ..Found::default() });
        Ok(ChangingCase { under, automaton, stays, entries, fixed })
    };
    let cases = found.into_iter().map(named).collect::<Result<_, Limit>>()?;
    Ok(Arc::new(Changing { settings: outline.settings.clone(), steps, cases }))
}

/// The places where settings can change, and their numbers.
#[derive(Default)]
struct Places {
    places: Vec<Place>,
    numbers: FxHashMap<Place, u32>,
}

/// Configurations in which the machine may be when settings change. Between two attempts they may change to any; within
/// one, to those that have these of the fixed settings.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    members: Vec<ConfigId>,
    within: Option<SettingSet>,
}

impl Places {
    fn number(&mut self, place: Place) -> u32 {
        let next = number(self.places.len());
        *self.numbers.entry(place).or_insert_with_key(|place| {
            self.places.push(place.clone());
            next
        })
    }

    /// The places from which settings can change to a case with these of the fixed settings.
    fn leading_to(&self, fixed: SettingSet) -> impl Iterator<Item = (u32, &Place)> {
        (0..).zip(&self.places).filter(move |(_, place)| place.within.is_none_or(|within| within == fixed))
    }
}

/// Some settings that are explored together.
struct Piece {
    cube: SettingCube,
    course: Course,
    key: PieceKey,
}

/// What makes a case of a piece.
#[derive(PartialEq, Eq, Hash)]
struct PieceKey {
    course: CourseKey,
    fixed: SettingSet,
    nodes: Vec<(Mark, Stay)>,
    /// By the number of a place, the node behind it.
    entries: BTreeMap<u32, u32>,
}

/// What is the same for all settings of a case.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Case {
    shape: Shape,
    places: Vec<BTreeSet<PlaceId>>,
    stays: Vec<Stay>,
    entries: BTreeMap<u32, usize>,
    fixed: SettingSet,
}

struct Explorer<'t> {
    graph: Graph<'t>,
    sets: Sets,
    places: Places,
    /// The settings that some fixed guard takes.
    fixed: SettingSet,
    /// Whether there are others.
    has_steps: bool,
}

impl Explorer<'_> {
    /// All settings, each in one piece, with everything that is behind every place.
    fn pieces(&mut self) -> Result<Vec<Piece>, Limit> {
        let mut whole: Vec<Piece> = Vec::new();
        let (mut todo, mut explored) = (vec![SettingCube::ALWAYS], 0);
        while !todo.is_empty() {
            while let Some(case) = todo.pop() {
                explored += 1;
                if explored > CASES_MAX {
                    return Err(Limit::Cases);
                }
                whole.push(self.explore(case, &mut todo)?);
            }
            // Other cases may have shown places that nobody knew when this one was explored.
            let is_whole = |piece: &Piece| {
                self.places.leading_to(piece.key.fixed).all(|(number, _)| piece.key.entries.contains_key(&number))
            };
            let (complete, rest): (Vec<Piece>, Vec<Piece>) = whole.into_iter().partition(is_whole);
            whole = complete;
            todo.extend(rest.into_iter().map(|piece| piece.cube));
        }
        whole.sort_by_key(|piece| piece.cube);
        Ok(whole)
    }

    fn explore(&mut self, case: SettingCube, todo: &mut Vec<SettingCube>) -> Result<Piece, Limit> {
        // Which attempts go together is known only where all settings are that are taken for one.
        let kept = if self.has_steps { self.fixed } else { SettingSet::EMPTY };
        let setting = Setting::new(self.graph.outline, case.set);
        let fixed = case.set & kept;
        let leading: Vec<(u32, Vec<ConfigId>)> =
            self.places.leading_to(fixed).map(|(number, place)| (number, place.members.clone())).collect();
        let initial = self.graph.initial()?;
        let starts = leading.iter().flat_map(|(_, members)| members.iter().copied()).chain([initial]);
        let reach = Reach::from(&mut self.graph, setting, starts)?;
        let asks = &mut SettingSet::default();
        let mut starts = vec![self.sets.closed(&self.graph, &reach, vec![initial], asks)?];
        let mut entries: BTreeMap<u32, SetId> = BTreeMap::new();
        for (place, members) in leading {
            let set = self.sets.closed(&self.graph, &reach, members, asks)?;
            starts.push(set);
            entries.insert(place, set);
        }
        let course = Course::from(&self.graph, &mut self.sets, (&reach, setting.on), starts)?;
        let nodes = course.ids.iter().map(|id| self.node(&reach, *id, fixed, &mut entries)).collect();
        let at: FxHashMap<SetId, u32> = course.ids.iter().copied().zip(0..).collect();
        let entries = entries.into_iter().filter_map(|(place, id)| Some((place, *at.get(&id)?))).collect();
        let key = PieceKey { course: course.key(), fixed, nodes, entries };
        Ok(Piece { cube: apart(case, reach.asks | kept, todo), course, key })
    }

    /// What is to be said of a set; it is what is behind its own places, where the machine is in no other configuration.
    fn node(
        &mut self,
        reach: &Reach,
        id: SetId,
        fixed: SettingSet,
        entries: &mut BTreeMap<u32, SetId>,
    ) -> (Mark, Stay) {
        let set = self.sets.get(id);
        let config = |id: &ConfigId| self.graph.configs[*id as usize];
        let rest: Vec<ConfigId> = set.members.iter().copied().filter(|id| !config(id).is_due).collect();
        let is_idle = |id: &ConfigId| self.graph.outline.states[config(id).state.index()].is_idle;
        let idle: Vec<ConfigId> = rest.iter().copied().filter(is_idle).collect();
        let all = set.members.len();
        let (is_over, is_at_rest) = (idle.len() == all, rest.len() == all);
        let mark = mark(&self.graph, &self.sets, reach, id);
        let mut place = |members: Vec<ConfigId>, within: Option<SettingSet>, is_all: bool| {
            let number = (!members.is_empty()).then(|| self.places.number(Place { members, within }))?;
            if is_all {
                entries.entry(number).or_insert(id);
            }
            Some(number)
        };
        let idle = place(idle, None, is_over);
        let rest = if self.has_steps { place(rest, Some(fixed), is_at_rest) } else { None };
        (mark, Stay { idle, is_over: is_over && idle.is_some(), rest })
    }
}

/// The case that a piece is of: its smallest automaton.
fn case(outline: &Outline<'_>, course: &Course, piece: &PieceKey) -> Case {
    // Everything is reached from the first node once it leads to whatever is behind a place.
    let first = 2 * number(outline.labels.len());
    let entered = piece.entries.iter().map(|(place, to)| minimal::Edge { from: 0, label: first + place, to: *to });
    let Smallest { states, edges, places, classes } = course.smallest(outline, &piece.nodes, entered);
    let (states, stays) = states.into_iter().unzip();
    let entries = piece.entries.iter().map(|(place, node)| (*place, classes[*node as usize] as usize)).collect();
    Case { shape: Shape { states, edges }, places, stays, entries, fixed: piece.fixed }
}
