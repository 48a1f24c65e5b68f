//! All tests of the crate that see it from outside.

#[cfg(test)]
mod all {
    mod any_bytes;
    mod bounds;
    mod exact;
    mod fixtures;
    mod help;
    mod keys;
    mod lost_lines;
    mod registry;
    mod row_order;
    mod scale;
    mod silencing;
    mod slips;
}
