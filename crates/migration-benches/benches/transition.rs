//! The time of one event in several forms of the source machine: see `transition/machines.rs` for what is compared.
//!
//! `cargo xtask bench transition` counts instructions too, and prints ratios.

#[path = "transition/machines.rs"]
mod machines;

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use machines::{FORMS, Meaning, stream};

/// Events of the stream, half of them with the guard.
const EVENTS: usize = 20_000;

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = forms
}
criterion_main!(benches);

fn forms(criterion: &mut Criterion) {
    for (name, meaning) in [("one event alone", Meaning::Alone), ("pending facts", Meaning::Pending)] {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(EVENTS as u64));
        for form in FORMS.iter().filter(|form| form.meaning == meaning) {
            let runners = [false, true].map(|pause| {
                let stream = stream(EVENTS / 2, pause);
                let last = (form.states)(&stream, pause).last().copied();
                let runner = (form.runner)(&stream, pause);
                assert_eq!(Some(runner()), last, "{}", form.name);
                runner
            });
            group.bench_function(form.name, |bench| bench.iter(|| (runners[0](), runners[1]())));
        }
        group.finish();
    }
}
