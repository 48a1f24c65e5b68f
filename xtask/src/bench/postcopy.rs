//! `bench postcopy`: how long a vCPU waits for a page that is missing, beside the least that this machine needs.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::series::Series;
use super::{Load, program};

const PACKAGE: &str = "migration-runtime";
const EXAMPLE: &str = "postcopy";

/// What is measured, as the program names it, and what that means.
const CASES: [(&str, &str); 3] = [
    ("floor", "bare request over TCP, UFFDIO_COPY"),
    ("ours", "ours, one page after the other"),
    ("ours-beside-push", "ours, beside the push of the rest"),
];

/// The percentiles that are shown.
const PERCENTILES: [usize; 3] = [50, 90, 99];

/// Times waits for pages, and reports them.
pub(crate) fn run(root: &Path, rounds: u32) -> Result<String> {
    let program = program::build(root, PACKAGE, EXAMPLE, "release")?;
    let load = Load::now();
    let mut figures = vec![[(); PERCENTILES.len()].map(|()| Series::default()); CASES.len()];
    for _ in 0..rounds {
        let text = program::text(&program, &["2000"])?;
        if let Some(why) = text.strip_prefix("skipped: ") {
            return Ok(format!("skipped: {why}"));
        }
        for ((name, _), series) in CASES.iter().zip(&mut figures) {
            let waits = waits(&text, name)?;
            for (percentile, series) in PERCENTILES.iter().zip(series) {
                series.push(waits[(waits.len() - 1) * percentile / 100]);
            }
        }
    }
    Ok(format!("{}{}\n", report(&figures), load.line()))
}

/// The waits of one case, shortest first, in microseconds.
fn waits(text: &str, name: &str) -> Result<Vec<f64>> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let line = line.with_context(|| format!("the program printed nothing about `{name}`"))?;
    let mut waits: Vec<f64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
    if waits.is_empty() {
        bail!("no page was waited for in `{name}`");
    }
    waits.sort_by(f64::total_cmp);
    Ok(waits)
}

fn report(figures: &[[Series; PERCENTILES.len()]]) -> String {
    let mut text = format!("{:<36}{:<24}{:<24}{:<24}median over the floor\n", "microseconds", "median", "90 %", "99 %");
    for ((_, meaning), series) in CASES.iter().zip(figures) {
        let _ = write!(text, "{meaning:<36}");
        for series in series {
            let _ = write!(text, "{series:<24}");
        }
        let _ = writeln!(text, "{}", series[0].over(&figures[0][0]));
    }
    text
}
