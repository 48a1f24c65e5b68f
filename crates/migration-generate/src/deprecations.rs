//! Public names that are to go: told in words and by a function. Not by the attribute of Rust: code that carries out the
//! table must go on naming them as long as they are there.

use migration_table::model::Deprecation;
use proc_macro2::TokenStream;
use quote::quote;

use crate::docs::{list, sentence};
use crate::enumeration::{Enumeration, Variant};

/// What the table says of a name that may be deprecated, as sentences.
pub(super) fn described(doc: &str, deprecated: Option<&Deprecation>) -> String {
    let doc = sentence(doc);
    let Some(Deprecation { since, instead, .. }) = deprecated else { return doc };
    let instead = instead.as_ref().map_or_else(String::new, |name| format!("; use {}", list([name.as_str()])));
    format!("{doc}\n\nDeprecated since {since}{instead}.")
}

/// The method `deprecated`. `option` is the name of the type where the method is.
pub(super) fn method<'d>(
    of: &Enumeration,
    option: &TokenStream,
    mut deprecation: impl FnMut(&Variant) -> Option<&'d Deprecation>,
) -> TokenStream {
    let deprecated = of.choose(|variant| match deprecation(variant) {
        Some(Deprecation { since, instead, .. }) => {
            let instead = instead.as_ref().map_or_else(|| quote!(None), |name| quote!(Some(#name)));
            quote!(Some(Deprecated { since: #since, instead: #instead }))
        }
        None => quote!(None),
    });
    quote! {
        /// Since when it is deprecated, and what to use in its place; none if it is to stay.
        #[must_use]
        pub const fn deprecated(self) -> #option<Deprecated> {
            #deprecated
        }
    }
}
