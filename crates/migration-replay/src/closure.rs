//! What can follow from what may be true, as long as nothing is seen.

use super::config::Config;
use super::step::{Rules, Step};
use super::told::Told;
use super::way::{Way, Ways};
use migration_table::model::{IdSet, MessageId};
use migration_table::search;

/// How many possibilities are followed at most.
const CONFIGS_MAX: usize = 100_000;

/// Everything that can follow.
pub(super) struct Closure {
    /// Everything that may be true by now.
    pub(super) configs: Ways,
    /// What may be published next, and what would be true then.
    pub(super) published: Vec<(Told, Config, Way)>,
    /// Messages that may be sent.
    pub(super) sends: IdSet<MessageId>,
}

/// There are more possibilities than are followed.
#[derive(Clone, Copy, Debug)]
pub(super) struct TooMany;

/// Which steps are taken from a possibility.
pub(super) type Next<'r, 't> = fn(&'r Rules<'t>, &Config, &mut Vec<Step>);

impl Closure {
    /// Takes all steps for as long as nothing is published. Where ways are kept, `seen` is the number of what is seen
    /// next.
    pub(super) fn of(rules: &Rules<'_>, configs: &Ways, seen: Option<usize>) -> Result<Closure, TooMany> {
        Closure::with(rules, configs, seen, Rules::steps)
    }

    /// The same with some of the steps; shorter ways first.
    pub(super) fn with<'r, 't>(
        rules: &'r Rules<'t>,
        configs: &Ways,
        seen: Option<usize>,
        next: Next<'r, 't>,
    ) -> Result<Closure, TooMany> {
        let mut closure = Closure { configs: configs.clone(), published: Vec::new(), sends: IdSet::EMPTY };
        let lengths = configs.iter().map(|(config, way)| (way.length(), config.clone()));
        let mut steps = Vec::new();
        search::fixpoint(lengths, |(length, config), todo| {
            let Some(before) = closure.configs.get(&config).filter(|way| way.length() == length).cloned() else {
                return Ok(());
            };
            next(rules, &config, &mut steps);
            for Step { config, publishes, fired } in steps.drain(..) {
                let row = fired.map(|fired| &rules.table.machines[fired.machine].rows[fired.row]);
                let sends = row.iter().flat_map(|row| &row.sends).filter(|message| message.index() < 64);
                closure.sends |= sends.copied().collect::<IdSet<MessageId>>();
                let way = seen.map_or_else(Way::default, |seen| before.with(fired, seen));
                let length = way.length();
                match publishes {
                    Some(status) => closure.published.push((status, config, way)),
                    None => {
                        if closure.configs.add(config.clone(), way) {
                            todo.insert((length, config));
                        }
                    }
                }
            }
            if closure.configs.len() > CONFIGS_MAX { Err(TooMany) } else { Ok(()) }
        })?;
        Ok(closure)
    }
}
