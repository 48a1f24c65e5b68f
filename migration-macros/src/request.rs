//! The arguments of the macro: the path of the table, then `name = "value"` for everything that is said besides. Three
//! shapes of tokens do not need a parser of Rust.

use proc_macro2::{Delimiter, Literal, Span, TokenStream, TokenTree};

use crate::errors::Problem;

/// What the caller asks for.
pub(crate) struct Request {
    /// The table.
    pub(crate) table: Path,
    /// The lock that its public behaviour must be equal to.
    pub(crate) frozen: Option<Path>,
}

/// The path of a file.
pub(crate) struct Path {
    /// As it is written.
    pub(crate) text: String,
    /// Where it is written.
    pub(crate) span: Span,
}

/// Reads the arguments.
pub(crate) fn parse(input: TokenStream) -> Result<Request, Problem> {
    let mut tokens = input.into_iter();
    let usage = "expected the path of a table: `state_machine!(\"../states.yaml\")`";
    let first = tokens.next().ok_or_else(|| Problem::new(Span::call_site(), usage))?;
    let span = first.span();
    let text = match ungrouped(first) {
        TokenTree::Literal(literal) => text(&literal)?,
        TokenTree::Group(_) | TokenTree::Ident(_) | TokenTree::Punct(_) => {
            return Err(Problem::new(span, usage));
        }
    };
    let mut request = Request { table: Path { text, span }, frozen: None };
    while let Some(token) = tokens.next() {
        comma(&token)?;
        let Some(name) = tokens.next() else { break };
        argument(&name, &mut tokens, &mut request)?;
    }
    Ok(request)
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

/// One `name = "value"`. A wrong shape and a wrong name are different mistakes.
fn argument(
    name: &TokenTree,
    rest: &mut impl Iterator<Item = TokenTree>,
    request: &mut Request,
) -> Result<(), Problem> {
    let shape = "after the path, arguments have the form `name = \"value\"`";
    let (TokenTree::Ident(word), Some(TokenTree::Punct(equals)), Some(value)) = (name, rest.next(), rest.next()) else {
        return Err(Problem::new(name.span(), shape));
    };
    let TokenTree::Literal(value) = ungrouped(value) else {
        return Err(Problem::new(name.span(), shape));
    };
    if equals.as_char() != '=' {
        return Err(Problem::new(equals.span(), shape));
    }
    let path = Path { text: text(&value)?, span: value.span() };
    if word != "frozen" {
        let message = format!("unknown argument `{name}`: the one that may follow the path of the table is `frozen`");
        return Err(Problem::new(name.span(), &message));
    }
    if request.frozen.replace(path).is_some() {
        return Err(Problem::new(name.span(), "`frozen` is given twice"));
    }
    Ok(())
}
