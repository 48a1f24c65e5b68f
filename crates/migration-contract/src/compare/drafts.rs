//! Findings while they grow: what the walks over one machine have found, by rule and subject.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::Evidence;
use super::observer::ObserverClass;
use super::report::{Headline, Level};
use super::rules::Rule;
use super::rules::definition::Claim;
use super::when::Common;
use crate::public::{AFTER_A_CHANGE, ALWAYS, SettingCube, Settings};
use migration_table::Span;
use migration_table::bdd::TooLarge;
use migration_table::model::Channel;

/// What the walks over one machine have found.
pub(super) struct Compared {
    /// For every class, how the languages relate and whether a client can live with the new side.
    pub(super) verdicts: BTreeMap<ObserverClass, (Headline, bool)>,
    /// The findings, by rule and subject.
    pub(super) drafts: BTreeMap<(&'static str, String), Draft>,
    /// How clients come to each status that the old side does not know.
    pub(super) arrivals: BTreeMap<String, Arriving>,
    /// Those of them that clients are sent, and not only shown when they ask.
    pub(super) sent: BTreeSet<String>,
    /// The same as `arrivals` for reasons.
    pub(super) reasons: BTreeMap<String, Arriving>,
    pub(super) common: Common,
    /// Whether all of it is about what follows once settings have changed.
    is_changing: bool,
}

/// How clients come to a name that the old side does not know.
pub(super) struct Arriving {
    /// The nearest way.
    pub(super) evidence: Evidence,
    /// The settings under which there is one.
    pub(super) cases: Vec<SettingCube>,
    /// The ways on which a client first comes to it.
    pub(super) ways: BTreeSet<String>,
}

/// A difference in the reasons, as one client sees it.
pub(super) struct Told<'a> {
    pub(super) rule: &'static Rule,
    pub(super) claim: Claim,
    pub(super) evidence: Evidence,
    /// The rows of the new side that make it.
    pub(super) rows: Vec<Span>,
    /// The settings that both sides are under.
    pub(super) cases: &'a [SettingCube],
    pub(super) class: ObserverClass,
    /// The way, if no client that goes it has met the difference before.
    pub(super) way: Option<String>,
    /// How many steps on the way are assumed.
    pub(super) assumed: usize,
}

impl Compared {
    /// Nothing yet.
    pub(super) fn new(classes: &BTreeSet<ObserverClass>, common: Common) -> Compared {
        let verdicts = classes.iter().map(|class| (*class, (Headline::Identical, true))).collect();
        let (drafts, arrivals, reasons) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Compared { verdicts, drafts, arrivals, sent: BTreeSet::new(), reasons, common, is_changing: false }
    }

    /// The same for what follows once settings have changed.
    pub(super) fn changing(classes: &BTreeSet<ObserverClass>, common: Common) -> Compared {
        Compared { is_changing: true, ..Compared::new(classes, common) }
    }

    /// The settings under which something is seen, as data and for people.
    ///
    /// # Errors
    ///
    /// When there are too many cases.
    pub(super) fn when(&self, cases: &[SettingCube]) -> Result<(Settings, String), TooLarge> {
        let when = self.common.fewest(cases)?;
        let text = self.common.text(&when);
        let text = match (self.is_changing, text.as_str()) {
            (false, _) => text,
            (true, ALWAYS) => AFTER_A_CHANGE.to_owned(),
            (true, _) => format!("{text} {AFTER_A_CHANGE}"),
        };
        Ok((when, text))
    }

    /// What is left without that which is found as well as long as settings stay, made by the same rows. The settings of both
    /// are the same.
    ///
    /// # Errors
    ///
    /// When there are too many cases.
    pub(super) fn without(mut self, constant: &Compared) -> Result<Compared, TooLarge> {
        self.arrivals.retain(|name, _| !constant.arrivals.contains_key(name));
        self.reasons.retain(|name, _| !constant.reasons.contains_key(name));
        for (key, known) in &constant.drafts {
            let Some(draft) = self.drafts.get(key) else { continue };
            let is_less =
                |(class, level): (&ObserverClass, &Level)| known.levels.get(class).is_some_and(|it| level <= it);
            let is_made_alike = draft.rows.is_subset(&known.rows) && draft.levels.iter().all(is_less);
            if is_made_alike && self.common.covers(&known.cases, &draft.cases)? {
                self.drafts.remove(key);
            }
        }
        Ok(self)
    }

    /// Takes in a difference in the reasons.
    pub(super) fn told(&mut self, told: Told<'_>) {
        let Told { rule, claim, evidence, rows, cases, class, way, assumed } = told;
        let Some(level) = rule.levels.to(class) else { return };
        let rank = (assumed, class.channel, evidence.steps.len(), class);
        let key = (rule.id, claim.subject);
        let draft = self.drafts.entry(key).or_insert_with(|| Draft {
            rule,
            cases: Vec::new(),
            levels: BTreeMap::new(),
            message: claim.message.clone(),
            is_everywhere: true,
            evidence: evidence.clone(),
            rows: BTreeSet::new(),
            ways: Default::default(),
            shown: BTreeSet::new(),
            rank,
        });
        draft.cases.extend(cases);
        draft.rows.extend(rows);
        draft.ways[usize::from(assumed > 0)].extend(way);
        draft.is_everywhere &= claim.is_everywhere;
        draft.levels.insert(class, level);
        if rank < draft.rank {
            (draft.rank, draft.message, draft.evidence) = (rank, claim.message, evidence);
        }
    }
}

/// A finding that grows while walks go on.
pub(super) struct Draft {
    pub(super) rule: &'static Rule,
    pub(super) cases: Vec<SettingCube>,
    /// How much it matters to each class that sees it.
    pub(super) levels: BTreeMap<ObserverClass, Level>,
    pub(super) message: String,
    /// Whether the message is true wherever the status is shown that it names, under all of the cases.
    pub(super) is_everywhere: bool,
    pub(super) evidence: Evidence,
    /// The rows and answers of the new side that make it.
    pub(super) rows: BTreeSet<Span>,
    /// The ways on which a client first comes to it: those on which nothing is assumed, and the others.
    pub(super) ways: [BTreeSet<String>; 2],
    /// What a client that asks is shown behind a refusal and was not before, where refusals themselves are not news to it.
    pub(super) shown: BTreeSet<String>,
    pub(super) rank: Rank,
}

impl Draft {
    /// Returns the ways on which a client first comes to it; those behind an assumed step only if there are no others.
    pub(super) fn ways_to_it(&self) -> BTreeSet<String> {
        let [exact, assumed] = &self.ways;
        if exact.is_empty() { assumed.clone() } else { exact.clone() }
    }

    /// Returns the message, which says so if it is about the way that the evidence shows and not about every one.
    pub(super) fn headline(&self) -> String {
        let way = if self.is_everywhere { "" } else { "on the way shown, " };
        let shown: Vec<String> = self.shown.iter().map(|status| format!("`{status}`")).collect();
        let behind = if shown.is_empty() {
            String::new()
        } else {
            format!(", and one that asks can then be shown {}", shown.join(" or "))
        };
        format!("{way}{}{behind}", self.message)
    }
}

/// How good a piece of evidence is, best first: without assumed steps, in the eyes of a client that is sent events,
/// short.
pub(super) type Rank = (usize, Channel, usize, ObserverClass);
