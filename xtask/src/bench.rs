//! `cargo xtask bench NAME`: figures, always beside something that this machine can do at the same time.
//!
//! A figure of this or that machine says little, so every bench measures a yardstick in the same run, in turns with what
//! it is about, and prints ratios. The machine's load is printed too: beside a compiler, nothing below means much.

pub(crate) mod advance;
pub(crate) mod build;
pub(crate) mod postcopy;
mod program;
pub(crate) mod scale;
mod series;
pub(crate) mod soak;
pub(crate) mod transfer;
pub(crate) mod transition;
pub(crate) mod verify;

use std::fs;
use std::thread;

/// How busy a processor must have been before a bench for its figures to be worth little, by the load average.
const BUSY: f64 = 0.5;

/// How busy the machine was before a bench began.
struct Load {
    before: f64,
}

impl Load {
    /// Looks at the machine now.
    fn now() -> Self {
        Self { before: load_average() }
    }

    /// The load before and after a bench that is over, in words, and what to think of its figures.
    fn line(&self) -> String {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let verdict = match self.before > BUSY * processors as f64 {
            true => "; something else was running: trust the ratios at most",
            false => "",
        };
        let (before, after) = (self.before, load_average());
        format!("load {before:.2} before, {after:.2} after, on {processors} processors{verdict}")
    }
}

/// How many threads wanted to run, on average over the last minute; not a number where the kernel does not tell.
fn load_average() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(f64::NAN)
}
