//! All tests that look at the project as a whole.

#[cfg(test)]
mod all {
    mod host_run;
    mod hosts;
    mod houses;
}
