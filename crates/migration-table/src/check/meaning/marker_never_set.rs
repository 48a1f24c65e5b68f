//! T0434 `marker-never-set`: what a host is to remember never happens.

use crate::check::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Marker, Table};

pub(super) const CHECK: Check = Check {
    code: Code("T0434"),
    name: "marker-never-set",
    severity: Severity::Warning,
    explain: "A marker that no state sets, that does not hold from the beginning, and that the operator does not set, \
              never holds. A property about it says nothing, and a guard that holds exactly while it is set never does. \
              Silence it at the machine where the states that set it are still to be written.",
    run: Run::Table(run),
};

fn run(table: &Table, out: &mut Findings) {
    let is_set_by_operator =
        |marker: &Marker| table.acts.iter().any(|act| act.machine == marker.machine && act.sets == marker.name);
    let never = |marker: &&Marker| !marker.initially && marker.set_in.is_empty() && !is_set_by_operator(marker);
    for marker in table.markers.iter().filter(never) {
        let message = format!("nothing sets the marker `{}` of machine `{}`", marker.name, marker.machine);
        let finding = Finding::warning(CHECK.code, marker.span, message, "never holds");
        out.push(finding.with_help("list the states that set it with `set_in`, or say `initially: true`"));
    }
}
