//! More freedom never refuses more: what is a run is a run, or too much to follow, whatever else is allowed for.

use migration_replay::log::Seen;
use migration_replay::{Observation, Replay, Start, Unexplained};
use migration_table::model::Table;

use super::formats::raw;
use super::recordings::{read, recordings, table};

#[derive(Clone, Copy, Debug)]
struct Freedom {
    attached: bool,
    others: bool,
    late: bool,
}

const FREEDOMS: [Freedom; 4] = [
    Freedom { attached: true, others: false, late: false },
    Freedom { attached: false, others: true, late: false },
    Freedom { attached: true, others: true, late: false },
    Freedom { attached: false, others: false, late: true },
];

/// So often there is too much to follow, of 392 times.
const GAVE_UP_MAX: usize = 15;

fn follow(table: &Table, seen: &[Seen], freedom: Freedom) -> Result<(), Unexplained> {
    let mut replay = Replay::new(table);
    if freedom.others {
        replay = replay.with_unseen_commands();
    }
    if freedom.late {
        replay = replay.with_late_events();
    }
    if freedom.attached {
        replay.observe("", &Observation::Started(Start::LongAgo))?;
    }
    seen.iter().try_for_each(|seen| replay.observe(&seen.process, &seen.observation))
}

#[test]
fn a_run_stays_a_run() {
    let table = table("10.0");
    let mut gave_up = 0;
    for recording in recordings().iter() {
        for process in ["source0", "destination0"] {
            let lines = raw(&format!("{}.jsonl", recording.name), process);
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let seen = read(&text);
            for freedom in FREEDOMS {
                match follow(&table, &seen, freedom) {
                    Ok(()) => {}
                    Err(error) if error.gave_up() => gave_up += 1,
                    Err(error) => panic!("{} of {process}, {freedom:?}: {error}", recording.name),
                }
            }
        }
    }
    assert!(gave_up <= GAVE_UP_MAX, "gave up {gave_up} times");
}

/// Sessions of clients that only poll, from public reports: they never switch events on.
#[test]
fn clients_that_only_poll_are_followed() {
    let table = table("10.0");
    let smallest = "{\"execute\": \"migrate\"}\n{\"return\": {}}\n";
    let session = "{\"execute\":\"migrate-set-capabilities\",\"arguments\":{\"capabilities\":[{\"capability\":\
                   \"pause-before-switchover\",\"state\":true}]}}\n{\"return\": {}}\n\
                   {\"execute\": \"migrate\", \"arguments\": { \"uri\": \"tcp:127.0.0.1:8091\" } }\n{\"return\": {}}\n\
                   {\"execute\": \"query-migrate\"}\n{\"return\": {\"status\": \"pre-switchover\", \"setup-time\": 3}}\n\
                   {\"execute\": \"block-job-cancel\", \"arguments\": { \"device\": \"job0\" } }\n{\"return\": {}}\n\
                   {\"execute\": \"migrate-continue\", \"arguments\": { \"state\": \"pre-switchover\" } }\n{\"return\": {}}\n\
                   {\"execute\": \"query-migrate\"}\n{\"return\": {\"status\": \"failed\"}}\n";
    for text in [smallest, session] {
        let seen = read(text);
        assert!(follow(&table, &seen, Freedom { attached: false, others: false, late: false }).is_ok());
        for freedom in FREEDOMS {
            if let Err(error) = follow(&table, &seen, freedom)
                && !error.gave_up()
            {
                panic!("{freedom:?}: {error}\n{}\n{text}", error.instead().join("\n"));
            }
        }
    }
}

/// A message never lists what it refuses.
#[test]
fn a_message_does_not_contradict_itself() {
    let table = table("10.0");
    for (text, refused) in [
        (
            "{\"execute\":\"query-migrate\",\"id\":1}\n{\"execute\":\"query-migrate\",\"id\":2}\n\
          {\"return\": {}, \"id\": 2}\n{\"return\": {\"status\": \"active\"}, \"id\": 1}\n",
            "`active`",
        ),
        (
            "{\"execute\":\"migrate_cancel\"}\n{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}\n",
            "an error",
        ),
    ] {
        let seen = read(text);
        let Err(error) = follow(&table, &seen, Freedom { attached: false, others: false, late: false }) else {
            continue;
        };
        let replies: Vec<String> =
            error.instead().into_iter().filter(|line| line.starts_with("the reply to")).collect();
        assert!(!replies.iter().any(|line| line.contains(refused)), "{error}: {replies:?}");
    }
}

/// The human monitor does not say what was refused, but a status that it shows is one of a run.
#[test]
fn what_the_human_monitor_shows_is_compared() {
    let table = table("10.0");
    let session = |last: &str| {
        format!(
            "(qemu) info migrate\n(qemu) migrate -d unix:/tmp/x.sock\n(qemu) info migrate\nMigration status: active\n\
             (qemu) info migrate\nMigration status: {last}\n"
        )
    };
    let nothing = Freedom { attached: false, others: false, late: false };
    assert!(follow(&table, &read(&session("completed")), nothing).is_ok());
    assert!(follow(&table, &read(&session("postcopy-recover")), nothing).is_err());
}
