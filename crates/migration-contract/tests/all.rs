//! All tests of the crate that see it from outside.

#[cfg(test)]
mod all {
    mod api_rules;
    mod fixtures;
    mod locks;
    mod own_table;
    mod quiescence;
}
