//! Sequences of statuses that were seen of QEMU 11.0.3 are runs of its table.

use std::fs;

use migration_replay::{Command, Observation, Replay, Reply, Start};

use super::recordings::{data, table};

#[test]
fn observed_sequences_are_runs_of_their_release() {
    let table = table("11.0");
    let text = fs::read_to_string(data("data/observed-11.0.txt")).expect("there are observed sequences");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(lines.len() >= 30, "only {} sequences", lines.len());
    for line in lines {
        let mut replay = Replay::new(&table);
        for observation in observations(line) {
            if let Err(error) = replay.observe("process", &observation) {
                panic!("{line}\n{observation:?}: {error}\n{}", error.instead().join("\n"));
            }
        }
    }
}

/// What a line says: a name, a side, settings, a colon, and what was seen.
fn observations(line: &str) -> Vec<Observation> {
    let (head, words) = line.split_once(" : ").expect("a line has a colon");
    let mut session = Session { seen: vec![Observation::Started(Start::Fresh)], id: 0 };
    let settings: Vec<&str> = head.split_whitespace().skip(2).collect();
    let on = |name: &str| (name.to_owned(), true);
    let capabilities = settings.iter().filter(|word| !word.contains('=')).map(|name| on(name));
    let capabilities = capabilities.chain([on("events")]).collect();
    session.command(Command { name: "migrate-set-capabilities".to_owned(), capabilities, ..Command::default() });
    session.reply(Reply::Done);
    for (name, value) in settings.iter().filter_map(|word| word.split_once('=')) {
        session.command(Command {
            name: "migrate-set-parameters".to_owned(),
            arguments: vec![(name.to_owned(), value.to_owned())],
            ..Command::default()
        });
        session.reply(Reply::Done);
    }
    words.split_whitespace().for_each(|word| session.word(word));
    session.seen
}

struct Session {
    seen: Vec<Observation>,
    id: u64,
}

impl Session {
    fn word(&mut self, word: &str) {
        let (name, reply) = match word.split_at(1) {
            (">", name) => (name, Reply::Done),
            ("!", name) => (name, Reply::Refused(None)),
            _ => return self.status(word),
        };
        let argument = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        let (name, arguments) = match name {
            "migrate" => ("migrate", argument("uri", "tcp:127.0.0.1:1")),
            "resume" => ("migrate", [argument("uri", "tcp:127.0.0.1:1"), argument("resume", "true")].concat()),
            "incoming" | "incoming-late" => ("migrate-incoming", argument("uri", "tcp:127.0.0.1:1")),
            "cancel" => ("migrate_cancel", Vec::new()),
            "continue" => ("migrate-continue", argument("state", "pre-switchover")),
            "postcopy" => ("migrate-start-postcopy", Vec::new()),
            "pause" => ("migrate-pause", Vec::new()),
            "recover" => ("migrate-recover", argument("uri", "tcp:127.0.0.1:2")),
            "save" => ("snapshot-save", argument("job-id", "job")),
            "failover" => ("x-colo-lost-heartbeat", Vec::new()),
            other => panic!("unknown command {other}"),
        };
        self.command(Command { name: name.to_owned(), arguments, ..Command::default() });
        self.reply(reply);
    }

    /// A status comes before a reply that waits for it.
    fn status(&mut self, status: &str) {
        let published = Observation::Published(status.to_owned());
        let at = match self.seen.last() {
            Some(Observation::Reply { .. }) if self.waits() => self.seen.len() - 1,
            _ => self.seen.len(),
        };
        self.seen.insert(at, published);
    }

    /// Whether the last thing seen is a reply right after its command.
    fn waits(&self) -> bool {
        let before = self.seen.len().checked_sub(2).and_then(|index| self.seen.get(index));
        matches!(before, Some(Observation::Command(command))
            if matches!(command.name.as_str(), "migrate" | "migrate-incoming" | "migrate_cancel" | "snapshot-save"))
    }

    fn command(&mut self, command: Command) {
        self.id += 1;
        self.seen.push(Observation::Command(Command { id: self.id, ..command }));
    }

    fn reply(&mut self, reply: Reply) {
        self.seen.push(Observation::Reply { id: self.id, reply });
    }
}
