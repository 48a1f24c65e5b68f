//! T0435 `nothing-reported`: a state that nothing which is reported leads on from.

use crate::bdd::TooLarge;
use crate::check::definition::{Check, Run};
use crate::check::graph::NO_WAY_TO_IDLE;
use crate::check::subject::Subject;
use crate::check::ways;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::model::{Kind, Row, StateId};

pub(super) const CHECK: Check = Check {
    code: Code("T0435"),
    name: "nothing-reported",
    severity: Severity::Warning,
    explain: "The machine can stay in this state, and no event ends that. Either every transition that leads on from it \
              asks guards alone: a machine looks at its transitions when something happens, and that a guard has changed \
              is nothing that happens. Failures, and a user who gives up on work, do not lead on. Or it is a clean-up, and every \
              transition waits for a command: work that releases things reports when it is done, and a state in which a \
              user may take as long as they like is of kind `wait` or `idle`. Often an event was declared among the \
              guards. Decided over everything that can happen. Silence it where whoever runs the machine makes it look \
              again.",
    run: Run::Explored(run),
};

fn run(subject: &mut Subject<'_>, out: &mut Findings) -> Result<(), TooLarge> {
    for id in subject.reached_states() {
        let machine = subject.machine;
        let state = machine.state(id);
        let rows: Vec<&Row> = machine.rows.iter().filter(|row| row.to != id && row.from.contains(&id)).collect();
        // Where the machine may go round for ever, or no attempt ends, that is reported, and so is a formula that contradicts
        // itself.
        let never_ends = out.iter().any(|found| found.code == NO_WAY_TO_IDLE && found.span == state.span);
        if never_ends || subject.round.contains(&id) || rows.iter().any(|row| row.cubes.is_empty()) {
            continue;
        }
        // What a user may take long for is no work, and a command ends it.
        let leads_on = |row: &&Row| state.kind == Kind::Work && ways::leads_on(machine, row, id);
        let onward: Vec<&Row> = rows.iter().copied().filter(leads_on).collect();
        let of_guards = |rows: &[&Row]| why(subject, id, rows).filter(|why| *why == Why::Guards);
        let (why, rows) = match (of_guards(&onward), why(subject, id, &rows)) {
            (Some(why), _) => (why, onward),
            (None, Some(why)) => (why, rows),
            (None, None) => continue,
        };
        if !subject.stays(id)? {
            continue;
        }
        let message = format!("the machine can stay in `{}` for ever: no event leads on", state.name);
        let mut finding = Finding::warning(CHECK.code, state.span, message, "nothing that is reported ends it");
        let asks_events = rows.iter().any(|row| row.mentions.intersects(machine.events()));
        let label = if why == Why::Guards && asks_events { "needs no event" } else { why.label() };
        for row in rows {
            finding = finding.with_place(row.when_span, label);
        }
        out.push(finding.with_help(why.help()));
    }
    Ok(())
}

/// Why nothing that is reported leads on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The transitions ask guards alone.
    Guards,
    /// The transitions of a clean-up wait for commands.
    Commands,
}

impl Why {
    fn label(self) -> &'static str {
        match self {
            Why::Guards => "asks guards alone",
            Why::Commands => "waits for a command",
        }
    }

    fn help(self) -> &'static str {
        match self {
            Why::Guards => "let a transition need the event that the state waits for; is one of the guards an event?",
            Why::Commands => {
                "add a transition for the event that reports the end of the clean-up; a state that waits for a user is of \
                 kind `wait`, or `idle` if the attempt is over"
            }
        }
    }
}

fn why(subject: &Subject<'_>, id: StateId, rows: &[&Row]) -> Option<Why> {
    let machine = subject.machine;
    let (state, cases) = (machine.state(id), rows.iter().flat_map(|row| &row.cubes));
    if state.kind == Kind::Idle || state.is_bounded() || rows.is_empty() {
        return None;
    }
    let needs_any = |of| cases.clone().any(|case| !(case.set & of).is_empty());
    match (needs_any(machine.events()), needs_any(machine.triggers())) {
        (false, false) => Some(Why::Guards),
        (false, true) if state.kind == Kind::Cleanup => Some(Why::Commands),
        (_, _) => None,
    }
}
