//! All tests that look at the project as a whole.

#[cfg(test)]
mod all {
    mod consumers;
    mod foreign_clients;
    mod host_run;
    mod hosts;
    mod houses;
    mod releases;
    mod replay;
    mod synthetic;
    mod transition;
    mod walks;
}
