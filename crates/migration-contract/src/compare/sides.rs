//! Both sides as a whole, for the rules that look at names and promises.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::evidence::Evidence;
use super::levels::Levels;
use super::renames::Renames;
use crate::public::settings::parameter_of;
use crate::public::{ALWAYS, Label, Public, Settings, Shown};
use migration_table::model::{Anchor, Promise, Was};

/// Both sides, and what the walks have reached.
pub(super) struct Sides<'a> {
    pub(super) new: &'a Public,
    pub(super) old: &'a Public,
    /// The reasons that rows of the new side and of the old one give. Their behaviour is here without reasons.
    pub(super) given: [BTreeSet<String>; 2],
    /// The new side with the old names of statuses.
    pub(super) walked: &'a Public,
    /// What has a new name.
    pub(super) renames: Renames,
    /// The statuses that the old side does not know and an old client can be shown, with the nearest way to each in
    /// every machine.
    pub(super) arrivals: BTreeMap<String, Vec<Arrival>>,
    /// Those of these statuses that clients are sent, and not only shown when they ask.
    pub(super) sent: BTreeSet<String>,
    /// The same as `arrivals` for reasons that the old side does not know, if it knows any.
    pub(super) reasons: BTreeMap<String, Vec<Arrival>>,
}

/// The nearest way to a new status.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub(super) machine: String,
    pub(super) evidence: Evidence,
    /// The settings under which there is such a way, and the same for people.
    pub(super) when: (Settings, String),
    /// The ways on which a client first comes to it.
    pub(super) ways: BTreeSet<String>,
}

/// What a rule has to say of the sides.
pub(super) struct Listed {
    pub(super) subject: String,
    pub(super) message: String,
    pub(super) machine: Option<String>,
    /// The machines that show it; empty for all.
    pub(super) machines: BTreeSet<String>,
    /// What shows it; nothing if it is about names alone.
    pub(super) evidence: Evidence,
    /// The settings under which it can be seen, and the same for people; `None` if it does not depend on any.
    pub(super) when: Option<(Settings, String)>,
    /// The ways on which a client first comes to it; empty for a finding about a name, which has no way.
    pub(super) ways: BTreeSet<String>,
    /// How much it matters to whom; `None` if it is as the rule says.
    pub(super) levels: Option<Levels>,
}

impl Listed {
    /// Something about the table.
    pub(super) fn new(subject: impl Into<String>, message: impl Into<String>) -> Listed {
        let (subject, message, evidence) = (subject.into(), message.into(), Evidence::default());
        let (machines, ways) = (BTreeSet::new(), BTreeSet::new());
        Listed { subject, message, machine: None, machines, evidence, when: None, ways, levels: None }
    }
}

impl Sides<'_> {
    /// The statuses that are new, but for those that only have a new name.
    pub(super) fn added(&self) -> impl Iterator<Item = &String> {
        let is_new = |status: &&String| !self.old.statuses.contains_key(*status);
        self.new.statuses.keys().filter(is_new).filter(|status| self.renamed(status).is_none())
    }

    /// The statuses that are gone, but for those that only have a new name.
    pub(super) fn removed(&self) -> impl Iterator<Item = &String> {
        let renamed: BTreeSet<&String> = self.new.statuses.keys().filter_map(|status| self.renamed(status)).collect();
        self.old
            .statuses
            .keys()
            .filter(move |status| !self.new.statuses.contains_key(*status) && !renamed.contains(status))
    }

    /// Something about a new status, with the nearest way to it as evidence.
    pub(super) fn arrived(&self, status: &str, message: String) -> Listed {
        arrived(self.arrivals.get(status), status, message)
    }

    /// Something about a new reason, with the nearest way to it as evidence, if there is one.
    pub(super) fn arrived_reason(&self, reason: &str, message: String) -> Listed {
        arrived(self.reasons.get(reason), reason, message)
    }

    /// The old name of a status that has a new one.
    pub(super) fn renamed(&self, status: &str) -> Option<&String> {
        self.renames.statuses.get(status).map(|rename| &rename.before)
    }
}

fn arrived(ways: Option<&Vec<Arrival>>, name: &str, message: String) -> Listed {
    let ways = ways.map(Vec::as_slice).unwrap_or_default();
    let nearest = ways.iter().map(|way| &way.evidence).min_by_key(|evidence| evidence.steps.len());
    let machines: Vec<String> = ways.iter().map(|way| format!("`{}`", way.machine)).collect();
    let of = if machines.is_empty() { String::new() } else { format!(" by machine {}", machines.join(" and by ")) };
    let first = ways.iter().flat_map(|of| of.ways.iter().map(move |way| format!("{}: {way}", of.machine))).collect();
    let (when, evidence) = (settings_of(ways), nearest.cloned().unwrap_or_default());
    let machines = ways.iter().map(|way| way.machine.clone()).collect();
    Listed { evidence, when, machines, ways: first, ..Listed::new(name, message + &of) }
}

impl Sides<'_> {
    /// The names of a side that can be reserved once they are gone. A value of a parameter is no name.
    pub(super) fn names(side: &Public) -> BTreeSet<(Was, String)> {
        let statuses = side.statuses.keys().map(|name| (Was::Status, name.clone()));
        let reasons = side.reasons.keys().map(|name| (Was::Reason, name.clone()));
        let statuses = statuses.chain(reasons);
        let commands = side.commands.keys().filter_map(|command| command.split(' ').next());
        let commands = commands.map(|name| (Was::Command, name.to_string()));
        // A parameter that is one setting, whatever its value, is written `name=*`.
        let settings = side.settings.iter().map(|name| name.strip_suffix("=*").unwrap_or(name));
        let capabilities = settings.filter(|name| !name.contains('='));
        statuses.chain(commands).chain(capabilities.map(|name| (Was::Capability, name.to_owned()))).collect()
    }

    /// The names that are gone, one that was renamed included; but not one of which it is asked whether it was. A
    /// parameter of which only a value is asked for is still there.
    pub(super) fn gone(&self) -> BTreeSet<(Was, String)> {
        let mut kept = Sides::names(self.new);
        let parameters = self.new.settings.iter().filter_map(|setting| parameter_of(setting));
        kept.extend(parameters.map(|name| (Was::Capability, name.to_owned())));
        let gone: BTreeSet<(Was, String)> = Sides::names(self.old).difference(&kept).cloned().collect();
        gone.into_iter().filter(|(was, name)| !self.renames.is_guessed(*was, name)).collect()
    }

    /// The release in which the old side deprecated a name.
    pub(super) fn deprecated(&self, was: Was, name: &str) -> Option<&String> {
        match was {
            Was::Status => self.old.statuses.get(name)?.deprecated.as_ref(),
            Was::Reason => self.old.reasons.get(name)?.deprecated.as_ref(),
            Was::Command => {
                let forms = self.old.commands.iter().filter(|(command, _)| command.split(' ').next() == Some(name));
                forms.into_iter().find_map(|(_, form)| form.deprecated.as_ref())
            }
            Was::Capability => None,
        }
    }
}

/// The settings under which some machine shows something; `None` if one always does. Machines have settings of their own,
/// so what is written for people names all of them, and the plain data those of the first.
fn settings_of(ways: &[Arrival]) -> Option<(Settings, String)> {
    if ways.iter().any(|way| way.when.1 == ALWAYS) {
        return None;
    }
    let texts: BTreeSet<&str> = ways.iter().map(|way| way.when.1.as_str()).collect();
    let text = texts.into_iter().collect::<Vec<_>>().join(" or ");
    ways.first().map(|way| (way.when.0.clone(), text))
}

/// The new side with the old names of statuses that have new ones, so that a new name is one finding.
pub(super) fn with_old_names(new: &Public, renames: &Renames) -> Public {
    let mut public = new.clone();
    if renames.statuses.is_empty() {
        return public;
    }
    let status = |status: &String| renames.statuses.get(status).map_or(status, |rename| &rename.before).clone();
    let name = |shown: &Shown| Shown { status: status(&shown.status), reason: shown.reason.clone() };
    for guarantee in public.guarantees.values_mut() {
        let named: Vec<&mut String> = match &mut guarantee.promise {
            Promise::Ends { after: Anchor::Status(after), ends } => vec![after].into_iter().chain(ends).collect(),
            Promise::Ends { after: Anchor::Command(_), ends } => ends.iter_mut().collect(),
            Promise::Before { before, comes } => vec![before, comes],
        };
        named.into_iter().for_each(|named| *named = status(named));
    }
    let automata = public.machines.iter_mut().flat_map(|machine| {
        let both = machine.changes.0.as_mut().into_iter().chain(machine.changes.1.as_mut());
        let changing = both.map(Arc::make_mut).flat_map(|changing| &mut changing.cases).map(|case| &mut case.automaton);
        machine.behaviours.iter_mut().map(|behaviour| &mut behaviour.automaton).chain(changing)
    });
    for automaton in automata {
        for state in &mut automaton.states {
            state.shows = state.shows.iter().map(name).collect();
            state.queries = state.queries.iter().map(|(shown, query)| (name(shown), *query)).collect();
            let edges = std::mem::take(&mut state.edges);
            let edges = edges.into_iter().map(|(label, edge)| match label {
                Label::Event(shown) => (Label::Event(name(&shown)), edge),
                Label::Reply(..) => (label, edge),
            });
            state.edges = edges.collect();
        }
    }
    public
}
