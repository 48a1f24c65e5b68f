//! A state was added to the table, and nobody does its work.

#[allow(dead_code, reason = "only the work is of interest")]
mod doors {
    migration_macros::state_machine!("tables/locking.yaml");
}

use doors::door;
use migration_machine::{Visit, VisitOver};

struct Motor;

impl door::Work for Motor {
    type Cause = String;

    fn moving(&mut self, _: &Visit) -> Result<door::MovingEvent<String>, VisitOver> {
        Ok(door::MovingEvent::Moved)
    }

    fn releasing(&mut self, _: &Visit) -> Result<door::ReleasingEvent, VisitOver> {
        Ok(door::ReleasingEvent::Released)
    }
}

fn main() {}
