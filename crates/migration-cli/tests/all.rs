//! The commands as a user runs them: what they print, where, and with which exit status.

mod all {
    mod api;
    mod check;
    mod check_formats;
    mod diagram;
    mod elsewhere;
    mod explain;
    mod explorer;
    mod glance;
    mod grammar;
    mod hints;
    mod manual;
    mod manual_book;
    mod outputs;
    mod replay;
    mod run;
    mod step;
    mod together;
    mod traces;
    mod verdicts;
    mod verify;
    mod walk_tables;
}
