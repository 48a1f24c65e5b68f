//! The configurations of a machine under one setting, and every step between them: what clients are simulated on.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::memory::Memory;
use super::naive::{Here, Naive};
use crate::public::{Label, Reply, Shown};
use migration_table::model::{Kind, Machine, Table};

/// A name, as a number.
pub(super) type Word = u32;

/// Names as numbers. The empty name has the number 0.
pub(super) struct Words {
    numbers: RefCell<BTreeMap<String, Word>>,
    shown: RefCell<BTreeMap<Word, Shown>>,
    reads: Reads,
}

/// What clients read of what they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reads {
    /// The status.
    Statuses,
    /// The status and the reason.
    Reasons,
}

impl Words {
    pub(super) fn new(reads: Reads) -> Words {
        Words { numbers: RefCell::new(BTreeMap::from([(String::new(), 0)])), shown: RefCell::default(), reads }
    }

    pub(super) fn number(&self, name: &str) -> Word {
        let mut numbers = self.numbers.borrow_mut();
        let next = u32::try_from(numbers.len()).unwrap();
        *numbers.entry(name.to_owned()).or_insert(next)
    }

    /// What is shown, as far as it is read.
    pub(super) fn shown(&self, shown: &Shown) -> Word {
        match self.reads {
            Reads::Statuses => self.number(&shown.status),
            Reads::Reasons => {
                let word = self.number(&shown.to_string());
                self.shown.borrow_mut().insert(word, shown.clone());
                word
            }
        }
    }

    /// What was shown with these statuses, where reasons are read.
    pub(super) fn with_status(&self, is_it: impl Fn(&str) -> bool) -> BTreeSet<Word> {
        self.shown.borrow().iter().filter(|(_, shown)| is_it(&shown.status)).map(|(word, _)| *word).collect()
    }

    /// The reason with which something is shown, where reasons are read.
    pub(super) fn reason(&self, word: Word) -> Option<String> {
        self.shown.borrow()[&word].reason.clone()
    }

    /// Whether two things that are shown have one status.
    pub(super) fn are_alike(&self, one: Word, other: Word) -> bool {
        let shown = self.shown.borrow();
        match (shown.get(&one), shown.get(&other)) {
            (Some(one), Some(other)) => one.status == other.status,
            (None, _) | (_, None) => one == other,
        }
    }
}

/// A configuration: a state and what is remembered in it.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Where it can be without anything being seen.
    pub(super) silent: Vec<u32>,
    /// What it can publish.
    pub(super) events: Vec<(Word, u32)>,
    /// The replies: command, class of error (0 for success), and where it is then.
    pub(super) replies: Vec<(Word, Word, u32)>,
    /// Whether the machine is looking for a row, and takes no command.
    pub(super) is_due: bool,
    pub(super) shows: Word,
    /// Whether nothing more may be shown unless a command comes.
    pub(super) rests: bool,
    /// Whether no end of the attempt can be reached without a command.
    pub(super) is_trapped: bool,
    /// Whether it can come by itself to where it is trapped.
    pub(super) may_be_trapped: bool,
    /// Whether no attempt is under way.
    pub(super) is_idle: bool,
    /// Where it is once a client has changed to other settings, by their number.
    pub(super) changes: Vec<(usize, u32)>,
}

/// A machine under one setting.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) nodes: Vec<Node>,
    pub(super) initial: u32,
    pub(super) memory: Memory,
}

impl Side {
    /// The machine under all of these settings: it begins with the first, and clients change them.
    pub(super) fn new(table: &Table, machine: &Machine, all: &[BTreeSet<String>], words: &Words) -> Side {
        let under: Vec<Naive<'_>> = all.iter().map(|on| Naive::new(table, machine, on)).collect();
        let start: (usize, Here) = (0, under[0].start());
        let (mut numbers, mut order) = (BTreeMap::from([(start, 0)]), vec![start]);
        let mut nodes: Vec<Node> = Vec::new();
        // By node, where it is in the end if nothing fails, without anything being seen.
        let mut sure: Vec<Vec<u32>> = Vec::new();
        while let Some((at, here)) = order.get(nodes.len()).copied() {
            let naive = &under[at];
            let mut number_under = |to: (usize, Here)| {
                let next = u32::try_from(numbers.len()).unwrap();
                *numbers.entry(to).or_insert_with(|| {
                    order.push(to);
                    next
                })
            };
            let is_due = here.2;
            let others = (0..under.len()).filter(|other| *other != at && !is_due);
            let changes = others.map(|other| (other, number_under((other, here)))).collect();
            let mut number = |to: Here| number_under((at, to));
            let shows = words.shown(&naive.shown(here));
            let certain = naive.if_nothing_fails(here).into_iter().filter(|(label, _)| label.is_none());
            sure.push(certain.map(|(_, to)| number(to)).collect::<Vec<u32>>());
            let (silent, events, replies) = (Vec::new(), Vec::new(), Vec::new());
            let (rests, is_trapped, may_be_trapped) = (false, false, false);
            let is_idle = machine.state(here.0).kind == Kind::Idle;
            let mut node =
                Node { silent, events, replies, is_due, shows, rests, is_trapped, may_be_trapped, is_idle, changes };
            let replies = naive.by_command(here).into_iter().map(|(label, to)| (Some(label), to));
            for (label, to) in naive.by_itself(here).into_iter().chain(replies) {
                let to = number(to);
                match label {
                    None => node.silent.push(to),
                    Some(Label::Event(shown)) => node.events.push((words.shown(&shown), to)),
                    Some(Label::Reply(command, Reply::Success)) => node.replies.push((words.number(&command), 0, to)),
                    Some(Label::Reply(command, Reply::Error(class))) => {
                        node.replies.push((words.number(&command), words.number(&class), to));
                    }
                }
            }
            nodes.push(node);
        }
        let mut side = Side { nodes, initial: 0, memory: Memory::default() };
        let order: Vec<Here> = order.into_iter().map(|(_, here)| here).collect();
        side.characterise(machine, &order, &sure);
        side
    }

    pub(super) fn node(&self, at: u32) -> &Node {
        &self.nodes[at as usize]
    }

    fn characterise(&mut self, machine: &Machine, order: &[Here], sure: &[Vec<u32>]) {
        let kind = |at: usize| machine.state(order[at].0).kind;
        let count = self.nodes.len();
        let publishes = self.leads_to(|at| &sure[at], |at| !self.nodes[at].events.is_empty());
        let ends = self.leads_to(|at| &self.nodes[at].silent, |at| kind(at) == Kind::Idle);
        for at in 0..count {
            let state = machine.state(order[at].0);
            let is_patient = match kind(at) {
                Kind::Idle => true,
                Kind::Wait => !state.is_bounded(),
                Kind::Work | Kind::Cleanup => false,
            };
            let node = &mut self.nodes[at];
            node.rests = !node.is_due && (is_patient || !publishes[at]);
            node.is_trapped = !node.is_due && kind(at) != Kind::Idle && !ends[at];
        }
        let trapped = self.leads_to(|at| &self.nodes[at].silent, |at| self.nodes[at].is_trapped);
        self.nodes.iter_mut().zip(trapped).for_each(|(node, trapped)| node.may_be_trapped = trapped);
    }

    /// From where the machine can come by itself to such a place, by these of its silent steps.
    fn leads_to<'s>(&'s self, silent: impl Fn(usize) -> &'s Vec<u32>, is_there: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut leads: Vec<bool> = (0..self.nodes.len()).map(is_there).collect();
        loop {
            let grown: Vec<usize> = (0..self.nodes.len())
                .filter(|at| {
                    let events = &self.nodes[*at].events;
                    let mut next = silent(*at).iter().chain(events.iter().map(|(_, to)| to));
                    !leads[*at] && next.any(|to| leads[*to as usize])
                })
                .collect();
            if grown.is_empty() {
                return leads;
            }
            grown.into_iter().for_each(|at| leads[at] = true);
        }
    }
}
