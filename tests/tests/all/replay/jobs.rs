//! The names of the wire are the table's: jobs of QEMU are followed by their event, one machine for each job.

use migration_contract::load;
use migration_replay::Replay;
use migration_replay::log::Log;
use migration_table::model::Table;

/// The machine of a job; `qmp` may be added.
const JOB: &str = include_str!("../../../../crates/migration-table/tests/fixtures/machines/job.yaml");

fn table(more: &str) -> Table {
    let loaded = load(&format!("{JOB}{more}"));
    loaded.table.unwrap_or_else(|| panic!("{:?}", loaded.findings))
}

/// Follows a text as far as the table explains it, and returns what it does not.
fn refused(table: &Table, text: &str) -> Option<String> {
    let (mut log, mut replay) = (Log::new(table), Replay::new(table));
    let seen = text.lines().flat_map(|line| log.read(line)).map(|seen| seen.expect("nothing is wrong with it"));
    let seen: Vec<_> = seen.collect();
    assert!(seen.iter().any(|seen| replay.concerns(&seen.observation)), "nothing is read: {seen:?}");
    seen.iter().find_map(|seen| {
        let error = replay.observe(&seen.process, &seen.observation).err()?;
        Some(format!("{} of `{}`: {error}", seen.words, seen.process))
    })
}

fn change(id: &str, status: &str) -> String {
    format!("{{\"event\": \"JOB_STATUS_CHANGE\", \"data\": {{\"status\": \"{status}\", \"id\": \"{id}\"}}}}\n")
}

fn command(name: &str, argument: &str, id: &str) -> String {
    format!("{{\"execute\": \"{name}\", \"arguments\": {{\"{argument}\": \"{id}\"}}}}\n")
}

#[test]
fn each_job_is_a_machine_of_its_own() {
    let table = table("");
    let begin = |id: &str| command("blockdev-mirror", "job-id", id) + &change(id, "created") + "{\"return\": {}}\n";
    let good = begin("a") + &begin("b") + &change("b", "running") + &change("a", "running") + &change("a", "waiting");
    assert_eq!(refused(&table, &good), None);
    let query = "{\"execute\": \"query-jobs\"}\n{\"return\": [{\"id\": \"b\", \"status\": \"running\", \"type\": \"mirror\"}, \
                 {\"id\": \"a\", \"status\": \"waiting\", \"type\": \"mirror\"}]}\n";
    assert_eq!(refused(&table, &(good.clone() + query)), None);
    let wrong = refused(&table, &(good.clone() + &query.replace("running", "paused")));
    assert_eq!(
        wrong.expect("`b` runs"),
        "reply of `query-jobs` with status `paused` of `b`: no run shows `paused` to `query-jobs` here"
    );
    let wrong = refused(&table, &(good + &change("b", "created")));
    assert_eq!(
        wrong.expect("`b` runs"),
        "event `JOB_STATUS_CHANGE` with status `created` of `b`: no run publishes `created` here"
    );
}

#[test]
fn a_status_that_cannot_come_is_refused_whoever_commands_the_job() {
    let table = table("");
    let events = |statuses: &[&str]| statuses.iter().map(|status| change("j", status)).collect::<String>();
    assert_eq!(
        refused(
            &table,
            &events(&["created", "running", "paused", "running", "waiting", "pending", "concluded", "null"])
        ),
        None
    );
    assert!(refused(&table, &events(&["created", "concluded"])).is_some());
    assert!(refused(&table, &events(&["running", "created"])).is_some());
}

#[test]
fn the_table_says_which_event_and_which_member() {
    let table = table("qmp: { event: MOVED, member: state, query: query-move, subjects: [name] }\n");
    let event =
        |status: &str| format!("{{\"event\": \"MOVED\", \"data\": {{\"state\": \"{status}\", \"name\": \"x\"}}}}\n");
    let query = "{\"execute\": \"query-move\"}\n{\"return\": [{\"name\": \"x\", \"state\": \"running\"}]}\n";
    assert_eq!(refused(&table, &(event("created") + &event("running") + query)), None);
    assert!(refused(&table, &(event("created") + &event("concluded"))).is_some());
    // Another event that a table could have meant is mentioned, once.
    let mut log = Log::new(&table);
    for status in ["created", "running"] {
        assert!(log.read(&change("j", status)).is_empty());
    }
    let notes: Vec<_> = log.notes().collect();
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert!(notes[0].1.starts_with("event `JOB_STATUS_CHANGE` is not followed"), "{notes:?}");
}

/// QEMU says nothing of a migration that never began; a query of another program shows what its machine shows first.
#[test]
fn a_query_of_another_program_shows_a_machine_that_has_not_begun() {
    let table = table("qmp: { event: MOVED, query: query-move }\n");
    let replied = |status: &str| format!("{{\"execute\": \"query-move\"}}\n{{\"return\": {{{status}}}}}\n");
    assert_eq!(refused(&table, &replied("\"status\": \"undefined\"")), None);
    assert_eq!(refused(&table, &replied("")), None);
    let create = "{\"execute\": \"blockdev-mirror\"}\n{\"event\": \"MOVED\", \"data\": {\"status\": \"created\"}}\n{\"return\": {}}\n";
    let after = |status: &str| refused(&table, &(create.to_owned() + &replied(&format!("\"status\": \"{status}\""))));
    assert_eq!(after("created"), None);
    assert!(after("undefined").is_some(), "it has begun");
}
