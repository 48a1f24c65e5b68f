//! SPIN counts the same configurations. Skipped, and said so, where SPIN or a C compiler is missing.

use std::path::{Path, PathBuf};
use std::process::Command;

use migration_verify::{Bounds, Composition, Graph, System, promela};

use crate::tables::{MENDED, OWN, PROPOLIS, own_system, table};

/// Where SPIN is: `SPIN` names it, or it is on the search path.
fn spin() -> Option<PathBuf> {
    let named = std::env::var_os("SPIN").map(PathBuf::from);
    let program = named.unwrap_or_else(|| PathBuf::from("spin"));
    Command::new(&program).arg("-V").output().ok().map(|_| program)
}

fn run(directory: &Path, program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(directory).output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn spin_counts(spin: &Path, model: &str) -> usize {
    let directory = tempfile::tempdir().expect("a directory can be made");
    std::fs::write(directory.path().join("model.pml"), model).expect("a file can be written");
    run(directory.path(), spin, &["-a", "model.pml"]);
    let arguments = ["-O1", "-w", "-DSAFETY", "-DNOREDUCE", "-DNOCLAIM", "-DVECTORSZ=2048", "-o", "pan", "pan.c"];
    run(directory.path(), Path::new("cc"), &arguments);
    let report = run(directory.path(), &directory.path().join("pan"), &["-m1000000", "-w22"]);
    assert!(!report.contains("max search depth too small"), "{report}");
    let line = report.lines().find(|line| line.contains("states, stored")).expect("pan says how many states it stored");
    line.split_whitespace().next().and_then(|count| count.parse().ok()).expect("the count is a number")
}

fn both(spin: &Path, text: &str, system: &System) {
    let table = table(text);
    let composition = Composition::new(&table, system).expect("the names are right");
    let ours = Graph::explore(&composition, &mut |_| {}).figures().configurations;
    assert_eq!(spin_counts(spin, &promela(&composition)), ours);
}

#[test]
fn spin_counts_the_same_configurations() {
    let Some(spin) = spin() else {
        eprintln!("skipped: SPIN is not installed (`apt-get install spin`, or name it in SPIN)");
        return;
    };
    both(&spin, OWN, &own_system());
    both(&spin, OWN, &System { bounds: Bounds { depth: 3, ..Bounds::default() }, ..System::default() });
    both(&spin, PROPOLIS, &System::default());
    both(&spin, MENDED, &System::of(&table(MENDED)));
}
