//! States that are meant by what they are not: `from: not running`.

use crate::finding::{Edit, Offer, Part};
use crate::model::Kind;
use crate::span::Span;
use crate::syntax::written;

/// What stands for every state in the formats of other programs.
pub(super) const WILDCARDS: [&str; 8] = ["*", "_", "**", "any", "all", "every", "each", "everything"];

/// The words between names.
const JOINING: [&str; 4] = ["and", "or", "not", "nor"];

/// The words before names that are left out, after a word for everything.
const EXCEPTING: [&str; 4] = ["but", "except", "not", "without"];

/// Returns what to write for a text that stands where states are named at `place`, the likeliest first, or nothing where it
/// names none that are left out.
pub(super) fn offers(text: &str, place: &str, span: Span) -> Vec<Offer> {
    let Some(names) = left_out(text) else { return Vec::new() };
    let listed = |names: &[&str]| match names {
        [only] => written(only),
        names => format!("[{}]", names.iter().map(|name| written(name)).collect::<Vec<_>>().join(", ")),
    };
    let offer = |names: &[&str]| {
        let from = vec!["any".to_owned()];
        let except = names.iter().map(|name| (*name).to_owned()).collect();
        let help = format!("write `from: any, except: {}`", listed(names));
        Offer { changes: vec![vec![Edit { row: span, part: Part::Leaves { from, except } }]], help }
    };
    match place {
        // A transition that leaves idle states too is seldom meant.
        "transition leaves" => {
            let idle = [&[Kind::Idle.name()], names.as_slice()].concat();
            [names, idle].iter().map(|names| offer(names)).collect()
        }
        "answer is for" => {
            let help = format!("write `except: {}` in the place of `in:`", listed(&names));
            vec![Offer { changes: Vec::new(), help }]
        }
        _ => Vec::new(),
    }
}

/// The names that a text leaves out: `not a`, `not (a or b)`, `any but a`.
fn left_out(text: &str) -> Option<Vec<&str>> {
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let words: Vec<&str> = text.split(|c| !is_of_name(c)).filter(|word| !word.is_empty()).collect();
    let rest = match words.as_slice() {
        ["not", rest @ ..] => rest,
        [every, but, rest @ ..] if WILDCARDS.contains(every) && EXCEPTING.contains(but) => rest,
        _ => return None,
    };
    let names: Vec<&str> = rest.iter().copied().filter(|word| !JOINING.contains(word)).collect();
    (!names.is_empty()).then_some(names)
}
