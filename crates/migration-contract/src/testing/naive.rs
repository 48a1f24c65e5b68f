//! A machine under one setting, simulated as its words say, one configuration at a time: no sharing, no shortcuts.

use std::collections::{BTreeMap, BTreeSet};

use crate::public::{Label, Reply, Shown, Taken, command, setting};
use migration_table::model::{
    Answer, Fact, FactId, FactKind, FactSet, GENERIC_ERROR, Kind, Machine, ReasonId, StateId, Table,
};
use migration_table::step;

/// A state, what is remembered in it (fixed guards of all kinds among it), whether it must look for a row, and the reason
/// that is kept.
pub(crate) type Here = (StateId, FactSet, bool, Option<ReasonId>);

/// Where the machine may be.
pub(crate) type Possible = BTreeSet<Here>;

pub(crate) struct Naive<'t> {
    table: &'t Table,
    machine: &'t Machine,
    /// Guards that hold because of the setting.
    holds: FactSet,
    /// Guards of which the setting says nothing.
    hidden: FactSet,
}

impl<'t> Naive<'t> {
    pub(crate) fn new(table: &'t Table, machine: &'t Machine, on: &BTreeSet<String>) -> Naive<'t> {
        let (mut holds, mut hidden) = (FactSet::EMPTY, FactSet::EMPTY);
        for fact in machine.fact_ids().filter(|fact| machine.fact(*fact).is_guard()) {
            match setting(&machine.fact(fact).kind) {
                Some(name) if on.contains(&name) => holds |= fact,
                Some(_) => {}
                None => hidden |= fact,
            }
        }
        Naive { table, machine, holds, hidden }
    }

    /// Where the machine begins.
    pub(crate) fn start(&self) -> Here {
        (self.machine.initial, FactSet::EMPTY, false, None)
    }

    pub(crate) fn initial(&self) -> Possible {
        self.closed(BTreeSet::from([self.start()]))
    }

    fn kind(&self, here: &Here) -> Kind {
        self.machine.state(here.0).kind
    }

    /// What can happen without a command: what is seen of it, and where it leads.
    pub(crate) fn by_itself(&self, here: Here) -> Vec<(Option<Label>, Here)> {
        self.without(here, FactSet::EMPTY)
    }

    /// What of it comes in the end if nothing fails and nobody else does anything: work is done, a time is over. Each comes once.
    pub(crate) fn if_nothing_fails(&self, here: Here) -> Vec<(Option<Label>, Here)> {
        let (state, facts, ..) = here;
        let is_time = |fact| self.machine.state(state).bounds().any(|bound| bound.event == fact);
        let is_of_others = |fact: &Fact| fact.is_outside || matches!(fact.kind, FactKind::Message(_));
        let nothing_works = self.machine.state(state).kind == Kind::Wait;
        let is_unsure = |fact: &Fact| nothing_works || fact.carries_cause || is_of_others(fact);
        let missing = |fact: &FactId| is_unsure(self.machine.fact(*fact)) && !is_time(*fact) || facts.contains(*fact);
        self.without(here, self.machine.fact_ids().filter(missing).collect())
    }

    /// What can happen without a command while none of these events comes.
    fn without(&self, here: Here, missing: FactSet) -> Vec<(Option<Label>, Here)> {
        let (state, facts, is_due, given) = here;
        let machine = self.machine;
        let mut next = Vec::new();
        if !is_due {
            let mentions = machine.rows.iter().filter(|row| row.from.contains(&state));
            let mentions = mentions.fold(FactSet::EMPTY, |all, row| all | row.condition.mentions());
            let comes = |fact: &FactId| machine.fact(*fact).is_event() && (mentions - missing).contains(*fact);
            for event in machine.fact_ids().filter(comes) {
                if self.kind(&here) != Kind::Idle {
                    next.push((None, (state, facts | event, true, given)));
                } else if machine.fact(event).is_outside {
                    let fixed = machine.fixed_guards();
                    let samples = (fixed & self.hidden).subsets().map(|choice| fixed & self.holds | choice);
                    next.extend(samples.map(|sample| (None, (state, (facts - fixed) | sample | event, true, given))));
                }
            }
            return next;
        }
        let asked = machine.guards() - machine.fixed_guards();
        for said in (asked & self.hidden).subsets() {
            let all = facts | said | asked & self.holds;
            let enabled: Vec<_> =
                machine.rows.iter().filter(|row| row.from.contains(&state) && row.condition.eval(all)).collect();
            let strongest = enabled.iter().map(|row| row.rank).min();
            for row in enabled.iter().filter(|row| Some(row.rank) == strongest) {
                let used_up = machine.triggers() & row.condition.mentions() | row.drops | machine.events();
                let kept = if machine.state(row.to).kind == Kind::Idle { FactSet::EMPTY } else { facts - used_up };
                // The first reason stays until an attempt begins.
                let begins = machine.state(state).kind == Kind::Idle;
                let reason = given.filter(|_| !begins).or(row.reason);
                let there = (row.to, kept, true, reason);
                next.push((row.public.then(|| Label::Event(self.shown(there))), there));
            }
            if enabled.is_empty() {
                next.push((None, (state, facts, false, given)));
            }
        }
        next
    }

    /// What a command does.
    pub(crate) fn by_command(&self, here: Here) -> Vec<(Label, Here)> {
        let (state, facts, is_due, given) = here;
        let machine = self.machine;
        let mut next = Vec::new();
        for trigger in machine.fact_ids().filter(|fact| !is_due && machine.fact(*fact).is_trigger()) {
            let FactKind::Trigger { admission, .. } = &machine.fact(trigger).kind else { continue };
            let name = command(&machine.fact(trigger).kind).unwrap();
            let refused = |class: &str| Label::Reply(name.clone(), Reply::Error(class.to_owned()));
            let needed: Vec<FactId> = admission.needs.iter().map(|name| machine.fact_id(name).unwrap()).collect();
            let is_sure = needed.is_empty() || needed.iter().any(|guard| self.holds.contains(*guard));
            let is_possible = is_sure || needed.iter().any(|guard| self.hidden.contains(*guard));
            if admission.veto.is_some() || admission.expects.is_some() || !is_sure {
                next.push((refused(GENERIC_ERROR), here));
            }
            if !is_possible {
                continue;
            }
            let fixed = machine.fixed_guards();
            let choices = if self.kind(&here) == Kind::Idle { fixed & self.hidden } else { FactSet::EMPTY };
            for choice in choices.subsets() {
                let sample = if self.kind(&here) == Kind::Idle { fixed & self.holds | choice } else { facts & fixed };
                let success = Label::Reply(name.clone(), Reply::Success);
                match step::answer(machine, state, trigger, sample) {
                    Answer::Accept => next.push((success, (state, (facts - fixed) | sample | trigger, true, given))),
                    Answer::Ignore | Answer::Handle => next.push((success, here)),
                    Answer::Refuse(_) => next.push((refused(step::refusal_class(machine, state, trigger)), here)),
                }
            }
        }
        next
    }

    /// What a query can show: a machine that looks for a row takes none.
    pub(crate) fn asked(&self, possible: &Possible) -> BTreeSet<Shown> {
        possible.iter().filter(|here| !here.2).map(|here| self.shown(*here)).collect()
    }

    /// Where the machine is if a query shows this.
    pub(crate) fn told(&self, possible: &Possible, shown: &Shown) -> Possible {
        possible.iter().filter(|here| !here.2 && self.shown(**here) == *shown).copied().collect()
    }

    /// With everything to which the machine can come unseen.
    pub(crate) fn closed(&self, mut possible: Possible) -> Possible {
        let mut todo: Vec<Here> = possible.iter().copied().collect();
        while let Some(here) = todo.pop() {
            for (seen, there) in self.by_itself(here) {
                if seen.is_none() && possible.insert(there) {
                    todo.push(there);
                }
            }
        }
        possible
    }

    pub(crate) fn next(&self, possible: &Possible) -> BTreeMap<Label, Possible> {
        let mut next = BTreeMap::<Label, Possible>::new();
        for here in possible {
            for (seen, there) in self.by_itself(*here) {
                if let Some(label) = seen {
                    next.entry(label).or_default().insert(there);
                }
            }
            for (label, there) in self.by_command(*here) {
                next.entry(label).or_default().insert(there);
            }
        }
        next.into_iter().map(|(label, possible)| (label, self.closed(possible))).collect()
    }

    /// Everything that happens in any run, row by row.
    pub(crate) fn taken(&self) -> Taken {
        let mut taken = Taken::default();
        let mut seen: Possible = BTreeSet::from([self.start()]);
        let mut todo: Vec<Here> = seen.iter().copied().collect();
        while let Some(here) = todo.pop() {
            let (state, facts, is_due, _) = here;
            taken.states.insert(state);
            if is_due {
                taken.cases.extend(self.fires(state, facts));
            } else {
                taken.waits.insert(state);
            }
            let by_command = self.by_command(here).into_iter().map(|(_, there)| there);
            let next = self.by_itself(here).into_iter().map(|(_, there)| there).chain(by_command);
            todo.extend(next.filter(|there| seen.insert(*there)));
        }
        taken
    }

    /// The rows that fire in a state with these facts, in each case that holds.
    fn fires(&self, state: StateId, facts: FactSet) -> BTreeSet<(StateId, usize, usize)> {
        let (machine, mut found) = (self.machine, BTreeSet::new());
        let asked = machine.guards() - machine.fixed_guards();
        for said in (asked & self.hidden).subsets() {
            let all = facts | said | asked & self.holds;
            let rows = machine.rows.iter().enumerate();
            let enabled: Vec<_> =
                rows.filter(|(_, row)| row.from.contains(&state) && row.condition.eval(all)).collect();
            let strongest = enabled.iter().map(|(_, row)| row.rank).min();
            for (index, row) in enabled.into_iter().filter(|(_, row)| Some(row.rank) == strongest) {
                let cases = row.cubes.iter().enumerate().filter(|(_, cube)| cube.holds(all));
                found.extend(cases.map(|(case, _)| (state, index, case)));
            }
        }
        found
    }

    pub(crate) fn shows(&self, possible: &Possible) -> BTreeSet<Shown> {
        let rests = possible.iter().any(|here| !here.2);
        possible.iter().filter(|here| !here.2 || !rests).map(|here| self.shown(*here)).collect()
    }

    /// What a client is shown in a configuration.
    pub(crate) fn shown(&self, here: Here) -> Shown {
        let (state, .., reason) = here;
        let status = &self.table.statuses[self.machine.state(state).shows.index()].name;
        let reason = reason.map(|reason| self.table.reasons[reason.index()].name.clone());
        Shown { status: status.clone(), reason }
    }

    pub(crate) fn ends(&self, possible: &Possible) -> bool {
        possible.iter().any(|here| !here.2 && self.kind(here) == Kind::Idle)
    }

    pub(crate) fn rests(&self, possible: &Possible) -> bool {
        let patient = |here: &Here| {
            let state = self.machine.state(here.0);
            let may_wait = state.kind == Kind::Idle || state.kind == Kind::Wait && !state.is_bounded();
            may_wait || !self.gets_on(*here)
        };
        possible.iter().any(|here| !here.2 && patient(here))
    }

    /// Whether something is published before the next command, if nothing fails.
    fn gets_on(&self, here: Here) -> bool {
        let mut seen = BTreeSet::from([here]);
        let mut todo = vec![here];
        while let Some(here) = todo.pop() {
            for (label, there) in self.if_nothing_fails(here) {
                if label.is_some() {
                    return true;
                }
                if seen.insert(there) {
                    todo.push(there);
                }
            }
        }
        false
    }

    pub(crate) fn is_trapped(&self, possible: &Possible) -> bool {
        let comes_home = |here: &Here| {
            let mut seen = BTreeSet::from([*here]);
            let mut todo = vec![*here];
            while let Some(here) = todo.pop() {
                let there = self.by_itself(here).into_iter().map(|(_, there)| there);
                todo.extend(there.filter(|there| seen.insert(*there)));
            }
            seen.iter().any(|here| self.kind(here) == Kind::Idle)
        };
        possible.iter().any(|here| !here.2 && !comes_home(here))
    }
}
