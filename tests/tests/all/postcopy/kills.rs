//! Either process of a post-copy is killed at many places. The other ends as the table says, within its bounds, and the
//! guest runs at most where it is whole.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::Hosts;

/// Places in one post-copy.
const PLACES: u64 = 8;

/// How long the other side may take, with the timeouts of these tests.
const LIMIT: Duration = Duration::from_secs(30);

/// Who is killed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Victim {
    Source,
    Destination,
}

/// How the survivor ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    /// As if nothing had happened.
    Completed,
    /// The guest is on the source, and runs.
    Stayed,
    /// No guest ran on the destination.
    Nothing,
    /// The user gave up a paused post-copy, or nobody knows where the guest is: it does not run here.
    GivenUp,
}

/// Waits until the survivor is at an end. If it pauses, its user gives the post-copy up.
fn end(hosts: &mut Hosts, victim: Victim, context: &str) -> End {
    let survivor = match victim {
        Victim::Source => &mut hosts.destination,
        Victim::Destination => &mut hosts.source,
    };
    let killed = Instant::now();
    loop {
        assert!(killed.elapsed() < LIMIT, "{context}: {}", survivor.migration());
        let migration = survivor.migration();
        let runstate = survivor.runstate();
        match (migration["status"].as_str().unwrap_or_default(), victim) {
            ("postcopy-paused", _) => {
                // It may have ended meanwhile.
                let _ = survivor.execute("migrate-give-up", json!({}));
            }
            ("completed", Victim::Source) => {
                assert_eq!(runstate, "running", "{context}");
                assert!(survivor.is_whole(), "{context}");
                return End::Completed;
            }
            ("completed", Victim::Destination) => {
                assert_eq!(runstate, "postmigrate", "{context}");
                return End::Completed;
            }
            ("failed", Victim::Source) => {
                let ran = runstate == "internal-error";
                assert_eq!(migration["reason"] == "given-up", ran, "{context}: {migration}");
                assert!(ran || runstate == "inmigrate", "{context}: {runstate}");
                return if ran { End::GivenUp } else { End::Nothing };
            }
            ("failed", Victim::Destination) if migration["x-state"] == "unknown" => {
                assert_eq!(runstate, "postmigrate", "{context}");
                return End::GivenUp;
            }
            ("failed", Victim::Destination) => {
                assert_eq!(runstate, "running", "{context}");
                assert!(survivor.is_whole(), "{context}");
                return End::Stayed;
            }
            _ => thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// How many bytes the source says in a post-copy, from its beginning on.
fn bytes_of_a_post_copy() -> Option<u64> {
    let mut hosts = Hosts::start("memory")?;
    hosts.begin();
    let before = hosts.network.passed();
    hosts.source.wait_for("completed");
    Some(hosts.network.passed() - before)
}

#[test]
fn whichever_side_is_killed_wherever_the_other_ends_as_the_table_says() {
    let Some(bytes) = bytes_of_a_post_copy() else { return };
    let ends: Vec<(Victim, End)> = thread::scope(|scope| {
        let runs = [Victim::Source, Victim::Destination].map(|victim| {
            scope.spawn(move || {
                (0..PLACES).map(|place| (victim, kill_at(victim, bytes * place / PLACES))).collect::<Vec<_>>()
            })
        });
        runs.into_iter().flat_map(|run| run.join().expect("the trials end")).collect()
    });
    eprintln!("{ends:?}");
    let count = |wanted| ends.iter().filter(|end| **end == wanted).count();
    assert!(count((Victim::Source, End::GivenUp)) >= 3, "{ends:?}");
    assert!(count((Victim::Destination, End::GivenUp)) >= 3, "{ends:?}");
}

/// Kills one side when the source has said so many bytes of the post-copy.
fn kill_at(victim: Victim, bytes: u64) -> End {
    let context = format!("{victim:?} killed after {bytes} bytes");
    let mut hosts = Hosts::start("memory").expect("there was one before");
    hosts.begin();
    let until = hosts.network.passed() + bytes;
    let began = Instant::now();
    while hosts.network.passed() < until && began.elapsed() < LIMIT {
        thread::sleep(Duration::from_millis(1));
    }
    let process = if victim == Victim::Source { &mut hosts.from } else { &mut hosts.to };
    process.kill().expect("it can be killed");
    hosts.network.cut();
    end(&mut hosts, victim, &context)
}
