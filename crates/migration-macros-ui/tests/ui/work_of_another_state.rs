//! Work reports through the events of another state.

#[allow(dead_code, reason = "only the work is of interest")]
mod doors {
    migration_macros::state_machine!("../../../../migration-macros/tests/tables/tiny.yaml");
}

use doors::door;
use migration_machine::{Visit, VisitOver};

struct Motor;

impl door::Work for Motor {
    type Cause = String;

    fn moving(&mut self, _: &Visit) -> Result<door::MovingEvent<String>, VisitOver> {
        Ok(door::ReleasingEvent::Released)
    }

    fn releasing(&mut self, _: &Visit) -> Result<door::ReleasingEvent, VisitOver> {
        Ok(door::ReleasingEvent::Released)
    }
}

fn main() {}
