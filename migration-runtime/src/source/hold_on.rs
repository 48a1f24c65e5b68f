//! The pause before the switchover.

use std::time::{Duration, Instant};

use crate::cause::Cause;
use crate::channel::{Channel, Wait};
use crate::conversation::{listen, unexpected};
use crate::machine::Visit;
use crate::rounds::Rounds;
use crate::states::source::PreSwitchoverEvent;
use crate::transfer::{hear_signs, synchronise};
use crate::trouble::Trouble;

/// While nothing else is said, the destination is asked this often whether it is still there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(1);

/// Keeps the destination waiting until the visit ends: only the user, or the destination, can end it. An answer to a
/// question shows that the destination is there; that a socket takes bytes does not.
pub(super) fn hold_on(
    channel: &mut Channel,
    rounds: &mut Rounds,
    visit: &Visit,
) -> Result<PreSwitchoverEvent<Cause>, Trouble> {
    loop {
        rounds.check_pages(visit)?;
        let asks = Instant::now() + SIGN_OF_LIFE;
        while let Some(left) = asks.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            let tick = Wait::new(visit, left);
            channel.pause(&tick).map_err(|error| Trouble::channel(visit, &error))?;
            let never_silent = tick.for_at_most(None);
            if !hear_signs(channel, &never_silent).map_err(|error| Trouble::channel(visit, &error))? {
                return Err(listen(channel, visit));
            }
        }
        let answer = Wait::within(visit, Instant::now(), visit.timeout());
        let asked = synchronise(channel, &answer)
            .map_err(|error| Trouble::channel(visit, &error.awaiting("word that the destination is there")));
        if let Some(heard) = asked? {
            return Err(unexpected(&heard, "the answer to a question"));
        }
    }
}
