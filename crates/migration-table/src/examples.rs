//! Example tables of the checks. They are fixtures of the tests, so each is known to fire, or not to.

/// A table on which a check fires, and the same table mended.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// The folder among the fixtures: the code and the name of the check.
    pub folder: &'static str,
    /// The text of the table on which the check fires.
    pub fires: &'static str,
    /// The text of the table on which it does not.
    pub silent: &'static str,
}

/// The text of a sound table that uses every key of the format.
pub const EVERY_KEY: &str = include_str!("../tests/fixtures/keys/all.yaml");

macro_rules! examples {
    ($($folder:literal,)*) => {
        &[$(Example {
            folder: $folder,
            fires: include_str!(concat!("../tests/fixtures/", $folder, "/fires.yaml")),
            silent: include_str!(concat!("../tests/fixtures/", $folder, "/silent.yaml")),
        }),*]
    };
}

/// The examples of all checks in the order of their codes, `T0109` excepted: it fires on tables that are too large to
/// show.
pub const EXAMPLES: &[Example] = examples![
    "T0101-invalid-yaml",
    "T0102-unknown-key",
    "T0103-misplaced-key",
    "T0104-missing-key",
    "T0105-wrong-type",
    "T0106-boolean-as-name",
    "T0107-yaml-feature",
    "T0108-further-document",
    "T0110-too-deep",
    "T0111-unknown-format",
    "T0112-unknown-word",
    "T0113-invalid-formula",
    "T0114-too-many",
    "T0115-pointless-key",
    "T0116-empty-text",
    "T0117-no-states",
    "T0118-promise-form",
    "T0119-except-nothing",
    "T0120-set-and-cleared",
    "T0201-undeclared-name",
    "T0202-declared-twice",
    "T0203-unused-name",
    "T0204-invalid-name",
    "T0205-colliding-names",
    "T0206-reserved-name",
    "T0207-number-twice",
    "T0208-initial-state",
    "T0209-wrong-role",
    "T0210-group-cycle",
    "T0211-listed-twice",
    "T0212-command-twice",
    "T0213-declared-again",
    "T0214-deprecated-replacement",
    "T0215-former-name",
    "T0301-unreachable-state",
    "T0302-endless-advance",
    "T0303-formula-never-holds",
    "T0304-transition-never-fires",
    "T0305-no-way-to-idle",
    "T0306-initial-not-idle",
    "T0307-undecided",
    "T0308-failure-not-handled",
    "T0309-no-way-forward",
    "T0310-never-rests",
    "T0311-happy-path-gap",
    "T0312-happy-path-fails",
    "T0401-ambiguous-transitions",
    "T0402-dropped-trigger",
    "T0403-drops-nothing",
    "T0404-unanswered-trigger",
    "T0405-dead-answer",
    "T0406-two-answers",
    "T0407-idle-holds",
    "T0408-idle-entered-holding",
    "T0409-public-flag",
    "T0410-shown-before-cleanup",
    "T0411-message-never-awaited",
    "T0412-message-never-sent",
    "T0413-unsent-not-handled",
    "T0414-sent-into-idle",
    "T0415-event-in-idle",
    "T0416-idle-left-unasked",
    "T0417-idle-trigger-waits",
    "T0418-timeout-not-handled",
    "T0419-wait-without-timeout",
    "T0420-cleanup-undecided",
    "T0421-unfixed-capability",
    "T0422-race",
    "T0423-event-never-decides",
    "T0424-timeout-elsewhere",
    "T0425-cleanup-forgets",
    "T0426-abort-skips-cleanup",
    "T0427-never-released",
    "T0428-refused-without-reason",
    "T0429-promise-about-nothing",
    "T0431-row-twice",
    "T0432-row-decides-nothing",
    "T0433-resource-lost",
    "T0434-marker-never-set",
    "T0435-nothing-reported",
    "T0440-reason-too-late",
    "T0441-reason-at-start",
    "T0442-reason-too-early",
    "T0501-status-form",
    "T0502-doc-style",
    "T0503-since-form",
    "T0504-status-order",
    "T0505-same-observer",
    "T0506-deprecated-early",
    "T0507-reason-untold",
    "T0601-unknown-code",
    "T0602-cannot-be-silenced",
    "T0603-silences-nothing",
];
