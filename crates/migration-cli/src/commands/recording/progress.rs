//! How far a long recording has been read, for a person who waits.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// What takes less is not worth a word.
const QUIET: Duration = Duration::from_secs(1);
/// How many lines are read between two looks at the clock.
const LINES: u32 = 1_024;

/// How far a recording has been read. It is shown on standard error, if that is a terminal.
pub(super) struct Progress {
    name: String,
    bytes: u64,
    done: u64,
    lines: u32,
    began: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(super) fn begin(name: &str, bytes: u64) -> Progress {
        Progress { name: name.to_owned(), bytes, done: 0, lines: 0, began: Instant::now(), bar: None }
    }

    /// One more line of this length has been read.
    pub(super) fn advance(&mut self, bytes: u64) {
        self.done += bytes;
        self.lines += 1;
        if self.lines < LINES && self.bar.is_none() {
            return;
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        } else if self.began.elapsed() > QUIET {
            let bar = ProgressBar::new(self.bytes);
            let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes} of {total_bytes}, {eta} left");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(migration_replay::log::printable(&self.name));
            self.bar = Some(bar);
        }
        self.lines = 0;
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
