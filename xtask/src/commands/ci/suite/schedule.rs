//! Which binary runs when: whoever is free takes the next one.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Read, Seek};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use migration_cli::output::say;

use super::binary::Binary;
use crate::commands::ci::time::seconds;

/// Packages whose tests wait most of their time, the longest first.
const WAITING: [&str; 2] = ["migration-host", "migration-runtime"];

/// How many tests of such a package run at once, for each processor.
const WAITING_TESTS: usize = 2;

/// Packages whose tests compute for long, the longest first: what begins last should be short.
const LONG: [&str; 8] = [
    "migration-contract",
    "migration-cli",
    "migration-tests",
    "migration-macros-ui",
    "migration-generate",
    "migration-draw",
    "xtask",
    "migration-verify",
];

/// How a binary ended.
pub(super) struct Done {
    pub(super) binary: Binary,
    pub(super) passed: bool,
    /// What it wrote to both outputs.
    pub(super) output: String,
    pub(super) time: Duration,
}

/// What is still to be run, each with its place in the report.
pub(super) struct Queues {
    waiting: VecDeque<(usize, Binary)>,
    computing: VecDeque<(usize, Binary)>,
}

impl Queues {
    /// Puts what waits into one queue and what computes into the other, the longest first in both.
    pub(super) fn new(mut binaries: Vec<Binary>) -> Self {
        let place = |binary: &Binary| {
            let order = WAITING.iter().chain(&LONG).position(|package| *package == binary.package);
            order.unwrap_or(usize::MAX)
        };
        // Cargo names them as it comes to them, which differs from run to run.
        binaries.sort_by_key(|binary| (place(binary), binary.package.clone(), binary.target.clone()));
        let (waiting, computing) = (0..).zip(binaries).partition(|(_, binary)| place(binary) < WAITING.len());
        Queues { waiting, computing }
    }

    /// Takes the next one for the first worker, which prefers what waits, or for another, which prefers what computes.
    fn next(&mut self, worker: usize) -> Option<(usize, Binary)> {
        let (one, other) = match worker {
            0 => (&mut self.waiting, &mut self.computing),
            _ => (&mut self.computing, &mut self.waiting),
        };
        one.pop_front().or_else(|| other.pop_front())
    }

    /// Runs everything, and calls `report` for each in the order of the queues.
    pub(super) fn run(self, mut report: impl FnMut(Done) -> Result<()>) -> Result<()> {
        let workers = processors();
        let count = self.waiting.len() + self.computing.len();
        let queues = Mutex::new(self);
        let (sender, receiver) = mpsc::channel();
        thread::scope(|scope| {
            for worker in 0..workers {
                let (queues, sender) = (&queues, sender.clone());
                scope.spawn(move || {
                    let next = || queues.lock().unwrap_or_else(PoisonError::into_inner).next(worker);
                    while let Some((place, binary)) = next() {
                        if sender.send((place, ran(binary))).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(sender);
            let (mut held, mut reported) = (BTreeMap::new(), 0);
            for (ended, (place, done)) in (1..).zip(receiver) {
                let done = done?;
                let word = if done.passed { "ok" } else { "FAILED" };
                say(format_args!("{ended} of {count}: {word} in {}: {}", seconds(done.time), done.binary.command()));
                held.insert(place, done);
                while let Some(done) = held.remove(&reported) {
                    report(done)?;
                    reported += 1;
                }
            }
            Ok(())
        })
    }
}

fn processors() -> usize {
    thread::available_parallelism().map_or(2, |count| count.get().max(2))
}

fn ran(binary: Binary) -> Result<Done> {
    // A file and not a pipe: a process that a test left behind would hold a pipe open.
    let mut file = tempfile::tempfile().context("no file for the output of the tests")?;
    let mut process = binary.process();
    process.stdout(file.try_clone()?).stderr(file.try_clone()?);
    if WAITING.contains(&binary.package.as_str()) {
        process.env("RUST_TEST_THREADS", (processors() * WAITING_TESTS).to_string());
    }
    let start = Instant::now();
    let status = process.status().with_context(|| format!("cannot run the tests of `{}`", binary.command()))?;
    let (time, mut output) = (start.elapsed(), Vec::new());
    file.rewind().and_then(|()| file.read_to_end(&mut output)).context("the output of the tests cannot be read")?;
    let output = String::from_utf8_lossy(&output).into_owned();
    Ok(Done { binary, passed: status.success(), output, time })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::ci::suite::binary::of_messages;

    /// A program of this system as the tests of a package.
    fn binary(package: &str, program: &str) -> Binary {
        let id = format!("path+file:///#{package}@0.1.0");
        let target = serde_json::json!({ "kind": ["lib"], "name": package });
        let message = serde_json::json!({
            "package_id": id, "manifest_path": "/Cargo.toml", "target": target, "profile": { "test": true },
            "executable": program,
        });
        of_messages(&message.to_string()).pop().expect("the message is one of cargo's")
    }

    #[test]
    fn everything_is_run_and_reported_in_one_order() {
        let binaries = [
            ("short", "/bin/false"),
            ("first", "/bin/true"),
            (LONG[1], "/bin/pwd"),
            (LONG[0], "/bin/true"),
            (WAITING[1], "/bin/pwd"),
        ];
        for _ in 0..20 {
            let binaries = binaries.iter().map(|(package, program)| binary(package, program)).collect();
            let mut reported = Vec::new();
            let run = Queues::new(binaries).run(|done| {
                reported.push((done.binary.package, done.passed, done.output));
                Ok(())
            });
            run.expect("the programs can be run");
            let all = [
                (WAITING[1], true, "/\n"),
                (LONG[0], true, ""),
                (LONG[1], true, "/\n"),
                ("first", true, ""),
                ("short", false, ""),
            ];
            assert_eq!(reported, all.map(|(package, passed, output)| (package.to_owned(), passed, output.to_owned())));
        }
    }

    #[test]
    fn the_first_worker_takes_what_waits_and_the_others_what_computes() {
        let binaries = [LONG[0], LONG[1], WAITING[0], WAITING[1]].map(|package| binary(package, "/bin/true"));
        let mut queues = Queues::new(binaries.into());
        let taken = [0, 1, 0, 0, 1].map(|worker| queues.next(worker).map(|(_, binary)| binary.package));
        let all = [Some(WAITING[0]), Some(LONG[0]), Some(WAITING[1]), Some(LONG[1]), None];
        assert_eq!(taken, all.map(|package| package.map(str::to_owned)));
    }
}
