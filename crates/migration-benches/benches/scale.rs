//! Reading, checking and expanding tables of 10 to 5,000 states. The time per state is what should stay the same; it is
//! the inverse of the throughput.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use migration_table::{Findings, check, read};
use migration_testkit::synthetic::{self, Shape};

const SIZES: [usize; 4] = [10, 100, 1_000, 5_000];

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(500));
    targets = stages
}
criterion_main!(benches);

fn stages(criterion: &mut Criterion) {
    for (name, shape) in [("grouped", Shape::Grouped), ("flat", Shape::Flat)] {
        let mut group = criterion.benchmark_group(name);
        for states in SIZES {
            let text = synthetic::table(states, shape);
            let table = read(&text).table.expect("a synthetic table can be read");
            group.throughput(Throughput::Elements(states as u64));
            group.bench_function(BenchmarkId::new("read", states), |bench| bench.iter(|| read(&text)));
            group.bench_function(BenchmarkId::new("check", states), |bench| {
                bench.iter(|| {
                    let mut findings = Findings::default();
                    check::run(&table, &mut findings);
                    findings
                });
            });
            group.bench_function(BenchmarkId::new("expand", states), |bench| {
                bench.iter(|| migration_generate::generate(&table, &migration_generate::default_engine()))
            });
        }
        group.finish();
    }
}
