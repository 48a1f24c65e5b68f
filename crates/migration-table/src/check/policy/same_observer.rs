//! T0505 `same-observer`: two names for one kind of client.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Channel, Observer, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0505"),
    name: "same-observer",
    severity: Severity::Warning,
    explain: "Two observers listen on the same channel and do the same about unknown and repeated statuses. What breaks \
              one breaks the other, so every finding about the public API names both and says no more. Silence it for \
              two clients that are developed apart, where each wants to read its own name.",
    run: Run::Table(run),
};

fn run(table: &Table, out: &mut Findings) {
    for (index, observer) in table.observers.iter().enumerate() {
        if let Some(first) = table.observers[..index].iter().find(|other| sees(other) == sees(observer)) {
            let message = format!("observers `{}` and `{}` see the same", first.name, observer.name);
            let finding = Finding::warning(CHECK.code, observer.span, message, "the second one");
            let finding = finding.with_place(first.span, "the first one");
            let gates = first.gate != observer.gate;
            out.push(finding.with_help(if gates {
                "leave one of them out; one of the two says `gate: false`, and the other decides"
            } else {
                "leave one of them out"
            }));
        }
    }
}

/// What an observer can tell apart.
fn sees(observer: &Observer) -> impl PartialEq {
    let repeat = (observer.channel == Channel::Events).then_some(observer.repeat);
    (observer.channel, observer.unknown, repeat)
}
