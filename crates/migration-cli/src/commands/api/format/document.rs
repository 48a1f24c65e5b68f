//! The report for programs. Its shape is part of the command line: members may be added, what is there keeps its name,
//! type and meaning; a change that breaks this gives `format` the next number. `api schema` prints its JSON Schema,
//! which is made from these structs.

use std::path::Path;

use anyhow::Result;
use migration_contract::compare::rule;
use migration_contract::frozen::{Disorder, JudgedChange};
use migration_table::{Finding, Span};
use schemars::JsonSchema;
use serde::Serialize;

use super::report::Report;
use super::unsound::Unsound;

/// What `api check` and `api diff` found.
#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Report", deny_unknown_fields)]
struct Document {
    /// The version of this shape: 1.
    format: u16,
    /// The new side, as the user named it.
    new: String,
    /// Whether nothing keeps it from landing.
    passed: bool,
    /// The least level that is a failure: `break`, `warn` or `note`.
    fail_on: &'static str,
    /// The old sides, with the answer for every machine and every kind of client.
    baselines: Vec<BaselineDocument>,
    /// The differences, each once.
    findings: Vec<FindingDocument>,
    /// What is wrong with the lock, the files of releases and the approvals.
    disorder: Vec<DisorderDocument>,
    /// What `check` finds in a new side that has errors, so that nothing was compared; empty otherwise.
    table: Vec<TableDocument>,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Baseline", deny_unknown_fields)]
struct BaselineDocument {
    /// A release, or how the user named it.
    name: String,
    /// The answers.
    verdicts: Vec<VerdictDocument>,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Verdict", deny_unknown_fields)]
struct VerdictDocument {
    /// The machine.
    machine: String,
    /// The kind of client: `E!`, `E`, `El`, `P!`, `P`, or one that the table declares.
    observer: String,
    /// `identical`, `extended`, `restricted` or `incomparable`.
    headline: &'static str,
    /// Whether such a client can live with it, before approvals: with what it sees, and with the names and promises.
    compatible: bool,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Finding", deny_unknown_fields)]
struct FindingDocument {
    /// The rule.
    rule: String,
    /// By what the finding is approved; the same from run to run.
    key: String,
    /// The machine; null if it is about the vocabulary.
    machine: Option<String>,
    /// What it is about.
    subject: String,
    /// The settings under which it can be seen: `always`, or a condition over capabilities; with `after a change` behind
    /// it, once a client has changed settings.
    when: String,
    /// `break`, `warn` or `note`.
    level: &'static str,
    /// The key of the open `break` that reports the first step of the evidence which is assumed; null if there is none.
    follows: Option<String>,
    /// What can be seen now, in one line.
    message: String,
    /// The old sides from which it is a difference.
    against: Vec<String>,
    /// Those of them for which it is not approved.
    open: Vec<String>,
    /// The approval; null if there is none.
    approval: Option<ApprovalDocument>,
    /// The observers that cannot live with it.
    breaks: Vec<String>,
    /// The observers that see it.
    seen_by: Vec<String>,
    /// The shortest sequence that shows it.
    evidence: Vec<StepDocument>,
    /// The ways on which a client first comes to it, in words; empty where the finding holds on all ways.
    ways: Vec<String>,
    /// Those of them that its approval does not cover; empty if there is no approval.
    unapproved: Vec<String>,
    /// The classes of clients that it breaks and that its approval does not name; empty if there is no approval.
    unapproved_classes: Vec<String>,
    /// What could follow before.
    before: Vec<String>,
    /// What can follow now.
    now: Vec<String>,
    /// The place in the table; null if the new side was read from a lock, or it has none.
    place: Option<PlaceDocument>,
    /// Why it matters.
    why: String,
    /// How to stay compatible.
    keep_compatible: String,
    /// The command that approves it; empty for a note where notes are no failures.
    accept: String,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Approval", deny_unknown_fields)]
struct ApprovalDocument {
    /// Why it is wanted.
    reason: String,
    /// Where it was agreed.
    link: String,
    /// The release that has it, or will have it.
    until: String,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Step", deny_unknown_fields)]
struct StepDocument {
    /// `event`, `command`, `settings`: the client changes settings, or `rest`: nothing more comes. In the eyes of a client
    /// that asks, `event` is the answer to a query.
    kind: &'static str,
    /// The status of the event, the command, or the settings, as `deep on, multifd off`; null for a rest.
    name: Option<String>,
    /// The class of the error, if the command is refused.
    error: Option<String>,
    /// Whether the old side cannot show it here, and the walk went on as if it could.
    assumed: bool,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Place", deny_unknown_fields)]
struct PlaceDocument {
    /// The file.
    file: String,
    /// From 1.
    line: usize,
    /// From 1, in characters.
    column: usize,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "Disorder", deny_unknown_fields)]
struct DisorderDocument {
    /// The rule.
    rule: &'static str,
    /// The file.
    file: String,
    /// What is wrong, in one line.
    message: String,
    /// The command that mends it.
    mend: String,
}

#[derive(Debug, JsonSchema, Serialize)]
#[schemars(rename = "TableFinding", deny_unknown_fields)]
struct TableDocument {
    /// The check.
    code: &'static str,
    /// `error`, `warning` or `note`.
    severity: &'static str,
    /// What is wrong, in one line.
    message: String,
    /// The place in the table.
    place: PlaceDocument,
    /// What to do; null if nothing is proposed.
    help: Option<String>,
}

/// The report on a judgement.
pub(super) fn report(report: &Report<'_>) -> Result<String> {
    let Report { new, judgement, fail_on, .. } = *report;
    let verdict = |verdict: &migration_contract::compare::Verdict| VerdictDocument {
        machine: verdict.machine.clone(),
        observer: verdict.observer.clone(),
        headline: verdict.headline.name(),
        compatible: verdict.compatible,
    };
    let baselines = judgement.baselines.iter().map(|baseline| BaselineDocument {
        name: baseline.name.clone(),
        verdicts: baseline.verdicts.iter().map(verdict).collect(),
    });
    let document = Document {
        format: 1,
        new: new.name.clone(),
        passed: !judgement.fails(fail_on),
        fail_on: fail_on.word(),
        baselines: baselines.collect(),
        findings: judgement.findings.iter().map(|finding| of_finding(finding, report)).collect(),
        disorder: judgement.disorder.iter().map(|disorder| of_disorder(disorder, report)).collect(),
        table: Vec::new(),
    };
    written(&document)
}

/// The report on a table with errors.
pub(super) fn of_unsound(unsound: &Unsound<'_>) -> Result<String> {
    let Unsound { file, read, fail_on } = *unsound;
    let finding = |finding: &Finding| TableDocument {
        code: finding.code.0,
        severity: finding.severity.name(),
        message: finding.message.clone(),
        place: place(file.path(), finding.span),
        help: finding.help.clone(),
    };
    written(&Document {
        format: 1,
        new: file.name().to_owned(),
        passed: false,
        fail_on: fail_on.word(),
        baselines: Vec::new(),
        findings: Vec::new(),
        disorder: Vec::new(),
        table: read.findings.iter().map(finding).collect(),
    })
}

fn written(document: &Document) -> Result<String> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}

fn place(file: &Path, span: Span) -> PlaceDocument {
    PlaceDocument { file: file.display().to_string(), line: span.line, column: span.column }
}

fn of_finding(finding: &JudgedChange, report: &Report<'_>) -> FindingDocument {
    let change = &finding.change;
    let file = report.new.table.as_ref().map_or(Path::new(""), |table| &table.path);
    let approval = finding.approval.as_ref().map(|approval| ApprovalDocument {
        reason: approval.reason.clone(),
        link: approval.link.clone(),
        until: approval.until.to_string(),
    });
    let texts = rule(change.rule);
    FindingDocument {
        rule: change.rule.to_owned(),
        key: change.key().to_string(),
        machine: change.machine.clone(),
        subject: change.subject.clone(),
        when: change.condition.clone(),
        level: change.level.word(),
        follows: finding.follows.clone(),
        message: change.message.clone(),
        against: finding.against.clone(),
        open: finding.open.clone(),
        approval,
        breaks: change.breaks.iter().cloned().collect(),
        seen_by: change.seen_by.iter().cloned().collect(),
        evidence: change.evidence.iter().map(of_step).collect(),
        ways: change.ways.iter().cloned().collect(),
        unapproved: finding.unapproved.ways.iter().cloned().collect(),
        unapproved_classes: finding.unapproved.broken.keys().cloned().collect(),
        before: change.before.clone(),
        now: change.now.clone(),
        place: change.place.map(|span| place(file, span)),
        why: texts.map_or(String::new(), |rule| rule.why.to_owned()),
        keep_compatible: texts.map_or(String::new(), |rule| rule.keep_compatible.to_owned()),
        accept: report.accept(change).unwrap_or_default(),
    }
}

fn of_step(step: &migration_contract::compare::Step) -> StepDocument {
    use migration_contract::public::{Label, Reply};
    let (kind, name, error) = match &step.label {
        None if !step.set.is_empty() => ("settings", step.changes(), None),
        None => ("rest", None, None),
        Some(Label::Event(shown)) => ("event", Some(shown.to_string()), None),
        Some(Label::Reply(command, Reply::Success)) => ("command", Some(command.clone()), None),
        Some(Label::Reply(command, Reply::Error(class))) => ("command", Some(command.clone()), Some(class.clone())),
    };
    StepDocument { kind, name, error, assumed: step.assumed }
}

fn of_disorder(disorder: &Disorder, report: &Report<'_>) -> DisorderDocument {
    let Disorder { rule, file, message, mend } = disorder;
    DisorderDocument { rule, file: file.clone(), message: message.clone(), mend: report.mend(mend) }
}

/// The JSON Schema of the report.
pub(crate) fn schema() -> Result<String> {
    Ok(serde_json::to_string_pretty(&schemars::schema_for!(Document))? + "\n")
}
