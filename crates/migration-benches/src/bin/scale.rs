//! What reading, checking and expanding a table costs, for `cargo xtask bench scale`.
//!
//! Usage: `scale cost grouped|flat STATES` prints the processor time of each stage in nanoseconds, the least of several
//! tries. `scale table grouped|flat STATES FILE` and `scale code grouped|flat STATES FILE` write the table and the code.
//!
//! Processor time and not time: whoever else uses the machine has little influence on it.

use std::process::ExitCode;
use std::{fs, hint};

use migration_table::model::Table;
use migration_table::{Findings, check};
use migration_testkit::synthetic::{self, Shape};
use rustix::time::{ClockId, clock_gettime};

/// A stage is tried again until this much time is spent on it, in nanoseconds.
const ENOUGH_NS: u64 = 300_000_000;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["cost", shape, states] => table(shape, states).map(|text| print!("{}", costs(&text))),
        ["table", shape, states, file] => table(shape, states).and_then(|text| write(file, &text)),
        ["code", shape, states, file] => table(shape, states).and_then(|text| {
            write(file, &migration_generate::generate(&read(&text), &migration_generate::default_engine()).to_string())
        }),
        _ => Err("usage: scale cost|table|code grouped|flat STATES [FILE]".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

fn table(shape: &str, states: &str) -> Result<String, String> {
    let shape = match shape {
        "grouped" => Shape::Grouped,
        "flat" => Shape::Flat,
        other => return Err(format!("`{other}` is no shape")),
    };
    let states = states.parse().ok().filter(|states| synthetic::STATES.contains(states));
    let states = states.ok_or_else(|| format!("the number of states is not in {:?}", synthetic::STATES))?;
    Ok(synthetic::table(states, shape))
}

fn write(file: &str, text: &str) -> Result<(), String> {
    fs::write(file, text).map_err(|error| format!("{file} cannot be written: {error}"))
}

fn costs(text: &str) -> String {
    let table = read(text);
    let read = least(|| migration_table::read(text));
    let check = least(|| {
        let mut findings = Findings::default();
        check::run(&table, &mut findings);
        assert!(findings.is_empty(), "a synthetic table has no finding");
    });
    let expand = least(|| migration_generate::generate(&table, &migration_generate::default_engine()));
    format!("read {read}\ncheck {check}\nexpand {expand}\n")
}

fn read(text: &str) -> Table {
    migration_table::read(text).table.expect("a synthetic table can be read")
}

/// The least processor time of several tries, in nanoseconds.
fn least<T>(mut work: impl FnMut() -> T) -> u64 {
    let (mut least, mut spent) = (u64::MAX, 0);
    while spent < ENOUGH_NS {
        let began = now();
        // What is made is dropped within the time: who makes it pays for that too.
        drop(hint::black_box(work()));
        let time = now() - began;
        least = least.min(time);
        spent += time.max(1);
    }
    least
}

/// The processor time that this process has used, in nanoseconds.
fn now() -> u64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    u64::try_from(time.tv_sec).unwrap_or_default() * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or_default()
}
