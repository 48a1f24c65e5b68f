//! An SVG by Graphviz, where that is asked for. Layouts differ between its versions: nothing of it is committed.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Lets `dot` lay out a picture.
pub(crate) fn svg(dot: &str) -> Result<String> {
    let mut program = Command::new("dot");
    program.arg("-Tsvg").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().context("cannot run `dot`: is Graphviz installed?")?;
    // It reads everything before it writes anything, so that neither waits for the other.
    let mut input = child.stdin.take().context("`dot` has no standard input")?;
    input.write_all(dot.as_bytes()).context("`dot` does not read the picture")?;
    drop(input);
    let output = child.wait_with_output().context("`dot` does not end")?;
    if !output.status.success() {
        bail!("`dot` does not take the picture: {}", String::from_utf8_lossy(&output.stderr));
    }
    String::from_utf8(output.stdout).context("`dot` wrote no UTF-8")
}
