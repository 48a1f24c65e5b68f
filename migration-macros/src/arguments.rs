//! The arguments of the macro: the path of the table, then `name = "value"`.

use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, LitStr, Result, Token};

/// What the caller asks for.
pub(crate) struct Arguments {
    /// The path of the table.
    pub(crate) table: LitStr,
    /// The path of the lock that its public behaviour must be equal to.
    pub(crate) frozen: Option<LitStr>,
    /// The path by which generated code names `migration-machine`.
    pub(crate) engine: Option<LitStr>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let usage = "expected the path of a table: `state_machine!(\"../states.yaml\")`";
        let table = input.parse().map_err(|error| Error::new(error.span(), usage))?;
        let mut arguments = Arguments { table, frozen: None, engine: None };
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if !input.is_empty() {
                arguments.named(input)?;
            }
        }
        Ok(arguments)
    }
}

impl Arguments {
    fn named(&mut self, input: ParseStream<'_>) -> Result<()> {
        let shape =
            |error: Error| Error::new(error.span(), "after the path, arguments have the form `name = \"value\"`");
        let name = input.call(Ident::parse_any).map_err(shape)?;
        input.parse::<Token![=]>().map_err(shape)?;
        let value = input.parse().map_err(shape)?;
        let argument = match name.to_string().as_str() {
            "frozen" => &mut self.frozen,
            "crate" => &mut self.engine,
            _ => return Err(Error::new(name.span(), format!("unknown argument `{name}` (known: `frozen`, `crate`)"))),
        };
        match argument.replace(value) {
            None => Ok(()),
            Some(_) => Err(Error::new(name.span(), format!("`{name}` is given twice"))),
        }
    }
}
