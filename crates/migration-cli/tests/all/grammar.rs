//! The grammar that all commands share.

use super::run::xtask;

#[test]
fn a_bad_command_line_is_status_2() {
    for arguments in [&["check", "--colour"][..], &["chekc"], &["check", "--format", "xml"], &[]] {
        let run = xtask(arguments);
        assert_eq!((run.status, run.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.stderr.contains("--help"), "{}", run.stderr);
    }
}

#[test]
fn help_names_every_command_and_the_exit_status() {
    let run = xtask(&["--help"]);
    assert_eq!(run.status, Some(0));
    for part in ["check", "explain", "diagram", "expand", "api", "manual", "--table", "Exit status"] {
        assert!(run.stdout.contains(part), "`{part}` is missing from:\n{}", run.stdout);
    }
}
