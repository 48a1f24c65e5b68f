//! A recording as a file that can be read more than once; what comes from standard input is kept in one.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, stdin};
use std::path::Path;

use anyhow::{Context, Result};
use migration_replay::log::Log;
use migration_table::model::Table;

use super::progress::Progress;

/// A line of a recording is not longer than this, in bytes: a reply that lists everything is far shorter.
const LINE_BYTES_MAX: u64 = 16 << 20;

pub(in crate::commands) struct Recording {
    /// Its file, as the user named it.
    pub(in crate::commands) name: String,
    file: File,
    bytes: u64,
}

impl Recording {
    /// Opens a recording; `-` is standard input.
    pub(in crate::commands) fn open(path: &Path) -> Result<Recording> {
        let name = path.display().to_string();
        let cannot = || format!("cannot read the recording `{name}`");
        let mut file = match name.as_str() {
            "-" => kept(&mut stdin()).with_context(cannot)?,
            _ => File::open(path).with_context(cannot)?,
        };
        // A pipe can be read once only.
        if !file.metadata().with_context(cannot)?.is_file() {
            file = kept(&mut file).with_context(cannot)?;
        }
        let bytes = file.metadata().with_context(cannot)?.len();
        Ok(Recording { name, file, bytes })
    }

    /// Hands out every line, from the first one on, until one is not wanted any more.
    pub(in crate::commands) fn lines(&self, mut each: impl FnMut(&str) -> bool) -> Result<()> {
        let cannot = || format!("cannot read the recording `{}`", self.name);
        let mut file = &self.file;
        file.rewind().with_context(cannot)?;
        let (mut input, mut line) = (BufReader::with_capacity(1 << 16, file), Vec::new());
        let mut progress = Progress::begin(&self.name, self.bytes);
        while input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line).with_context(cannot)? > 0 {
            progress.advance(line.len() as u64);
            // Nearly every line is UTF-8, which is seen faster than what is not is mended.
            let text = str::from_utf8(&line).map_or_else(|_| String::from_utf8_lossy(&line), Cow::Borrowed);
            if !each(&text) {
                break;
            }
            line.clear();
        }
        Ok(())
    }

    /// Whether its events come when somebody asks for them: `qmp-shell` shows them so.
    pub(in crate::commands) fn has_late_events(&self, table: &Table) -> Result<bool> {
        let (mut log, mut is_late) = (Log::new(table), false);
        self.lines(|line| {
            is_late = log.read(line).iter().flatten().any(|seen| seen.is_late);
            !is_late
        })?;
        Ok(is_late)
    }
}

/// Longest recording that is read from a pipe, in bytes.
const PIPED_BYTES_MAX: u64 = 1 << 30;

/// All that can be read from here, as a file without a name.
fn kept(input: &mut impl Read) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    if io::copy(&mut input.take(PIPED_BYTES_MAX + 1), &mut file)? > PIPED_BYTES_MAX {
        return Err(io::Error::other(format!("it is longer than {} MiB: save it as a file", PIPED_BYTES_MAX >> 20)));
    }
    Ok(file)
}
