//! A machine prepared for many short questions: its rows by state, its settings, and what can be seen of it, as numbers.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::public::automaton::{Label, Reply, Shown};
use crate::public::settings::{SettingId, SettingSet, setting_id};
use migration_table::Span;
use migration_table::model::{
    Answer, AnswerRow, Cube, Fact, FactId, FactKind, FactSet, GENERIC_ERROR, Kind, Machine, Parameter, ReasonId, Row,
    StatusId, Table,
};
use migration_table::step;

/// What a machine is, for the projection.
pub(super) struct Outline<'t> {
    pub(super) machine: &'t Machine,
    /// What can be observed, in order; a label's number is its place here.
    pub(super) labels: Vec<Label>,
    /// The label of an event, by what it shows.
    published: BTreeMap<View, u32>,
    /// What is known of each trigger.
    pub(super) triggers: Vec<Trigger>,
    /// The states, by their numbers.
    pub(super) states: Vec<Place>,
    /// The facts that are gone once a row has fired, by row.
    pub(super) gone: Vec<FactSet>,
    /// The numbers of the rows as places, by row. Rows of one line have one: nobody is told which of them it was.
    lines: Vec<PlaceId>,
    /// The names of the settings, sorted. A [`SettingId`] is an index into them.
    pub(super) settings: Vec<String>,
    /// Guards that a setting decides, and that setting.
    deciders: Vec<(FactId, SettingId)>,
    /// These guards.
    pub(super) decided: FactSet,
    /// The guards that keep their value for an attempt.
    pub(super) fixed: FactSet,
    /// Those among them that no setting decides and some row mentions.
    pub(super) fixed_hidden: FactSet,
    /// The guards that are asked at every step and that no setting decides.
    pub(super) asked_hidden: FactSet,
}

/// What a client is shown, in numbers: a status, and the reason that is kept.
pub(super) type View = (StatusId, Option<ReasonId>);

/// A trigger, and what its command must pass.
pub(super) struct Trigger {
    pub(super) fact: FactId,
    /// The label of the command and success.
    pub(super) success: u32,
    /// The label of the command and a refusal.
    pub(super) refused: u32,
    /// Whether it may be refused in any state, for reasons that are no part of the machine or because it names a status
    /// that is not shown.
    pub(super) may_be_refused: bool,
    /// The guards of which one must hold.
    pub(super) needs: FactSet,
}

/// A state.
#[derive(Default)]
pub(super) struct Place {
    pub(super) is_idle: bool,
    /// Whether it waits, and nothing bounds that.
    pub(super) is_patient: bool,
    /// Its rows, strongest first.
    pub(super) rows: Vec<usize>,
    /// The settings that decide guards of its rows.
    pub(super) settings: SettingSet,
    /// For every trigger, in the order of [`Outline::triggers`], the rows that need it, and the cases of fixed guards in
    /// which they can be enabled.
    pub(super) takers: Vec<Vec<(usize, Vec<Cube>)>>,
    /// For every trigger what is observed where no row takes it, and where that is written.
    pub(super) otherwise: Vec<(u32, PlaceId)>,
    /// The events that its rows mention.
    pub(super) events: Vec<FactId>,
    /// Those that need not come: they tell of failures, come from a peer or from outside, or nothing works that could report
    /// them. A time that is over does come.
    pub(super) unsure: FactSet,
}

/// A row, an answer, or the declaration of a trigger, as a number.
pub(super) type PlaceId = u32;

impl<'t> Outline<'t> {
    pub(super) fn new(table: &Table, machine: &'t Machine) -> Outline<'t> {
        let labels = labels(table, machine);
        let number = |label: &Label| number(labels.binary_search(label).unwrap_or(0));
        let published = views(table, machine).into_iter();
        let published = published.map(|view| (view, number(&Label::Event(shown(table, view))))).collect();
        let triggers = machine.fact_ids().filter_map(|fact| {
            let FactKind::Trigger { admission, .. } = &machine.fact(fact).kind else { return None };
            let command = command(&machine.fact(fact).kind)?;
            Some(Trigger {
                fact,
                success: number(&Label::Reply(command.clone(), Reply::Success)),
                refused: number(&Label::Reply(command, Reply::Error(GENERIC_ERROR.to_owned()))),
                may_be_refused: admission.veto.is_some() || admission.expects.is_some(),
                needs: step::needed_by(machine, admission),
            })
        });
        let triggers: Vec<Trigger> = triggers.collect();
        let names = settings(machine);
        let settings: Vec<String> =
            names.iter().map(|(_, name)| name.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        // A machine has at most 64 facts, so there are no more settings.
        let deciders: Vec<(FactId, SettingId)> =
            names.iter().filter_map(|(fact, name)| Some((*fact, setting_id(&settings, name)?))).collect();
        let decided = deciders.iter().map(|(fact, _)| *fact).collect();
        let mentioned = FactSet::union(machine.rows.iter().map(|row| row.mentions));
        let mut outline = Outline {
            machine,
            published,
            states: Vec::new(),
            gone: machine.rows.iter().map(|row| step::gone(machine, row)).collect(),
            lines: lines(machine),
            deciders,
            decided,
            fixed: machine.fixed_guards(),
            fixed_hidden: (machine.fixed_guards() - decided) & mentioned,
            asked_hidden: machine.open_guards() - decided,
            triggers,
            settings,
            labels,
        };
        outline.states = outline.places();
        outline
    }

    fn places(&self) -> Vec<Place> {
        let machine = self.machine;
        let place = |state: &migration_table::model::State| Place {
            is_idle: state.kind == Kind::Idle,
            is_patient: state.kind == Kind::Wait && !state.is_bounded(),
            takers: vec![Vec::new(); self.triggers.len()],
            otherwise: self
                .triggers
                .iter()
                .map(|trigger| (trigger.refused, self.place_of_fact(trigger.fact)))
                .collect(),
            ..Place::default()
        };
        let mut places: Vec<Place> = machine.states.iter().map(place).collect();
        let mut rows: Vec<usize> = (0..machine.rows.len()).collect();
        rows.sort_by_key(|index| machine.rows[*index].rank);
        for index in rows {
            let row = &machine.rows[index];
            let cases = |trigger: &Trigger| step::taking(machine, row, trigger.fact).collect::<Vec<Cube>>();
            let taking = self.triggers.iter().map(cases).enumerate().filter(|(_, cases)| !cases.is_empty());
            let taking: Vec<(usize, Vec<Cube>)> = taking.collect();
            for state in &row.from {
                let place = &mut places[state.index()];
                place.rows.push(index);
                taking.iter().for_each(|(trigger, cases)| place.takers[*trigger].push((index, cases.clone())));
            }
        }
        for (state, place) in machine.state_ids().zip(&mut places) {
            place.settings = self.settings_of(machine.mentioned_in(state));
            place.events = step::awaited(machine, state).iter().collect();
            let bounds: FactSet = machine.state(state).bounds().map(|bound| bound.event).collect();
            let is_unsure = |event: &FactId| {
                let Fact { carries_cause, is_outside, kind, .. } = machine.fact(*event);
                // Where the machine waits, nothing works that could report it.
                let is_reported = machine.state(state).kind != Kind::Wait;
                !is_reported || *carries_cause || *is_outside || matches!(kind, FactKind::Message(_))
            };
            let unsure: FactSet = place.events.iter().copied().filter(is_unsure).collect();
            place.unsure = unsure - bounds;
        }
        // The first one listed counts, so the last one is written first.
        for (index, answer) in machine.answers.iter().enumerate().rev() {
            let Some(trigger) = self.triggers.iter().position(|trigger| trigger.fact == answer.trigger) else {
                continue;
            };
            let label = self.label_of(trigger, answer);
            let written = (label, number(machine.rows.len() + index));
            answer.states.iter().for_each(|state| places[state.index()].otherwise[trigger] = written);
        }
        places
    }

    /// What is observed where an answer is given.
    fn label_of(&self, trigger: usize, answer: &AnswerRow) -> u32 {
        let trigger = &self.triggers[trigger];
        match &answer.answer {
            Answer::Accept | Answer::Ignore | Answer::Handle => trigger.success,
            Answer::Refuse(_) => {
                let reply = Reply::Error(answer.refusal_class().to_owned());
                let label = command(&self.machine.fact(trigger.fact).kind).map(|command| Label::Reply(command, reply));
                label.and_then(|label| self.labels.binary_search(&label).ok()).map_or(trigger.refused, number)
            }
        }
    }

    /// The label of the event that shows this.
    pub(super) fn published(&self, view: View) -> u32 {
        self.published.get(&view).copied().unwrap_or_default()
    }

    /// The label of a query that shows this: queries come behind all other labels, in the order of what they show.
    pub(super) fn query(&self, view: View) -> u32 {
        number(self.labels.len()) + self.published(view)
    }

    /// Whether a label is that of a query.
    pub(super) fn is_query(&self, label: u32) -> bool {
        label as usize >= self.labels.len()
    }

    /// The number of the place at which a row is written.
    pub(super) fn place_of_row(&self, row: usize) -> PlaceId {
        self.lines[row]
    }

    /// The number of the place at which a fact is declared.
    pub(super) fn place_of_fact(&self, fact: FactId) -> PlaceId {
        number(self.machine.rows.len() + self.machine.answers.len() + fact.index())
    }

    /// Where it is in the table.
    pub(super) fn span(&self, place: PlaceId) -> Span {
        let machine = self.machine;
        let index = place as usize;
        let after_rows = index.checked_sub(machine.rows.len());
        let after_answers = after_rows.and_then(|index| index.checked_sub(machine.answers.len()));
        match (after_rows, after_answers) {
            (None, _) => machine.rows[index].span,
            (Some(index), None) => machine.answers[index].span,
            (_, Some(index)) => machine.facts[index].span,
        }
    }

    /// The guards that hold where these settings are on, of those that a setting decides.
    pub(super) fn guards_of(&self, on: SettingSet) -> FactSet {
        self.deciders.iter().filter(|(_, setting)| on.contains(*setting)).map(|(fact, _)| *fact).collect()
    }

    /// The settings that decide these guards.
    pub(super) fn settings_of(&self, guards: FactSet) -> SettingSet {
        if !guards.intersects(self.decided) {
            return SettingSet::EMPTY;
        }
        self.deciders.iter().filter(|(fact, _)| guards.contains(*fact)).map(|(_, setting)| *setting).collect()
    }

    /// The setting that decides the first of these guards: one guard is reason enough.
    pub(super) fn setting_of_one(&self, guards: FactSet) -> SettingSet {
        guards.first().map_or(SettingSet::EMPTY, |guard| self.settings_of(guard.into()))
    }
}

/// For every row, the number of the first one of its line.
fn lines(machine: &Machine) -> Vec<PlaceId> {
    let mut first: FxHashMap<Span, PlaceId> = FxHashMap::default();
    (0..).zip(&machine.rows).map(|(row, Row { span, .. })| *first.entry(*span).or_insert(row)).collect()
}

/// A place in a list, as a number; the lists here are bounded far below.
pub(super) fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// What a machine can show: every status, with every reason that its rows give and without one.
fn views(table: &Table, machine: &Machine) -> Vec<View> {
    let given: BTreeSet<ReasonId> = machine.rows.iter().filter_map(|row| row.reason).collect();
    let statuses = (0..).map(StatusId).take(table.statuses.len());
    let with_reasons =
        |status| std::iter::once(None).chain(given.iter().copied().map(Some)).map(move |it| (status, it));
    statuses.flat_map(with_reasons).collect()
}

/// The same in words.
pub(super) fn shown(table: &Table, (status, reason): View) -> Shown {
    let reason = reason.map(|reason| table.reasons[reason.index()].name.clone());
    Shown { status: table.statuses[status.index()].name.clone(), reason }
}

/// Everything that can be observed of a machine, sorted.
fn labels(table: &Table, machine: &Machine) -> Vec<Label> {
    let views = views(table, machine).into_iter();
    let mut labels: BTreeSet<Label> = views.map(|view| Label::Event(shown(table, view))).collect();
    for fact in machine.fact_ids() {
        let Some(command) = command(&machine.fact(fact).kind) else { continue };
        labels.insert(Label::Reply(command.clone(), Reply::Success));
        let answers = machine.answers.iter().filter(|answer| answer.trigger == fact);
        for class in answers.map(AnswerRow::refusal_class).chain([GENERIC_ERROR]) {
            labels.insert(Label::Reply(command.clone(), Reply::Error(class.to_owned())));
        }
    }
    labels.into_iter().collect()
}

/// Returns the command of a trigger as [`Label`] writes it, or `None` if the fact is no trigger.
#[must_use]
pub fn command(kind: &FactKind) -> Option<String> {
    let FactKind::Trigger { command, with, .. } = kind else { return None };
    let arguments: BTreeMap<&String, &String> = with.iter().map(|(name, value)| (name, value)).collect();
    let arguments = arguments.iter().map(|(name, value)| format!(" {name}={value}"));
    Some(std::iter::once(command.clone()).chain(arguments).collect())
}

/// Returns the setting that decides a guard, or `None` if the fact is no guard or clients have no say in it. A parameter is
/// another setting than a capability of its name: clients make them with different commands.
#[must_use]
pub fn setting(kind: &FactKind) -> Option<String> {
    let FactKind::Guard { capability, parameter, .. } = kind else { return None };
    let by_parameter = |Parameter { name, is }: &Parameter| match is {
        Some(value) => format!("{name}={value}"),
        None => format!("{name}=*"),
    };
    capability.clone().or_else(|| parameter.as_ref().map(by_parameter))
}

fn settings(machine: &Machine) -> Vec<(FactId, String)> {
    machine.fact_ids().filter_map(|fact| Some((fact, setting(&machine.fact(fact).kind)?))).collect()
}
