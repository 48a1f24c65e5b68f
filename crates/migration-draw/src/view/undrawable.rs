//! Why nothing is drawn.

use std::fmt;

/// Why a view cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undrawable(String);

impl Undrawable {
    pub(super) fn because(why: String) -> Undrawable {
        Undrawable(why)
    }
}

impl fmt::Display for Undrawable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Undrawable {}
