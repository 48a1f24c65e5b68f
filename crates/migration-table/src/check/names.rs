//! `T02xx`: rules about names that are applied to the declarations of a table. Those that are applied while names are
//! resolved are in [`crate::rule::names`].

mod declared_again;
mod deprecated_replacement;
mod former_name;

use crate::check::definition::Check;

/// All rules of this part, in the order of their codes.
pub(super) const ALL: &[Check] = &[declared_again::CHECK, deprecated_replacement::CHECK, former_name::CHECK];
