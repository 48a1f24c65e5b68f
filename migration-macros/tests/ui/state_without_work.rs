//! A state was added to the table, and nobody does its work.

#[allow(dead_code, reason = "only the work is of interest")]
mod doors {
    migration_macros::state_machine!("tables/locking.yaml");
}

use doors::door;

struct Motor;

impl door::Work for Motor {
    type Visit = ();
    type Cause = String;
    type Over = ();

    fn moving(&mut self, _: &()) -> Result<door::MovingEvent<String>, ()> {
        Ok(door::MovingEvent::Moved)
    }

    fn releasing(&mut self, _: &()) -> Result<door::ReleasingEvent, ()> {
        Ok(door::ReleasingEvent::Released)
    }
}

fn main() {}
