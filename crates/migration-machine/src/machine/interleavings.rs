//! Every interleaving of the threads that may use a machine at once, tried by `loom`.
//!
//! The package `migration-interleavings` is this crate with the locks of `loom`, and has these as its only tests.

use loom::model;
use loom::thread;

use super::*;

/// The machines of a migration, since the ways in which threads meet in them are known.
#[allow(missing_docs, dead_code, unreachable_pub, reason = "only one of two machines is used here")]
mod migration {
    migration_macros::state_machine!("../../../../states.yaml", crate = "crate");
}

use migration::source::{Event, Source, State, Trigger};

/// What observers were told, in order. They are called under the machine's lock, so this needs none that `loom` sees.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<String>>>);

impl Log {
    fn add(&self, line: String) {
        self.0.lock().expect("no test panics while it holds the lock").push(line);
    }

    /// The lines that begin with this word.
    fn lines(&self, word: &str) -> Vec<String> {
        let lines = self.0.lock().expect("no test panics while it holds the lock");
        lines.iter().filter_map(|line| line.strip_prefix(word)).map(|rest| rest.trim().to_owned()).collect()
    }
}

/// A source that has begun to connect, its log from then on, and the visit in which it connects.
fn connecting() -> (Machine<Source>, Log, Visit) {
    let machine = Machine::<Source>::new(|_| false);
    let Raised::Accepted(attempt) = machine.raise(Trigger::Migrate) else { panic!("an idle source can migrate") };
    let log = Log::default();
    let all = log.clone();
    machine.subscribe(move |step| match step {
        Step::Raised { trigger, raised, .. } => all.add(format!("raised {trigger} {raised:?}")),
        Step::Reported { event, stale, .. } => all.add(format!("reported {event} {stale}")),
        Step::Fired { from, transition, publishes, .. } => {
            all.add(format!("fired {from} {}", transition.to));
            if let Some(status) = publishes {
                all.add(format!("shown {status}"));
            }
        }
        Step::Unsent { message, .. } => all.add(format!("unsent {message}")),
    });
    let (state, visit) = machine.visit(attempt).expect("the attempt has begun");
    assert_eq!(state, State::Connecting);
    (machine, log, visit)
}

fn accepted(raised: &Raised) -> bool {
    matches!(raised, Raised::Accepted(_))
}

/// Two users cancel while the work fails: exactly one of the three decides, and the others change nothing.
#[test]
fn exactly_one_decides() {
    model(|| {
        let (machine, log, visit) = connecting();
        let cancels = [0, 1].map(|_| {
            let machine = machine.clone();
            thread::spawn(move || machine.raise(Trigger::Cancel))
        });
        let evidence = machine.report(&visit, Event::Failed, Some("no".to_owned()));
        let cancels = cancels.map(|cancel| cancel.join().unwrap());
        let state = machine.state();
        match evidence {
            Evidence::Fired => {
                assert_eq!(state, State::Failing);
                assert!(cancels.iter().all(|raised| matches!(raised, Raised::Refused(_))));
                assert_eq!(log.lines("fired"), ["connecting failing"]);
                assert_eq!(log.lines("shown"), ["failing"]);
            }
            Evidence::Stale => {
                assert_eq!(state, State::Cancelling);
                assert_eq!(cancels.iter().filter(|raised| accepted(raised)).count(), 1);
                assert!(cancels.contains(&Raised::Ignored));
                assert_eq!(log.lines("fired"), ["connecting cancelling"]);
                assert_eq!(log.lines("shown"), ["cancelling"]);
            }
            Evidence::Pending => panic!("a failure decides"),
        }
        let decided = machine.ending().unwrap().decided_by;
        assert_eq!(decided, if state == State::Failing { "failed" } else { "cancel" });
        assert!(visit.over().is_some());
    });
}

/// The work goes on while a user cancels: what clients are shown leaves in the order of the changes, each change once,
/// and whoever waits for a state is woken.
#[test]
fn what_is_shown_leaves_in_order() {
    model(|| {
        let (machine, log, visit) = connecting();
        let work = {
            let machine = machine.clone();
            thread::spawn(move || {
                machine.report(&visit, Event::Connected, None);
                let (_, visit) = machine.visit(visit.attempt())?;
                machine.next_message(&visit);
                machine.report(&visit, Event::Welcome, None);
                Some(())
            })
        };
        let waiting = {
            let machine = machine.clone();
            thread::spawn(move || machine.wait(Duration::from_secs(3600), |state| state == State::Cancelling))
        };
        assert!(accepted(&machine.raise(Trigger::Cancel)));
        work.join().unwrap().unwrap();
        assert_eq!(waiting.join().unwrap(), State::Cancelling);
        let fired = log.lines("fired");
        let way = ["connecting", "negotiating", "active"];
        let gone = fired.len() - 1;
        let mut expected: Vec<String> = way.windows(2).take(gone).map(|two| two.join(" ")).collect();
        expected.push(format!("{} cancelling", way[gone]));
        assert_eq!(fired, expected);
        let shown: &[&str] = if gone == 2 { &["active", "cancelling"] } else { &["cancelling"] };
        assert_eq!(log.lines("shown"), shown);
    });
}

/// Evidence of a first attempt arrives while the user cancels it and begins another: it acts on the first or on none.
#[test]
fn evidence_of_an_old_attempt_is_stale() {
    model(|| {
        let (machine, log, visit) = connecting();
        let late = {
            let (machine, visit) = (machine.clone(), visit.clone());
            thread::spawn(move || machine.report(&visit, Event::Connected, None))
        };
        assert!(accepted(&machine.raise(Trigger::Cancel)));
        let (_, cleaning) = machine.visit(visit.attempt()).unwrap();
        assert_eq!(machine.report(&cleaning, Event::CleanedUp, None), Evidence::Fired);
        let Raised::Accepted(second) = machine.raise(Trigger::Migrate) else { panic!("the first attempt is over") };
        let evidence = late.join().unwrap();
        let first = log.lines("fired");
        assert_eq!(evidence == Evidence::Fired, first[0] == "connecting negotiating");
        assert_ne!(evidence, Evidence::Pending);
        assert_eq!(machine.visit(second).map(|(state, _)| state), Some(State::Connecting));
        assert!(machine.visit(visit.attempt()).is_none());
        assert!(!machine.lock().facts.intersects(Event::SET), "nothing of the first is left");
    });
}
