//! Findings of which one habit makes many, as one finding with all its places. To be called when what is silenced is
//! gone, so that one declaration can be silenced and the next one not.

use std::collections::BTreeMap;

use super::graph::FAILURE_NOT_HANDLED;
use super::meaning::TIMEOUT_ELSEWHERE;
use super::policy::DOC_STYLE;
use super::wording;
use crate::finding::{Code, Edit, Finding, Findings, Offer, Part};
use crate::rule::shape::UNKNOWN_WORD;

/// How many places are shown besides the first.
const SHOWN_MAX: usize = 12;

/// The rules that find the habits of a writer, or one slip in many places: an event that became that of a timeout.
const HABITS: &[Code] = &[DOC_STYLE, TIMEOUT_ELSEWHERE];

/// Rules that find one transition too few in many states.
const OF_STATES: &[Code] = &[FAILURE_NOT_HANDLED];

/// Makes one finding of those of one rule that have the same help, and of those that differ in the name of the state only.
pub(super) fn apply(out: &mut Findings) {
    OF_STATES.iter().for_each(|code| of_states(*code, out));
    for code in HABITS {
        let of_rule: Vec<Finding> = out.iter().filter(|finding| finding.code == *code).cloned().collect();
        let mut helps: Vec<Option<String>> = of_rule.iter().map(|finding| finding.help.clone()).collect();
        helps.sort();
        helps.dedup();
        for help in helps {
            let alike: Vec<&Finding> = of_rule.iter().filter(|finding| finding.help == help).collect();
            let [first, others @ ..] = alike.as_slice() else { continue };
            if others.is_empty() {
                continue;
            }
            out.remove(|finding| finding.code == *code && finding.help == help);
            let verb = if others.len() == 1 { "does" } else { "do" };
            let message = format!("{}, and {} more {verb}", first.message, others.len());
            let one = Finding { message, ..(*first).clone() };
            out.push(others.iter().fold(one, |one, other| one.with_place(other.span, "so does this")));
        }
    }
}

/// Makes one finding of those of one rule that differ in the first name of the message only.
fn of_states(code: Code, out: &mut Findings) {
    let name = |finding: &Finding| finding.message.split('`').nth(1).map(str::to_owned).unwrap_or_default();
    let without = |text: &str, name: &str| text.replace(&format!("`{name}`"), "\0");
    let mut alike: BTreeMap<(String, Option<String>), Vec<Finding>> = BTreeMap::new();
    for finding in out.iter().filter(|finding| finding.code == code) {
        let name = name(finding);
        let key = (without(&finding.message, &name), finding.help.as_ref().map(|help| without(help, &name)));
        alike.entry(key).or_default().push(finding.clone());
    }
    for ((message, help), findings) in alike {
        let [first, others @ ..] = findings.as_slice() else { continue };
        if others.is_empty() {
            continue;
        }
        out.remove(|finding| findings.contains(finding));
        let names: Vec<String> = findings.iter().map(name).collect();
        let names = wording::list(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let (message, help) = (message.replace('\0', &names), help.map(|help| help.replace('\0', &names)));
        let offers = joined(first, others, &names);
        let one = Finding { message, help, offers, ..first.clone() };
        let shown = others.iter().take(SHOWN_MAX);
        out.push(shown.fold(one, |one, other| one.with_place(other.span, other.label.clone())));
    }
}

/// What the first of some findings proposes, where the others propose it as well: of a transition that is to leave more states.
fn joined(first: &Finding, others: &[Finding], names: &str) -> Vec<Offer> {
    let name = first.message.split('`').nth(1).unwrap_or_default();
    let of_all = |offer: &Offer| {
        let mut edits = offer.changes.iter().flatten();
        let (Some(Edit { row, part: Part::More(states) }), None) = (edits.next(), edits.next()) else { return None };
        let mut states = states.clone();
        for other in others {
            let mut edits =
                other.offers.iter().flat_map(|offer| offer.changes.iter().flatten()).filter(|edit| edit.row == *row);
            let Some(Edit { part: Part::More(more), .. }) = edits.next() else { return None };
            states.extend_from_slice(more);
        }
        let help = offer.help.replace(&format!("`{name}`"), names);
        Some(Offer { changes: vec![vec![Edit { row: *row, part: Part::More(states) }]], help })
    };
    first.offers.iter().filter_map(of_all).collect()
}

/// Makes one finding of those that say the same of several places: of a word that was written wrongly more than once.
pub(crate) fn same(out: &mut Findings) {
    let is_word = |finding: &&Finding| finding.code == UNKNOWN_WORD.code;
    let mut alike: BTreeMap<String, Vec<Finding>> = BTreeMap::new();
    for finding in out.iter().filter(is_word) {
        alike.entry(finding.message.clone()).or_default().push(finding.clone());
    }
    for findings in alike.into_values().filter(|findings| findings.len() > 1) {
        let [first, others @ ..] = findings.as_slice() else { continue };
        out.remove(|finding| findings.contains(finding));
        let shown = others.iter().take(SHOWN_MAX);
        let one = shown.fold(first.clone(), |one, other| one.with_place(other.span, "and here"));
        out.push(match others.len().saturating_sub(SHOWN_MAX) {
            0 => one,
            more => one.with_note(format!("and in {more} more places")),
        });
    }
}
