//! The commands as a user runs them: what they print, where, and with which exit status.

mod all {
    mod docs;
    mod grammar;
    mod run;
}
