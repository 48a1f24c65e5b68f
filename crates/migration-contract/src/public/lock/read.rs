//! A lock file read back, line by line: what each line says, before anybody asks whether the lines fit together.
//!
//! The text may be anything: a merge with conflicts, half a file, something hostile. It is refused with the first line
//! that shows it. What is read of it is bounded whatever it says.

use super::damage::{Damage, LockError, shown};
use super::format::{END, FORMAT, MAGIC, NOTE_BEFORE};
use super::listed::{lines_before, without_listed};
use super::parsed::Parsed;
use super::rebuild;
use super::write::write;
use crate::public::model::Public;

/// The largest file that is read.
pub const LOCK_BYTES_MAX: usize = 16 << 20;

/// What a lock file says.
///
/// # Errors
///
/// When the text is not what [`write()`] makes of what it says, but for the ends of lines and the releases that it lists.
pub fn read(text: &str) -> Result<Public, LockError> {
    if text.len() > LOCK_BYTES_MAX {
        return Err(LockError::new(Damage::TooLarge, 1, format!("the file has {} bytes", text.len())));
    }
    read_plain(&without_listed(text)).map_err(|error| {
        let lines = lines_before(text, error.line());
        error.below(lines)
    })
}

/// The same for a text without the releases that it lists.
fn read_plain(text: &str) -> Result<Public, LockError> {
    let lines: Vec<&str> = text.split('\n').collect();
    frame(&lines)?;
    let mut parsed = Parsed::default();
    for (index, line) in lines.iter().enumerate().skip(1) {
        if !line.is_empty() && !line.starts_with('#') && *line != END {
            parsed.take(index + 1, line)?;
        }
    }
    let public = rebuild::public(parsed)?;
    is_canonical(&lines, &write(&public))?;
    Ok(public)
}

/// What can be said without understanding a line.
fn frame(lines: &[&str]) -> Result<(), LockError> {
    let error = |kind, index: usize, message: String| Err(LockError::new(kind, index + 1, message));
    let marks = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];
    if let Some(index) = lines.iter().position(|line| marks.iter().any(|mark| line.starts_with(mark))) {
        let found = shown(lines[index]);
        return error(Damage::Conflict, index, format!("found {found}: two versions were merged, and nobody chose"));
    }
    let first = lines.first().copied().unwrap_or_default();
    let expected = format!("{MAGIC}{FORMAT}");
    if lines.len() == 1 && !first.is_empty() && expected.starts_with(first) {
        return error(Damage::Truncated, 0, "the file ends in its first line".to_owned());
    }
    if first.starts_with('\u{feff}') {
        let message = format!("found a byte order mark, expected `{expected}`");
        return error(Damage::NotALock, 0, message);
    }
    match first.strip_prefix(MAGIC).map(str::parse::<u32>) {
        Some(Ok(FORMAT)) if first == expected => {}
        Some(Ok(newer)) if newer > FORMAT => {
            return error(Damage::Newer, 0, format!("found format {newer}, expected at most {FORMAT}"));
        }
        _ => return error(Damage::NotALock, 0, format!("found {}, expected `{expected}`", shown(first))),
    }
    let Some(end) = lines.iter().position(|line| *line == END) else {
        let last = lines.iter().rposition(|line| !line.is_empty()).unwrap_or(0);
        return error(Damage::Truncated, last, format!("the file ends after {}, expected `{END}`", shown(lines[last])));
    };
    match lines.get(end + 1) {
        Some(line) if lines.len() > end + 2 || !line.is_empty() => {
            error(Damage::Edited, end + 1, format!("found {} after the end", shown(line)))
        }
        Some(_) | None => Ok(()),
    }
}

/// Checks that the lines are those that are expected. The comment at the top may be that of older releases.
fn is_canonical(lines: &[&str], expected: &str) -> Result<(), LockError> {
    let mut expected = expected.split('\n');
    for (index, line) in lines.iter().enumerate() {
        let should = expected.next();
        if should != Some(line) && !(index == 1 && *line == NOTE_BEFORE) {
            let should = should.map_or("the end of the file".to_owned(), shown);
            let message = format!("found {}, expected {should}: the file was changed by hand", shown(line));
            return Err(LockError::new(Damage::Edited, index + 1, message));
        }
    }
    match expected.next() {
        None => Ok(()),
        Some(should) => {
            let message =
                format!("found the end of the file, expected {}: the file was changed by hand", shown(should));
            Err(LockError::new(Damage::Edited, lines.len(), message))
        }
    }
}
