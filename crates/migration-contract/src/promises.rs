//! T0430 `promise-not-kept`: something that a client can observe breaks a promise.

use migration_table::check::wording::list;
use migration_table::check::{Check, Run, UNDECIDED};
use migration_table::model::Table;
use migration_table::{Code, Finding, Findings, Severity, Span};

use crate::public::promise::{Broken, How, broken};
use crate::public::{Label, Reply, SettingId, SettingSet, project};

pub(crate) const CHECK: Check = Check {
    code: Code("T0430"),
    name: "promise-not-kept",
    severity: Severity::Error,
    explain: "A guarantee is a promise about everything that the machine can show, under every setting of its \
              capabilities and whatever a client does, and here is a sequence of replies and events that breaks it; \
              none is shorter. A command that succeeds and changes nothing, because no attempt is under way, begins no \
              promise; an attempt that waits for a command has not ended and breaks none. Change the machine, or \
              promise less as long as no release has promised it.",
    run: Run::Sound(run),
};

fn run(table: &Table, out: &mut Findings) {
    if table.guarantees.is_empty() {
        return;
    }
    let side = match project(table) {
        Ok(side) => side,
        Err(error) => {
            let span = table.guarantees.first().map_or_else(Span::default, |guarantee| guarantee.span);
            let message = "whether guarantees are kept has too many cases to decide";
            let finding = Finding::error(UNDECIDED, span, message, "not checked");
            out.push(finding.with_note(error.to_string()));
            return;
        }
    };
    for guarantee in &table.guarantees {
        let Some(promised) = side.guarantees.get(&guarantee.name) else { continue };
        let Some(found) = broken(promised, &side) else { continue };
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
        Label::Event(shown) => format!("event `{shown}`"),
        Label::Reply(command, Reply::Success) => format!("`{command}` succeeds"),
        Label::Reply(command, Reply::Error(_)) => format!("`{command}` is refused"),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// The first case of settings under which it happens, in words.
fn settings(found: &Broken<'_>) -> String {
    let Some(cube) = found.under.0.first() else { return String::new() };
    let names = |settings: SettingSet| {
        let name = |setting: SettingId| format!("`{}`", found.machine.settings[setting.index()]);
        settings.iter().map(name).collect::<Vec<_>>().join(", ")
    };
    let with = if cube.set.is_empty() { String::new() } else { format!(" with {}", names(cube.set)) };
    let without = if cube.clear.is_empty() { String::new() } else { format!(" without {}", names(cube.clear)) };
    format!("{with}{without}")
}
