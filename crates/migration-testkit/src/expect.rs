//! What tests ask of a host: each method of the client here panics when the host does not answer as it must.

use serde_json::{Value, json};

use crate::qmp::{Client, Error};

impl Client {
    /// Executes a command that must succeed.
    pub fn ask(&mut self, command: &str, arguments: Value) -> Value {
        self.execute(command, arguments).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Executes a command that must be refused, and returns why.
    pub fn refused(&mut self, command: &str, arguments: Value) -> String {
        match self.execute(command, arguments) {
            Err(Error::Refused { desc, .. }) => desc,
            other => panic!("`{command}` must be refused: {other:?}"),
        }
    }

    /// Asserts that the process has hung up and sent nothing more.
    pub fn assert_ended(&mut self) {
        let left = self.event();
        assert!(matches!(left, Err(Error::HungUp(_))), "{left:?}");
    }

    /// Reads events up to the one with this label, and returns the labels of all but `MIGRATION_PASS`.
    pub fn events_until(&mut self, last: &str) -> Vec<String> {
        let mut labels = Vec::new();
        while labels.last().is_none_or(|label| label != last) {
            labels.push(self.event().unwrap_or_else(|error| panic!("no `{last}` after {labels:?}: {error}")).label());
        }
        labels.retain(|label| label != "MIGRATION_PASS");
        labels
    }

    /// Waits until this status is published.
    pub fn wait_for(&mut self, status: &str) {
        self.events_until(&format!("MIGRATION {status}"));
    }

    /// Returns the reply to `query-migrate`.
    pub fn migration(&mut self) -> Value {
        self.ask("query-migrate", json!({}))
    }

    /// Returns the address at which the destination listens.
    pub fn listens_at(&mut self) -> String {
        text(&self.migration()["x-listens-at"])
    }

    /// Returns why the guest runs or does not: `running`, `paused` and so on.
    pub fn runstate(&mut self) -> String {
        text(&self.ask("query-status", json!({}))["status"])
    }

    /// Stops the guest, and returns whether its memory is what it must be.
    pub fn is_whole(&mut self) -> bool {
        self.ask("stop", json!({}));
        self.ask("x-verify-guest", json!({}))["whole"] == true
    }

    /// Lets a migration from here never come to its end.
    pub fn slow_down(&mut self) {
        self.ask("migrate-set-parameters", json!({ "max-bandwidth": 65536, "downtime-limit": 1 }));
    }

    /// Lets migrations from here take no time.
    pub fn speed_up(&mut self) {
        self.ask("migrate-set-parameters", json!({ "max-bandwidth": 0, "downtime-limit": 300 }));
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("expected a text, not {value}")).to_owned()
}
