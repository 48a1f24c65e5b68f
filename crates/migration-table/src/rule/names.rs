//! `T02xx`: the names of a table. What is wrong about words that stand for something else; most of it is
//! found while they are resolved.

use super::definition::Rule;
use crate::finding::Severity;

/// A rule about names.
const fn names(code: &'static str, name: &'static str, explain: &'static str) -> Rule {
    Rule::error(code, name, explain)
}

/// A rule about names whose findings are warnings.
const fn warned(code: &'static str, name: &'static str, explain: &'static str) -> Rule {
    Rule { severity: Severity::Warning, ..names(code, name, explain) }
}

pub(crate) const UNDECLARED: Rule = names(
    "T0201",
    "undeclared-name",
    "A name is used that nothing is declared under. The help gives the declared name that is nearest to it, if one is \
     near enough to be meant.",
);

pub(crate) const DECLARED_TWICE: Rule = names(
    "T0202",
    "declared-twice",
    "A name or key is given twice, so that which one counts would depend on who reads. Triggers, events, messages and \
     guards share one set of names, because a formula names them without saying which they are; states and groups of a \
     machine share another, because `from:` takes both.",
);

pub(crate) const UNUSED: Rule = warned(
    "T0203",
    "unused-name",
    "Something is declared and nothing in the table refers to it: a status that no state shows, an event that no row \
     awaits. To rank a fact in `precedence:` is not to use it, and a fact that is ranked although no row of the machine \
     needs it is reported there. It is dead text, or a row is missing. A group that only code asks about \
     (`State::is_...`) is used: groups are not reported. Silence it for a word of the public vocabulary that clients \
     know and this release does not show.",
);

pub(crate) const INVALID_NAME: Rule = names(
    "T0204",
    "invalid-name",
    "Names become identifiers of Rust, words in formulas and labels in pictures. They consist of lower-case words of \
     letters and digits, begin with a letter, and are joined by `_`; statuses may be joined by `-` as well, because \
     some names on the wire are. A name under `reserved` is one that clients saw, and may be any word.",
);

pub(crate) const COLLIDING: Rule = names(
    "T0205",
    "colliding-names",
    "Two names differ in the table and are the same once they are turned into Rust: `pre_switchover` and \
     `pre-switchover` both become `PreSwitchover`, `phase_1` and `phase1` both become `Phase1`.",
);

pub(crate) const RESERVED: Rule = names(
    "T0206",
    "reserved-name",
    "The name means something else already: `idle`, `work`, `wait` and `cleanup` are kinds and stand for all states of \
     the kind; `and`, `or` and `not` are words of formulas; keywords of Rust and the names of the generated types cannot \
     be used twice.",
);

pub(crate) const NUMBER_TWICE: Rule = names(
    "T0207",
    "number-twice",
    "Two messages have one number on the wire, so that a receiver could not tell them apart.",
);

pub(crate) const INITIAL_STATE: Rule =
    names("T0208", "initial-state", "A machine starts in exactly one state, the one with `initial: true`.");

pub(crate) const WRONG_ROLE: Rule = names(
    "T0209",
    "wrong-role",
    "The name is declared, but as something else than is needed here: a group where a single state must stand, an event \
     where a trigger must stand, a message where the other machine is the one that sends or receives it.",
);

pub(crate) const GROUP_CYCLE: Rule = names(
    "T0210",
    "group-cycle",
    "A group contains itself, through its members or theirs, so that what it contains is not said.",
);

pub(crate) const LISTED_TWICE: Rule = warned(
    "T0211",
    "listed-twice",
    "A list names the same thing twice. It means no more than once, so another name was probably meant. A happy path \
     names each state once, but may end where it begins: pictures draw it as one line. Where attempts pass through a state twice, leave out \
     what lies between, or end the path before it comes back. Naming a state and a group that contains it is not reported: that may be what a reader wants to see. Silence it in a row that a program has written.",
);

pub(crate) const COMMAND_TWICE: Rule = names(
    "T0212",
    "command-twice",
    "Two triggers have the same command and the same arguments, so that nobody could tell which of them a user raises. \
     `with:` tells triggers of one command apart.",
);

/// All rules of this part, in the order of their codes.
pub(crate) const ALL: [Rule; 12] = [
    UNDECLARED,
    DECLARED_TWICE,
    UNUSED,
    INVALID_NAME,
    COLLIDING,
    RESERVED,
    NUMBER_TWICE,
    INITIAL_STATE,
    WRONG_ROLE,
    GROUP_CYCLE,
    LISTED_TWICE,
    COMMAND_TWICE,
];
