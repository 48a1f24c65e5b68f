//! T0428 `refused-without-reason`: a user is told no, and not why.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Answer, Machine, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0428"),
    name: "refused-without-reason",
    severity: Severity::Warning,
    explain: "The answer refuses a trigger and has no `because:`. What a client shows its user is the reason, and \
              what is not in the table is in no error message. Silence it where there is nothing to add to the \
              refusal.",
    run: Run::Machine(run),
};

fn run(_table: &Table, machine: &Machine, out: &mut Findings) {
    for answer in machine.answers.iter().filter(|answer| answer.answer == Answer::Refuse(String::new())) {
        let message = format!("trigger `{}` is refused without a reason", machine.fact(answer.trigger).name);
        let finding = Finding::warning(CHECK.code, answer.span, message, "says no, and not why");
        out.push(finding.with_help("add `because: \"...\"`"));
    }
}
