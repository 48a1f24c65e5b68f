//! Where formulas stand.

/// The keys whose values are formulas.
pub(super) const KEYS: [&str; 5] = ["when", "never", "eventually", "waiting", "possible"];
