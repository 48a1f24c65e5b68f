//! What a client sees that changes settings, between two attempts or during one.
//!
//! For a machine that rests, a change of settings is one more command, which always succeeds: it stays in its
//! configuration and does from there what it does under the new settings. So every case of settings is explored from where
//! the machine begins and from every place where a client may change to it. Settings that a fixed guard takes change in
//! idle states alone, since they mean nothing before the next attempt; the others change wherever the machine takes
//! commands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::bounds::{CASES_MAX, EDGES_MAX, Limit, TooLarge};
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
use migration_table::search::BreadthFirst;

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
    let mut size = 0;
    for piece in explorer.pieces()? {
        let case = explorer.case(&piece);
        let index = *known.entry(case.clone()).or_insert_with(|| {
            size += 1 + case.shape.states.len() + case.shape.edges.len();
            found.push((case, Vec::new()));
            found.len() - 1
        });
        found[index].1.push(piece.cube);
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
    fixed: SettingSet,
    nodes: Vec<(Mark, Stay)>,
    edges: Vec<(minimal::Edge, Vec<PlaceId>)>,
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
                self.places.leading_to(piece.fixed).all(|(number, _)| piece.entries.contains_key(&number))
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
        let (mut edges, mut entries) = (Vec::new(), BTreeMap::<u32, SetId>::new());
        let asks = &mut SettingSet::default();
        let mut search = BreadthFirst::new([self.sets.closed(&self.graph, &reach, vec![initial], asks)?]);
        for (place, members) in leading {
            let set = self.sets.closed(&self.graph, &reach, members, asks)?;
            search.start(set);
            entries.insert(place, set);
        }
        while let Some((from, id)) = search.next_node() {
            for arc in self.sets.arcs(&self.graph, &reach, id, setting.on)?.iter() {
                let to = search.reach(from, (), arc.to);
                let edge = minimal::Edge { from: number(from), label: arc.label, to: number(to) };
                edges.push((edge, arc.places.clone()));
            }
        }
        let ids = search.nodes();
        let nodes = ids.iter().map(|id| self.node(&reach, *id, fixed, &mut entries)).collect();
        let at: FxHashMap<SetId, u32> = ids.iter().copied().zip(0..).collect();
        let entries = entries.into_iter().filter_map(|(place, id)| Some((place, *at.get(&id)?))).collect();
        Ok(Piece { cube: apart(case, reach.asks | kept, todo), fixed, nodes, edges, entries })
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

    /// The smallest automaton of a piece.
    fn case(&self, piece: &Piece) -> Case {
        let outline = self.graph.outline;
        // Everything is reached from the first node once it leads to whatever is behind a place.
        let first = 2 * number(outline.labels.len());
        let entered = piece.entries.iter().map(|(place, to)| minimal::Edge { from: 0, label: first + place, to: *to });
        let edges: Vec<minimal::Edge> = piece.edges.iter().map(|(edge, _)| *edge).chain(entered).collect();
        let classes = minimal::classes(&piece.nodes, &edges);
        let class = |node: u32| classes[node as usize];
        let mut states: BTreeMap<u32, &(Mark, Stay)> = BTreeMap::new();
        for (node, class) in piece.nodes.iter().zip(&classes) {
            states.entry(*class).or_insert(node);
        }
        let mut made: BTreeMap<minimal::Edge, BTreeSet<PlaceId>> = BTreeMap::new();
        for (edge, places) in &piece.edges {
            let edge = minimal::Edge { from: class(edge.from), label: edge.label, to: class(edge.to) };
            if edge.from != edge.to || !outline.is_query(edge.label) {
                made.entry(edge).or_default().extend(places);
            }
        }
        let (edges, places) = made.into_iter().unzip();
        let (states, stays) = states.into_values().cloned().unzip();
        let entries = piece.entries.iter().map(|(place, node)| (*place, class(*node) as usize)).collect();
        Case { shape: Shape { states, edges }, places, stays, entries, fixed: piece.fixed }
    }
}
