//! Work reports through the events of another state.

#[allow(dead_code, reason = "only the work is of interest")]
mod doors {
    migration_macros::state_machine!("../tables/tiny.yaml");
}

use doors::door;

struct Motor;

impl door::Work for Motor {
    type Visit = ();
    type Cause = String;
    type Over = ();

    fn moving(&mut self, _: &()) -> Result<door::MovingEvent<String>, ()> {
        Ok(door::ReleasingEvent::Released)
    }

    fn releasing(&mut self, _: &()) -> Result<door::ReleasingEvent, ()> {
        Ok(door::ReleasingEvent::Released)
    }
}

fn main() {}
