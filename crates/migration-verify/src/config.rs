//! A configuration of all hosts and the messages between them, and how it is packed into one number.

pub(crate) use crate::automaton::LocalId;

use crate::automaton::Letter;

/// The most hosts of a composition. The first one opens connections, the others accept them.
pub(crate) const HOSTS_MAX: usize = 4;
/// The most messages of one direction that can be on their way.
pub(crate) const DEPTH_MAX: usize = 8;
/// Bits of an item of a queue: six for the letter, two for the connection.
const ITEM_BITS: usize = 8;
const LETTER_BITS: usize = 6;

/// Where each host is.
pub(crate) type Locals = [LocalId; HOSTS_MAX];

/// A configuration of all hosts and the messages between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct Config {
    /// Where each host is.
    pub(crate) locals: Locals,
    /// How many attempts each host has begun. That of the first host numbers its connections.
    pub(crate) attempts: [u8; HOSTS_MAX],
    /// The host that the first one is connected to.
    pub(crate) peer: u8,
    /// The connection that each acceptor has taken in its present attempt, or 0.
    pub(crate) bound: [u8; HOSTS_MAX],
    /// The last connection that each acceptor has taken.
    pub(crate) last: [u8; HOSTS_MAX],
    /// Directions in which the last connection to each acceptor is broken: 1 towards it, 2 from it.
    pub(crate) broken: [u8; HOSTS_MAX],
    /// Messages on their way to each acceptor.
    pub(crate) there: [Queue; HOSTS_MAX],
    /// Messages on their way from each acceptor.
    pub(crate) back: [Queue; HOSTS_MAX],
    /// Whether each acceptor has been in its state for longer than the first host in its own.
    pub(crate) older: [u8; HOSTS_MAX],
    /// How many hosts were killed.
    pub(crate) kills: u8,
}

/// A direction on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Direction {
    /// To the host that accepted it.
    Acceptor,
    /// To the host that opened it.
    Opener,
}

/// Messages of one direction, oldest first: an item each byte, from the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct Queue(u64);

/// A message on its way and the connection that it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) letter: Letter,
    pub(crate) connection: u8,
}

/// A message that a host can read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Readable {
    /// The acceptor on whose connection it is.
    pub(crate) acceptor: usize,
    /// Its place in the queue.
    pub(crate) at: usize,
    pub(crate) item: Item,
}

impl Direction {
    /// The bit of [`Config::broken`].
    pub(crate) fn bit(self) -> u8 {
        match self {
            Direction::Acceptor => 1,
            Direction::Opener => 2,
        }
    }
}

impl Config {
    /// The most messages of one direction that are on their way.
    pub(crate) fn longest_channel(&self) -> usize {
        self.there.iter().chain(&self.back).map(|queue| queue.len()).max().unwrap_or(0)
    }

    /// The configuration without how many attempts and deaths there were: connections are counted from the present one.
    /// What can follow two configurations that are equal so differs by what the search leaves out alone.
    pub(crate) fn regardless_of_attempts(&self) -> Config {
        let now = self.attempts[0];
        let ago = |connection: u8| if connection == 0 { 0 } else { now - connection + 1 };
        let mut plain = Config { attempts: [0; HOSTS_MAX], kills: 0, ..*self };
        for host in 0..HOSTS_MAX {
            let (items, last) = (self.there[host].items(), self.last[host]);
            let matters = last == now || self.there[host].items().any(|item| item.connection <= last);
            plain.last[host] = if matters { ago(last) } else { 0 };
            plain.bound[host] = ago(self.bound[host]);
            plain.there[host] = Queue::default();
            items.for_each(|item| plain.there[host].push(Item { connection: ago(item.connection), ..item }));
        }
        plain
    }
}

impl Item {
    fn byte(self) -> u64 {
        u64::from(self.letter + 1) | u64::from(self.connection) << LETTER_BITS
    }

    fn of(byte: u64) -> Item {
        let letter = (byte & ((1 << LETTER_BITS) - 1)) as u8 - 1;
        Item { letter, connection: (byte >> LETTER_BITS) as u8 }
    }
}

impl Queue {
    pub(crate) fn len(self) -> usize {
        (64 - self.0.leading_zeros() as usize).div_ceil(ITEM_BITS)
    }

    pub(crate) fn push(&mut self, item: Item) {
        let len = self.len();
        assert!(len < DEPTH_MAX, "the caller checks the depth");
        self.0 |= item.byte() << (len * ITEM_BITS);
    }

    pub(crate) fn pop(&mut self) {
        self.0 >>= ITEM_BITS;
    }

    pub(crate) fn items(self) -> impl Iterator<Item = Item> {
        let bytes = (0..self.len()).map(move |index| self.0 >> (index * ITEM_BITS) & 0xff);
        bytes.map(Item::of)
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(Item) -> bool) {
        if self.0 == 0 {
            return;
        }
        let mut kept = Queue::default();
        self.items().filter(|item| keep(*item)).for_each(|item| kept.push(item));
        *self = kept;
    }

    /// The queue without one item.
    pub(crate) fn without(self, at: usize) -> Queue {
        let low = low((at * ITEM_BITS) as u32);
        Queue(self.0 & low | self.0.checked_shr(ITEM_BITS as u32).unwrap_or(0) & !low)
    }

    /// The queue with one item twice.
    pub(crate) fn doubled(self, at: usize) -> Queue {
        let low = low(((at + 1) * ITEM_BITS) as u32);
        Queue(self.0 & low | (self.0 & !(low >> ITEM_BITS)) << ITEM_BITS)
    }

    /// The queue with an item and the next one in the other order.
    pub(crate) fn swapped(self, at: usize) -> Queue {
        let (low, shift) = (self.0 >> (at * ITEM_BITS) & 0xff, at * ITEM_BITS);
        let high = self.0 >> (shift + ITEM_BITS) & 0xff;
        let rest = self.0 & !(0xffff << shift);
        Queue(rest | high << shift | low << (shift + ITEM_BITS))
    }
}

/// How many bits each part of a configuration takes when it is packed.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) hosts: usize,
    pub(crate) depth: usize,
    /// Bits of where each host is: the lowest ones, at most 64 of all hosts.
    locals: [u32; HOSTS_MAX],
    /// Bits of the number of an attempt or a connection.
    attempt: u32,
    /// Bits of a message to an acceptor and of one from it.
    letters: (u32, u32),
    kills: u32,
    /// The first of the bits of the acceptors, and how many each of them has.
    acceptors: u32,
    acceptor: u32,
    /// The first of the bits that say which waits are older: the last ones.
    older: u32,
}

/// The largest numbers that a composition has to store.
#[derive(Clone, Debug)]
pub(crate) struct Sizes {
    pub(crate) locals: Vec<usize>,
    pub(crate) depth: usize,
    pub(crate) attempts: u8,
    /// The first letter that is not used.
    pub(crate) letters: usize,
    pub(crate) kills: u8,
}

impl Layout {
    /// Returns the layout and the bits that it takes in all.
    pub(crate) fn new(sizes: &Sizes) -> (Layout, u32) {
        let mut locals = [0; HOSTS_MAX];
        for (bits, count) in locals.iter_mut().zip(&sizes.locals) {
            *bits = bits_for(count.saturating_sub(1));
        }
        let (hosts, attempt) = (sizes.locals.len(), bits_for(usize::from(sizes.attempts)));
        let letter = bits_for(sizes.letters);
        let letters = (letter + attempt, letter);
        let kills = bits_for(usize::from(sizes.kills));
        let acceptors = u32::try_from(hosts - 1).unwrap_or(u32::MAX);
        let depth = u32::try_from(sizes.depth).unwrap_or(u32::MAX);
        let acceptor = 2 * attempt + 2 + depth * (letters.0 + letters.1);
        let first = locals.iter().sum::<u32>() + 2 + kills + attempt * (acceptors + 1);
        let older = first + acceptors * acceptor;
        let layout =
            Layout { hosts, depth: sizes.depth, locals, attempt, letters, kills, acceptors: first, acceptor, older };
        (layout, older + acceptors)
    }

    pub(crate) fn pack(&self, config: &Config) -> u128 {
        let mut packed = Packer { value: 0, at: 0 };
        for host in 0..self.hosts {
            packed.put(config.locals[host], self.locals[host]);
        }
        packed.put(config.peer, 2);
        packed.put(config.kills, self.kills);
        for host in 0..self.hosts {
            packed.put(config.attempts[host], self.attempt);
        }
        for host in 1..self.hosts {
            packed.put(config.bound[host], self.attempt);
            packed.put(config.last[host], self.attempt);
            packed.put(config.broken[host], 2);
            self.pack_queue(&mut packed, config.there[host], self.letters.0);
            self.pack_queue(&mut packed, config.back[host], self.letters.1);
        }
        for host in 1..self.hosts {
            packed.put(config.older[host], 1);
        }
        packed.value
    }

    /// The packed configuration in which a host is elsewhere and nothing else differs.
    pub(crate) fn with_local(&self, value: u128, host: usize, (from, to): (LocalId, LocalId)) -> u128 {
        let place: u32 = self.locals[..host].iter().sum();
        value ^ u128::from(u64::from(from ^ to) << place)
    }

    /// The packed configuration in which a connection that was whole is broken in one direction, so that this many of its
    /// messages still arrive.
    pub(crate) fn with_cut(&self, value: u128, acceptor: usize, towards: Direction, left: usize) -> u128 {
        let broken = self.acceptors + (acceptor as u32 - 1) * self.acceptor + 2 * self.attempt;
        let ((there, back), depth) = (self.letters, self.depth as u32);
        let (queue, bits) = match towards {
            Direction::Acceptor => (broken + 2, there),
            Direction::Opener => (broken + 2 + depth * there, back),
        };
        let lost = low(bits * depth) & !low(bits * left as u32);
        value & !(u128::from(lost) << queue) | u128::from(towards.bit()) << broken
    }

    /// The packed configuration in which these waits are older, as a bit set of acceptors, the first one lowest. In the
    /// one that is given, none is.
    pub(crate) fn with_older(&self, value: u128, older: u8) -> u128 {
        if older == 0 { value } else { value | u128::from(older) << self.older }
    }

    fn pack_queue(&self, packed: &mut Packer, queue: Queue, bits: u32) {
        let (letter, mut items, mut rest, mut at) = (self.letters.1, 0, queue.0, 0);
        while rest != 0 {
            let connection = (rest & low(ITEM_BITS as u32)) >> LETTER_BITS;
            let item = rest & low(LETTER_BITS as u32) | connection << letter;
            items |= (item & low(bits)) << at;
            rest >>= ITEM_BITS;
            at += bits;
        }
        packed.put(items, bits * self.depth as u32);
    }

    pub(crate) fn unpack(&self, value: u128) -> Config {
        let (mut config, mut from) = (Config::default(), Packer { value, at: 0 });
        for host in 0..self.hosts {
            config.locals[host] = from.take(self.locals[host]) as LocalId;
        }
        config.peer = from.take(2) as u8;
        config.kills = from.take(self.kills) as u8;
        for host in 0..self.hosts {
            config.attempts[host] = from.take(self.attempt) as u8;
        }
        for host in 1..self.hosts {
            config.bound[host] = from.take(self.attempt) as u8;
            config.last[host] = from.take(self.attempt) as u8;
            config.broken[host] = from.take(2) as u8;
            config.there[host] = self.unpack_queue(&mut from, self.letters.0);
            config.back[host] = self.unpack_queue(&mut from, self.letters.1);
        }
        for host in 1..self.hosts {
            config.older[host] = from.take(1) as u8;
        }
        config
    }

    fn unpack_queue(&self, from: &mut Packer, bits: u32) -> Queue {
        let (mut queue, letter, mut at) = (0, self.letters.1, 0);
        let mut items = from.take(bits * self.depth as u32);
        while items != 0 {
            let item = items & low(bits);
            queue |= (item & low(letter) | item >> letter << LETTER_BITS) << at;
            items = items.checked_shr(bits).unwrap_or(0);
            at += ITEM_BITS;
        }
        Queue(queue)
    }
}

/// Returns how many bits the numbers from 0 to `greatest` need.
fn bits_for(greatest: usize) -> u32 {
    usize::BITS - greatest.leading_zeros()
}

struct Packer {
    value: u128,
    at: u32,
}

impl Packer {
    /// Packs a number of at most 64 bits.
    fn put(&mut self, value: impl Into<u64>, bits: u32) {
        self.value |= u128::from(value.into()) << self.at;
        self.at += bits;
    }

    /// Takes out a number of at most 64 bits.
    fn take(&mut self, bits: u32) -> u64 {
        let value = self.value as u64 & low(bits);
        self.value >>= bits;
        value
    }
}

/// The lowest bits of a number, of which there are at most 64.
fn low(bits: u32) -> u64 {
    1_u64.checked_shl(bits).map_or(u64::MAX, |bit| bit - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(letters: &[u8]) -> Queue {
        let mut queue = Queue::default();
        letters.iter().for_each(|letter| queue.push(Item { letter: *letter, connection: 1 }));
        queue
    }

    #[test]
    fn a_packed_configuration_is_unpacked_unchanged() {
        let sizes = Sizes { locals: vec![300, 12, 12], depth: 3, attempts: 3, letters: 5, kills: 1 };
        let (layout, bits) = Layout::new(&sizes);
        assert!(bits <= 128, "{bits}");
        let mut config =
            Config { locals: [299, 11, 7, 0], attempts: [3, 1, 2, 0], peer: 2, kills: 1, ..Config::default() };
        config.bound[2] = 3;
        config.last[2] = 3;
        config.broken[1] = 2;
        config.older[2] = 1;
        config.there[2] = queue(&[4, 0]);
        config.back[1].push(Item { letter: 3, connection: 0 });
        assert_eq!(layout.unpack(layout.pack(&config)), config);
        let moved = Config { locals: [299, 2, 7, 0], ..config };
        assert_eq!(layout.with_local(layout.pack(&config), 1, (11, 2)), layout.pack(&moved));
        let whole = Config { broken: Default::default(), ..config };
        let mut cut = Config { broken: [0, 0, Direction::Acceptor.bit(), 0], ..config };
        cut.there[2] = queue(&[4]);
        assert_eq!(layout.with_cut(layout.pack(&whole), 2, Direction::Acceptor, 1), layout.pack(&cut));
        let mut cut = Config { broken: [0, Direction::Opener.bit(), 0, 0], ..config };
        cut.back[1] = Queue::default();
        assert_eq!(layout.with_cut(layout.pack(&whole), 1, Direction::Opener, 0), layout.pack(&cut));
        let none_older = Config { older: Default::default(), ..config };
        assert_eq!(layout.with_older(layout.pack(&none_older), 0b10), layout.pack(&config));
    }

    #[test]
    fn a_queue_loses_doubles_and_swaps_items() {
        let all = queue(&[1, 2, 3]);
        assert_eq!(all.without(1), queue(&[1, 3]));
        assert_eq!(all.doubled(1), queue(&[1, 2, 2, 3]));
        assert_eq!(all.swapped(0), queue(&[2, 1, 3]));
        assert_eq!((all.len(), all.items().next().map(|item| item.letter)), (3, Some(1)));
    }
}
