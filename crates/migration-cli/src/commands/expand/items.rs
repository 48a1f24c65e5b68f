//! Generated code as text, formatted one item at a time. The syntax tree of a whole table of ten thousand states takes
//! most of a gigabyte; that of its largest item is a fifth of it.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree, token_stream};
use quote::quote;

/// Returns the text of some items.
pub(super) fn print(tokens: TokenStream) -> syn::Result<String> {
    let mut out = String::new();
    add(tokens, 0, &mut out)?;
    Ok(out)
}

/// Adds items that stand in as many modules.
fn add(tokens: TokenStream, depth: usize, out: &mut String) -> syn::Result<()> {
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
                add(inner, depth + 1, out)?;
                out.push_str(&format!("{}}}\n", "    ".repeat(depth)));
            }
            last => out.push_str(&formatted(item.tokens.into_iter().chain(last).collect(), depth)?),
        }
    }
    Ok(())
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
        assert_eq!(print(tokens).expect("each item is Rust"), whole);
    }
}
