//! A figure: everything that a picture shows, as plain data.
//!
//! Whoever writes a picture reads this and nothing else: no table, no machine. What is on it was decided by the view
//! (see [`super::view`]) and by the plan of each machine (see `plan`); how it looks is the writer's. Indices point
//! into the lists of the same [`Panel`]. Lists are in an order that the order of the table's rows does not change.

use std::fmt;

use migration_table::model::Kind;

/// More arrows than this, and nobody reads the picture of a whole machine.
pub const ARROWS_MAX: usize = 40;

/// Most states of a machine that our own layout places; it takes time that grows with the square of their number.
pub const STATES_MAX: usize = 500;

/// What a picture shows: one machine, or several side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The name of the table.
    pub table: String,
    /// What is looked at, in words: `full`, `overview`, `state active`, ...
    pub view: String,
    /// One for each machine.
    pub panels: Vec<Panel>,
    /// What must be said beside the picture, a sentence each: the verdict of a comparison, what was left out, and why.
    pub notes: Vec<String>,
}

/// What a picture shows of one machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panel {
    /// The name of the machine; unique in the figure.
    pub machine: String,
    /// Its description.
    pub doc: String,
    /// Its line in the table, from 1.
    pub line: usize,
    /// The states (or statuses), in the order of the table.
    pub nodes: Vec<Node>,
    /// Frames and boxes; no two overlap unless one is inside the other. Outer ones come first.
    pub clusters: Vec<Cluster>,
    /// The arrows, in the order of their courses, then of the nodes that they join.
    pub arrows: Vec<Arrow>,
    /// The node in which the machine starts, if it is shown.
    pub initial: Option<usize>,
    /// The happy path, as far as it is shown.
    pub path: Vec<usize>,
}

/// A state, or in an overview a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name in the table, which is made of letters, digits, `_` and `-`; unique in the panel.
    pub id: String,
    /// What it is called in the picture: a status as on the wire.
    pub label: String,
    /// What stands below that: `shows setup`, where the name does not say it.
    pub sublabel: Option<String>,
    /// What a client is shown, as the wire names it.
    pub status: String,
    /// What goes on in it.
    pub kind: Kind,
    /// Whether a client notices that the machine enters it.
    pub public: bool,
    /// Where it belongs.
    pub place: Place,
    /// What this view says of it.
    pub mark: Mark,
    /// The steps of a trace that enter it, and whether the trace ends in it.
    pub steps: Vec<Number>,
    /// What it means: the description, the kind, what it holds, and what this view adds; a line each.
    pub tooltip: String,
    /// Its line in the table, from 1.
    pub line: usize,
}

/// A set of nodes with a border.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Unique in the panel; made of letters, digits and `_`.
    pub id: String,
    /// What stands at its border; may be empty.
    pub label: String,
    /// The nodes within, those of inner clusters too, in order.
    pub nodes: Vec<usize>,
    /// Whether arrows start at its border.
    pub is_frame: bool,
    /// The group or kind with exactly these states, if arrows start at the border and there is one.
    pub group: Option<String>,
    /// The status that all of them show, if the border says so.
    pub status: Option<String>,
}

/// An arrow: one row or several between the same places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// Unique in the panel.
    pub id: String,
    /// Where it starts.
    pub tail: Tail,
    /// The node that it points to.
    pub to: usize,
    /// What it is to the reader.
    pub course: Course,
    /// What stands beside it, an entry for each kind of effect: `trigger [guard] / what it does`. Not wrapped: see
    /// [`super::wrap()`].
    pub words: Vec<String>,
    /// The rows that it stands for.
    pub rows: Vec<Way>,
    /// What this view says of it.
    pub mark: Mark,
    /// The steps of a trace that go along it.
    pub steps: Vec<Number>,
    /// Where it leaves and what its facts mean; a line each.
    pub tooltip: String,
}

/// A row, in the states in which an arrow stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// The nodes that it leaves.
    pub from: Vec<usize>,
    /// When it fires: in one of these cases.
    pub cases: Vec<Case>,
    /// The formula as it is written.
    pub when: String,
    /// The reason that it gives.
    pub reason: Option<String>,
    /// Names of the messages that it sends.
    pub sends: Vec<String>,
    /// Names of the triggers that it gives up.
    pub drops: Vec<String>,
    /// Whether a client notices.
    pub public: bool,
    /// Those of the nodes, if they are statuses, in which it is up to the state behind the status whether the command
    /// is taken.
    pub at_times: Vec<usize>,
    /// What this view says of it.
    pub mark: Mark,
    /// The steps of a trace that it is, each with the node that it leaves.
    pub steps: Vec<(usize, Number)>,
    /// Its line in the table, from 1.
    pub line: usize,
}

/// Where a part of the picture is on a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Number {
    /// A step, from 1.
    Step(usize),
    /// A step that is not certain: what is known of the run fits another one too.
    Perhaps(usize),
    /// The end.
    End,
    /// How often runs take it.
    Times(usize),
    /// How often runs may take it: what is known of them fits something else too.
    PerhapsTimes(usize),
}

/// A case in which a row fires: all of it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Triggers, events and messages that are there.
    pub causes: Vec<String>,
    /// Guards that hold.
    pub guards: Vec<String>,
    /// Facts that are not there.
    pub absent: Vec<String>,
}

/// Where an arrow starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tail {
    /// At a node, by its index in [`Panel::nodes`].
    Node(usize),
    /// At the border of a cluster, by its index in [`Panel::clusters`].
    Cluster(usize),
}

/// Where a state belongs in the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// On the straight line of the happy path.
    Path,
    /// Beside it: from here the machine can come back to the path within the attempt.
    Detour,
    /// Below it: the attempt goes wrong or was given up.
    Aside,
}

/// What an arrow is to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Course {
    /// A step of the happy path.
    Path,
    /// Another way on.
    Forward,
    /// A failure or a cancel, or what follows from one.
    Aside,
    /// A new attempt from where an earlier one ended. Writers draw it to a small copy of the state that it enters,
    /// since an arrow back to the real one would sweep across the whole picture.
    Again,
}

/// What a view says of a part of the picture. No writer may say it by colour alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// Nothing.
    #[default]
    Plain,
    /// Only the new table has it.
    Added,
    /// Only the old table has it.
    Removed,
    /// Both tables have it, and it differs.
    Changed,
    /// It is what is looked at, or was gone through.
    Highlighted,
    /// It is there for orientation only.
    Muted,
    /// Both tables have it, and it is the same.
    Unchanged,
    /// The trigger is accepted here.
    Accepted,
    /// The trigger does nothing here, and that is no error.
    Ignored,
    /// The trigger is refused here.
    Refused,
}

impl Number {
    /// Its place in the order of the trace.
    #[must_use]
    pub fn place(self) -> usize {
        match self {
            Number::Step(at) | Number::Perhaps(at) => at,
            Number::End => usize::MAX,
            Number::Times(_) => 0,
            Number::PerhapsTimes(_) => 1,
        }
    }

    /// Returns numbers in the order of the trace. How often something is taken is added up.
    pub(super) fn together(numbers: impl IntoIterator<Item = Number>) -> Vec<Number> {
        let (mut found, mut certain, mut perhaps) = (Vec::new(), 0, 0);
        for number in numbers {
            match number {
                Number::Times(many) => certain += many,
                Number::PerhapsTimes(many) => perhaps += many,
                Number::Step(_) | Number::Perhaps(_) | Number::End => found.push(number),
            }
        }
        found.extend((certain > 0).then_some(Number::Times(certain)));
        found.extend((perhaps > 0).then_some(Number::PerhapsTimes(perhaps)));
        found.sort_by_key(|number| number.place());
        found
    }
}

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Step(at) => write!(out, "{at}"),
            Number::Perhaps(at) => write!(out, "{at}?"),
            Number::End => out.write_str("end"),
            Number::Times(many) => write!(out, "{many}x"),
            Number::PerhapsTimes(many) => write!(out, "{many}x?"),
        }
    }
}

impl Mark {
    /// What is said of a row in the states that a run does not leave along it, if this is said where the run does.
    pub(super) fn passed_by(self) -> Mark {
        match self {
            Mark::Plain => Mark::Unchanged,
            Mark::Highlighted => Mark::Muted,
            Mark::Added
            | Mark::Removed
            | Mark::Changed
            | Mark::Muted
            | Mark::Unchanged
            | Mark::Accepted
            | Mark::Ignored
            | Mark::Refused => self,
        }
    }

    /// The sign that says the same as its colour; empty where it says nothing.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Mark::Plain | Mark::Muted | Mark::Unchanged | Mark::Highlighted => "",
            Mark::Added => "+",
            Mark::Removed => "-",
            Mark::Changed => "~",
            Mark::Accepted => "✓",
            Mark::Ignored => "○",
            Mark::Refused => "✗",
        }
    }

    /// What it says, in a word or a few; empty for [`Mark::Plain`].
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Mark::Plain => "",
            Mark::Added => "added",
            Mark::Removed => "removed",
            Mark::Changed => "changed",
            Mark::Highlighted => "what is looked at",
            Mark::Muted => "for orientation",
            Mark::Unchanged => "unchanged",
            Mark::Accepted => "accepted",
            Mark::Ignored => "ignored",
            Mark::Refused => "refused",
        }
    }
}

impl Panel {
    /// The nodes that an arrow can start from: one, or all within a cluster.
    #[must_use]
    pub fn tail_nodes(&self, tail: Tail) -> Vec<usize> {
        match tail {
            Tail::Node(node) => vec![node],
            Tail::Cluster(at) => self.clusters[at].nodes.clone(),
        }
    }

    /// The clusters around a node, outer ones first.
    pub fn around(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.clusters.len()).filter(move |at| self.clusters[*at].nodes.binary_search(&node).is_ok())
    }

    /// Returns the cluster that holds a node and stands directly within another one, or in the picture; only those that
    /// are `kept` count.
    #[must_use]
    pub fn child(&self, within: Option<usize>, node: usize, kept: impl Fn(&Cluster) -> bool) -> Option<usize> {
        let mut around = self.around(node).filter(|at| kept(&self.clusters[*at]));
        match within {
            None => around.next(),
            Some(outer) => around.skip_while(|at| *at != outer).nth(1),
        }
    }

    /// The nodes that new attempts enter from where earlier ones ended, in order.
    #[must_use]
    pub fn again(&self) -> Vec<usize> {
        let again = self.arrows.iter().filter(|arrow| arrow.course == Course::Again);
        let mut found: Vec<usize> = again.map(|arrow| arrow.to).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Returns the nodes where runs end: idle ones that are entered and are not the initial one. Returns no node if one of
    /// them leads to another.
    #[must_use]
    pub fn ends(&self) -> Vec<usize> {
        let is_end = |node: usize| self.nodes[node].kind == Kind::Idle && Some(node) != self.initial;
        let mut ends: Vec<usize> = self.arrows.iter().map(|arrow| arrow.to).filter(|to| is_end(*to)).collect();
        ends.sort_unstable();
        ends.dedup();
        let leads = |arrow: &Arrow| {
            ends.contains(&arrow.to) && self.tail_nodes(arrow.tail).iter().any(|node| ends.contains(node))
        };
        if self.arrows.iter().any(leads) { Vec::new() } else { ends }
    }
}
