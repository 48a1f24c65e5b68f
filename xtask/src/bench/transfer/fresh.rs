//! `bench fresh`: what it costs a destination to receive into memory that nobody has touched, with huge pages and without.
//!
//! The kernel finds every page while it is written. How dear that is depends on the size of pages and on the hypervisor
//! below, so one machine's figure says little: the report has what the kernel counted, beside the time that it took. This
//! measures our host and QEMU in turns, with huge pages as the machine is configured, and with huge pages off for the
//! processes (`PR_SET_THP_DISABLE`, which a process hands down); into pages that were given back just now, and into pages
//! that were free for long, which the hypervisor may have taken.

use std::fmt::{Display, Write};

use anyhow::{Context, Result};
use rustix::thread::disable_transparent_huge_pages;

use super::both::Both;
use super::options::{Free, Options, Room};
use super::ours;
use super::pair::Moved;
use super::qemu::Backing;
use crate::bench::series::Series;

/// Who receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Ours,
    Qemu,
}

/// The sizes of pages that a process can get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pages {
    AsConfigured,
    SmallOnly,
}

/// What is measured, in the order of the report.
const CASES: [(Who, Pages, Free); 8] = [
    (Who::Ours, Pages::AsConfigured, Free::JustNow),
    (Who::Qemu, Pages::AsConfigured, Free::JustNow),
    (Who::Ours, Pages::SmallOnly, Free::JustNow),
    (Who::Qemu, Pages::SmallOnly, Free::JustNow),
    (Who::Ours, Pages::AsConfigured, Free::ForLong),
    (Who::Qemu, Pages::AsConfigured, Free::ForLong),
    (Who::Ours, Pages::SmallOnly, Free::ForLong),
    (Who::Qemu, Pages::SmallOnly, Free::ForLong),
];

/// The figures of one case.
#[derive(Default)]
struct Figures {
    mib_per_second: Series,
    cpu_s_per_gib: Series,
    huge: Series,
    small_instead: Series,
    compactions: Series,
}

/// Measures everything and says what came of it.
pub(crate) fn run(options: &Options) -> Result<String> {
    let both = Both::find(options)?;
    let mut measured = CASES.map(|_| Figures::default());
    for round in 1..=options.rounds {
        // Every other round goes backwards, so that nobody always comes after the same one.
        let order = (0..CASES.len()).map(|at| if round % 2 == 0 { CASES.len() - 1 - at } else { at });
        for at in order {
            let ((who, pages, free), figures) = (CASES[at], &mut measured[at]);
            migration_cli::output::say(format_args!("round {round} of {}: {}", options.rounds, name(who, pages, free)));
            let options = &Options { free, ..options.clone() };
            let moved = with_pages(pages, || match (who, &both.qemu) {
                (Who::Ours, _) => ours::migrate(&both.program, options, Room::Fresh, None).map(Some),
                (Who::Qemu, Ok(qemu)) => qemu.migrate(options, Backing::Anonymous, Room::Fresh, None).map(Some),
                (Who::Qemu, Err(_)) => Ok(None),
            })?;
            if let Some(moved) = moved {
                figures.note(options, &moved);
            }
        }
    }
    Ok(report(options, &measured, &both.qemu_line(), &both.load.line()))
}

/// Does something whose processes get pages of these sizes.
fn with_pages<T>(pages: Pages, act: impl FnOnce() -> Result<T>) -> Result<T> {
    disable_transparent_huge_pages(pages == Pages::SmallOnly).context("huge pages cannot be switched off")?;
    let done = act();
    disable_transparent_huge_pages(false).context("huge pages cannot be switched on again")?;
    done
}

impl Figures {
    fn note(&mut self, options: &Options, moved: &Moved) {
        let gib = options.memory_mib as f64 / 1024.0;
        self.mib_per_second.push(options.memory_mib as f64 / moved.total.as_secs_f64());
        self.cpu_s_per_gib.push(moved.destination_cpu.as_secs_f64() / gib);
        self.huge.push(moved.found.huge);
        self.small_instead.push(moved.found.small_instead);
        self.compactions.push(moved.found.compactions);
    }
}

fn report(options: &Options, measured: &[Figures; CASES.len()], qemu: &str, load: &str) -> String {
    let setting = std::fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled").unwrap_or_default();
    let mut text = format!(
        "{} MiB of memory without a zero page, an idle guest, received into memory that nobody has touched\n\
         huge pages of this machine: {}\n{} rounds, everything in turns: median [least..greatest]\n{load}\n{qemu}\n",
        options.memory_mib,
        if setting.is_empty() { "none" } else { setting.trim() },
        options.rounds,
    );
    let head = [
        "MiB/s",
        "CPU s/GiB of destination",
        "MiB/s of QEMU's",
        "CPU of QEMU's",
        "huge pages found",
        "not found",
        "waits for compaction",
    ];
    line(&mut text, "", head);
    let taken = CASES.into_iter().zip(measured).filter(|(_, figures)| !figures.mib_per_second.is_empty());
    for ((who, pages, free), figures) in taken {
        let qemu =
            CASES.iter().position(|case| *case == (Who::Qemu, pages, free)).expect("each case is one of QEMU too");
        let qemu = &measured[qemu];
        let columns = [
            &figures.mib_per_second,
            &figures.cpu_s_per_gib,
            &figures.mib_per_second.over(&qemu.mib_per_second),
            &figures.cpu_s_per_gib.over(&qemu.cpu_s_per_gib),
            &figures.huge,
            &figures.small_instead,
            &figures.compactions,
        ];
        line(&mut text, &name(who, pages, free), columns);
    }
    text
}

fn name(who: Who, pages: Pages, free: Free) -> String {
    let who = match who {
        Who::Ours => "migration-host",
        Who::Qemu => "QEMU",
    };
    let pages = match pages {
        Pages::AsConfigured => "huge pages as configured",
        Pages::SmallOnly => "small pages only",
    };
    let free = match free {
        Free::JustNow => "free just now",
        Free::ForLong => "free for long",
    };
    format!("{who}, {pages}, {free}")
}

fn line<C: Display>(text: &mut String, name: &str, columns: [C; 7]) {
    let columns: String = columns.iter().map(|column| format!("  {column:>26}")).collect();
    // A string takes everything.
    let _ = writeln!(text, "{name:<56}{columns}");
}
