//! The grammar that all commands share.

use super::run::xtask;

#[test]
fn a_bad_command_line_is_status_2() {
    for arguments in [&["check", "--colour"][..], &["chekc"], &["check", "--format", "xml"], &[]] {
        xtask(arguments).ended_without_result(2).stderr_has("--help");
    }
}

#[test]
fn help_names_every_command_and_the_exit_status() {
    let run = xtask(&["--help"]).ended(0);
    for part in ["check", "explain", "diagram", "expand", "api", "manual", "--table", "Exit status"] {
        run.stdout_has(part);
    }
}
