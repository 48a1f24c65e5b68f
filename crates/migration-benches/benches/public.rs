//! What a client can observe of a table: computed, written down as a lock, and read back. Of the project's own table,
//! of the machines of a released QEMU with its eight settings, and of tables of 100 and 1,000 states.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use migration_contract::public::{lock, project};
use migration_testkit::synthetic::{self, Shape};

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(500));
    targets = public
}
criterion_main!(benches);

fn public(criterion: &mut Criterion) {
    let tables = [
        ("states", include_str!("../../../states.yaml").to_owned()),
        ("qemu-9.0", include_str!("../../../tests/tables/qemu-9.0.yaml").to_owned()),
        ("qemu-11.0", include_str!("../../../tests/tables/qemu-11.0.yaml").to_owned()),
        ("synthetic-100", synthetic::table(100, Shape::Grouped)),
        ("synthetic-1000", synthetic::table(1_000, Shape::Grouped)),
    ];
    for (name, text) in tables {
        let table = migration_contract::load(&text).table.expect("a table without errors");
        let side = project(&table).expect("a table within the bounds");
        let written = lock::write(&side);
        let mut group = criterion.benchmark_group(name);
        group.bench_function("project", |bench| bench.iter(|| project(black_box(&table))));
        group.bench_function("write", |bench| bench.iter(|| lock::write(black_box(&side))));
        group.bench_function("read", |bench| bench.iter(|| lock::read(black_box(&written))));
        group.finish();
    }
}
