//! Public sides written as short texts, for tests.
//!
//! ```text
//! settings pause multifd            (the table's, all of the machine's)
//! machine source
//! under pause and not multifd       (a case; several with `or`; `always`)
//! 0 none .$ : ?migrate+ 1
//! 1 none : !setup 2
//! 2 setup . : !active 3, ?cancel-Busy 2
//! ```
//!
//! A line is a state: its number, the status that it shows, `.` if it may rest, `$` if the attempt may be over, `@` if
//! it may be trapped; a reason stands behind a status in brackets: `failed(lost)`; then what can be observed: an event `!status`, a success `?command+`, an error `?command-Class`;
//! then what a query tells: `~status 4` or, if nothing more may come where that is shown, `~status. 4`.

use std::collections::BTreeMap;

use crate::public::settings::{SettingCube, setting_id};
use crate::public::{
    Automaton, AutomatonState, Behaviour, Edge, Label, Public, PublicMachine, PublicName, Query, Reply, Settings, Shown,
};

/// Reads a public side. Its names are those that its automata have.
pub(super) fn public(text: &str) -> Public {
    let mut settings: Vec<String> = Vec::new();
    let mut machines: Vec<PublicMachine> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(names) = line.strip_prefix("settings ") {
            settings = names.split(' ').map(String::from).collect();
            settings.sort();
        } else if let Some(name) = line.strip_prefix("machine ") {
            let (name, settings) = (name.to_string(), settings.clone());
            machines.push(PublicMachine { name, settings, behaviours: Vec::new(), changes: Default::default() });
        } else if let Some(cases) = line.strip_prefix("under ") {
            let under = Settings(cases.split(" or ").map(|text| case(text, &settings)).collect());
            let automaton = Automaton { states: Vec::new() };
            machines.last_mut().unwrap().behaviours.push(Behaviour { under, automaton });
        } else {
            let states = &mut machines.last_mut().unwrap().behaviours.last_mut().unwrap().automaton.states;
            let (number, state) = state(line);
            assert_eq!(number, states.len(), "states are written in their order: {line}");
            states.push(state);
        }
    }
    named(settings, machines)
}

/// A public side with one machine, which behaves always the same.
pub(super) fn always(text: &str) -> Public {
    public(&format!("machine source\nunder always\n{text}"))
}

/// A public side of these machines, with the names that they have.
pub(super) fn named(settings: Vec<String>, machines: Vec<PublicMachine>) -> Public {
    let (mut statuses, mut reasons, mut commands) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let behaviours = machines.iter().flat_map(|machine| &machine.behaviours);
    for state in behaviours.flat_map(|behaviour| &behaviour.automaton.states) {
        let mut shows: Vec<&Shown> = state.shows.iter().collect();
        for label in state.edges.keys() {
            match label {
                Label::Event(shown) => shows.push(shown),
                Label::Reply(command, _) => drop(commands.insert(command.clone(), PublicName::default())),
            }
        }
        for Shown { status, reason } in shows {
            statuses.insert(status.clone(), PublicName::default());
            reasons.extend(reason.iter().map(|reason| (reason.clone(), PublicName::default())));
        }
    }
    let settings = settings.into_iter().collect();
    let (observers, reserved, guarantees) = Default::default();
    let table = "migration".to_string();
    Public {
        terms: BTreeMap::new(),
        handled: Default::default(),
        table,
        statuses,
        reasons,
        commands,
        settings,
        deprecated_for: 2,
        observers,
        reserved,
        guarantees,
        machines,
    }
}

fn case(text: &str, settings: &[String]) -> SettingCube {
    let mut cube = SettingCube::ALWAYS;
    for literal in text.split(" and ").filter(|text| *text != "always") {
        let setting = |name: &str| setting_id(settings, &name.to_owned()).unwrap();
        match literal.strip_prefix("not ") {
            Some(name) => cube.clear |= setting(name),
            None => cube.set |= setting(literal),
        }
    }
    cube
}

fn state(line: &str) -> (usize, AutomatonState) {
    let (head, edges) = line.split_once(':').unwrap();
    let mut head = head.split_whitespace();
    let number = head.next().unwrap().parse().unwrap();
    let shows = head.next().unwrap().split('|').map(shown).collect();
    let flags = head.next().unwrap_or_default();
    let edges = edges.split(',').map(str::trim).filter(|edge| !edge.is_empty());
    let (queries, edges): (Vec<&str>, Vec<&str>) = edges.partition(|edge| edge.starts_with('~'));
    let (queries, edges) = (queries.into_iter().map(query).collect(), edges.into_iter().map(edge).collect());
    let has = |flag: char| flags.contains(flag);
    (number, AutomatonState { shows, rests: has('.'), ends: has('$'), trapped: has('@'), edges, queries })
}

fn query(text: &str) -> (Shown, Query) {
    let (told, to) = text[1..].rsplit_once(' ').unwrap();
    let (status, rests) = (told.strip_suffix('.').unwrap_or(told), told.ends_with('.'));
    (shown(status), Query { to: to.parse().unwrap(), rests })
}

fn edge(text: &str) -> (Label, Edge) {
    let (label, to) = text.rsplit_once(' ').unwrap();
    let label = match (label.strip_prefix('!'), label.strip_prefix('?')) {
        (Some(status), _) => Label::Event(shown(status)),
        (None, Some(reply)) => match reply.split_once('-') {
            Some((command, class)) => Label::Reply(command.to_string(), Reply::Error(class.to_string())),
            None => Label::Reply(reply.strip_suffix('+').unwrap().to_string(), Reply::Success),
        },
        (None, None) => panic!("`{text}` is neither an event nor a reply"),
    };
    (label, Edge { to: to.parse().unwrap(), places: Vec::new() })
}

fn shown(text: &str) -> Shown {
    match text.strip_suffix(')').and_then(|text| text.split_once('(')) {
        Some((status, reason)) => Shown { reason: Some(reason.to_string()), ..Shown::status(status) },
        None => Shown::status(text),
    }
}
