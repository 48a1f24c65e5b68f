//! Random walks of plain hosts over the project's table and mutants of it: `verify` must have found whatever they see.

use std::collections::BTreeSet;

use fastrand::Rng;
use migration_table::model::{FactKind, Table};
use migration_verify::{Bounds, Claim, Clock, Composition, Graph, Outcome, System, decide, mutants};

use crate::plain::{Happened, Plain, World, pair};
use crate::tables::{MENDED, property, report, table};

/// How late a timeout may run out, in milliseconds: less than the margin by which `verify` takes waits to be ordered.
const LATE_MS: u32 = 1_000;

/// What a walk has seen.
#[derive(Default)]
struct Seen {
    pairs: BTreeSet<[String; 2]>,
    violated: BTreeSet<&'static str>,
}

/// What a walk remembers for properties about an order.
#[derive(Default)]
struct Memory {
    has_cancelled: bool,
    has_started: bool,
}

/// Takes one walk. With a clock, timeouts run out when their time is over, and at no other moment.
fn walk(plain: &Plain<'_>, rng: &mut Rng, is_timed: bool, steps: usize, seen: &mut Seen) {
    let (mut world, mut memory, mut now) = (plain.start(), Memory::default(), 0);
    let mut ends: [Option<u32>; 2] = [None; 2];
    // On a calm day nothing breaks and nobody dies.
    let is_calm = rng.bool();
    for _ in 0..steps {
        watch(plain, &world, &mut memory, None, seen);
        let timeout_of = |host: usize| {
            let here = &world.hosts[host];
            let bounds = plain.table.machines[host].state(here.state).bounds();
            bounds.filter(|_| !here.is_down).min_by_key(|bound| bound.after_ms)
        };
        let is_timeout = |happened: &Happened| {
            let of = |host: usize| timeout_of(host).map(|bound| bound.event);
            happened.host.is_some_and(|host| happened.fact.is_some() && happened.fact == of(host))
        };
        let mut next = plain.next(&world);
        next.retain(|(happened, _)| !is_calm || happened.host.is_some());
        if is_timed {
            // Now and then nothing happens until a wait is over.
            let is_still = rng.u32(..10) == 0;
            let later = if is_still { u32::MAX } else { now + [0, 10, 100, 1_000][rng.usize(..4)] };
            let first =
                (0..2).filter(|host| ends[*host].is_some_and(|end| end <= later)).min_by_key(|host| ends[*host]);
            match first {
                Some(host) => next.retain(|(happened, _)| happened.host == Some(host) && is_timeout(happened)),
                None => next.retain(|(happened, _)| !is_timeout(happened)),
            }
            now = first.and_then(|host| ends[host]).unwrap_or(if is_still { now } else { later }).max(now);
        }
        let Some((happened, found)) = choose(plain, rng, next) else { return };
        watch(plain, &found, &mut memory, Some(&happened), seen);
        for (host, end) in ends.iter_mut().enumerate() {
            let is_entered = happened.host == Some(host) && !happened.entered.is_empty();
            if is_entered || found.hosts[host].is_down {
                let bounds = plain.table.machines[host].state(found.hosts[host].state).bounds();
                let soonest = bounds.map(|bound| bound.after_ms).min().filter(|_| !found.hosts[host].is_down);
                *end = soonest.map(|after_ms| now + after_ms + rng.u32(..LATE_MS));
            }
        }
        world = found;
    }
}

/// Chooses a step: rather one that goes on than one that fails.
fn choose(plain: &Plain<'_>, rng: &mut Rng, mut next: Vec<(Happened, World)>) -> Option<(Happened, World)> {
    let weight = |happened: &Happened| match happened.host.zip(happened.fact) {
        None if happened.host.is_some() => 20,
        None => 1,
        Some((host, fact)) => {
            let fact = plain.table.machines[host].fact(fact);
            match fact.kind {
                FactKind::Message(_) => 20,
                FactKind::Trigger { .. } if happened.begins => 60,
                FactKind::Event if !fact.carries_cause => 60,
                FactKind::Trigger { .. } | FactKind::Event | FactKind::Guard { .. } => 1,
            }
        }
    };
    let total: u32 = next.iter().map(|(happened, _)| weight(happened)).sum();
    let mut at = (total > 0).then(|| rng.u32(..total))?;
    let index = next.iter().position(|(happened, _)| {
        let own = weight(happened);
        let is_it = at < own;
        at = at.saturating_sub(own);
        is_it
    })?;
    Some(next.swap_remove(index))
}

/// Looks at a configuration, or at a step into it, with properties of the table, written down once more.
fn watch(plain: &Plain<'_>, world: &World, memory: &mut Memory, happened: Option<&Happened>, seen: &mut Seen) {
    let names = pair(plain, world);
    let [source, destination] = &world.hosts;
    let has = |host: &crate::plain::Host, marker: &str| host.markers.iter().any(|name| name == marker);
    let is_in = |host: usize, state: &str| !world.hosts[host].is_down && names[host] == state;
    let mut note = |is_violated: bool, name: &'static str| {
        if is_violated {
            seen.violated.insert(name);
        }
    };
    note(has(source, "runs") && has(destination, "runs"), "one_side_runs");
    note(is_in(0, "connecting") && !has(source, "runs"), "only_what_is_here_leaves");
    note(has(source, "runs") && has(destination, "ran"), "never_back");
    note(is_in(1, "postcopy_paused") && !has(destination, "ran"), "paused_guest_ran");
    if let Some(happened) = happened {
        let (source, destination) = (&plain.table.machines[0], &plain.table.machines[1]);
        let named = |host: usize, name: &str| {
            let machine = if host == 0 { source } else { destination };
            happened.host == Some(host) && happened.fact.is_some() && happened.fact == machine.fact_id(name)
        };
        let completes =
            happened.host == Some(0) && happened.entered.iter().any(|to| source.state(*to).name == "completed");
        if happened.host == Some(0) && happened.begins {
            memory.has_cancelled = false;
        }
        memory.has_cancelled |= named(0, "cancel");
        note(memory.has_cancelled && completes, "cancel_wins");
        memory.has_started |= named(1, "started");
        note(completes && !memory.has_started, "end_is_known");
    }
    if !source.is_down && !destination.is_down {
        seen.pairs.insert(names);
    }
}

/// Takes so many walks, or until one violates this property.
fn walks(table: &Table, seed: u64, is_timed: bool, count: usize, until: Option<&str>) -> Seen {
    let bounds = Bounds { depth: 8, ..Bounds::default() };
    let plain = Plain { table, bounds, network: migration_verify::Network::default() };
    let (mut rng, mut seen) = (Rng::with_seed(seed), Seen::default());
    for _ in 0..count {
        walk(&plain, &mut rng, is_timed, 45, &mut seen);
        if until.is_some_and(|name| seen.violated.contains(name)) {
            break;
        }
    }
    seen
}

fn failing(table: &Table) -> BTreeSet<String> {
    let report = report(table);
    let fails = report.verdicts.iter().filter(|verdict| !matches!(verdict.result, Outcome::Holds { .. }));
    fails.map(|verdict| verdict.property.clone()).collect()
}

#[test]
fn whatever_plain_hosts_do_is_among_what_was_found() {
    let table = table(MENDED);
    let seen = walks(&table, 1, false, 200, None);
    let system =
        System { clock: Clock::Untimed, bounds: Bounds { depth: 4, ..Bounds::default() }, ..System::of(&table) };
    let composition = Composition::new(&table, &system).expect("the names are right");
    let graph = Graph::explore(&composition, &mut |_| {});
    assert!(seen.pairs.len() > 60, "{} pairs", seen.pairs.len());
    for [source, destination] in &seen.pairs {
        let never = property("pair", Claim::Never(format!("source.{source} and destination.{destination}")));
        let found = decide(&graph, &never).expect("the names are right").result;
        assert!(matches!(found, Outcome::Fails(_)), "{source} and {destination}: {found:?}");
    }
    let own = table.properties.iter().filter(|property| seen.violated.contains(property.name.as_str()));
    for property in own {
        let found = decide(&graph, property).expect("the names are right").result;
        assert!(matches!(found, Outcome::Fails(_)), "{}", property.name);
    }
}

#[test]
fn with_their_timeouts_in_order_plain_hosts_keep_every_property() {
    let table = table(MENDED);
    let seen = walks(&table, 2, true, 200, None);
    assert!(seen.pairs.contains(&["unknown".to_owned(), "failed".to_owned()]), "no walk ends in doubt");
    assert_eq!(seen.violated, BTreeSet::new());
}

#[test]
fn what_plain_hosts_do_wrong_in_a_mutant_is_found() {
    let (mut rng, mut all, mut told) = (Rng::with_seed(4), mutants(&table(MENDED)), 0);
    // Rows that lead where the guest runs, or where it is said to have left.
    all.retain(|mutant| ["`completed`", "`starting`", "`failing`"].iter().any(|end| mutant.what.ends_with(end)));
    rng.shuffle(&mut all);
    for mutant in all.iter().take(8) {
        let seen = walks(&mutant.table, rng.u64(..), true, 60, Some("one_side_runs"));
        if seen.violated.is_empty() {
            continue;
        }
        let failing = failing(&mutant.table);
        told += 1;
        for name in seen.violated {
            assert!(failing.contains(name), "line {}: {}: {name}", mutant.line, mutant.what);
        }
    }
    assert!(told > 0, "no walk over a mutant shows anything");
}
