//! An event was added to the table, and code that lists all of them does not know it.

#[allow(dead_code, reason = "only the work is of interest")]
mod doors {
    migration_macros::state_machine!("tables/locked.yaml");
}

use doors::door;

/// What to tell a person.
fn words(event: door::MovingEvent<String>) -> String {
    match event {
        door::MovingEvent::Moved => "done".to_owned(),
        door::MovingEvent::Stuck(cause) => cause,
    }
}

fn main() {}
