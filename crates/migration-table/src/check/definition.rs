//! What a check is: a rule with its code, its name, its reason and its function.

use super::subject::Subject;
use crate::bdd::TooLarge;
use crate::declare::TableDecl;
use crate::finding::{Code, Findings, Severity};
use crate::model::{Machine, Table};
use crate::rule::Rule;

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its number. It never changes its meaning.
    pub code: Code,
    /// Its name, for people.
    pub name: &'static str,
    /// How much its findings matter at most. Errors cannot be silenced, warnings can, notes are given only on request.
    pub severity: Severity,
    /// Why it is a rule, what to do, and when the finding may be passed over.
    pub explain: &'static str,
    /// How it is applied.
    pub run: Run,
}

/// How a rule is applied.
#[derive(Clone, Copy, Debug)]
pub enum Run {
    /// While the text is read and its names are resolved.
    WhileReading,
    /// To the declarations of a table whose names are all in order.
    Declared(fn(&TableDecl, &mut Findings)),
    /// To a resolved table as a whole.
    Table(fn(&Table, &mut Findings)),
    /// To each machine of a resolved table.
    Machine(fn(&Table, &Machine, &mut Findings)),
    /// To each machine of a resolved table, and to everything that can happen to it.
    Explored(fn(&mut Subject<'_>, &mut Findings) -> Result<(), TooLarge>),
    /// To a resolved table in which no other check found an error.
    Sound(fn(&Table, &mut Findings)),
}

/// Whether to say what is worth knowing although nothing is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notes {
    /// No.
    LeftOut,
    /// Yes.
    Listed,
}

impl Notes {
    /// Whether a check is to be run.
    pub(super) fn want(self, check: &Check) -> bool {
        match check.severity {
            Severity::Error | Severity::Warning => true,
            Severity::Note => self == Notes::Listed,
        }
    }
}

/// Lists rules that are applied while a table is read among the checks.
pub(super) const fn while_reading<const N: usize>(rules: &[Rule; N]) -> [Check; N] {
    let mut checks = [of(rules[0]); N];
    let mut next = 1;
    while next < N {
        checks[next] = of(rules[next]);
        next += 1;
    }
    checks
}

const fn of(rule: Rule) -> Check {
    let Rule { code, name, severity, explain } = rule;
    Check { code, name, severity, explain, run: Run::WhileReading }
}
