//! How fast compositions are searched: `verify TABLE...` prints a line for each table, `verify promela TABLE` the model
//! for SPIN, `verify model DEPTH RUNS ROUNDS CUTS` a line for a model that is written by hand, as a yardstick, and
//! `verify stateright DEPTH RUNS ROUNDS CUTS` one for stateright's search of the same model.
//!
//! A line has the name, the configurations, the steps, the seconds of the fastest of some rounds, and the bytes.

mod actors;
mod model;

use std::error::Error;
use std::fs;
use std::time::Instant;

use migration_verify::{Bounds, Composition, Graph, System, promela, verify};

/// How often everything is measured.
const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["promela", path] => print!("{}", promela(&Composition::new(&table(path)?, &system(path)?)?)),
        [how @ ("model" | "stateright"), numbers @ ..] => {
            let bounds = bounds(numbers)?;
            let (seconds, found) = match *how {
                "model" => fastest(|| model::search(&bounds)),
                _ => fastest(|| actors::search(bounds)),
            };
            println!("{how} {} {} {seconds:.6} {}", found.states, found.steps, found.bytes);
        }
        paths => paths.iter().try_for_each(|path| of_table(path))?,
    }
    Ok(())
}

fn bounds(numbers: &[&str]) -> Result<model::Bounds, Box<dyn Error>> {
    let [depth, runs, rounds, cuts] = numbers else { return Err("a model has four bounds".into()) };
    Ok(model::Bounds { depth: depth.parse()?, runs: runs.parse()?, rounds: rounds.parse()?, cuts: cuts.parse()? })
}

fn of_table(path: &str) -> Result<(), Box<dyn Error>> {
    let (table, system) = (table(path)?, system(path)?);
    let composition = Composition::new(&table, &system)?;
    let (seconds, figures) = fastest(|| Graph::explore(&composition, &mut |_| {}).figures());
    println!("{path} {} {} {seconds:.6} {}", figures.configurations, figures.transitions, figures.bytes);
    let (seconds, report) = fastest(|| verify(&table, &system, &table.properties, &mut |_| {}));
    let figures = report?.figures;
    println!("{path}:whole {} {} {seconds:.6} {}", figures.configurations, figures.transitions, figures.bytes);
    Ok(())
}

fn table(path: &str) -> Result<migration_table::model::Table, Box<dyn Error>> {
    let loaded = migration_table::load(&fs::read_to_string(path)?);
    loaded.table.ok_or_else(|| format!("{path} is no table").into())
}

/// Tables of releases are composed for one attempt: they have far more configurations than the others.
fn system(path: &str) -> Result<System, Box<dyn Error>> {
    let system = System::of(&table(path)?);
    let is_large = path.contains("qemu");
    let bounds = if is_large { Bounds { attempts: 1, kills: 0, ..system.bounds } } else { system.bounds };
    Ok(System { bounds, ..system })
}

/// The seconds of the fastest of some rounds, and what it returned.
fn fastest<T>(mut run: impl FnMut() -> T) -> (f64, T) {
    let mut round = || {
        let start = Instant::now();
        let value = run();
        (start.elapsed().as_secs_f64(), value)
    };
    let first = round();
    (1..ROUNDS).map(|_| round()).fold(first, |best, next| if next.0 < best.0 { next } else { best })
}
