//! Two hosts, written down as plainly as their definition reads: what the search of this crate is compared with.
//!
//! Nothing here calls the step, the automaton or the composition. A host keeps all its facts and every connection that
//! ever was is a pair of lists, so a search over this is slow; that is the price of being obvious.

use std::collections::BTreeMap;

use migration_table::model::{FactId, FactKind, FactSet, Kind, Machine, MessageId, Row, StateId, Table};
use migration_verify::{Bounds, Network};

/// The hosts of a table with two machines, of which the first one opens connections.
pub(crate) struct Plain<'t> {
    pub(crate) table: &'t Table,
    pub(crate) bounds: Bounds,
    pub(crate) network: Network,
}

/// Everything at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) hosts: [Host; 2],
    /// The connections, one for each attempt of the first host.
    lines: Vec<Line>,
    /// The connection that the second host has.
    taken: Option<usize>,
    /// How many connections are too old to be taken: the last one that was taken, and all before it.
    too_old: usize,
    kills: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Host {
    pub(crate) state: StateId,
    facts: FactSet,
    /// The names of the markers that are set.
    pub(crate) markers: Vec<String>,
    pub(crate) is_down: bool,
    attempts: u8,
}

/// A connection: for each host what it has sent and is on its way, and whether that direction is broken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Line {
    queues: [Vec<MessageId>; 2],
    is_broken: [bool; 2],
}

/// What happened in a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Happened {
    /// The host that took it; `None` where the network or death did.
    pub(crate) host: Option<usize>,
    /// The fact that the host was given.
    pub(crate) fact: Option<FactId>,
    pub(crate) entered: Vec<StateId>,
    /// Whether an attempt began.
    pub(crate) begins: bool,
}

impl Plain<'_> {
    fn machine(&self, host: usize) -> &Machine {
        &self.table.machines[host]
    }

    pub(crate) fn start(&self) -> World {
        let host = |at: usize| Host {
            state: self.machine(at).initial,
            facts: FactSet::EMPTY,
            markers: self.first_markers(at),
            is_down: false,
            attempts: 0,
        };
        World { hosts: [host(0), host(1)], lines: Vec::new(), taken: None, too_old: 0, kills: 0 }
    }

    fn first_markers(&self, host: usize) -> Vec<String> {
        let own = self.table.markers.iter().filter(|marker| marker.machine == self.machine(host).name);
        own.filter(|marker| marker.initially).map(|marker| marker.name.clone()).collect()
    }

    fn is_idle(&self, world: &World, host: usize) -> bool {
        self.machine(host).state(world.hosts[host].state).kind == Kind::Idle
    }

    fn is_gone(&self, world: &World, host: usize) -> bool {
        world.hosts[host].is_down || self.is_idle(world, host)
    }

    /// Everything that can happen next.
    pub(crate) fn next(&self, world: &World) -> Vec<(Happened, World)> {
        let mut found = Vec::new();
        for host in 0..2 {
            if world.hosts[host].is_down {
                self.restart(world, host, &mut found);
            } else {
                self.facts(world, host, &mut found);
                self.act(world, host, &mut found);
                self.kill(world, host, &mut found);
            }
        }
        for line in 0..world.lines.len() {
            for sender in [0, 1] {
                self.disturb(world, line, sender, &mut found);
            }
        }
        found
    }

    fn kill(&self, world: &World, host: usize, found: &mut Vec<(Happened, World)>) {
        if world.kills < self.bounds.kills {
            let mut next = world.clone();
            next.kills += 1;
            let dead = &mut next.hosts[host];
            (dead.state, dead.facts, dead.is_down) = (self.machine(host).initial, FactSet::EMPTY, true);
            dead.markers.clear();
            hang_up(&mut next, host);
            found.push((Happened::default(), next));
        }
    }

    /// Lets the operator act, where the table has the one act that is written down here: the first host does not run
    /// the guest and does not know where it is, and the operator sees that it was not started on the second.
    fn act(&self, world: &World, host: usize, found: &mut Vec<(Happened, World)>) {
        let (machine, [first, second]) = (self.machine(host), &world.hosts);
        let has = |host: &Host, marker: &str| host.markers.iter().any(|name| name == marker);
        let is_in_doubt = host == 0 && machine.state(first.state).name == "unknown";
        if !self.table.acts.is_empty() && is_in_doubt && !has(first, "runs") && !has(second, "ran") {
            let mut next = world.clone();
            next.hosts[host].markers.push("runs".to_owned());
            found.push((Happened { host: Some(host), ..Happened::default() }, next));
        }
    }

    fn restart(&self, world: &World, host: usize, found: &mut Vec<(Happened, World)>) {
        if self.first_markers(host).is_empty() {
            let mut next = world.clone();
            next.hosts[host].is_down = false;
            found.push((Happened::default(), next));
        }
    }

    fn disturb(&self, world: &World, line: usize, sender: usize, found: &mut Vec<(Happened, World)>) {
        let (len, network) = (world.lines[line].queues[sender].len(), self.network);
        let mut change = |change: &dyn Fn(&mut Line)| {
            let mut next = world.clone();
            change(&mut next.lines[line]);
            found.push((Happened::default(), next));
        };
        if network.cut && !world.lines[line].is_broken[sender] {
            for left in 0..=len {
                change(&|line| {
                    line.queues[sender].truncate(left);
                    line.is_broken[sender] = true;
                });
            }
        }
        for at in 0..len {
            if network.lose {
                change(&|line| {
                    line.queues[sender].remove(at);
                });
            }
            if network.duplicate && len < self.bounds.depth {
                change(&|line| line.queues[sender].insert(at, line.queues[sender][at]));
            }
            if network.reorder && at + 1 < len {
                change(&|line| line.queues[sender].swap(at, at + 1));
            }
        }
    }

    /// Gives a host every fact that it can be given.
    fn facts(&self, world: &World, host: usize, found: &mut Vec<(Happened, World)>) {
        let (machine, here) = (self.machine(host), &world.hosts[host]);
        let mentioned = FactSet::union(rows(machine, here.state).map(|row| row.mentions));
        let is_idle = self.is_idle(world, host);
        for (id, fact) in machine.fact_ids().zip(&machine.facts) {
            let mut world = world.clone();
            let is_possible = match &fact.kind {
                FactKind::Trigger { .. } => true,
                FactKind::Event => mentioned.contains(id) && (!is_idle || fact.is_outside),
                FactKind::Message(message) => self.read(&mut world, host, *message),
                FactKind::Guard { .. } => false,
            };
            if !is_possible {
                continue;
            }
            for fixed in self.fixed(&world, host) {
                if !fact.is_trigger() || is_accepted(machine, here.state, id, fixed) {
                    let mut world = world.clone();
                    world.hosts[host].facts -= machine.fixed_guards();
                    world.hosts[host].facts |= fixed;
                    world.hosts[host].facts |= FactSet::from(id);
                    let happened = Happened { host: Some(host), fact: Some(id), ..Happened::default() };
                    self.advance(&world, host, &happened, found);
                }
            }
        }
    }

    /// The fixed guards that may hold: they are asked where an attempt begins, and keep their value in it.
    fn fixed(&self, world: &World, host: usize) -> Vec<FactSet> {
        let fixed = self.machine(host).fixed_guards();
        if self.is_idle(world, host) {
            fixed.subsets().filter(|holding| self.is_as_marked(world, host, fixed, *holding)).collect()
        } else {
            vec![world.hosts[host].facts & fixed]
        }
    }

    /// Whether guards that a marker decides hold exactly where it is set.
    fn is_as_marked(&self, world: &World, host: usize, asked: FactSet, holding: FactSet) -> bool {
        let machine = self.machine(host);
        let own = self.table.markers.iter().filter(|marker| marker.machine == machine.name);
        own.filter_map(|marker| Some((marker, machine.fact_id(marker.guard.as_ref()?)?))).all(|(marker, guard)| {
            !asked.contains(guard) || holding.contains(guard) == world.hosts[host].markers.contains(&marker.name)
        })
    }

    /// Takes a message off a connection, and those before it, which the state does not await. Returns `false` where the
    /// first awaited message is another one.
    fn read(&self, world: &mut World, host: usize, message: MessageId) -> bool {
        if self.is_gone(world, host) {
            return false;
        }
        let machine = self.machine(host);
        let mentioned = FactSet::union(rows(machine, world.hosts[host].state).map(|row| row.mentions));
        let awaits = |found: &MessageId| {
            let is_it = |id: FactId| matches!(machine.fact(id).kind, FactKind::Message(other) if other == *found);
            mentioned.iter().any(is_it)
        };
        let can_be_read = match (host, world.taken) {
            (0, _) => world.lines.len().checked_sub(1).into_iter().collect::<Vec<_>>(),
            (_, Some(line)) => vec![line],
            (_, None) => (world.too_old..world.lines.len()).collect(),
        };
        let sender = 1 - host;
        let first = can_be_read.into_iter().find_map(|line| {
            let at = world.lines[line].queues[sender].iter().position(awaits)?;
            Some((line, at))
        });
        let Some((line, at)) = first else { return false };
        let queue = &mut world.lines[line].queues[sender];
        if queue[at] != message {
            return false;
        }
        queue.drain(..=at);
        if host == 1 {
            (world.taken, world.too_old) = (Some(line), line + 1);
        }
        true
    }

    /// Fires rows until none is enabled, whatever the guards say that are asked on the way.
    fn advance(&self, world: &World, host: usize, so_far: &Happened, found: &mut Vec<(Happened, World)>) {
        let (machine, here) = (self.machine(host), &world.hosts[host]);
        let open = machine.open_guards();
        for guards in open.subsets().filter(|holding| self.is_as_marked(world, host, open, *holding)) {
            let facts = here.facts | guards;
            let enabled = rows(machine, here.state).filter(|row| row.condition.eval(facts));
            let (mut next, mut happened) = (world.clone(), so_far.clone());
            match enabled.min_by_key(|row| rank(machine, row)) {
                None => found.push((happened, next)),
                Some(row) => {
                    if self.is_idle(world, host) {
                        if here.attempts >= self.bounds.attempts {
                            continue;
                        }
                        happened.begins = true;
                        next.hosts[host].attempts += 1;
                        if host == 0 {
                            next.lines.push(Line::default());
                        }
                    }
                    happened.entered.push(row.to);
                    self.fire(&mut next, host, row);
                    self.advance(&next, host, &happened, found);
                }
            }
        }
    }

    fn fire(&self, world: &mut World, host: usize, row: &Row) {
        let machine = self.machine(host);
        if machine.state(row.to).reconnects {
            world.lines.iter_mut().for_each(|line| *line = Line::default());
            if host == 0 {
                // Nobody has read from the new connection.
                world.too_old = world.too_old.min(world.lines.len() - 1);
            }
        }
        for message in &row.sends {
            self.send(world, host, *message);
        }
        let ends = machine.state(row.to).kind == Kind::Idle;
        let here = &mut world.hosts[host];
        here.state = row.to;
        if ends {
            here.facts = FactSet::EMPTY;
        } else {
            here.facts -= machine.events() | row.drops | machine.triggers() & row.mentions;
        }
        for marker in self.table.markers.iter().filter(|marker| marker.machine == machine.name) {
            let is_among = |names: &[String]| names.iter().any(|name| is_named(machine, row.to, name));
            if is_among(&marker.set_in) {
                here.markers.retain(|name| *name != marker.name);
                here.markers.push(marker.name.clone());
                here.markers.sort();
            } else if is_among(&marker.cleared_in) {
                here.markers.retain(|name| *name != marker.name);
            }
        }
        if ends {
            hang_up(world, host);
        }
    }

    fn send(&self, world: &mut World, host: usize, message: MessageId) {
        let last = world.lines.len().checked_sub(1);
        let line = if host == 0 { last } else { world.taken.filter(|taken| Some(*taken) == last) };
        let Some(line) = line else { return };
        if host == 1 && self.is_gone(world, 0) {
            return;
        }
        let line = &mut world.lines[line];
        if line.queues[host].len() >= self.bounds.depth {
            line.is_broken[host] = true;
        }
        if !line.is_broken[host] {
            line.queues[host].push(message);
        }
    }
}

/// Closes the connection of a host. What it has sent can still arrive.
fn hang_up(world: &mut World, host: usize) {
    if host == 1 {
        world.taken = None;
    } else if let Some(line) = world.lines.last_mut() {
        line.queues[1].clear();
    }
}

fn rows(machine: &Machine, state: StateId) -> impl Iterator<Item = &Row> {
    machine.rows.iter().filter(move |row| row.from.contains(&state))
}

/// The place in `precedence:` of the strongest fact that the row needs.
fn rank(machine: &Machine, row: &Row) -> usize {
    let needs = |fact: &FactId| row.cubes.iter().all(|cube| cube.set.contains(*fact));
    machine.precedence.iter().position(needs).unwrap_or(usize::MAX)
}

/// A trigger is accepted where some case of a row needs it and can still be enabled under the fixed guards.
fn is_accepted(machine: &Machine, state: StateId, trigger: FactId, fixed: FactSet) -> bool {
    let asked = machine.fixed_guards();
    rows(machine, state).flat_map(|row| &row.cubes).any(|cube| {
        cube.set.contains(trigger) && (cube.set & asked) - fixed == FactSet::EMPTY && !cube.clear.intersects(fixed)
    })
}

fn is_named(machine: &Machine, state: StateId, name: &str) -> bool {
    let of_group = |group: &&migration_table::model::Group| group.name == name && group.states.contains(&state);
    let found = machine.state(state);
    found.name == name || found.kind.name() == name || machine.groups.iter().any(|group| of_group(&group))
}

/// Every pair of states that can be reached, with the fewest steps to it; `None` where that is too much.
pub(crate) fn reach(plain: &Plain<'_>, worlds_max: usize) -> Option<BTreeMap<[String; 2], usize>> {
    let mut seen = std::collections::HashSet::from([plain.start()]);
    let (mut level, mut pairs, mut steps) = (vec![plain.start()], BTreeMap::new(), 0);
    while !level.is_empty() {
        for world in level.iter().filter(|world| !world.hosts.iter().any(|host| host.is_down)) {
            pairs.entry(pair(plain, world)).or_insert(steps);
        }
        let next: Vec<World> = level.iter().flat_map(|world| plain.next(world)).map(|(_, world)| world).collect();
        level = next.into_iter().filter(|world| seen.insert(world.clone())).collect();
        if seen.len() > worlds_max {
            return None;
        }
        steps += 1;
    }
    Some(pairs)
}

/// The names of the states of both hosts.
pub(crate) fn pair(plain: &Plain<'_>, world: &World) -> [String; 2] {
    [0, 1].map(|host| plain.machine(host).state(world.hosts[host].state).name.clone())
}
