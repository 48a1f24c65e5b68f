//! Which reply a command can get.

use super::config::{Config, Phase};
use super::observation::Reply;
use super::request::{Request, Wish};
use super::step::Rules;

/// What is true once the command has got its reply; `None` if it cannot get this one.
pub(super) fn answered(
    rules: &Rules<'_>,
    config: &Config,
    id: u64,
    request: &Request,
    reply: &Reply,
) -> Option<Config> {
    let index = config.commands.iter().position(|(other, _)| *other == id)?;
    let phase = config.commands[index].1;
    let table = rules.table;
    let fits = match (phase, reply) {
        (_, Reply::Unreadable) => true,
        (Phase::Sent, reply) => *reply == Reply::Unknown,
        (_, Reply::Unknown) => false,
        (Phase::Shown(_), Reply::Done | Reply::Capabilities(_)) if request.command.human => true,
        // Who is shown a status was not refused.
        (Phase::Refused(_), Reply::Status(Some(_))) => false,
        (Phase::Accepted { .. } | Phase::Ignored | Phase::Refused(_), _) if request.command.human => true,
        (Phase::Shown(status), Reply::Status(name)) => match (status, name) {
            (Some(told), Some(name)) => told.is(table, name),
            (told, name) => told.is_none() && name.is_none(),
        },
        (Phase::Accepted { .. } | Phase::Ignored, Reply::Done | Reply::Status(_) | Reply::Capabilities(_)) => true,
        (Phase::Accepted { went_wrong, .. }, Reply::Refused(_)) => went_wrong,
        (Phase::Refused(refusal), Reply::Refused(class)) => match (refusal, class) {
            (Some(refusal), Some(class)) => refusal.class(table) == class,
            (None, _) | (_, None) => true,
        },
        (Phase::Shown(_), Reply::Done | Reply::Capabilities(_) | Reply::Refused(_)) => false,
        (Phase::Ignored, Reply::Refused(_)) => matches!(request.wish, Wish::Parameters | Wish::Capabilities),
        (Phase::Refused(_), Reply::Done | Reply::Status(_) | Reply::Capabilities(_)) => false,
    };
    let mut next = config.clone();
    next.commands.remove(index);
    if let Reply::Capabilities(capabilities) = reply {
        next.settings = rules.with_capabilities(next.settings, capabilities);
    }
    fits.then_some(next)
}
