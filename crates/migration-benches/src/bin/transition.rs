//! Runs one form of the source machine through a stream of events, for `cargo xtask bench transition`.
//!
//! Usage: `transition list` prints the forms, one a line: number, meaning and name. `transition run FORM ROUNDS` runs
//! one of them that often through the stream and prints how many events there were and how many nanoseconds they took.

#[path = "../../benches/transition/machines.rs"]
mod machines;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use machines::{FORMS, Form, State, stream};

/// Events of the stream, half of them with the guard.
const EVENTS: usize = 20_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list"] => list(),
        ["run", form, rounds] => match (form.parse().ok().and_then(|form: usize| FORMS.get(form)), rounds.parse()) {
            (Some(form), Ok(rounds)) => run(form, rounds),
            (_, _) => return usage(),
        },
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: transition list | run FORM ROUNDS");
    ExitCode::from(2)
}

/// The forms, and whether they agree: figures of machines that do not do the same are worth nothing.
fn list() {
    for (index, form) in FORMS.iter().enumerate() {
        for pause in [false, true] {
            let stream = stream(EVENTS / 2, pause);
            let (first, these): (Vec<State>, Vec<State>) =
                ((FORMS[0].states)(&stream, pause), (form.states)(&stream, pause));
            assert_eq!(first, these, "{}", form.name);
        }
        println!("{index} {:?} {}", form.meaning, form.name);
    }
}

fn run(form: &Form, rounds: usize) {
    let runners = [false, true].map(|pause| (form.runner)(&stream(EVENTS / 2, pause), pause));
    let began = Instant::now();
    for _ in 0..rounds {
        for runner in &runners {
            black_box(runner());
        }
    }
    println!("{} {}", rounds * EVENTS, began.elapsed().as_nanos());
}
