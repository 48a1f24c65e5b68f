//! The example VMM moves its guest between two processes.

#[path = "../../examples/vmm.rs"]
mod vmm;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// What the process of one side is told.
const ARGUMENTS: &str = "MIGRATION_EXAMPLE_VMM";

/// Starts this program again, to be one side.
fn side(arguments: &str) -> Child {
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program);
    command.args(["--exact", "all::example::the_process_of_one_side", "--nocapture"]);
    command.env(ARGUMENTS, arguments).stdout(Stdio::piped()).spawn().unwrap()
}

/// Does nothing unless the test below has started it.
#[test]
fn the_process_of_one_side() {
    if let Ok(arguments) = std::env::var(ARGUMENTS) {
        vmm::run(&arguments.split(' ').collect::<Vec<_>>()).unwrap();
    }
}

#[test]
fn the_guest_moves_from_one_process_to_another() {
    let mut destination = side("receive");
    let lines = BufReader::new(destination.stdout.take().unwrap()).lines();
    // The harness of the child prints around it.
    let mut addresses = lines.map_while(Result::ok).filter_map(|line| {
        let at = line.find("tcp:")?;
        line[at..].split_whitespace().next().map(str::to_owned)
    });
    let address = addresses.next().expect("the destination prints its address");
    let mut source = side(&format!("send {address}"));
    assert!(source.wait().unwrap().success(), "the source");
    // What it still prints is read, so that it does not wait for that.
    addresses.for_each(drop);
    assert!(destination.wait().unwrap().success(), "the destination");
}

#[test]
fn the_example_stays_small() {
    let lines = include_str!("../../examples/vmm.rs").lines().filter(|line| !line.trim().is_empty()).count();
    assert!(lines <= 150, "{lines} lines of glue");
}
