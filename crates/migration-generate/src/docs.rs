//! Doc comments: words of the table as sentences of a documentation.

use migration_table::model::{FactSet, Machine};
use proc_macro2::TokenStream;
use quote::quote;

/// A doc comment, one attribute a line, so that it prints as `///`.
pub(crate) fn doc(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// What the table says of something, as a sentence.
pub(crate) fn sentence(doc: &str) -> String {
    let doc = escaped(doc.trim());
    let mut letters = doc.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let end = if doc.ends_with(['.', '!', '?']) { "" } else { "." };
    first.to_uppercase().chain(letters).chain(end.chars()).collect()
}

/// Words of the table as Markdown that means nothing else: no links, no tags.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        if matches!(letter, '[' | ']' | '<' | '>' | '|') {
            out.push('\\');
        }
        out.push(if letter == '\n' { ' ' } else { letter });
    }
    out
}

/// Names in backticks, with commas between.
pub(crate) fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The names of some facts.
pub(crate) fn names(machine: &Machine, facts: FactSet) -> Vec<&str> {
    facts.iter().map(|id| machine.fact(id).name.as_str()).collect()
}
