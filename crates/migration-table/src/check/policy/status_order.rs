//! T0504 `status-order`: the vocabulary does not begin where machines do.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{StatusId, Table};
use crate::rule::names::UNUSED;
use crate::span::Span;

pub(super) const CHECK: Check = Check {
    code: Code("T0504"),
    name: "status-order",
    severity: Severity::Warning,
    explain: "The first status is the one that clients see before anything has happened: the status of an initial \
              state. It becomes the first value of the generated enumeration and of those that client libraries make \
              from it, and so what memory says that nobody has written to yet. The order of the others is free: new \
              ones are put where readers look for them. Silence it where the order has been released.",
    run: Run::Table(run),
};

fn run(table: &Table, out: &mut Findings) {
    // A status that nothing shows is reported as that, and to be removed, unless it is meant to be there.
    let states = || table.machines.iter().flat_map(|machine| &machine.states);
    let is_shown = |id: StatusId| states().any(|state| state.shows == id);
    let is_meant = |span: Span| {
        let mut allowances = table.allowances.iter();
        allowances.any(|known| known.code == UNUSED.code.0 && known.covers(span))
    };
    let mut statuses = (0..).map(StatusId).zip(&table.statuses);
    let Some((_, first)) = statuses.find(|(id, status)| is_shown(*id) || is_meant(status.span)) else { return };
    let shown = table.machines.iter().map(|machine| machine.state(machine.initial).shows);
    let shown: Vec<&str> = shown.map(|status| table.statuses[status.index()].key.as_str()).collect();
    if let Some(initial) = shown.first().filter(|_| !shown.contains(&first.key.as_str())) {
        let message = format!("status `{}` comes first, and no initial state shows it", first.key);
        let finding = Finding::warning(CHECK.code, first.span, message, "not what is shown at the beginning");
        out.push(finding.with_help(format!("move `{initial}` to the top of `statuses:`")));
    }
}
