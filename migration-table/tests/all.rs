//! All tests of the crate that see it from outside.

#[cfg(test)]
mod all {
    mod any_bytes;
    mod api_rules;
    mod bounds;
    mod fixtures;
    mod keys;
    mod own_table;
    mod pictures;
    mod registry;
    mod row_order;
    mod scale;
    mod silencing;
}
