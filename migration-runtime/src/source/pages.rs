//! How the connections for pages of a source join its attempt.

use std::time::Instant;

use super::dial::Dial;
use crate::channel::{Channel, Wait};
use crate::machine::Visit;
use crate::multifd::Multifd;
use crate::trouble::Trouble;
use crate::wire::{JOIN_PAGES, Token, encode_page_membership};

/// Opens the connections, one after the other, each within the time that the state allows for an answer.
pub(super) fn join(multifd: Multifd, dial: &mut Dial, token: Token, visit: &Visit) -> Result<Vec<Channel>, Trouble> {
    let ways = (0..=u8::MAX).zip(multifd.ways());
    ways.map(|(index, way)| {
        let wait = Wait::within(visit, Instant::now(), visit.timeout());
        let channel = dial.open_further(way, visit, &wait)?;
        dial.join(channel, JOIN_PAGES, &encode_page_membership(token, index), None, visit, &wait)
    })
    .collect()
}
