//! Telling a path of the graph as a counterexample.

use migration_table::model::Machine;

use super::{AtTheEnd, Counterexample, Fate, FiredRow, Passing, Told, What};
use crate::automaton::{Input, Step};
use crate::composition::{Action, Composition, Direction, Disturbance};
use crate::config::{Config, Queue};

impl Counterexample {
    /// Tells a run that begins with the initial configuration.
    pub(crate) fn tell(
        composition: &Composition<'_>,
        run: &[(Action, Config)],
        repeats_from: Option<usize>,
        because: String,
    ) -> Counterexample {
        let mut before = composition.initial();
        let (mut steps, mut saw) = (Vec::new(), vec![Vec::new(); composition.hosts.len()]);
        for (action, after) in run {
            steps.push(told(composition, &before, *action, after));
            note_statuses(composition, &before, *action, &mut saw);
            before = *after;
        }
        let hosts = composition.hosts.iter().map(|host| host.name.clone()).collect();
        let machine = |host: usize| composition.automaton(host).machine.name.clone();
        let machines = (0..composition.hosts.len()).map(machine).collect();
        let at_the_end = (0..composition.hosts.len()).map(|host| at_the_end(composition, &before, host)).collect();
        let tables = Vec::new();
        Counterexample { hosts, machines, tables, steps, repeats_from, because, at_the_end, clients_saw: saw }
    }
}

fn told(composition: &Composition<'_>, before: &Config, action: Action, after: &Config) -> Told {
    let hosts = 0..composition.hosts.len();
    let (mut rows, mut publishes) = (Vec::new(), Vec::new());
    let (host, what) = match action {
        Action::Step { host, step, .. } => {
            let machine = composition.automaton(usize::from(host)).machine;
            let step = composition.step_of(&before.locals, host, step);
            rows = fired(composition, before, usize::from(host), step);
            let shown = published(machine, step).map(|status| composition.table.statuses[status].name.clone());
            publishes.extend(shown);
            (Some(usize::from(host)), what(composition, before, usize::from(host), step))
        }
        Action::Cut { .. } => (None, What::Cut),
        Action::Disturb { how, .. } => (None, What::Disturb { how: disturbance(how).to_owned() }),
        Action::Kill { host } => (Some(usize::from(host)), What::Kill),
        Action::Restart { host } => (Some(usize::from(host)), What::Restart),
    };
    Told {
        host,
        what,
        states: hosts.clone().map(|host| state_name(composition, after, host)).collect(),
        messages: messages(composition, before, action, after),
        rows,
        publishes,
        markers: hosts.map(|host| markers(composition, after, host)).collect(),
    }
}

fn what(composition: &Composition<'_>, before: &Config, host: usize, step: &Step) -> What {
    let automaton = composition.automaton(host);
    let machine = automaton.machine;
    // They are asked when something comes in at an idle state.
    let are_asked = automaton.idle[usize::from(before.locals[host])];
    let name = |fact| machine.fact(fact).name.clone();
    match step.input {
        Input::Raise { trigger, fixed } => {
            let guards = fixed.iter().filter(|_| are_asked).map(name);
            What::Raise { trigger: name(trigger), guards: guards.collect() }
        }
        Input::Report { event, fixed } => {
            let guards = fixed.iter().filter(|_| are_asked).map(name);
            What::Report { event: name(event), guards: guards.collect() }
        }
        Input::Receive { fact, .. } => What::Receive { message: name(fact) },
        Input::Act(act) => What::Act { act: composition.acts[act].name.clone() },
    }
}

fn disturbance(how: Disturbance) -> &'static str {
    match how {
        Disturbance::Lose => "loses a message",
        Disturbance::Double => "doubles a message",
        Disturbance::Swap => "swaps two messages",
    }
}

pub(super) fn state_name(composition: &Composition<'_>, config: &Config, host: usize) -> String {
    let automaton = composition.automaton(host);
    let local = &automaton.locals[usize::from(config.locals[host])];
    if local.is_down { "(dead)".to_owned() } else { automaton.machine.state(local.state).name.clone() }
}

fn markers(composition: &Composition<'_>, config: &Config, host: usize) -> Vec<String> {
    let set = composition.automaton(host).locals[usize::from(config.locals[host])].markers;
    let names = composition.markers[composition.hosts[host].automaton].iter().enumerate();
    names.filter(|(number, _)| set & 1 << number != 0).map(|(_, name)| name.clone()).collect()
}

/// What a step does to the messages: found by comparing the queues before and after.
fn messages(composition: &Composition<'_>, before: &Config, action: Action, after: &Config) -> Vec<Passing> {
    let mut found = Vec::new();
    let name = |letter: u8| composition.letters[usize::from(letter)].clone();
    let mut passing = |letter, (from, to), fate| found.push(Passing { message: name(letter), from, to, fate });
    let ways = |acceptor: usize| [(before.there[acceptor], (0, acceptor)), (before.back[acceptor], (acceptor, 0))];
    match action {
        Action::Step { host, step, .. } => {
            let step = composition.step_of(&before.locals, host, step);
            let host = usize::from(host);
            let peer = if host == 0 { usize::from(after.peer) } else { 0 };
            if let (Input::Receive { .. }, Some(read)) = (step.input, composition.readable(before, host)) {
                let before_it = composition.arrived(before, host).take_while(|other| other.at < read.at);
                before_it.for_each(|other| passing(other.item.letter, (peer, host), Fate::PassedOver));
                passing(read.item.letter, (peer, host), Fate::Arrives);
            }
            let acceptor = host.max(peer);
            let is_read = |way: (usize, usize)| matches!(step.input, Input::Receive { .. }) && way.1 == host;
            for (queue, way) in ways(acceptor).into_iter().filter(|_| step.reconnects) {
                let read = composition.readable(before, host).filter(|_| is_read(way)).map_or(0, |read| read.at + 1);
                queue.items().skip(read).for_each(|item| passing(item.letter, way, Fate::Lost));
            }
            let kept = |queue: Queue| if step.reconnects { 0 } else { queue.len() };
            let grown = |from: Queue, to: Queue| to.len().saturating_sub(kept(from));
            let sent = if host == 0 {
                grown(before.there[acceptor], after.there[acceptor])
            } else {
                grown(before.back[acceptor], after.back[acceptor])
            };
            for (index, letter) in step.sends.iter().enumerate() {
                let fate = if index < sent { Fate::Sent } else { Fate::Lost };
                passing(*letter, (host, peer), fate);
            }
        }
        Action::Cut { acceptor, towards, left } => {
            let (queue, way) = ways(usize::from(acceptor))[usize::from(towards == Direction::Opener)];
            queue.items().skip(usize::from(left)).for_each(|item| passing(item.letter, way, Fate::Lost));
        }
        Action::Disturb { acceptor, towards, at, how: Disturbance::Lose } => {
            let (queue, way) = ways(usize::from(acceptor))[usize::from(towards == Direction::Opener)];
            queue.items().skip(usize::from(at)).take(1).for_each(|item| passing(item.letter, way, Fate::Lost));
        }
        Action::Disturb { how: Disturbance::Double | Disturbance::Swap, .. } => {}
        Action::Kill { .. } | Action::Restart { .. } => {}
    }
    found
}

fn note_statuses(composition: &Composition<'_>, before: &Config, action: Action, saw: &mut [Vec<String>]) {
    let Action::Step { host, step, .. } = action else { return };
    let machine = composition.automaton(usize::from(host)).machine;
    let shown = published(machine, composition.step_of(&before.locals, host, step));
    saw[usize::from(host)].extend(shown.map(|status| composition.table.statuses[status].name.clone()));
}

/// The statuses that clients are told in a step, as indices into those of the table.
fn published(machine: &Machine, step: &Step) -> impl Iterator<Item = usize> {
    let rows = step.rows.iter().map(|row| &machine.rows[usize::from(*row)]);
    rows.filter(|row| row.public).map(|row| machine.state(row.to).shows.index())
}

fn fired(composition: &Composition<'_>, before: &Config, host: usize, step: &Step) -> Vec<FiredRow> {
    let automaton = composition.automaton(host);
    let machine = automaton.machine;
    let mut state = automaton.locals[usize::from(before.locals[host])].state;
    let rows = step.rows.iter().map(|row| &machine.rows[usize::from(*row)]);
    let told = rows.map(|row| {
        let from = std::mem::replace(&mut state, row.to);
        let name = |state| machine.state(state).name.clone();
        let case = (row.case != row.when).then(|| row.case.clone());
        FiredRow { line: row.span.line, from: name(from), when: row.when.clone(), case, to: name(row.to) }
    });
    told.collect()
}

fn at_the_end(composition: &Composition<'_>, config: &Config, host: usize) -> AtTheEnd {
    let automaton = composition.automaton(host);
    let local = usize::from(config.locals[host]);
    let mut waits_for = Vec::new();
    for step in automaton.steps[local].iter().filter(|step| step.moves) {
        let name = match step.input {
            Input::Raise { trigger: fact, .. } | Input::Report { event: fact, .. } | Input::Receive { fact, .. } => {
                automaton.machine.fact(fact).name.clone()
            }
            Input::Act(_) => continue,
        };
        if !waits_for.contains(&name) {
            waits_for.push(name);
        }
    }
    AtTheEnd { state: state_name(composition, config, host), waits_for, markers: markers(composition, config, host) }
}
