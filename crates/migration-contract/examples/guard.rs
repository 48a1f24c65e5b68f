//! The comparison of tables held against simulated clients, for as long as there is time: `guard MINUTES TABLE...`.
//!
//! Every round takes one of the tables, or a random one, and one of its mutants, and asks every kind of client on either
//! side. A line for each table says how many pairs there were, how many of them clients tell apart, how many were given
//! up as too large, and how often the comparison was wrong.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

use fastrand::Rng;
use migration_contract::testing::{Names, Subject, agreement, chosen, count, random, tidy};
use migration_table::model::Table;

/// How many mistakes are told in full.
const TOLD_MAX: usize = 20;

/// What came of the pairs of one table.
#[derive(Default)]
struct Count {
    pairs: usize,
    differing: usize,
    given_up: usize,
    wrong: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((minutes, paths)) = arguments.split_first() else { return Err("usage: guard MINUTES TABLE...".into()) };
    let end = Instant::now() + Duration::from_secs_f64(minutes.parse::<f64>()? * 60.0);
    let mut tables = Vec::new();
    for path in paths {
        let loaded = migration_contract::load(&fs::read_to_string(path)?);
        let table = loaded.table.ok_or_else(|| format!("`{path}` has errors"))?;
        tables.push((path.clone(), count(&table), table));
    }
    // The same rounds every time, as far as they come.
    let mut dice = Rng::with_seed(20);
    let (mut counts, mut told) = (BTreeMap::<String, Count>::new(), 0);
    while Instant::now() < end {
        let at = dice.usize(..=tables.len());
        let (name, all, table): (String, usize, Table) = match tables.get(at) {
            Some((name, all, table)) => (name.clone(), *all, table.clone()),
            None => {
                let table = tidy(random(dice.u64(..)));
                ("random tables".to_owned(), count(&table), table)
            }
        };
        let wanted = dice.usize(..all.max(1));
        let counted = counts.entry(name.clone()).or_default();
        for (change, mutant) in chosen(&table, |number| number == wanted) {
            let names = Names::default();
            let [mutant, table] = [&mutant, &table].map(|table| Subject::new(table, &names));
            for (new, old, way) in [(&mutant, &table, "then"), (&table, &mutant, "before")] {
                counted.pairs += 1;
                match agreement(new, old, 2) {
                    Ok(found) => {
                        counted.differing += usize::from(found.differs);
                        counted.wrong += usize::from(!found.wrong.is_empty());
                        for what in found.wrong.iter().take(TOLD_MAX - told) {
                            told += 1;
                            println!("{name}, {way} {change}: {what}");
                        }
                    }
                    Err(_) => counted.given_up += 1,
                }
            }
        }
    }
    println!("{:<32} {:>8} {:>8} {:>8} {:>8}", "mutants of", "pairs", "differ", "given up", "wrong");
    for (name, Count { pairs, differing, given_up, wrong }) in &counts {
        println!("{name:<32} {pairs:>8} {differing:>8} {given_up:>8} {wrong:>8}");
    }
    Ok(())
}
