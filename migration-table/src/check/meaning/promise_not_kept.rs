//! T0430 `promise-not-kept`: something that a client can observe breaks a promise.

use super::super::wording::list;
use super::super::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::Table;
use crate::public::promise::{Broken, How, broken};
use crate::public::{Label, Public, Reply};

pub(super) const CHECK: Check = Check {
    code: Code("T0430"),
    name: "promise-not-kept",
    severity: Severity::Error,
    explain: "A guarantee is a promise about everything that the machine can show, under every setting of its \
              capabilities and whatever a client does, and here is a sequence of replies and events that breaks it; \
              none is shorter. A command that succeeds and changes nothing, because no attempt is under way, begins no \
              promise; an attempt that waits for a command has not ended and breaks none. Change the machine, or \
              promise less as long as no release has promised it.",
    run: Run::Observed(run),
};

fn run(table: &Table, side: &Public, out: &mut Findings) {
    for guarantee in &table.guarantees {
        let Some(promised) = side.guarantees.get(&guarantee.name) else { continue };
        let Some(found) = broken(promised, side) else { continue };
        let (name, trace) = (&guarantee.name, observed(&found));
        let (message, label) = match &found.how {
            How::EndsWith(statuses) => {
                let statuses: Vec<&str> = statuses.iter().map(String::as_str).collect();
                (
                    format!("guarantee `{name}` is not kept: an attempt can end with {}", list(&statuses)),
                    "ends otherwise",
                )
            }
            How::NeverEnds => (format!("guarantee `{name}` is not kept: an attempt may never end"), "does not end"),
            How::TooEarly => {
                let shown = found.trace.last().map_or("", |label| label.text());
                (format!("guarantee `{name}` is not kept: `{shown}` can be shown first"), "comes too early")
            }
        };
        let finding = Finding::error(CHECK.code, guarantee.span, message, label);
        out.push(finding.with_note(format!("a client can observe{}: {trace}", settings(&found))));
    }
}

/// What a client observes, in its order.
fn observed(found: &Broken<'_>) -> String {
    let words = found.trace.iter().map(|label| match label {
        Label::Event(status) => format!("event `{status}`"),
        Label::Reply(command, Reply::Success) => format!("`{command}` succeeds"),
        Label::Reply(command, Reply::Error(_)) => format!("`{command}` is refused"),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// The first case of settings under which it happens, in words.
fn settings(found: &Broken<'_>) -> String {
    let Some(cube) = found.under.0.first() else { return String::new() };
    let names = |bits: u64| {
        let settings = found.machine.settings.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1);
        settings.map(|(_, name)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    let with = if cube.set == 0 { String::new() } else { format!(" with {}", names(cube.set)) };
    let without = if cube.clear == 0 { String::new() } else { format!(" without {}", names(cube.clear)) };
    format!("{with}{without}")
}
