//! The log of the process, which never holds it up.
//!
//! Standard error can be a pipe that nobody reads, or a file on a disk that is full. Threads that log hold locks, some of
//! them that of a machine, so none of them may wait for it, and an error of it is nobody's fault. Lines go through a
//! bounded queue to a thread that writes them; what does not fit is counted, and the count is written later.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// What writes to the log: the modules below these.
const TARGETS: [&str; 3] = ["migration_host", "migration_runtime", "migration_machine"];

/// The levels of a filter.
const LEVELS: [&str; 6] = ["error", "warn", "info", "debug", "trace", "off"];

/// Checks that every target of a filter can write something. A misspelt level is read as a target, and would silence the
/// log without a word.
///
/// # Errors
/// When one cannot.
pub fn check_filter(filter: &str) -> Result<(), String> {
    // Commas within the fields of a span belong to it.
    if filter.contains(['[', '{']) {
        return Ok(());
    }
    let directives = filter.split(',').map(|directive| directive.split('=').next().unwrap_or_default().trim());
    let unknown = directives.filter(|name| !name.is_empty() && name.parse::<u8>().is_err()).find(|name| {
        let is_level = LEVELS.iter().any(|level| level.eq_ignore_ascii_case(name));
        !is_level && TARGETS.iter().all(|target| !target.starts_with(name) && !name.starts_with(target))
    });
    match unknown {
        Some(name) => Err(format!(
            "`{name}` is no level ({}), and nothing logs under that name: give a level, or one for `{}`",
            LEVELS.join(", "),
            TARGETS.join("`, `")
        )),
        None => Ok(()),
    }
}

/// How many lines wait to be written, at most.
const LINES_MAX: usize = 1024;

/// A log; clones share it.
#[derive(Clone, Debug)]
pub struct Log {
    queue: SyncSender<Item>,
    lost: Arc<AtomicU64>,
}

/// What waits in the queue.
#[derive(Debug)]
enum Item {
    Line(Vec<u8>),
    /// Everything before this was written.
    Reached(SyncSender<()>),
}

impl Log {
    /// Starts a log that is written to `out`. Without a thread for it, the log is lost, and nothing else is.
    pub fn start(out: impl Write + Send + 'static) -> Self {
        let (queue, lines) = sync_channel(LINES_MAX);
        let lost = Arc::<AtomicU64>::default();
        let counted = Arc::clone(&lost);
        drop(thread::Builder::new().name("log".to_owned()).spawn(move || write_all(out, &lines, &counted)));
        Self { queue, lost }
    }

    /// Waits until everything logged so far is written, at most for `limit`.
    pub fn drain(&self, limit: Duration) {
        let (reached, told) = sync_channel(1);
        if self.queue.try_send(Item::Reached(reached)).is_ok() {
            // It takes too long, or there is no thread: then the rest is lost.
            let _ = told.recv_timeout(limit);
        }
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.queue.try_send(Item::Line(line.to_vec())).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_all(mut out: impl Write, lines: &Receiver<Item>, lost: &AtomicU64) {
    while let Ok(item) = lines.recv() {
        // There is nobody to whom an error of the log could be reported.
        let _ = match item {
            Item::Line(line) => out.write_all(&line),
            Item::Reached(reached) => reached.send(()).map_err(io::Error::other),
        };
        let count = lost.swap(0, Ordering::Relaxed);
        if count > 0 {
            let _ = writeln!(out, "{count} lines of the log were lost: they came faster than they could be written");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::mpsc::channel;
    use std::time::Instant;

    use super::*;

    /// An output that takes nothing until it is let go.
    struct Stuck(std::sync::mpsc::Receiver<()>, Arc<Mutex<Vec<u8>>>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // Ends when the sender is dropped.
            let _ = self.0.recv();
            self.1.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn an_output_that_takes_nothing_holds_nobody_up_and_what_is_lost_is_counted() {
        let (go, stuck) = channel();
        let written = Arc::<Mutex<Vec<u8>>>::default();
        let mut log = Log::start(Stuck(stuck, Arc::clone(&written)));
        let began = Instant::now();
        for number in 0..3 * LINES_MAX {
            log.write_all(format!("line {number}\n").as_bytes()).unwrap();
        }
        log.drain(Duration::from_millis(10));
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        drop(go);
        let comes = |what: &str, has_come: &dyn Fn(&[u8]) -> bool| {
            while !has_come(&written.lock().unwrap()) {
                assert!(began.elapsed() < Duration::from_secs(60), "in vain waited for {what}");
                thread::yield_now();
            }
        };
        // The queue has room again once the first lines are written.
        comes("the first lines", &|text| !text.is_empty());
        comes("the count", &|text| String::from_utf8_lossy(text).contains("lines of the log were lost"));
        assert!(written.lock().unwrap().starts_with(b"line 0\n"));
    }

    #[test]
    fn a_filter_under_which_nothing_logs_is_an_error() {
        for good in
            ["info", "WARN", "off", "3", "migration_host=debug,warn", "migration=trace", "", "[span{a=b,c}]=info"]
        {
            assert_eq!(check_filter(good), Ok(()), "{good}");
        }
        for bad in ["inof", "info,qmp=debug", "warning"] {
            assert!(check_filter(bad).unwrap_err().contains("is no level (error, warn, "), "{bad}");
        }
    }

    #[test]
    fn an_output_that_fails_is_nobodys_fault() {
        let mut log = Log::start(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
        log.write_all(b"line\n").unwrap();
        log.drain(Duration::from_secs(5));
        log.write_all(b"line\n").unwrap();
    }
}
