//! Groups: which states a name in `from:`, `in:` or a group stands for.

use std::collections::{BTreeMap, BTreeSet};

use crate::declare::{Declared, MachineDecl, Names};
use crate::finding::{Finding, Findings};
use crate::model::{Kind, StateId};
use crate::rule::names::GROUP_CYCLE;
use crate::rule::shape::TOO_MANY;
use crate::span::Span;

/// Most states that all the names of a machine stand for, counted each time. A machine of 5,000 states with three
/// rows each needs some 15,000.
const EXPANDED_MAX: usize = 1 << 21;

/// The name that stands for every state.
pub(super) const ANY: &str = "any";

/// Most rings of groups that are reported for one machine.
const RINGS_MAX: usize = 16;

/// Says so when groups contain themselves.
pub(super) fn judge(machine: &MachineDecl, out: &mut Findings) {
    let groups = declared(machine);
    let mut members = members(groups);
    for _ in 0..RINGS_MAX {
        let Err(cycle) = order(&members) else { return };
        let names: Vec<String> = cycle.iter().map(|group| format!("`{}`", groups[*group].name.text)).collect();
        let first = &groups[cycle[0]].name;
        let message = format!("group `{}` contains itself", first.text);
        let path = match &names[1..] {
            [] => "is among its own members".to_owned(),
            others => format!("by way of {}", others.join(", ")),
        };
        let finding = Finding::error(GROUP_CYCLE.code, first.span, message, path);
        out.push(finding.with_help("name the states themselves in one of them"));
        for group in cycle {
            members[group].clear();
        }
    }
}

/// The states that every name of a machine stands for.
pub(super) struct Groups<'m> {
    /// States as well as groups and kinds; sorted, without repetition.
    by_name: BTreeMap<&'m str, Vec<StateId>>,
    left: usize,
    is_spent: bool,
}

impl<'m> Groups<'m> {
    /// Works out what the names stand for. Groups must not contain themselves.
    pub(super) fn of(machine: &'m MachineDecl, ids: &BTreeMap<&'m str, StateId>, out: &mut Findings) -> Groups<'m> {
        let by_name = ids.iter().map(|(name, id)| (*name, vec![*id])).collect();
        let mut groups = Groups { by_name, left: EXPANDED_MAX, is_spent: false };
        for kind in Kind::ALL {
            let states = machine.states.iter().flat_map(|states| &states.entries);
            let of_kind = states.filter(|state| state.value.as_ref().is_some_and(|decl| is_of(kind, decl.kind)));
            let mut of_kind: Vec<StateId> =
                of_kind.filter_map(|state| ids.get(state.name.text.as_str()).copied()).collect();
            of_kind.sort_unstable();
            groups.by_name.insert(kind.name(), of_kind);
        }
        groups.by_name.insert(ANY, ids.values().copied().collect::<BTreeSet<_>>().into_iter().collect());
        let declared = declared(machine);
        for index in order(&members(declared)).unwrap_or_default() {
            let Declared { name, value } = &declared[index];
            let states = value.as_ref().and_then(|names| groups.expand(names, name.span, out)).unwrap_or_default();
            groups.by_name.insert(&name.text, states);
        }
        groups
    }

    /// The states that one name stands for, sorted.
    pub(super) fn of_name(&self, name: &str) -> &[StateId] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The states that a list of names stands for, sorted, without repetition. None once all that is
    /// expanded becomes too much, which is reported once and blamed on `owner`.
    pub(super) fn expand(&mut self, names: &Names, owner: Span, out: &mut Findings) -> Option<Vec<StateId>> {
        if self.is_spent {
            return None;
        }
        let mut states = BTreeSet::new();
        for set in names.names.iter().filter_map(|name| self.by_name.get(name.0.text.as_str())) {
            if set.len() > self.left {
                let message = "the groups of the machine stand for too many states";
                out.push(Finding::error(TOO_MANY.code, owner, message, format!("more than {EXPANDED_MAX} in all")));
                self.is_spent = true;
                return None;
            }
            self.left -= set.len();
            states.extend(set);
        }
        Some(states.into_iter().collect())
    }
}

fn is_of(kind: Kind, declared: Option<crate::declare::Spanned<Kind>>) -> bool {
    declared.is_some_and(|declared| declared.value == kind)
}

fn declared(machine: &MachineDecl) -> &[Declared<Names>] {
    machine.groups.as_ref().map_or(&[], |groups| &groups.entries)
}

/// For every group, the groups among its members.
fn members(groups: &[Declared<Names>]) -> Vec<Vec<usize>> {
    let index: BTreeMap<&str, usize> =
        groups.iter().enumerate().map(|(index, group)| (group.name.text.as_str(), index)).collect();
    let of = |names: &Names| names.names.iter().filter_map(|name| index.get(name.0.text.as_str()).copied()).collect();
    groups.iter().map(|group| group.value.as_ref().map_or_else(Vec::new, of)).collect()
}

/// The groups in an order in which each comes after its members, or groups that contain each other in a ring.
fn order(members: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let mut containers = vec![Vec::new(); members.len()];
    let mut awaited: Vec<usize> = members.iter().map(Vec::len).collect();
    for (group, inner) in members.iter().enumerate() {
        for member in inner {
            containers[*member].push(group);
        }
    }
    let mut order: Vec<usize> = (0..members.len()).filter(|group| awaited[*group] == 0).collect();
    let mut done = 0;
    while let Some(group) = order.get(done).copied() {
        done += 1;
        for container in &containers[group] {
            awaited[*container] -= 1;
            if awaited[*container] == 0 {
                order.push(*container);
            }
        }
    }
    match (0..members.len()).find(|group| awaited[*group] > 0) {
        None => Ok(order),
        Some(start) => Err(ring(start, members, &awaited)),
    }
}

/// A ring among the groups that still await a member, reached from one of them. It begins with its first group.
fn ring(start: usize, members: &[Vec<usize>], awaited: &[usize]) -> Vec<usize> {
    let mut path = Vec::new();
    let mut seen = BTreeMap::new();
    let mut group = start;
    while !seen.contains_key(&group) {
        seen.insert(group, path.len());
        path.push(group);
        // A group that still awaits a member has one that awaits as well.
        group = members[group].iter().copied().find(|member| awaited[*member] > 0).unwrap_or(start);
    }
    let mut ring = path.split_off(seen[&group]);
    let first = (0..ring.len()).min_by_key(|at| ring[*at]).unwrap_or(0);
    ring.rotate_left(first);
    ring
}
