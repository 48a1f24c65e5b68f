//! Sets of settings of the public capabilities.

use migration_table::condition::Cube;

/// A set of settings of the capabilities of a machine, as the fewest cases. One case without bits stands for all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Settings(pub Vec<Cube>);

/// How it is said that something does not depend on settings.
pub const ALWAYS: &str = "always";

impl Settings {
    /// Every setting.
    #[must_use]
    pub fn always() -> Settings {
        Settings(vec![Cube { set: 0, clear: 0 }])
    }

    /// In words, over the settings with these names, each written as `name` says: `not multifd and xbzrle or x-colo`.
    pub(crate) fn text(&self, names: &[String], name: impl Fn(&str) -> String) -> String {
        let case = |case: &Cube| {
            let literal = |(index, text): (usize, &String)| match (case.set >> index & 1, case.clear >> index & 1) {
                (1, _) => Some(name(text)),
                (_, 1) => Some(format!("not {}", name(text))),
                _ => None,
            };
            let literals: Vec<String> = names.iter().take(64).enumerate().filter_map(literal).collect();
            if literals.is_empty() { ALWAYS.to_owned() } else { literals.join(" and ") }
        };
        self.0.iter().map(case).collect::<Vec<_>>().join(" or ")
    }
}
