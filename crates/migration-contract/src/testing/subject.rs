//! A table on which clients are simulated, with what they have found out about it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::plain::{Reads, Side, Words};
use crate::public::{Public, project};
use migration_table::model::{Machine, Table};

/// The names of all tables that are held against each other, as numbers.
pub struct Names {
    statuses: Words,
    reasons: Words,
}

impl Default for Names {
    fn default() -> Names {
        Names { statuses: Words::new(Reads::Statuses), reasons: Words::new(Reads::Reasons) }
    }
}

/// A table that clients are simulated on. One that is held against many others is gone through once.
pub struct Subject<'t> {
    table: &'t Table,
    pub(super) public: Result<Public, String>,
    names: &'t Names,
    sides: RefCell<BTreeMap<Part, Rc<Side>>>,
}

/// A machine by its number, what clients read of it, and the settings that it has, one after the other.
type Part = (usize, Reads, Vec<BTreeSet<String>>);

impl<'t> Subject<'t> {
    /// Names are the same for all subjects that are compared.
    #[must_use]
    pub fn new(table: &'t Table, names: &'t Names) -> Subject<'t> {
        let public = project(table).map_err(|error| error.to_string());
        Subject { table, public, names, sides: RefCell::default() }
    }

    /// The number of the machine with this name.
    pub(super) fn position(&self, machine: &str) -> Option<usize> {
        self.table.machines.iter().position(|it| it.name == machine)
    }

    pub(super) fn machines(&self) -> &'t [Machine] {
        &self.table.machines
    }

    pub(super) fn words(&self, reads: Reads) -> &'t Words {
        match reads {
            Reads::Statuses => &self.names.statuses,
            Reads::Reasons => &self.names.reasons,
        }
    }

    /// A machine under these settings: it begins with the first, and clients change them.
    pub(super) fn side(&self, machine: usize, reads: Reads, all: &[BTreeSet<String>]) -> Rc<Side> {
        let words = self.words(reads);
        let find = || Rc::new(Side::new(self.table, &self.table.machines[machine], all, words));
        self.sides.borrow_mut().entry((machine, reads, all.to_vec())).or_insert_with(find).clone()
    }
}

/// The new table and the old one, each with the number of the machine in it.
#[derive(Clone, Copy)]
pub(super) struct Tables<'r> {
    pub(super) new: (&'r Subject<'r>, usize),
    pub(super) old: (&'r Subject<'r>, usize),
}

impl<'r> Tables<'r> {
    pub(super) fn machines(&self) -> [&'r Machine; 2] {
        [self.new, self.old].map(|(subject, at)| &subject.machines()[at])
    }

    /// The new machine and the old one under these settings, in the eyes of clients that know the old public side.
    pub(super) fn sides(&self, reads: Reads, all: &[BTreeSet<String>], before: &Public) -> [Rc<Side>; 2] {
        [self.new, self.old].map(|(subject, at)| {
            let side = subject.side(at, reads, all);
            side.memory.prepare(before.statuses.keys());
            side
        })
    }
}
