//! T0307 `undecided`: what can happen has too many cases. Reported by the runner of the checks.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Severity};

pub(super) const CHECK: Check = Check {
    code: Code("T0307"),
    name: "undecided",
    severity: Severity::Error,
    explain: "The checks decide over all values of the facts, and there is a bound on how long they may take. This \
              machine is beyond it, so some checks have no answer, and a table that is not known to be sound is not \
              used. No table that a person wrote has come near the bound: look for long formulas that mix many facts, \
              and for many triggers that can be pending at one time. There is no case in which this may be silenced.",
    run: Run::WhileReading,
};
