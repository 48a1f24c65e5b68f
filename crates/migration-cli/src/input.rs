//! What a command reads, up to a bound: a file without an end, such as `/dev/zero`, must not fill the memory.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use migration_table::BYTES_MAX;

/// Longest text that is read besides tables, in bytes: walks, recordings, files of the frozen side.
const TEXT_BYTES_MAX: usize = 64 << 20;

/// Reads the bytes of a table. A table that is too long is read as far as is needed to report that.
pub(crate) fn table(reader: impl Read) -> io::Result<Vec<u8>> {
    bounded(reader, BYTES_MAX + 1)
}

/// Reads a text file that `noun` describes, as in "the walk".
pub(crate) fn text(path: &Path, noun: &str) -> Result<String> {
    let name = path.display();
    let bytes = read(path).with_context(|| format!("cannot read {noun} `{name}`"))?;
    String::from_utf8(bytes).with_context(|| format!("{noun} `{name}` is not UTF-8"))
}

/// Reads the bytes of a file, as `fs::read` does.
///
/// # Errors
///
/// Those of the operating system, and when the file is longer than a text may be.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let bytes = File::open(path).and_then(|file| bounded(file, TEXT_BYTES_MAX + 1))?;
    if bytes.len() > TEXT_BYTES_MAX {
        let message = format!("it is longer than {} MiB", TEXT_BYTES_MAX >> 20);
        return Err(io::Error::new(ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// Reads a text file, as `fs::read_to_string` does, with the errors of [`read`].
pub(crate) fn read_to_string(path: &Path) -> io::Result<String> {
    String::from_utf8(read(path)?).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

/// Refuses to read standard input, `-`, as two of these files: the second would be empty.
pub(crate) fn refuse_twice<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Result<()> {
    if paths.into_iter().filter(|path| path.as_os_str() == "-").count() > 1 {
        bail!(
            "`-` is named twice, and standard input can be read once only: save one of the two in a file and name that"
        );
    }
    Ok(())
}

fn bounded(reader: impl Read, bytes_max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(u64::try_from(bytes_max).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
    Ok(bytes)
}
