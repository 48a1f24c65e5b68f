//! Findings of which one habit makes many, as one finding with all its places. To be called when what is silenced is
//! gone, so that one declaration can be silenced and the next one not.

use super::meaning::TIMEOUT_ELSEWHERE;
use super::policy::DOC_STYLE;
use crate::finding::{Code, Finding, Findings};

/// The rules that find the habits of a writer, or one slip in many places: an event that became that of a timeout.
const HABITS: &[Code] = &[DOC_STYLE, TIMEOUT_ELSEWHERE];

/// Makes one finding of those of one rule that have the same help.
pub(super) fn apply(out: &mut Findings) {
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
