//! `T06xx`: what `allow:` silences, and what is wrong about it.
//!
//! A warning is silenced where it is found, by the declaration that it is about, with a reason: `allow: { T0410:
//! "clients rely on it since 2.3" }`. The reason stands in the diff, moves with the row, and goes with it. What is
//! meant so all over a machine, or a table, is said once, at the machine or at the table.

use super::definition::{Check, Run};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Allowance, Kind, Table};

/// A rule about silencing.
const fn silencing(code: &'static str, name: &'static str, severity: Severity, explain: &'static str) -> Check {
    Check { code: Code(code), name, severity, explain, run: Run::WhileReading }
}

const UNKNOWN_CODE: Check = silencing(
    "T0601",
    "unknown-code",
    Severity::Error,
    "`allow:` names a code that no check has, so it silences nothing. `migration-table explain` lists all codes. Never to \
     be silenced: correct or remove it.",
);

const NOT_SILENCED: Check = silencing(
    "T0602",
    "cannot-be-silenced",
    Severity::Error,
    "`allow:` names a check that cannot be silenced. Only warnings can. What an error says makes the machine unsound, \
     and code that is generated from it would do what nobody has said. Notes are given only on request, and what is \
     wrong about silencing would otherwise silence itself. Never to be silenced: mend what the check found.",
);

const SILENCES_NOTHING: Check = silencing(
    "T0603",
    "silences-nothing",
    Severity::Warning,
    "`allow:` names a check that finds nothing here, or nothing any more. A status, trigger, event, guard, message, \
     resource, state, row or answer silences what is found in it; a machine what is found in it, the \
     table what is found anywhere. What was passed over is mended, and the next \
     mistake of the kind would be passed over unseen. T0419 of a state that is not idle and has no bound is left alone: \
     `verify` heeds it too. Said only of a table without errors, because an error can hide \
     what the check would find. Never to be silenced: remove it.",
);

/// All rules of this part, in the order of their codes.
pub(super) const ALL: &[Check] = &[UNKNOWN_CODE, NOT_SILENCED, SILENCES_NOTHING];

/// Takes away what is silenced, and says what is wrong about silencing. To be called when every check has run.
///
/// `known` is the check with a code or a name, if there is one.
pub(super) fn apply(table: &Table, known: &dyn Fn(&str) -> Option<&'static Check>, out: &mut Findings) {
    let (mut unjudged, mut idle) = (Vec::new(), Vec::new());
    // The narrowest first: a machine silences what is left over by its states.
    let mut allowances: Vec<&Allowance> = table.allowances.iter().collect();
    allowances.sort_by_key(|allowance| allowance.places.iter().map(std::ops::Range::len).sum::<usize>());
    for allowance in allowances {
        match known(&allowance.code) {
            Some(check) if check.code.0 != allowance.code => unjudged.push(by_name(allowance, check)),
            None => unjudged.push(unknown(allowance, known, out)),
            Some(check) if !can_be_silenced(check) => unjudged.push(refused(allowance, check)),
            Some(check) => {
                let is_meant = |finding: &Finding| {
                    finding.code == check.code
                        && finding.severity == Severity::Warning
                        && allowance.covers(finding.span)
                };
                if !out.remove(is_meant) && !speaks_to_verify(table, allowance) {
                    idle.push(useless(allowance, check));
                }
            }
        }
    }
    unjudged.into_iter().for_each(|finding| out.push(finding));
    // What is wrong about silencing can be an error as well.
    if !out.has_errors() {
        idle.into_iter().for_each(|finding| out.push(finding));
    }
}

/// Whether this says of one state that a machine may stay there for ever. `verify` asks that of every state which is not
/// idle and which no bound ends, also where a check of the machine alone finds nothing.
fn speaks_to_verify(table: &Table, allowance: &Allowance) -> bool {
    let states = table.machines.iter().flat_map(|machine| &machine.states);
    let mut meant = states.filter(|state| allowance.covers(state.span));
    let is_asked = meant.next().is_some_and(|state| state.kind != Kind::Idle && !state.is_bounded());
    allowance.code == "T0419" && is_asked && meant.next().is_none()
}

/// Whether findings of a check may be passed over.
#[must_use]
pub fn can_be_silenced(check: &Check) -> bool {
    check.severity == Severity::Warning && ALL.iter().all(|own| own.code != check.code)
}

fn unknown(allowance: &Allowance, known: &dyn Fn(&str) -> Option<&'static Check>, found: &Findings) -> Finding {
    let message = format!("no check has the code `{}`", allowance.code);
    let finding = Finding::error(UNKNOWN_CODE.code, allowance.span, message, "silences nothing");
    let is_meant = |finding: &&Finding| finding.severity == Severity::Warning && allowance.covers(finding.span);
    // In other letters, or without a zero, it is one all the same.
    let number = allowance.code.trim_start_matches(['T', 't']).parse::<u16>().ok();
    let in_form = number.and_then(|number| known(&format!("T{number:04}"))).map(|check| check.code);
    match in_form.or_else(|| found.iter().find(is_meant).map(|finding| finding.code)) {
        Some(meant) => finding.with_help(format!("did you mean `{meant}`?")),
        None => finding.with_help("`migration-table explain` lists all codes"),
    }
}

fn by_name(allowance: &Allowance, check: &Check) -> Finding {
    let message = format!("`{}` is the name of a check, not its code", allowance.code);
    let finding = Finding::error(UNKNOWN_CODE.code, allowance.span, message, "silences nothing");
    finding.with_help(format!("write `{}`", check.code))
}

fn refused(allowance: &Allowance, check: &Check) -> Finding {
    let remove = format!("remove `{}` from `allow:`", check.code);
    let (message, help) = match check.severity {
        Severity::Error => ("is an error and cannot be silenced", format!("{remove}, and mend what it finds")),
        Severity::Warning => ("is about silencing and cannot be silenced", remove),
        Severity::Note => ("gives notes, and only on request", remove),
    };
    let message = format!("`{}` (`{}`) {message}", check.code, check.name);
    Finding::error(NOT_SILENCED.code, allowance.span, message, "only warnings can be silenced").with_help(help)
}

fn useless(allowance: &Allowance, check: &Check) -> Finding {
    let message = format!("`{}` (`{}`) finds nothing here, so there is nothing to silence", check.code, check.name);
    Finding::warning(SILENCES_NOTHING.code, allowance.span, message, "silences nothing")
        .with_help(format!("remove `{}` from `allow:`", check.code))
}
