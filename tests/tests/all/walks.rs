//! Saved walks: those that a person saved with `cargo xtask step`, and those of `paths`, which `cargo xtask docs`
//! writes and which take every row and every pair of rows. Every one comes out today as it did then, with the
//! interpreter and with the generated code.
//!
//! A walk that no longer does is either a mistake in the table or a change that was meant; if it was meant, walk again
//! and save it under the same name.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use migration_contract::load;
use migration_machine::{Attempt, Evidence as Found, Machine, Raised, Role, Step as Told, Visit, Word};
use migration_replay::walk::{Action, Outcome, Said, Verb, Walk};
use migration_runtime::states::{destination::Destination, source::Source};
use migration_table::interpret::Evidence;
use migration_table::model::Answer;

/// Every saved walk with its path.
fn walks() -> Vec<(PathBuf, Walk)> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in ["", "rows", "pairs"] {
        let entries =
            fs::read_dir(root().join("tests/data/walks").join(folder)).expect("there is a directory of walks");
        let files = entries.map(|entry| entry.expect("an entry can be read").path()).filter(|path| path.is_file());
        let before = paths.len();
        paths.extend(files);
        assert!(paths.len() > before, "there are no walks in `{folder}`");
    }
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.display();
        let text = fs::read_to_string(&path).expect("a walk is text");
        let walk: Walk = text.parse().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!walk.steps.is_empty(), "{name}: a walk without steps");
        (path, walk)
    };
    paths.into_iter().map(read).collect()
}

#[test]
fn every_saved_walk_comes_out_as_it_did() {
    for (path, walk) in walks() {
        let name = path.display();
        let table = fs::read_to_string(root().join(&walk.table)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let table = load(&table).table.expect("a table that is walked over makes sense");
        let again = walk.again(&table).unwrap_or_else(|error| panic!("{name}: {error}"));
        // As text, so that what differs is read as it would be written.
        assert_eq!(again.to_string(), walk.to_string(), "{name}: left is what happens now");
    }
}

#[test]
fn generated_code_takes_every_saved_walk_as_it_was_saved() {
    let (mut sources, mut destinations) = (0, 0);
    for (path, walk) in walks().iter().filter(|(_, walk)| walk.table == "states.yaml") {
        match walk.machine.as_str() {
            "source" => {
                sources += 1;
                Walker::<Source>::new().takes(walk, path);
            }
            "destination" => {
                destinations += 1;
                Walker::<Destination>::new().takes(walk, path);
            }
            other => panic!("{}: there is no machine `{other}`", path.display()),
        }
    }
    assert!(sources > 20 && destinations > 8, "{sources} walks of the source, {destinations} of the destination");
}

/// Someone who takes a walk with the engine and the generated code.
struct Walker<R: Role> {
    machine: Machine<R>,
    guards: Arc<Mutex<Vec<String>>>,
    seen: Arc<Mutex<Seen>>,
    attempt: Option<Attempt>,
    visits: Vec<Visit>,
}

/// What an observer of the machine was told since the last step.
#[derive(Default)]
struct Seen {
    publishes: Vec<String>,
    sends: Vec<String>,
    reason: Option<String>,
    /// The reason that is kept, with its attempt.
    kept: Option<(Attempt, String)>,
}

impl<R: Role> Walker<R> {
    fn new() -> Self {
        let guards = Arc::<Mutex<Vec<String>>>::default();
        let holding = Arc::clone(&guards);
        let is_set = move |guard: R::Guard| holding.lock().unwrap().iter().any(|name| name == guard.name());
        let machine = Machine::<R>::new(is_set);
        let seen = Arc::<Mutex<Seen>>::default();
        let told = Arc::clone(&seen);
        machine.subscribe(move |step| {
            if let Told::Fired { transition, publishes, attempt, reason, .. } = step {
                let mut seen = told.lock().unwrap();
                let kept = reason.map(|reason| (*attempt, reason.name().to_owned()));
                if kept != seen.kept {
                    seen.reason = kept.as_ref().map(|(_, name)| name.clone());
                    seen.kept = kept;
                }
                seen.publishes.extend(publishes.map(|status| status.name().to_owned()));
                seen.sends.extend(transition.sends.iter().map(|message| message.name().to_owned()));
            }
        });
        Self { machine, guards, seen, attempt: None, visits: Vec::new() }
    }

    /// Takes a walk, and fails where something else comes of a step than was saved.
    fn takes(&mut self, walk: &Walk, path: &Path) {
        for (number, step) in walk.steps.iter().enumerate() {
            let place =
                format!("{}, step {}: {} {}", path.display(), number + 1, step.action.verb.word(), step.action.name);
            let said = self.take(&step.action);
            let mut now = self.seen.lock().unwrap();
            let kept = now.kept.clone();
            let seen = std::mem::replace(&mut *now, Seen { kept, ..Seen::default() });
            drop(now);
            let outcome = said.map(|said| Outcome {
                said,
                state: self.machine.state().name().to_owned(),
                publishes: seen.publishes,
                sends: seen.sends,
                reason: seen.reason.filter(|_| walk.gives_reasons()),
            });
            assert_eq!(outcome, step.outcome, "{place}");
        }
    }

    fn take(&mut self, action: &Action) -> Option<Said> {
        let name = action.name.as_str();
        match action.verb {
            Verb::Raise => Some(Said::Answer(self.raise(name))),
            Verb::Report | Verb::ReportLate => {
                let event = R::Event::ALL.iter().find(|event| event.name() == name).expect("the machine has the event");
                let late = usize::from(action.verb == Verb::ReportLate);
                let visit = self.visits.iter().rev().nth(late).expect("an attempt has begun").clone();
                Some(Said::Evidence(match self.machine.report(&visit, *event, None) {
                    Found::Fired => {
                        self.note_visit();
                        Evidence::Fired
                    }
                    Found::Pending => Evidence::Pending,
                    Found::Stale => Evidence::Stale,
                }))
            }
            Verb::Set => {
                self.guards.lock().unwrap().push(name.to_owned());
                None
            }
            Verb::Clear => {
                self.guards.lock().unwrap().retain(|guard| guard != name);
                None
            }
        }
    }

    /// Remembers the present visit, if it is a new one.
    fn note_visit(&mut self) {
        let visit = self.attempt.and_then(|attempt| self.machine.visit(attempt)).map(|(_, visit)| visit);
        let last = self.visits.last().map(Visit::number);
        self.visits.extend(visit.filter(|visit| Some(visit.number()) != last));
    }

    fn raise(&mut self, name: &str) -> Answer {
        let trigger =
            R::Trigger::ALL.iter().find(|trigger| trigger.name() == name).expect("the machine has the trigger");
        match self.machine.raise(*trigger) {
            Raised::Accepted(attempt) => {
                self.attempt = Some(attempt);
                self.note_visit();
                Answer::Accept
            }
            Raised::Handled => Answer::Handle,
            Raised::Ignored => Answer::Ignore,
            Raised::Refused(refusal) => {
                // The engine adds which triggers are accepted.
                let text = refusal.to_string();
                Answer::Refuse(text.split_once(": trigger `").map_or("", |(reason, _)| reason).to_owned())
            }
        }
    }
}

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the package is in the workspace").to_path_buf()
}
