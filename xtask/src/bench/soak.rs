//! `bench soak MINUTES`: migrations between two hosts, each with a random trouble at a random moment, for as long as one
//! likes. Afterwards a guest runs on one side at most, it is lost only with its host, and its memory is whole.

mod trial;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use migration_testkit::build::{self, Profile};

use trial::{End, TROUBLES, Trial};

/// So much of what went wrong is told.
const WRONGS_MAX: usize = 20;

/// Runs trials until the time is over, and says how they ended.
pub(crate) fn run(minutes: u32, seed: Option<u64>) -> Result<String> {
    let program = build::program("migration-host", Profile::Dev)?;
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    let (mut random, began) = (fastrand::Rng::with_seed(seed), Instant::now());
    let mut counts: BTreeMap<(usize, End), u64> = BTreeMap::new();
    let (mut trials, mut wrongs) = (0, Vec::new());
    while began.elapsed() < Duration::from_secs(60 * u64::from(minutes)) && wrongs.len() < WRONGS_MAX {
        trials += 1;
        let trial = Trial::draw(&mut random);
        match trial.run(&program) {
            Ok(end) => *counts.entry((trial.trouble_index(), end)).or_default() += 1,
            Err(error) => wrongs.push(format!("trial {trials} ({trial:?}): {error:#}")),
        }
        if trials % 20 == 0 {
            migration_cli::output::say(format_args!("{trials} trials, {} went wrong", wrongs.len()));
        }
    }
    let text = report(seed, trials, began.elapsed(), &counts);
    if wrongs.is_empty() {
        return Ok(format!("{text}nothing was lost, no guest ran twice, all memory was whole\n"));
    }
    bail!("{text}{} of {trials} trials went wrong:\n{}", wrongs.len(), wrongs.join("\n"));
}

fn report(seed: u64, trials: u64, took: Duration, counts: &BTreeMap<(usize, End), u64>) -> String {
    let mut text = format!("seed {seed}: {trials} trials in {:.0} s\n", took.as_secs_f64());
    let heads: String = End::ALL.iter().map(|end| format!("  {:>20}", end.name())).collect();
    // A string takes everything.
    let _ = writeln!(text, "{:<24}{heads}", "");
    for (index, trouble) in TROUBLES.iter().enumerate() {
        let count = |end: &End| counts.get(&(index, *end)).copied().unwrap_or_default();
        let columns: String = End::ALL.iter().map(|end| format!("  {:>20}", count(end))).collect();
        let _ = writeln!(text, "{:<24}{columns}", trouble.name());
    }
    text
}
