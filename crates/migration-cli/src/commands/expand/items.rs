//! Generated code as text, formatted one item at a time, and a long list part by part. With ten
//! thousand states, the syntax tree of a whole table takes most of a gigabyte; that of its largest item, a fifth as much.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree, token_stream};
use quote::quote;

/// How many entries of a list are formatted at a time.
const PART: usize = 500;

/// Returns the text of some items.
pub(super) fn print(tokens: TokenStream) -> syn::Result<String> {
    let mut out = String::new();
    add(tokens, 0, PART, &mut out)?;
    Ok(out)
}

/// Adds items that stand in as many modules. Lists are formatted in parts of so many entries.
fn add(tokens: TokenStream, depth: usize, part: usize, out: &mut String) -> syn::Result<()> {
    let mut tokens = tokens.into_iter();
    while let Some(mut item) = next(&mut tokens) {
        match item.tokens.pop() {
            Some(TokenTree::Group(body)) if item.keyword == "mod" => {
                let head: TokenStream = item.tokens.into_iter().collect();
                let text = formatted(quote!(#head {}), depth)?;
                out.push_str(text.trim_end().trim_end_matches('}'));
                out.push('\n');
                let inner = body.stream();
                // A stream of which there is another handle is copied before it is read.
                drop(body);
                add(inner, depth + 1, part, out)?;
                out.push_str(&format!("{}}}\n", "    ".repeat(depth)));
            }
            last if item.keyword == "static" => {
                item.tokens.extend(last);
                out.push_str(&list(item.tokens, depth, part)?);
            }
            last => out.push_str(&formatted(item.tokens.into_iter().chain(last).collect(), depth)?),
        }
    }
    Ok(())
}

/// Formats a static, and if it is a list of more entries than a part has, part by part: each entry has lines of its own.
fn list(mut tokens: Vec<TokenTree>, depth: usize, part: usize) -> syn::Result<String> {
    let is_list = |token: &TokenTree| matches!(token, TokenTree::Group(list) if list.delimiter() == Delimiter::Bracket);
    let Some(at) = tokens.iter().rposition(is_list) else { return formatted(tokens.into_iter().collect(), depth) };
    let empty = TokenTree::Group(Group::new(Delimiter::Bracket, TokenStream::new()));
    let entries = match std::mem::replace(&mut tokens[at], empty) {
        TokenTree::Group(list) => list.stream(),
        other @ (TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_)) => other.into(),
    };
    let parts = parts(entries, part);
    let mut text = String::new();
    let last = parts.len() - 1;
    for (number, entries) in parts.into_iter().enumerate() {
        tokens[at] = TokenTree::Group(Group::new(Delimiter::Bracket, entries));
        let item = formatted(tokens.iter().cloned().collect(), depth)?;
        if last == 0 {
            return Ok(item);
        }
        // The lines before the entries end with an opening bracket, and the one after them closes it.
        let (head, rest) = item.split_once("= [\n").unwrap_or(("", &item));
        let (body, end) = rest.trim_end().rsplit_once('\n').unwrap_or((rest, ""));
        if number == 0 {
            text.push_str(&format!("{head}= [\n"));
        }
        text.push_str(body);
        text.push('\n');
        if number == last {
            text.push_str(&format!("{end}\n"));
        }
    }
    Ok(text)
}

/// Parts of a list, each of so many entries.
fn parts(entries: TokenStream, many: usize) -> Vec<TokenStream> {
    let (mut parts, mut part, mut count) = (Vec::new(), Vec::new(), 0);
    for token in entries {
        if count == many {
            parts.push(TokenStream::from_iter(std::mem::take(&mut part)));
            count = 0;
        }
        count += usize::from(matches!(&token, TokenTree::Punct(mark) if mark.as_char() == ','));
        part.push(token);
    }
    parts.push(TokenStream::from_iter(part));
    parts
}

/// The tokens of an item, and the word that says what it is.
struct Item {
    keyword: String,
    tokens: Vec<TokenTree>,
}

/// Takes the tokens of one item: up to a `;`, or to the braces of an item that ends with them.
fn next(tokens: &mut token_stream::IntoIter) -> Option<Item> {
    let mut item = Item { keyword: String::new(), tokens: Vec::new() };
    for token in tokens.by_ref() {
        let is_last = match &token {
            TokenTree::Ident(word) => {
                let word = word.to_string();
                let is_open = item.keyword.is_empty() || (item.keyword == "const" && word == "fn");
                if is_open && word != "pub" && word != "unsafe" {
                    item.keyword = word;
                }
                false
            }
            TokenTree::Punct(mark) => mark.as_char() == ';',
            TokenTree::Group(group) => {
                let holds_value = ["const", "static", "type", "use"].contains(&item.keyword.as_str());
                group.delimiter() == Delimiter::Brace && !item.keyword.is_empty() && !holds_value
            }
            TokenTree::Literal(_) => false,
        };
        item.tokens.push(token);
        if is_last {
            return Some(item);
        }
    }
    (!item.tokens.is_empty()).then_some(item)
}

/// Formats an item as it stands in as many modules: how far it is indented decides where its lines break.
fn formatted(item: TokenStream, depth: usize) -> syn::Result<String> {
    let nested = (0..depth).fold(item, |inner, _| {
        let body = TokenTree::Group(Group::new(Delimiter::Brace, inner));
        quote!(mod m).into_iter().chain([body]).collect()
    });
    let text = prettyplease::unparse(&syn::parse2(nested)?);
    let lines: Vec<&str> = text.lines().collect();
    let lines = &lines[depth..lines.len() - depth];
    Ok(lines.iter().map(|line| format!("{line}\n")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_one_by_one_are_the_same_text_as_all_at_once() {
        let table = include_str!("../init/states.yaml");
        let table = migration_contract::load(table).table.expect("the first table is sound");
        let tokens = migration_generate::generate(&table, &migration_generate::default_engine());
        let whole = prettyplease::unparse(&syn::parse2(tokens.clone()).expect("generated code is Rust"));
        assert_eq!(print(tokens.clone()).expect("each item is Rust"), whole);
        let mut in_parts = String::new();
        add(tokens, 0, 2, &mut in_parts).expect("each part is Rust");
        assert_eq!(in_parts, whole);
    }
}
