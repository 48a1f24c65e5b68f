//! All tests of the crate that see it from outside.

#[cfg(test)]
mod all {
    mod pictures;
}
