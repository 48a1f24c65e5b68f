//! Machines by their name.

use migration_table::model::{Machine, Table};

/// The machines of that name, or all of them where no name is given; none if no machine is called so.
#[must_use]
pub fn machines<'t>(table: &'t Table, name: Option<&str>) -> Vec<&'t Machine> {
    table.machines.iter().filter(|machine| name.is_none_or(|name| machine.name == name)).collect()
}
