//! Walks that take every row of the table, and every two rows that can follow each other: tests take them again.

use std::path::Path;

use anyhow::Result;
use migration_cli::commands::paths::{self, Covered};
use migration_cli::table_file::TableFile;
use migration_table::model::Table;

use super::generated::Generated;

/// The directory of the walks that take every row.
pub(super) const ROWS: &str = "tests/data/walks/rows";
/// The directory of the walks that take every two rows that can follow each other.
pub(super) const PAIRS: &str = "tests/data/walks/pairs";

/// Returns all walks.
pub(super) fn all(file: &TableFile, table: &Table) -> Result<Vec<Generated>> {
    let mut generated = Vec::new();
    for (folder, covered) in [(ROWS, Covered::Rows), (PAIRS, Covered::Pairs)] {
        let files = paths::saved(file, table, covered)?;
        generated.extend(files.into_iter().map(|(name, text)| Generated { path: Path::new(folder).join(name), text }));
    }
    Ok(generated)
}
