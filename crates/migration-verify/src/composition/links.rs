//! What happens between hosts and to them: reading, closing, breaking and bad networks, and hosts that die.

use super::{Action, Composition, Direction, Disturbance, Effect, Steps};
use crate::config::{Config, Queue, Readable};

impl Composition<'_> {
    /// Returns the message that a host can read: the first that its state awaits. It passes over those before it.
    pub(crate) fn readable(&self, config: &Config, host: usize) -> Option<Readable> {
        let awaited = self.automaton(host).awaits[usize::from(config.locals[host])];
        self.arrived(config, host).find(|found| awaited & 1 << found.item.letter != 0)
    }

    /// The messages that have arrived at a host on a connection that it has, or that it can take.
    pub(crate) fn arrived(&self, config: &Config, host: usize) -> impl Iterator<Item = Readable> + use<> {
        let is_open = !self.is_idle(&config.locals, host) && !self.is_down(&config.locals, host);
        let acceptor = if host == 0 { usize::from(config.peer) } else { host };
        let (bound, last) = (config.bound[acceptor], config.last[acceptor]);
        let queue = if host == 0 { config.back[acceptor] } else { config.there[acceptor] };
        let is_own = move |item: &crate::config::Item| {
            host == 0 || item.connection == bound || bound == 0 && item.connection > last
        };
        let items = queue.items().enumerate().filter(move |(_, item)| is_open && is_own(item));
        items.map(move |(at, item)| Readable { acceptor, at, item })
    }

    /// Takes a message off its connection, and those before it.
    pub(super) fn read(&self, next: &mut Config, host: usize, found: Readable) {
        let Readable { acceptor, at, item } = found;
        if host == 0 {
            (0..=at).for_each(|_| next.back[acceptor].pop());
            return;
        }
        next.bound[host] = item.connection;
        next.last[host] = next.last[host].max(item.connection);
        let mut kept = Queue::default();
        for (position, other) in next.there[host].items().enumerate() {
            if position > at || other.connection > item.connection {
                kept.push(other);
            }
        }
        next.there[host] = kept;
        self.forget_unreadable(next);
    }

    /// Ends the connection of a host whose attempt is over. What it sent before can still arrive.
    pub(super) fn close(&self, next: &mut Config, host: usize) {
        if host == 0 {
            if let Some(queue) = next.back.get_mut(usize::from(next.peer)) {
                *queue = Queue::default();
            }
        } else {
            next.bound[host] = 0;
        }
    }

    /// Opens a new connection within an attempt: what the old one still carried is lost. Until its peer has read something
    /// on the new one, another attempt of the peer can take it.
    pub(super) fn reconnect(&self, next: &mut Config, host: usize) {
        let acceptor = if host == 0 { usize::from(next.peer) } else { host };
        if host == 0 {
            next.last[acceptor] = next.last[acceptor].min(next.attempts[0].saturating_sub(1));
        }
        next.broken[acceptor] = 0;
        next.there[acceptor] = Queue::default();
        next.back[acceptor] = Queue::default();
    }

    /// Takes away messages that nobody can read any more, since their connection is closed at the other end.
    pub(super) fn forget_unreadable(&self, next: &mut Config) {
        for host in 1..self.hosts.len() {
            let (bound, last) = (next.bound[host], next.last[host]);
            next.there[host].retain(|item| item.connection == bound || item.connection > last);
        }
    }

    /// Whether a host hears in the end that its peer has closed their connection: a peer that lives has, and the way from
    /// it is whole. Of a break and of a death nobody need ever hear.
    pub(crate) fn is_told_of_the_end(&self, config: &Config, host: usize) -> bool {
        let is_over = |other: usize| self.is_idle(&config.locals, other);
        let acceptor = if host == 0 { usize::from(config.peer) } else { host };
        let peer = if host == 0 { acceptor } else { 0 };
        let in_vain = acceptor >= self.hosts.len() || is_over(host) || self.is_down(&config.locals, host);
        if in_vain || self.is_down(&config.locals, peer) {
            return false;
        }
        let (bound, last, now) = (config.bound[acceptor], config.last[acceptor], config.attempts[0]);
        if host == 0 {
            let is_closed = bound != now && (last == now || is_over(peer));
            return is_closed && config.broken[acceptor] & Direction::Opener.bit() == 0;
        }
        // The peer has gone on to another connection, or rests.
        let has_gone_on = bound != now || usize::from(config.peer) != host;
        let is_whole = config.broken[acceptor] & Direction::Acceptor.bit() == 0;
        bound != 0 && (has_gone_on || is_over(peer) && is_whole)
    }

    /// Adds what the network can do.
    pub(super) fn network_steps(&self, (config, packed): (&Config, u128), out: &mut Steps) {
        for acceptor in 1..self.hosts.len() {
            for towards in [Direction::Acceptor, Direction::Opener] {
                self.cuts((config, packed), acceptor, towards, out);
                if self.network.is_bad() {
                    self.disturbances(config, acceptor, towards, out);
                }
            }
        }
    }

    fn cuts(&self, (config, packed): (&Config, u128), acceptor: usize, towards: Direction, out: &mut Steps) {
        let is_open =
            config.attempts[0] > 0 && usize::from(config.peer) == acceptor && !self.is_idle(&config.locals, 0);
        let is_carrying = queue(config, acceptor, towards).len() > 0;
        if !self.network.cut || config.broken[acceptor] & towards.bit() != 0 || !(is_open || is_carrying) {
            return;
        }
        for left in 0..=queue(config, acceptor, towards).len() {
            let action = Action::Cut { acceptor: number(acceptor), towards, left: number(left) };
            out.found.push((action, Effect::NONE, self.layout.with_cut(packed, acceptor, towards, left)));
        }
    }

    fn disturbances(&self, config: &Config, acceptor: usize, towards: Direction, out: &mut Steps) {
        let now = queue(config, acceptor, towards);
        let mut disturb = |at: usize, how: Disturbance, changed: Queue| {
            let mut next = *config;
            *queue_mut(&mut next, acceptor, towards) = changed;
            let action = Action::Disturb { acceptor: number(acceptor), towards, at: number(at), how };
            self.add(action, Effect::NONE, &next, out);
        };
        for at in 0..now.len() {
            if self.network.lose {
                disturb(at, Disturbance::Lose, now.without(at));
            }
            if self.network.duplicate && now.len() < self.bounds.depth {
                disturb(at, Disturbance::Double, now.doubled(at));
            }
            if self.network.reorder && at + 1 < now.len() && now.swapped(at) != now {
                disturb(at, Disturbance::Swap, now.swapped(at));
            }
        }
    }

    /// Adds the deaths of hosts, and those that are started again. A host whose guest died with it stays dead.
    pub(super) fn deaths(&self, config: &Config, out: &mut Steps) {
        for host in 0..self.hosts.len() {
            let automaton = self.automaton(host);
            if self.is_down(&config.locals, host) {
                if automaton.locals[usize::from(automaton.initial)].markers == 0 {
                    let mut next = *config;
                    next.locals[host] = automaton.initial;
                    self.add(Action::Restart { host: number(host) }, Effect::NONE, &next, out);
                }
            } else if config.kills < self.bounds.kills {
                let mut next = *config;
                next.kills += 1;
                next.locals[host] = automaton.down;
                self.close(&mut next, host);
                self.forget_unreadable(&mut next);
                self.note_ages(&mut next, host);
                let effect = Effect { moved: number(host), ..Effect::NONE };
                self.add(Action::Kill { host: number(host) }, effect, &next, out);
            }
        }
    }
}

fn queue(config: &Config, acceptor: usize, towards: Direction) -> Queue {
    match towards {
        Direction::Acceptor => config.there[acceptor],
        Direction::Opener => config.back[acceptor],
    }
}

fn queue_mut(config: &mut Config, acceptor: usize, towards: Direction) -> &mut Queue {
    match towards {
        Direction::Acceptor => &mut config.there[acceptor],
        Direction::Opener => &mut config.back[acceptor],
    }
}

fn number(index: usize) -> u8 {
    u8::try_from(index).unwrap_or(u8::MAX)
}
