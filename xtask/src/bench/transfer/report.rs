//! What was measured, as text: the figures, and what they are of each other.

use std::fmt::Write;

use super::figures::{Figures, Measured, SUBJECTS, Subject};
use super::options::{Options, Room};
use super::qemu::Backing;
use crate::bench::series::Series;

/// Says what came of it.
pub(super) fn report(options: &Options, measured: &Measured) -> String {
    let mut text = format!(
        "{} MiB of memory without a zero page, an idle guest (`{}`), TCP over loopback, no limit of the bandwidth, \
         downtime limit {} ms\n{} rounds, everything in turns: median [least..greatest]\n{}\n",
        options.memory_mib, options.guest, options.downtime_limit_ms, options.rounds, measured.load,
    );
    text.push_str(&match &measured.qemu {
        Ok(version) => format!("QEMU {version}; both compared all memory after each migration: whole\n"),
        Err(why) => format!("skipped: {why}; all memory was compared after each migration: whole\n"),
    });
    rates(measured, &mut text);
    migrations(measured, &mut text);
    text
}

fn rates(measured: &Measured, text: &mut String) {
    line(text, "", &["MiB/s", "of loopback TCP", "of QEMU, anonymous", "of QEMU, shared file"]);
    for subject in SUBJECTS {
        let Some(figures) = measured.of(subject).filter(|figures| !figures.mib_per_second.is_empty()) else { continue };
        let of_loopback = ratio(measured, figures, Some(Subject::Loopback), |figures| &figures.mib_per_second);
        let of_qemu = |backing| {
            let qemu = subject.room_of_migration().map(|room| Subject::Qemu(backing, room));
            ratio(measured, figures, qemu, |figures| &figures.mib_per_second)
        };
        let columns = [figures.mib_per_second.to_string(), of_loopback];
        let columns = [&columns[..], &[of_qemu(Backing::Anonymous), of_qemu(Backing::SharedFile)]].concat();
        line(text, subject.name(), &columns);
    }
}

fn migrations(measured: &Measured, text: &mut String) {
    line(text, "", &["STOP to RESUME, ms", "`downtime`, ms", "of QEMU, shared file", "CPU s, source + destination"]);
    for subject in SUBJECTS {
        let Some(figures) = measured.of(subject).filter(|figures| !figures.standstill_ms.is_empty()) else { continue };
        let qemu = subject.room_of_migration().map(|room: Room| Subject::Qemu(Backing::SharedFile, room));
        let columns = [
            figures.standstill_ms.to_string(),
            figures.downtime_ms.to_string(),
            ratio(measured, figures, qemu, |figures| &figures.standstill_ms),
            format!("{:.2} + {:.2}", figures.source_cpu_s.median(), figures.destination_cpu_s.median()),
        ];
        line(text, subject.name(), &columns);
    }
}

/// What figures are of those of another subject, in words.
fn ratio(measured: &Measured, figures: &Figures, other: Option<Subject>, of: impl Fn(&Figures) -> &Series) -> String {
    let other = other.and_then(|other| measured.of(other));
    other.map_or_else(|| "-".to_owned(), |other| of(figures).over(of(other)).to_string())
}

fn line<C: AsRef<str>>(text: &mut String, name: &str, columns: &[C]) {
    let columns: String = columns.iter().map(|column| format!("  {:>24}", column.as_ref())).collect();
    // A string takes everything.
    let _ = writeln!(text, "{}{name:<36}{columns}", if name.is_empty() { "\n" } else { "" });
}
