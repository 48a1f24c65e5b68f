//! What the demo shows: steps and events as lines, progress as a bar on a terminal and as lines elsewhere.

use std::io::{IsTerminal, stderr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

const MIB: f64 = (1 << 20) as f64;
const PAGE_BYTES: u64 = 4096;

/// Where there is no bar, a round that takes long is told of this often.
const LINE_EVERY: Duration = Duration::from_secs(1);

/// The person's view of the demo.
pub(super) struct Screen {
    bar: ProgressBar,
    terminal: bool,
    shown: Mutex<Shown>,
}

struct Shown {
    start: Option<Instant>,
    round: u64,
    last: Option<Instant>,
}

impl Screen {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::hidden();
        Self { bar, terminal: stderr().is_terminal(), shown: Mutex::new(Shown { start: None, round: 0, last: None }) }
    }

    /// Says that something was done.
    pub(super) fn step(&self, text: &str) {
        self.line(&format!("demo: {text}"));
    }

    /// Says something in the course of the migration.
    pub(super) fn note(&self, text: &str) {
        self.line(&format!("{} {text}", self.clock()));
    }

    /// Shows an event of one side.
    pub(super) fn event(&self, side: &str, name: &str, data: &Value) {
        let detail = match name {
            "MIGRATION" => data["status"].as_str().unwrap_or("?").to_owned(),
            "MIGRATION_PASS" => format!("{}", data["pass"]),
            _ => String::new(),
        };
        self.line(format!("{} {side:<11} {name:<14} {detail}", self.clock()).trim_end());
    }

    /// Starts the clock and the bar.
    pub(super) fn start(&self) {
        self.shown().start = Some(Instant::now());
        if self.terminal {
            let template = "  {bar:40} {percent:>3}%  {msg}";
            let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
            self.bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
            self.bar.set_style(style);
        }
    }

    /// Shows the figures of `query-migrate` while it goes on.
    pub(super) fn progress(&self, figures: &Value) {
        let ram = |member: &str| number(figures, &format!("/ram/{member}"));
        let (total, left, round) = (ram("total"), ram("remaining"), ram("dirty-sync-count"));
        if total == 0 {
            return;
        }
        let message = format!(
            "round {round}, {:.1} MiB/s, guest dirties {:.1} MiB/s, {:.1} MiB left",
            figures.pointer("/ram/mbps").and_then(Value::as_f64).unwrap_or(0.0) * 1e6 / 8.0 / MIB,
            (ram("dirty-pages-rate") * PAGE_BYTES) as f64 / MIB,
            left as f64 / MIB,
        );
        if self.terminal {
            self.bar.set_length(total);
            self.bar.set_position(total.saturating_sub(left));
            self.bar.set_message(message);
            return;
        }
        let mut shown = self.shown();
        let due = shown.round != round || shown.last.is_none_or(|last| last.elapsed() >= LINE_EVERY);
        if due {
            (shown.round, shown.last) = (round, Some(Instant::now()));
            drop(shown);
            self.note(&message);
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    /// Shows the figures of a migration that is over.
    pub(super) fn figures(&self, figures: &Value) {
        let ram = |member: &str| number(figures, &format!("/ram/{member}"));
        let mut parts = vec![format!("total time {} ms", number(figures, "/total-time"))];
        if let Some(downtime) = figures["downtime"].as_u64() {
            parts.push(format!("downtime {downtime} ms"));
        }
        parts.push(format!("{:.1} MiB sent", ram("transferred") as f64 / MIB));
        parts.push(format!("{} pages as data, {} as zero", ram("normal"), ram("duplicate")));
        parts.push(format!("{} rounds", ram("dirty-sync-count")));
        self.step(&parts.join(", "));
    }

    fn clock(&self) -> String {
        let seconds = self.shown().start.map_or(0.0, |start| start.elapsed().as_secs_f64());
        format!("{seconds:8.3} s")
    }

    fn line(&self, text: &str) {
        self.bar.suspend(|| migration_cli::output::tell_on(format_args!("{text}")));
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Returns the number at a JSON pointer, 0 if there is none.
pub(super) fn number(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
}
