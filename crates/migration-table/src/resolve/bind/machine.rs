//! One machine, bound together.

use std::collections::{BTreeMap, BTreeSet};

use super::super::groups::Groups;
use super::path::Path;
use super::shared::{Shared, index};
use crate::cases;
use crate::declare::{AnswerDecl, AnswerWord, Declared, MachineDecl, Name, Names, RowDecl, StateDecl, TimeoutDecl};
use crate::finding::{Finding, Findings};
use crate::formula;
use crate::model::{
    Answer, AnswerRow, Condition, Cube, Fact, FactId, FactSet, Group, Machine, MessageId, Row, State, StateId, Timeout,
};
use crate::rule::names::{INITIAL_STATE, UNUSED};
use crate::rule::shape::{EXCEPT_NOTHING, NO_STATES, SET_AND_CLEARED, TOO_MANY};
use crate::span::Span;
use crate::step;
use crate::syntax::Text;

/// Most facts of a machine: as many as a machine word has bits.
const FACTS_MAX: usize = 64;

/// Binds a machine together, which has these facts.
pub(super) fn bind(
    machine: &Declared<MachineDecl>,
    facts: Vec<Fact>,
    shared: &Shared,
    out: &mut Findings,
) -> Option<Machine> {
    let (name, decl) = (&machine.name, machine.value.as_ref()?);
    if facts.len() > FACTS_MAX {
        let message = format!("machine `{}` has {} facts, which is more than {FACTS_MAX}", name.text, facts.len());
        let finding = Finding::error(TOO_MANY.code, name.span, message, "too many to decide about");
        out.push(finding.with_note("triggers, events, messages to the machine and guards count if its rows name them"));
        return None;
    }
    let declared = &decl.states.as_ref()?.entries;
    let ids = index(declared.iter().map(|state| (state.name.text.as_str(), state.name.span)), StateId, out)?;
    let by_name = ids.iter().map(|(name, id)| (name.as_str(), *id)).collect();
    let groups = Groups::of(decl, &by_name, out);
    let fact_ids = (0..).zip(&facts).map(|(number, fact)| (fact.name.as_str(), FactId(number))).collect();
    let mut bind = Bind { shared, states: &by_name, facts: &fact_ids, groups, left_out: Vec::new(), out };
    let precedence = bind.precedence(decl.precedence.as_ref());
    let states: Vec<State> = declared.iter().map(|state| bind.state(state)).collect::<Option<_>>()?;
    bind.markers(decl, &states);
    let rows = decl.transitions.iter().flatten().filter_map(|row| bind.row(row, &precedence)).flatten();
    let rows: Vec<Row> = rows.flat_map(|row| publishing(&states, row)).collect();
    let path = decl.happy_path.iter().flat_map(|path| &path.names);
    let path: Vec<(StateId, Span)> = path.filter_map(|name| Some((bind.to(name)?, name.0.span))).collect();
    let (path, back) = Path { states: &states, facts: &facts, rows: &rows }.bind(path, bind.out);
    let bound = Machine {
        name: name.text.clone(),
        doc: decl.doc.as_ref()?.text.clone(),
        span: name.span,
        initial: bind.initial(name, declared)?,
        groups: decl.groups.iter().flat_map(|groups| &groups.entries).filter_map(|group| bind.group(group)).collect(),
        rows,
        answers: decl.answers.iter().flatten().filter_map(|answer| bind.answer(answer)).flatten().collect(),
        path_comes_back: back.is_some(),
        happy_path: path.iter().map(|(state, _)| *state).collect(),
        path_spans: path.iter().map(|(_, span)| *span).chain(back).collect(),
        precedence,
        states,
        facts: Vec::new(),
    };
    let left_out = bind.left_out;
    let mut bound = Machine { facts, ..bound };
    idle_ranks(decl.precedence.as_ref(), &bound, shared, out);
    otherwise(&mut bound, &left_out, out);
    Some(bound)
}

/// Says which facts of the machine are ranked although no row needs them.
fn idle_ranks(precedence: Option<&Names>, machine: &Machine, shared: &Shared, out: &mut Findings) {
    // Of a formula that contradicts itself nobody knows what it needs.
    let of_row = |row: &Row| match row.cubes.as_slice() {
        [] => row.mentions,
        cubes => FactSet::union(cubes.iter().map(|cube| cube.set)),
    };
    let needed = FactSet::union(machine.rows.iter().map(of_row));
    for name in precedence.iter().flat_map(|names| &names.names) {
        let is_idle = |fact: &FactId| !needed.contains(*fact) && !lacks_row(machine, *fact, shared);
        if machine.fact_id(&name.0.text).filter(is_idle).is_some() && !is_reported(name, out) {
            let message = format!("precedence names `{}`, which no row of this machine needs", name.0.text);
            let finding = Finding::warning(UNUSED.code, name.0.span, message, "decides nothing here");
            out.push(finding.with_help("remove it from `precedence:`, or add the row that needs it"));
        }
    }
}

/// Whether a check says better that a row for the fact is missing: a state has a bound on time that reports it, or it is
/// a message that the other machine sends.
fn lacks_row(machine: &Machine, fact: FactId, shared: &Shared) -> bool {
    let is_unheard = |state: &StateId| {
        let mut bounds = machine.state(*state).bounds();
        bounds.any(|bound| bound.event == fact) && !machine.mentioned_in(*state).contains(fact)
    };
    let is_sent = shared.sent.contains(&machine.fact(fact).name);
    is_sent && machine.rows.iter().all(|row| !row.mentions.contains(fact))
        || machine.state_ids().any(|id| is_unheard(&id))
}

/// Whether it was reported where the fact is declared that no machine uses it at all.
fn is_reported(name: &Name, out: &Findings) -> bool {
    let is_place = |(span, _): &(Option<Span>, String)| *span == Some(name.0.span);
    out.iter().any(|finding| finding.code == UNUSED.code && finding.notes.iter().any(is_place))
}

/// What binding the parts of a machine takes.
struct Bind<'b> {
    shared: &'b Shared,
    states: &'b BTreeMap<&'b str, StateId>,
    facts: &'b BTreeMap<&'b str, FactId>,
    groups: Groups<'b>,
    /// By answer, the states that its `except:` names, and its place, where it has no `in:`.
    left_out: Vec<(Vec<StateId>, Option<Span>)>,
    out: &'b mut Findings,
}

impl Bind<'_> {
    fn to(&self, name: &Name) -> Option<StateId> {
        self.states.get(name.0.text.as_str()).copied()
    }

    fn fact(&self, name: &Name) -> Option<FactId> {
        self.facts.get(name.0.text.as_str()).copied()
    }

    fn precedence(&mut self, names: Option<&Names>) -> Vec<FactId> {
        let mut precedence = Vec::new();
        for name in names.iter().flat_map(|names| &names.names) {
            match self.fact(name) {
                Some(fact) if precedence.contains(&fact) => {}
                Some(fact) => precedence.push(fact),
                None => self.unused(name, "precedence names"),
            }
        }
        precedence
    }

    /// Says that a fact is named which is none of this machine's.
    fn unused(&mut self, name: &Name, place: &str) {
        if is_reported(name, self.out) {
            return;
        }
        let message = format!("{place} `{}`, which no row of this machine names", name.0.text);
        let finding = Finding::warning(UNUSED.code, name.0.span, message, "decides nothing here");
        self.out.push(finding.with_help("remove it here, or add the row that needs it"));
    }

    fn initial(&mut self, machine: &Text, states: &[Declared<StateDecl>]) -> Option<StateId> {
        let is_initial = |decl: &StateDecl| decl.initial.is_some_and(|initial| initial.value);
        let initial = states.iter().find(|state| state.value.as_ref().is_some_and(is_initial));
        if initial.is_none() {
            let message = format!("machine `{}` has no initial state", machine.text);
            let finding = Finding::error(INITIAL_STATE.code, machine.span, message, "starts nowhere");
            self.out.push(finding.with_help("give one of its states `initial: true`"));
        }
        self.states.get(initial?.name.text.as_str()).copied()
    }

    fn state(&mut self, state: &Declared<StateDecl>) -> Option<State> {
        let decl = state.value.as_ref()?;
        let resources = decl.holds.iter().flat_map(|holds| &holds.names);
        let mut holds: Vec<_> = resources.filter_map(|name| self.shared.resources.get(&name.0.text).copied()).collect();
        holds.sort_unstable();
        holds.dedup();
        let (timeout, timer) = (self.bound(decl.timeout.as_ref())?, self.bound(decl.timer.as_ref())?);
        Some(State {
            name: state.name.text.clone(),
            kind: decl.kind?.value,
            shows: self.shared.statuses.get(&decl.shows.as_ref()?.0.text).copied()?,
            holds,
            timeout,
            timer,
            may_stay: self.shared.may_stay(state.name.span),
            reconnects: decl.reconnects.is_some_and(|reconnects| reconnects.value),
            doc: decl.doc.as_ref()?.text.clone(),
            span: state.name.span,
        })
    }

    /// A bound on the time in a state; `None` where it is incomplete, which is reported already.
    fn bound(&self, decl: Option<&TimeoutDecl>) -> Option<Option<Timeout>> {
        let Some(decl) = decl else { return Some(None) };
        Some(Some(Timeout { event: self.fact(decl.event.as_ref()?)?, after_ms: decl.after_ms?.value }))
    }

    /// The states that names stand for; says so if there are none.
    fn expand(&mut self, names: &Names, what: &str) -> Option<Vec<StateId>> {
        let states = self.groups.expand(names, names.span, self.out)?;
        if states.is_empty() {
            self.out.push(Finding::error(
                NO_STATES.code,
                names.span,
                format!("{what} no state"),
                "stands for no state",
            ));
        }
        Some(states)
    }

    /// The states that names stand for, but for those of some others; says so if there are none.
    fn but(&mut self, names: &Names, except: Option<&Names>, what: &str) -> Option<Vec<StateId>> {
        let mut states = self.expand(names, what)?;
        if let Some(except) = except {
            let left_out = self.expand(except, &format!("{what} all but"))?;
            if !states.is_empty() && !left_out.is_empty() {
                self.taking_nothing(except, &states);
            }
            let before = states.len();
            states.retain(|state| left_out.binary_search(state).is_err());
            if states.is_empty() && before > 0 {
                let message = format!("{what} no state");
                self.out.push(Finding::error(NO_STATES.code, except.span, message, "leaves no state over"));
            }
        }
        Some(states)
    }

    /// Says which names of an `except:` have no state in common with those that it is to take states from.
    fn taking_nothing(&mut self, except: &Names, states: &[StateId]) {
        let is_among = |state: &StateId| states.binary_search(state).is_ok();
        let takes = |name: &Name| self.groups.of_name(&name.0.text).iter().any(is_among);
        let idle: Vec<&Name> = except.names.iter().filter(|name| !takes(name)).collect();
        let help = match idle.len() == except.names.len() {
            true => "leave `except` out, or name what it is to take away",
            false => "leave it out here, or name what it is to take away",
        };
        let Some((first, others)) = idle.split_first() else { return };
        let message = format!("except `{}` takes nothing away", first.0.text);
        let finding = Finding::warning(EXCEPT_NOTHING.code, first.0.span, message, "none of its states is among them");
        let finding = others.iter().fold(finding, |finding, name| finding.with_place(name.0.span, "nor does this"));
        self.out.push(finding.with_help(help));
    }

    fn group(&mut self, group: &Declared<Names>) -> Option<Group> {
        let states = self.expand(group.value.as_ref()?, &format!("group `{}` contains", group.name.text))?;
        Some(Group { name: group.name.text.clone(), states, span: group.name.span })
    }

    /// The rows of a line: one for each case of its formula.
    fn row(&mut self, row: &RowDecl, precedence: &[FactId]) -> Option<Vec<Row>> {
        let (from, when, to) = (row.from.as_ref()?, row.when.as_ref()?, row.to.as_ref()?);
        let condition = formula::parse(&when.text).ok()?.resolve(&mut |name| self.facts.get(name).copied())?;
        let alternatives = cases::alternatives(&condition);
        let cubes: Result<Vec<_>, _> = alternatives.iter().flatten().map(cases::cubes).collect();
        let (Ok(alternatives), Ok(cubes)) = (alternatives, cubes) else {
            let message = "the formula has too many cases to decide";
            let finding = Finding::error(TOO_MANY.code, when.span, message, "too many cases");
            self.out.push(finding.with_help("split the row: several rows may lead to one state"));
            return None;
        };
        let sends = row.sends.iter().flat_map(|sends| &sends.names);
        let sends: Vec<MessageId> = sends.filter_map(|name| self.shared.messages.get(&name.0.text).copied()).collect();
        let from_states = self.but(from, row.except.as_ref(), "transition leaves")?;
        let to_state = self.to(to)?;
        let drops = self.drops(row.drops.as_ref());
        let reason = row.reason.as_ref().and_then(|reason| self.shared.reasons.get(&reason.0.text).copied());
        let is_one = alternatives.len() == 1;
        let of_case = |(condition, cubes): (Condition, Vec<Cube>)| Row {
            from: from_states.clone(),
            from_names: written(from),
            except_names: row.except.as_ref().map(written).unwrap_or_default(),
            when: when.text.clone(),
            case: if is_one { when.text.clone() } else { self.in_words(&condition) },
            mentions: condition.mentions(),
            rank: rank(&cubes, precedence),
            condition,
            cubes,
            to: to_state,
            public: row.public.is_some_and(|public| public.value),
            reason,
            drops,
            sends: sends.clone(),
            span: row.span,
            when_span: when.span,
            to_span: to.0.span,
        };
        Some(alternatives.into_iter().zip(cubes).map(of_case).collect())
    }

    /// A case of a formula, as it would be written.
    fn in_words(&self, case: &Condition) -> String {
        match case {
            Condition::Fact(fact) => {
                let name = self.facts.iter().find(|(_, known)| *known == fact).map(|(name, _)| *name);
                name.unwrap_or_default().to_owned()
            }
            Condition::Not(inner) => format!("not {}", self.in_words(inner)),
            Condition::And(parts) => parts.iter().map(|part| self.in_words(part)).collect::<Vec<_>>().join(" and "),
            Condition::Or(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.in_words(part)).collect();
                format!("({})", parts.join(" or "))
            }
        }
    }

    fn drops(&mut self, names: Option<&Names>) -> FactSet {
        let mut drops = FactSet::EMPTY;
        for name in names.iter().flat_map(|names| &names.names) {
            match self.fact(name) {
                Some(fact) => drops |= fact,
                None => self.unused(name, "transition drops"),
            }
        }
        drops
    }

    /// What a line says to each of its triggers. An answer that names no state is for those that are left over, which
    /// [`otherwise`] works out.
    fn answer(&mut self, answer: &AnswerDecl) -> Option<Vec<AnswerRow>> {
        let states = match &answer.r#in {
            Some(names) => self.but(names, answer.except.as_ref(), "answer is for")?,
            None => Vec::new(),
        };
        let except = answer.except.as_ref().filter(|_| answer.r#in.is_none());
        let left_out = match except {
            Some(except) => self.expand(except, "answer is not for")?,
            None => Vec::new(),
        };
        let because = answer.because.as_ref().map(|because| because.text.clone());
        let said = match answer.answer?.value {
            AnswerWord::Ignore => Answer::Ignore,
            AnswerWord::Handle => Answer::Handle,
            AnswerWord::Refuse => Answer::Refuse(because.unwrap_or_default()),
        };
        let class = answer.class.as_ref().map(|class| class.text.clone());
        let (has_except, place) = (answer.except.is_some(), answer.span);
        let to = |trigger: FactId| {
            let (states, answer, class) = (states.clone(), said.clone(), class.clone());
            AnswerRow { states, has_except, trigger, answer, class, span: place }
        };
        let triggers = answer.trigger.iter().flat_map(|triggers| &triggers.names);
        let rows: Vec<AnswerRow> = triggers.filter_map(|name| self.fact(name)).map(to).collect();
        self.left_out.extend(rows.iter().map(|_| (left_out.clone(), except.map(|names| names.span))));
        Some(rows)
    }

    /// Says which states both set and clear one marker.
    fn markers(&mut self, machine: &MachineDecl, states: &[State]) {
        let markers = machine.markers.iter().flat_map(|markers| &markers.entries);
        for (name, decl) in markers.filter_map(|marker| Some((&marker.name.text, marker.value.as_ref()?))) {
            let (Some(set_in), Some(cleared_in)) = (&decl.set_in, &decl.cleared_in) else { continue };
            let set = self.groups.expand(set_in, set_in.span, self.out).unwrap_or_default();
            let cleared = self.groups.expand(cleared_in, cleared_in.span, self.out).unwrap_or_default();
            let both = set.iter().filter(|state| cleared.binary_search(state).is_ok());
            let both: Vec<String> = both.map(|state| format!("`{}`", states[state.index()].name)).collect();
            if both.is_empty() {
                continue;
            }
            let message = format!("marker `{name}` is both set and cleared in {}", both.join(", "));
            let finding = Finding::error(SET_AND_CLEARED.code, cleared_in.span, message, "cleared here");
            let finding = finding.with_place(set_in.span, "set here");
            self.out.push(finding.with_help("take the state out of `set_in` or out of `cleared_in`"));
        }
    }
}

/// Gives every answer that names no state those in which nothing else is said: its rows do not take the trigger whatever
/// guards say, no answer that names states is for it, and its own `except:` does not name them. Two that name none are for
/// the same states, which a check reports.
fn otherwise(machine: &mut Machine, left_out: &[(Vec<StateId>, Option<Span>)], out: &mut Findings) {
    let is_open = |row: &AnswerRow| row.states.is_empty();
    let open: Vec<usize> = (0..machine.answers.len()).filter(|at| is_open(&machine.answers[*at])).collect();
    let rows = if open.is_empty() { Vec::new() } else { machine.rows_by_state() };
    let left_over = |trigger: FactId| -> (Vec<StateId>, BTreeSet<StateId>) {
        let of_trigger = machine.answers.iter().filter(|row| row.trigger == trigger);
        let named: BTreeSet<StateId> = of_trigger.flat_map(|row| row.states.iter().copied()).collect();
        let is_taken = |state: StateId| {
            let rows = rows[state.index()].iter().copied();
            cases::hold_always(&step::accepting_among(machine, rows, trigger))
        };
        (machine.state_ids().filter(|state| !named.contains(state) && !is_taken(*state)).collect(), named)
    };
    let found: Vec<_> = open.iter().map(|at| left_over(machine.answers[*at].trigger)).collect();
    for (at, (mut states, named)) in open.into_iter().zip(found) {
        let Some((left_out, except)) = left_out.get(at) else { continue };
        let before = states.len();
        states.retain(|state| !left_out.contains(state));
        // To leave out what another answer names is clear, if not needed.
        let is_taken = states.len() == before && left_out.iter().any(|state| !named.contains(state));
        if let Some(except) = except.filter(|_| is_taken) {
            let message = "except takes nothing away: in its states a transition takes the trigger";
            let finding = Finding::warning(EXCEPT_NOTHING.code, except, message, "none of its states is left over");
            out.push(finding.with_help("leave `except` out, or name what it is to take away"));
        }
        machine.answers[at].states = states;
    }
}

/// The names of a list as they are written.
fn written(names: &Names) -> Vec<String> {
    names.names.iter().map(|name| name.0.text.clone()).collect()
}

/// A row that is marked as public, as one row for the states whose status it changes, and one for those in which it
/// stays. If it never changes it, or is not marked, it is as it was; a check says what is wrong about it.
fn publishing(states: &[State], row: Row) -> Vec<Row> {
    let shown = |id: StateId| states[id.index()].shows;
    let (same, changed): (Vec<StateId>, Vec<StateId>) = row.from.iter().partition(|id| shown(**id) == shown(row.to));
    if !row.public || same.is_empty() || changed.is_empty() {
        return vec![row];
    }
    vec![Row { from: changed, ..row.clone() }, Row { from: same, public: false, ..row }]
}

/// The place in the precedence of the strongest fact that a case needs.
fn rank(cubes: &[Cube], precedence: &[FactId]) -> usize {
    let is_needed = |fact: &FactId| cubes.iter().any(|cube| cube.set.contains(*fact));
    precedence.iter().position(is_needed).unwrap_or(precedence.len())
}
