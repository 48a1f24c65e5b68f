//! Example tables of the checks and of the rules of the public API. They are fixtures of the tests, so each is known to
//! fire, or not to.

use migration_table::check::Check;
pub use migration_table::examples::Example;

/// A released table, a change on which a rule fires, and one on which it does not.
#[derive(Clone, Copy, Debug)]
pub struct RuleExample {
    /// The name of the rule, which is also the folder among the fixtures.
    pub rule: &'static str,
    /// The text of the released table.
    pub old: &'static str,
    /// The text of the changed table on which the rule fires.
    pub new: &'static str,
    /// The text of the changed table on which it does not.
    pub kept: &'static str,
}

const PROMISE_NOT_KEPT: Example = Example {
    folder: "T0430-promise-not-kept",
    fires: include_str!("../tests/fixtures/T0430-promise-not-kept/fires.yaml"),
    silent: include_str!("../tests/fixtures/T0430-promise-not-kept/silent.yaml"),
};

macro_rules! rule_examples {
    ($($rule:literal,)*) => {
        &[$(RuleExample {
            rule: $rule,
            old: include_str!(concat!("../tests/api/", $rule, "/old.yaml")),
            new: include_str!(concat!("../tests/api/", $rule, "/new.yaml")),
            kept: include_str!(concat!("../tests/api/", $rule, "/kept.yaml")),
        }),*]
    };
}

const RULES: &[RuleExample] = rule_examples![
    "command-added",
    "command-effect-changed",
    "command-may-be-rejected",
    "command-newly-accepted",
    "command-newly-idempotent",
    "command-not-carried-out",
    "command-rejected",
    "command-removed",
    "configuration-added",
    "configuration-changed",
    "configuration-removed",
    "deprecation-added",
    "deprecation-missing",
    "deprecation-shortened",
    "deprecation-too-early",
    "error-class-changed",
    "event-duplicated",
    "event-lost-successor",
    "event-new-successor",
    "event-order-swapped",
    "event-timing",
    "guarantee-removed",
    "guarantee-weakened",
    "machine-added",
    "machine-removed",
    "observer-removed",
    "outcome-added",
    "outcome-lost",
    "progress-lost",
    "quiescence-added",
    "reason-added",
    "reason-changed",
    "reason-given",
    "reason-introduced",
    "reason-lost",
    "reason-missing",
    "reason-removed",
    "reserved-reused",
    "status-added",
    "status-added-optin",
    "status-newly-skippable",
    "status-now-terminal",
    "status-removed",
    "status-renamed",
    "status-shows-changed",
    "status-terminal-reopened",
    "status-unreachable",
    "tombstone-missing",
    "wire-name-changed",
];

/// Returns the example of a check, or `None` if it fires only on tables that are too large to show.
#[must_use]
pub fn of_check(check: &Check) -> Option<Example> {
    let folder = format!("{}-{}", check.code, check.name);
    migration_table::examples::EXAMPLES.iter().chain([&PROMISE_NOT_KEPT]).find(|it| it.folder == folder).copied()
}

/// Returns the example of the rule of a name.
#[must_use]
pub fn of_rule(name: &str) -> Option<RuleExample> {
    RULES.iter().find(|example| example.rule == name).copied()
}
