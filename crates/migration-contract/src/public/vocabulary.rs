//! The whole public side of a table: what its machines show, and every status that it declares.
//!
//! A declared status belongs to the frozen vocabulary although no state shows it: clients may know it, and its name is
//! not free. A lock that was written before this was so lists only the statuses that were shown, and is read as it is.

use super::model::{Public, PublicName};
use super::project::{TooLarge, project as project_shown};
use migration_table::model::{Status, Table};

/// What a client can observe of a table without errors.
///
/// # Errors
///
/// When a machine has more to it than the bounds here allow.
pub fn project(table: &Table) -> Result<Public, TooLarge> {
    let shown = project_shown(table)?;
    Ok(Public { statuses: table.statuses.iter().map(named).collect(), ..shown })
}

fn named(status: &Status) -> (String, PublicName) {
    let deprecated = status.deprecated.as_ref().map(|deprecation| deprecation.since.clone());
    let renamed_from = status.renamed_from.clone();
    (status.name.clone(), PublicName { since: Some(status.since.clone()), deprecated, renamed_from })
}
