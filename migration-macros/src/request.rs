//! The arguments of the macro: the path of the table, then `name = "value"` for everything that may come to be said
//! besides. Three shapes of tokens do not need a parser of Rust.

use proc_macro2::{Delimiter, Literal, Span, TokenStream, TokenTree};

use crate::errors::Problem;

/// What the caller asks for.
pub(crate) struct Request {
    /// The path of the table, as it is written.
    pub(crate) path: String,
    /// Where it is written.
    pub(crate) span: Span,
}

/// Reads the arguments.
pub(crate) fn parse(input: TokenStream) -> Result<Request, Problem> {
    let mut tokens = input.into_iter();
    let usage = "expected the path of a table: `state_machine!(\"../states.yaml\")`";
    let first = tokens.next().ok_or_else(|| Problem::new(Span::call_site(), usage))?;
    let span = first.span();
    let path = match ungrouped(first) {
        TokenTree::Literal(literal) => text(&literal)?,
        TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Punct(_) => {
            return Err(Problem::new(span, usage));
        }
    };
    while let Some(token) = tokens.next() {
        comma(&token)?;
        let Some(name) = tokens.next() else { break };
        argument(&name, &mut tokens)?;
    }
    Ok(Request { path, span })
}

/// A literal that came through another macro arrives in an invisible group.
fn ungrouped(token: TokenTree) -> TokenTree {
    if let TokenTree::Group(group) = &token
        && group.delimiter() == Delimiter::None
        && let Some(inside) = group.stream().into_iter().next()
    {
        return inside;
    }
    token
}

/// The text of a string literal without escapes.
fn text(literal: &Literal) -> Result<String, Problem> {
    let written = literal.to_string();
    let raw = written.strip_prefix('r').map(|rest| rest.trim_matches('#'));
    let inside = raw.unwrap_or(&written).strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inside {
        None => Err(Problem::new(literal.span(), &format!("expected a string literal, found `{written}`"))),
        Some(text) if raw.is_none() && text.contains('\\') => {
            Err(Problem::new(literal.span(), "escapes are not read here: write the path as it is, or as `r\"..\"`"))
        }
        Some(text) => Ok(text.to_owned()),
    }
}

fn comma(token: &TokenTree) -> Result<(), Problem> {
    match token {
        TokenTree::Punct(punct) if punct.as_char() == ',' => Ok(()),
        TokenTree::Punct(_) | TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Literal(_) => {
            Err(Problem::new(token.span(), &format!("expected `,`, found `{token}`")))
        }
    }
}

/// One `name = "value"`. No name is known yet, but a wrong shape and a wrong name are different mistakes.
fn argument(name: &TokenTree, rest: &mut impl Iterator<Item = TokenTree>) -> Result<(), Problem> {
    let shape = "after the path, arguments have the form `name = \"value\"`";
    let (TokenTree::Ident(_), Some(TokenTree::Punct(equals)), Some(TokenTree::Literal(value))) =
        (name, rest.next(), rest.next())
    else {
        return Err(Problem::new(name.span(), shape));
    };
    if equals.as_char() != '=' {
        return Err(Problem::new(equals.span(), shape));
    }
    text(&value)?;
    let message = format!("unknown argument `{name}`: `state_machine!` takes the path of a table and nothing else");
    Err(Problem::new(name.span(), &message))
}
