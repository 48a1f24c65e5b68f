//! Names that do not have the form of a name, and those that a person would choose in their place.
//!
//! Whoever writes `SYN-SENT` once writes all names so: what is wrong with the names of one list is one finding.

use std::collections::BTreeSet;

use deunicode::deunicode;
use heck::{ToSnakeCase, ToUpperCamelCase};

use crate::finding::{Finding, Findings};
use crate::rule::names::INVALID_NAME;
use crate::syntax::Text;

/// Longest name, in characters.
pub(super) const LENGTH_MAX: usize = 64;

/// How many names a message lists, and how many places are shown besides the first.
const LISTED_MAX: usize = 4;

/// What may be no name of something, and what it is.
pub(super) type Reserved<'r> = [(&'r [&'r str], &'r str)];

/// A name that is none, as it is shown, and the one to write instead.
struct Misspelt<'t> {
    name: &'t Text,
    shown: String,
    meant: String,
    /// The name that it is in other letters, where there is one.
    twin: Option<String>,
}

/// Says which of the names of one list do not have the form of a name. What is proposed differs from `others`, the
/// names that are named in the same places.
pub(super) fn judge(
    names: &[&Text],
    others: &[&Text],
    (noun, joints): (&str, &[char]),
    reserved: &Reserved<'_>,
    out: &mut Findings,
) {
    let is_sent = noun == "a status" || noun == "a reason";
    let mut misspelt = Vec::new();
    let known = names.iter().chain(others).filter(|name| is_name(&name.text, joints));
    let mut taken: BTreeSet<String> = known.map(|name| name.text.to_upper_camel_case()).collect();
    for name in names.iter().filter(|name| !name.lacks_quotes() && !is_name(&name.text, joints)) {
        let shown: String = name.text.chars().take(LENGTH_MAX).filter(|c| !c.is_control()).collect();
        let first = meant(&shown, noun, joints, reserved);
        let meant = free(first.clone(), &mut taken);
        let twin = Some(first).filter(|first| *first != meant);
        if meant.is_empty() || name.text.len() > LENGTH_MAX {
            let finding = Finding::error(INVALID_NAME.code, name.span, cannot(&[&shown]), label(joints));
            // A status or a reason is a name on the wire, which need not be one of Rust.
            let wire = if is_sent && name.text.len() <= LENGTH_MAX {
                format!(", and write `wire: \"{shown}\"`")
            } else {
                String::new()
            };
            let help = format!(
                "take a name of at most {LENGTH_MAX} letters, digits and joints that begins with a letter{wire}"
            );
            out.push(finding.with_help(help));
        } else {
            misspelt.push(Misspelt { name, shown, meant, twin });
        }
    }
    let Some((first, others)) = misspelt.split_first() else { return };
    let shown: Vec<&str> = misspelt.iter().map(|it| it.shown.as_str()).collect();
    let finding = Finding::error(INVALID_NAME.code, first.name.span, cannot(&shown), label(joints));
    let places = others.iter().take(LISTED_MAX);
    let finding = places.fold(finding, |finding, it| finding.with_place(it.name.span, "nor this"));
    out.push(finding.with_help(help(first, others, is_sent)));
}

/// Says what to write in the place of names.
fn help(first: &Misspelt<'_>, others: &[Misspelt<'_>], is_sent: bool) -> String {
    let Misspelt { shown, meant, .. } = first;
    if let (true, Some(twin)) = (others.is_empty(), &first.twin) {
        return format!("leave it out if it is `{twin}`, or give it another name");
    }
    match (others.is_empty(), is_sent) {
        (true, true) => {
            format!("write `{meant}: {{ wire: \"{shown}\", ... }}`, and `{meant}` wherever it is named")
        }
        (true, false) => format!("write `{meant}` here and wherever it is named"),
        (false, _) => {
            let each = std::iter::once(first).chain(others);
            let each: Vec<String> = each.map(|it| format!("`{}` for `{}`", it.meant, it.shown)).collect();
            let wire = if is_sent { ", each with its old name as `wire:`" } else { "" };
            format!("write {}, here and wherever they are named{wire}", each.join(", "))
        }
    }
}

fn cannot(names: &[&str]) -> String {
    let (listed, rest) = names.split_at(names.len().min(LISTED_MAX));
    let listed: Vec<String> = listed.iter().map(|name| format!("`{name}`")).collect();
    match (listed.as_slice(), rest.len()) {
        ([only], 0) => format!("{only} cannot be a name"),
        ([first @ .., last], 0) => format!("{} and {last} cannot be names", first.join(", ")),
        (_, more) => format!("{} and {more} more cannot be names", listed.join(", ")),
    }
}

fn label(joints: &[char]) -> String {
    let joints: Vec<String> = joints.iter().map(|joint| format!("`{joint}`")).collect();
    format!("expected lower-case words, joined by {}", joints.join(" or "))
}

/// Returns the name, with a number after it if it is taken, and takes it. Names are taken by what they become in Rust.
fn free(name: String, taken: &mut BTreeSet<String>) -> String {
    if name.is_empty() {
        return name;
    }
    let numbered = (2..).map(|number| format!("{name}{number}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    let free = names.find(|name| taken.insert(name.to_upper_camel_case()));
    free.unwrap_or(name)
}

pub(super) fn is_name(text: &str, joints: &[char]) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let starts = text.starts_with(|c: char| c.is_ascii_lowercase());
    starts && text.split(joints).all(is_word) && text.len() <= LENGTH_MAX
}

/// Returns the valid name that a person would choose for a text: its words in lower case and without accents, joined by
/// `_`, or by `-` where that is allowed. A word that is reserved, or begins with a digit,
/// gets the noun of what it names, as in `self_state` and `state_2nd`. The name is empty if the text holds no letter.
fn meant(text: &str, noun: &str, joints: &[char], reserved: &Reserved<'_>) -> String {
    let text = deunicode(text).replace('\'', "");
    let text = text.replace(|c: char| !c.is_ascii_alphanumeric() && !joints.contains(&c), "_");
    let text = text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let parts = text.split('-').map(ToSnakeCase::to_snake_case);
    let name = parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let is_reserved = reserved.iter().any(|(words, _)| words.contains(&name.as_str()));
    match noun.rsplit(' ').next() {
        Some(_) if !name.contains(|c: char| c.is_ascii_lowercase()) => String::new(),
        Some(noun) if name.starts_with(|c: char| c.is_ascii_digit()) => format!("{noun}_{name}"),
        Some(noun) if is_reserved || name.to_upper_camel_case() == "Self" => format!("{name}_{noun}"),
        Some(_) | None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn the_name_that_is_proposed_is_the_one_that_a_person_would_choose() {
        let cases = [
            ("STOP", "stop"),
            ("SynSent", "syn_sent"),
            ("SYN_SENT", "syn_sent"),
            ("arrêt", "arret"),
            ("état", "etat"),
            ("ARRÊT", "arret"),
            ("Größe", "grosse"),
            ("Self", "self_state"),
            ("self", "self_state"),
            ("Idle", "idle_state"),
            ("preCopy", "pre_copy"),
            ("Pre Copy", "pre_copy"),
            ("pre-copy", "pre_copy"),
            ("pre__copy", "pre_copy"),
            ("_copy_", "copy"),
            ("guest's turn", "guests_turn"),
            ("HTTPError", "http_error"),
            ("2nd", "state_2nd"),
            ("__1st try", "state_1st_try"),
            ("42", ""),
        ];
        let reserved: [(&[&str], &str); 1] = [(&["self", "idle"], "a word that is taken")];
        for (written, proposed) in cases {
            assert_eq!(meant(written, "a state", &['_'], &reserved), proposed, "{written}");
        }
        assert_eq!(meant("SYN-SENT", "a status", &['_', '-'], &[]), "syn-sent");
        assert_eq!(meant("Idle", "a status", &['_', '-'], &[]), "idle", "a kind is no word of statuses");
    }
}
