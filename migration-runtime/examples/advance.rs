//! Calls the generated `advance` many times, for whoever counts what a call costs: `cargo xtask bench advance`.
//!
//! Usage: `advance with|without CALLS`. Both run the same loop over the same arguments, and only one makes the calls, so
//! the difference is what the calls cost. Prints the number of calls and the nanoseconds that the loop took.
//!
//! The arguments are those of a source that completes one migration and cancels the next: every step asks once what
//! fires, and once more whether anything else does.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use migration_runtime::states::Role;
use migration_runtime::states::source::{Event, Facts, Source, State, Transition, Trigger, advance};

/// What `advance` returns when no transition fires.
const NOTHING: Option<&Transition> = None;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (call, calls) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["with", calls] => (true, calls.parse::<usize>()),
        ["without", calls] => (false, calls.parse::<usize>()),
        _ => (false, "".parse()),
    };
    let Ok(calls) = calls else {
        eprintln!("usage: advance with|without CALLS");
        return ExitCode::from(2);
    };
    let asked = asked();
    let began = Instant::now();
    if call {
        for &(state, facts) in asked.iter().cycle().take(calls) {
            black_box(advance(black_box(state), black_box(facts)));
        }
    } else {
        for &(state, facts) in asked.iter().cycle().take(calls) {
            // What a call would be given is made and looked at, and so is what it would return.
            let _ = (black_box(state), black_box(facts));
            black_box(NOTHING);
        }
    }
    println!("{calls} {}", began.elapsed().as_nanos());
    ExitCode::SUCCESS
}

/// What `advance` is asked in the course of the two migrations.
fn asked() -> Vec<(State, Facts)> {
    let trigger = Trigger::fact;
    let event = Event::fact;
    let mut asked = Vec::new();
    let completed = walk(
        Source::INITIAL,
        &[
            trigger(Trigger::Migrate),
            event(Event::Connected),
            event(Event::Welcome),
            event(Event::Converged),
            event(Event::Stopped),
            event(Event::Ready),
            event(Event::Running),
            event(Event::CleanedUp),
        ],
        &mut asked,
    );
    assert_eq!(completed, State::Completed, "the events of a migration that completes");
    let cancelled = walk(
        completed,
        &[
            trigger(Trigger::Migrate),
            event(Event::Connected),
            event(Event::Welcome),
            trigger(Trigger::Cancel),
            event(Event::CleanedUp),
        ],
        &mut asked,
    );
    assert_eq!(cancelled, State::Cancelled, "the events of a migration that is cancelled");
    asked
}

/// Follows the machine through `stream` and notes all that is asked; the state in the end.
fn walk(from: State, stream: &[Facts], asked: &mut Vec<(State, Facts)>) -> State {
    let (mut state, mut facts) = (from, Facts::EMPTY);
    for fact in stream {
        facts = facts.union(*fact);
        loop {
            asked.push((state, facts));
            let Some(transition) = advance(state, facts) else { break };
            state = transition.to;
            facts = facts.minus(Event::SET).minus(transition.consumes).minus(transition.drops);
        }
    }
    state
}
