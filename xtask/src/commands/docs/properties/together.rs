//! What both sides of a released QEMU do together: questions that the joint check answers for each table.
//!
//! The releases have no messages by which the guest is handed over. What the stream carries is said in [`stream`], beside
//! the tables.

mod stream;

use std::fmt::Write as _;

use anyhow::{Context, Result};
use migration_table::Span;
use migration_table::model::Table;
use migration_verify::{Claim, Composition, Graph, Outcome, Property, decide};

/// Something that is asked of every release.
pub(super) struct Question {
    /// The number of the property that it is about.
    pub(super) property: u8,
    /// What it asks, as a statement that may fail.
    pub(super) statement: &'static str,
    claim: fn() -> Claim,
    /// Events and commands that are left out, so that a shorter run does not hide this one.
    without: &'static [&'static str],
    /// Attempts of each host.
    attempts: u8,
    /// The releases that are asked; all where there is none.
    only: &'static [&'static str],
    /// The release whose run is shown.
    shown: Option<&'static str>,
}

/// The answers of the releases to one question.
pub(super) struct Answers {
    /// For each release its name, and whether the statement fails, with the number of steps of the shortest run.
    fails: Vec<(&'static str, Option<usize>)>,
    /// The release whose run is shown, and the run.
    run: Option<(&'static str, String)>,
}

impl Answers {
    /// Whether the statement fails in a release.
    pub(super) fn fail_in(&self, release: &str) -> bool {
        self.fails.iter().any(|(name, steps)| *name == release && steps.is_some())
    }
}

fn after(when: &str, never: &str, until: Option<&str>) -> Claim {
    Claim::After { when: when.to_owned(), never: never.to_owned(), until: until.map(str::to_owned) }
}

const fn question(property: u8, statement: &'static str, claim: fn() -> Claim) -> Question {
    Question { property, statement, claim, without: &[], attempts: 1, only: &[], shown: None }
}

pub(super) const QUESTIONS: &[Question] = &[
    Question {
        shown: Some("10.0"),
        ..question(10, "the guest runs on one side at most", || Claim::AtMostOne("runs".to_owned()))
    },
    Question {
        without: &["cancel"],
        shown: Some("11.0"),
        ..question(10, "the guest runs on one side at most, where nobody cancels", || {
            Claim::AtMostOne("runs".to_owned())
        })
    },
    Question {
        only: &["11.0"],
        shown: Some("11.0"),
        ..question(
            10,
            "after the guest began to run on the destination, an error does not let the source go on",
            || after("source enters postcopy_active", "source enters failing", None),
        )
    },
    Question {
        without: &["bad_channel"],
        shown: Some("10.0"),
        ..question(10, "a post-copy that is paused on the source has not failed on the destination", || {
            Claim::Never("source.postcopy_paused and destination.failed".to_owned())
        })
    },
    Question {
        shown: Some("11.0"),
        ..question(
            12,
            "a post-copy that is paused on the source does not fail on the destination, whoever connects",
            || Claim::Never("source.postcopy_paused and destination.failed".to_owned()),
        )
    },
    Question {
        // In 11.0 a cancel is taken once more while a failed post-copy is cleaned up, which is another matter.
        without: &["failed", "broken"],
        shown: Some("9.0"),
        ..question(11, "no cancel is accepted while the destination runs the guest", || {
            after("destination enters postcopy_active", "source accepts cancel", Some("source enters ended"))
        })
    },
    Question {
        attempts: 2,
        ..question(15, "in every attempt the switchover is released only after a `migrate-continue` of its own", || {
            after("source begins", "source enters released", Some("source accepts go_on"))
        })
    },
    Question {
        attempts: 2,
        ..question(15, "in every attempt post-copy begins only after a `migrate-start-postcopy` of its own", || {
            after("source begins", "source enters active_postcopy", Some("source accepts start_postcopy"))
        })
    },
    Question {
        attempts: 2,
        ..question(17, "nothing that the source sent is heard by a destination whose attempt is over", || {
            after("destination ends", "destination hears loaded", Some("destination begins"))
        })
    },
    question(19, "a source that shows `completed` does not run the guest", || {
        Claim::Never("source shows completed and source.runs".to_owned())
    }),
    question(19, "a source that shows `cancelled` runs the guest", || {
        Claim::Never("source shows cancelled and not source.runs".to_owned())
    }),
    Question {
        shown: Some("11.0"),
        ..question(19, "a destination that shows `failed` does not run the guest", || {
            Claim::Never("destination shows failed and destination.runs".to_owned())
        })
    },
];

/// Asks every release.
pub(super) fn ask(question: &Question, tables: &[(&'static str, Table)]) -> Result<Answers> {
    let (mut fails, mut run) = (Vec::new(), None);
    let is_asked = |release: &str| question.only.is_empty() || question.only.contains(&release);
    for (release, table) in tables.iter().filter(|(release, _)| is_asked(release)) {
        let asks = || format!("release {release} cannot be asked whether {}", question.statement);
        let mut system = stream::system(table);
        system.without.extend(question.without.iter().map(|name| (*name).to_owned()));
        system.bounds.attempts = question.attempts;
        let composition = Composition::new(table, &system).with_context(asks)?;
        let graph = Graph::explore(&composition, &mut |_| {});
        let claim = (question.claim)();
        let property = Property { name: "asked".to_owned(), doc: String::new(), claim, spans: Vec::<Span>::new() };
        let verdict = decide(&graph, &property).with_context(asks)?;
        fails.push(match verdict.result {
            Outcome::Fails(counterexample) => {
                if question.shown == Some(*release) {
                    run = Some((*release, counterexample.text()));
                }
                (*release, Some(counterexample.steps.len()))
            }
            Outcome::Holds { .. } | Outcome::Vacuous { .. } => (*release, None),
            Outcome::NotExhausted => anyhow::bail!("{}: the search is too large", asks()),
        });
    }
    Ok(Answers { fails, run })
}

pub(super) fn write(question: &Question, answers: &Answers, page: &mut String) {
    let told = answers.fails.iter().filter_map(|(release, steps)| Some(format!("{release} ({} steps)", (*steps)?)));
    let told: Vec<String> = told.collect();
    let holds: Vec<&str> = answers.fails.iter().filter(|(_, steps)| steps.is_none()).map(|(name, _)| *name).collect();
    let verdict = match (told.is_empty(), holds.is_empty()) {
        (true, _) => format!("holds in {}", holds.join(", ")),
        (false, true) => format!("fails in {}", told.join(", ")),
        (false, false) => format!("fails in {}; holds in {}", told.join(", "), holds.join(", ")),
    };
    let _ = writeln!(page, "\n- Both sides together, *{}*: {verdict}.", question.statement);
    if let Some((release, run)) = &answers.run {
        let _ = writeln!(page, "\n  In {release}:\n\n  ```text");
        run.trim_end().lines().for_each(|line| {
            let _ = writeln!(page, "{}", format!("  {line}").trim_end());
        });
        page.push_str("  ```\n");
    }
}
