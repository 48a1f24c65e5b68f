//! How long something took, as people read it.

use std::time::Duration;

pub(super) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
