//! What is known of the words of the format where a text is no YAML.

/// The words of the format.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    /// Tells the keys.
    pub(crate) is_key: fn(&str) -> bool,
    /// Returns the key of the block whose entries have these keys, or, where the second is true, are lists of names.
    pub(crate) block_of: fn(&[&str], bool) -> Option<&'static str>,
    /// Tells whether one declaration can have both of two keys.
    pub(crate) are_beside: fn(&str, &str) -> bool,
}
