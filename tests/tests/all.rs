//! All tests that look at the project as a whole.

#[cfg(test)]
mod all {
    mod api_history;
    mod consumers;
    mod foreign_clients;
    mod formulas;
    mod host_run;
    mod hosts;
    mod houses;
    mod one_guest;
    mod postcopy;
    mod releases;
    mod replay;
    mod synthetic;
    mod transition;
    mod walks;
}
