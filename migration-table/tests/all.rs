//! All tests of the crate that see it from outside.

mod all {
    mod own_table;
}
