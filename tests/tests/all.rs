//! All tests that look at the project as a whole.

mod all {
    mod houses;
}
