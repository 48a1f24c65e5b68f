//! How the connections for pages of a destination join its attempt.

use super::admission::Admitted;
use super::lobby::Expected;
use super::meet::Meet;
use crate::channel::{Channel, Wait};
use crate::conversation::explained;
use crate::machine::Visit;
use crate::multifd::Multifd;
use crate::transfer::send_message;
use crate::trouble::Trouble;
use crate::wire::{JOIN_PAGES, judge_page_membership};

/// The first message of a connection for pages.
const JOINS: Expected = Expected { number: JOIN_PAGES, name: "join-pages" };

/// Waits until all connections have come, in whatever order, and returns them in theirs. Whoever else connects is sent
/// away. The wait ends if the source ends the attempt on the main connection.
pub(super) fn join(
    multifd: Multifd,
    meet: &mut Meet,
    admitted: &Admitted,
    main: &mut Channel,
    visit: &Visit,
) -> Result<Vec<Channel>, Trouble> {
    let mut channels: Vec<Option<Channel>> = (0..multifd.count()).map(|_| None).collect();
    for way in multifd.ways() {
        let joined: Vec<bool> = channels.iter().map(Option::is_some).collect();
        let mut place = 0;
        let mut judge = |bytes: &[u8]| {
            place = judge_page_membership(bytes, admitted.token, &joined)?.into();
            Ok(())
        };
        let met = match way {
            Some(way) => meet.meet_at(way, JOINS, &mut judge, visit),
            None => meet.meet(JOINS, &mut judge, Some(main), visit),
        };
        let met = met.and_then(|mut channel| {
            let wait = Wait::within(visit, visit.began(), visit.timeout());
            let told = send_message(&mut channel, JOIN_PAGES, &[], &wait);
            told.map_err(|error| Trouble::channel(visit, &error)).map(|()| channel)
        });
        channels[place] =
            Some(met.map_err(|trouble| {
                explained(trouble, main, visit).on_timeout("a connection for pages did not come")
            })?);
    }
    Ok(channels.into_iter().flatten().collect())
}
