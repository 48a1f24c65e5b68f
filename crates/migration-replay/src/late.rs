//! Events that may be written later than what came after them; only their order is judged.
//!
//! A process may have published any number of statuses that are not seen yet, so what may be true of it now says nothing
//! of the order in which events may come. A queue of what is unseen in each possibility would grow with every loop of the
//! table. In its place it is kept what may have been true at each earlier moment with exactly the events published that
//! were seen: the next event was published at one of these moments. So there are never more possibilities at a moment
//! than the table allows for, and moments before the first possible one are dropped.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::answered::answered;
use super::closure::{Closure, TooMany};
use super::config::Config;
use super::memo::{Memo, Moment};
use super::observation::Observation;
use super::request::Request;
use super::step::{Requests, Rules};
use super::told::Told;
use super::way::{Way, Ways};
use migration_table::model::{IdSet, MessageId};

/// What is known of the moments at which the next event can have been published.
#[derive(Clone, Debug)]
pub(super) struct Late {
    /// Commands without a reply at the first moment.
    requests: Requests,
    /// What was seen between the moments, events apart.
    between: Vec<Between>,
    // Invariant: one more than `between`.
    moments: Vec<Arc<Ways>>,
    memo: Memo,
}

/// A command or a reply.
#[derive(Clone, Debug)]
pub(super) struct Between {
    pub(super) observation: Observation,
    /// Its number, if ways are kept.
    pub(super) seen: Option<usize>,
    /// The messages that could have arrived by then.
    pub(super) arrived: Option<IdSet<MessageId>>,
}

/// All that decides what can be published from one moment to the next: what may be true, the commands without a reply,
/// the messages that can have arrived, and the number of what is seen next.
type Interval = (*const Ways, Requests, Option<IdSet<MessageId>>, Option<usize>);

/// What follows from an event.
pub(super) struct Published {
    /// Everything that may be true now; nothing if no run publishes that.
    pub(super) configs: Arc<Ways>,
    /// What can have been published instead.
    pub(super) instead: Vec<(Told, Config, Way)>,
}

impl Late {
    pub(super) fn new(configs: Arc<Ways>, memo: Memo) -> Late {
        Late { requests: Requests::default(), between: Vec::new(), moments: vec![configs], memo }
    }

    /// Changes everything that may be true.
    pub(super) fn change(&mut self, change: impl Fn(Config) -> Config) {
        self.memo.forget();
        for moment in &mut self.moments {
            *moment = Arc::new(Ways::clone(moment).changed(&change));
        }
    }

    /// Takes in a command or a reply; `requests` are those before it.
    pub(super) fn add(&mut self, rules: &mut Rules<'_>, requests: Requests, between: Between) -> Result<(), TooMany> {
        let now = std::mem::replace(&mut rules.requests, requests);
        let last = self.moments.last().cloned().unwrap_or_default();
        rules.late_events = false;
        let moment = after(rules, &mut self.memo, &last, &between);
        (rules.late_events, rules.requests) = (true, now);
        self.moments.push(moment?);
        self.between.push(between);
        Ok(())
    }

    /// Takes in an event. If no run publishes it, nothing changes.
    pub(super) fn publish(
        &mut self,
        rules: &mut Rules<'_>,
        status: &str,
        seen: Option<usize>,
    ) -> Result<Published, TooMany> {
        let (now, arrived) = (std::mem::replace(&mut rules.requests, self.requests.clone()), rules.arrived);
        let published = self.published(rules, status, seen);
        (rules.late_events, rules.requests, rules.arrived) = (true, now, arrived);
        published
    }

    fn published(&mut self, rules: &mut Rules<'_>, status: &str, seen: Option<usize>) -> Result<Published, TooMany> {
        let (table, now) = (rules.table, rules.arrived);
        // What may be true with exactly what was seen published, and with anything more.
        let (mut quiet_memo, mut free_memo) = (self.memo.elsewhere(), self.memo.elsewhere());
        let (mut moments, mut first) = (Vec::new(), None);
        let (mut exact, mut any) = (Arc::new(Ways::default()), Arc::new(Ways::default()));
        let mut instead = Vec::new();
        let mut known: FxHashMap<Interval, Vec<(Config, Way)>> = FxHashMap::default();
        for (at, moment) in self.moments.iter().enumerate() {
            let next = self.between.get(at);
            rules.arrived = next.map_or(now, |next| next.arrived);
            rules.late_events = false;
            let seen = next.map_or(seen, |next| next.seen);
            let key = (Arc::as_ptr(moment), rules.requests.clone(), rules.arrived, seen);
            if !known.contains_key(&key) {
                let published = Closure::of(rules, moment, seen)?.published;
                let is_it = |(told, ..): &&(Told, Config, Way)| told.is(table, status);
                let entered = published.iter().filter(is_it).map(|(_, config, way)| (config.clone(), way.clone()));
                known.insert(key.clone(), entered.collect());
                instead.extend(published);
            }
            let entered: &Vec<(Config, Way)> = &known[&key];
            join(&mut exact, &mut quiet_memo, entered.iter().map(|(config, way)| (config, way)));
            join(&mut any, &mut free_memo, exact.iter());
            if first.is_none() && !exact.is_empty() {
                first = Some((at, rules.requests.clone()));
            }
            if first.is_some() {
                moments.push(exact.clone());
            }
            if let Some(next) = next {
                let requests = rules.requests.clone();
                exact = after(rules, &mut quiet_memo, &exact, next)?;
                (rules.late_events, rules.requests) = (true, requests);
                any = after(rules, &mut free_memo, &any, next)?;
            }
        }
        if let Some((at, requests)) = first
            && !any.is_empty()
        {
            self.between.drain(..at);
            (self.moments, self.requests) = (moments, requests);
            self.memo.forget();
        } else {
            any = Arc::default();
        }
        Ok(Published { configs: any, instead })
    }
}

/// Adds possibilities.
fn join<'c>(configs: &mut Arc<Ways>, memo: &mut Memo, more: impl Iterator<Item = (&'c Config, &'c Way)>) {
    let is_new =
        |(config, way): &(&Config, &Way)| configs.get(config).is_none_or(|known| way.length() < known.length());
    let more: Vec<_> = more.filter(is_new).collect();
    if !more.is_empty() {
        let mut all = Ways::clone(configs);
        for (config, way) in more {
            all.add(config.clone(), way.clone());
        }
        *configs = Arc::new(all);
        memo.forget();
    }
}

/// What may be true after a command or a reply. The rules become those after it.
fn after(rules: &mut Rules<'_>, memo: &mut Memo, configs: &Arc<Ways>, between: &Between) -> Result<Arc<Ways>, TooMany> {
    let observation = &between.observation;
    if rules.arrived.is_some() {
        // What can have arrived is another thing at every moment.
        memo.forget();
    }
    let moment = |rules: &Rules<'_>, configs: Arc<Ways>| Moment {
        flavour: rules.flavour(),
        configs,
        requests: rules.requests.clone(),
    };
    if between.seen.is_none()
        && let Some((known, _)) = memo.follow(observation, || moment(rules, configs.clone()))
    {
        rules.requests = known.requests;
        return Ok(known.configs);
    }
    let next = match observation {
        Observation::Command(command) => sent(rules, configs, command),
        Observation::Reply { id, reply } | Observation::Decided { id, reply } => {
            let can_speak = |config: &Config| config.is_settled() || matches!(observation, Observation::Decided { .. });
            let Some(request) = rules.requests.get(id).cloned() else { return Ok(configs.clone()) };
            let closure = Closure::of(rules, configs, between.seen)?;
            let settled = closure.configs.iter().filter(|(config, _)| can_speak(config));
            let next = settled
                .filter_map(|(config, way)| Some((answered(rules, config, *id, &request, reply)?, way.clone())))
                .collect();
            rules.requests.remove(id);
            Arc::new(next)
        }
        Observation::Started(_)
        | Observation::Published(_)
        | Observation::Changed(_)
        | Observation::Ending
        | Observation::Exited => configs.clone(),
    };
    Ok(match between.seen {
        Some(_) => next,
        None => memo.led(observation, moment(rules, next), None).configs,
    })
}

/// What may be true once a command is sent.
fn sent(rules: &mut Rules<'_>, configs: &Arc<Ways>, command: &super::observation::Command) -> Arc<Ways> {
    let request = Request::of(rules.table, &rules.wire, rules.names.has_parameters(), command.clone());
    let Some(request) = request else { return configs.clone() };
    rules.requests.insert(command.id, request);
    Arc::new(Ways::clone(configs).changed(|config| config.sent(command.id)))
}
