//! Enums, the form in which every list of the table arrives in Rust.

use std::collections::BTreeMap;

use migration_table::model::Deprecation;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use crate::docs::{doc, list, sentence};
use crate::names::{camel, ident};

/// One entry of a list of the table.
pub(crate) struct Variant {
    ident: Ident,
    doc: String,
    /// How its entry is made: the arguments after the variant, and calls on the entry.
    made: TokenStream,
}

/// A list of the table.
pub(crate) struct Enumeration {
    ident: Ident,
    doc: &'static str,
    /// The number of its first variant.
    first: usize,
    variants: Vec<Variant>,
}

impl Variant {
    /// The variant whose entry is `new(Self::Variant, "name" ARGUMENTS) CALLS`.
    pub(crate) fn new(name: &str, text: &str, arguments: &TokenStream, calls: TokenStream) -> Variant {
        Variant::sent_as(name, name, text, arguments, calls)
    }

    /// The same for a word that has one name in the table and another one on the wire.
    pub(crate) fn sent_as(key: &str, name: &str, text: &str, arguments: &TokenStream, calls: TokenStream) -> Variant {
        let ident = camel(key);
        let made = quote!(new(Self::#ident, #name #arguments) #calls);
        Variant { ident, doc: sentence(text), made }
    }

    /// The same, with what the documentation says about its removal.
    pub(crate) fn deprecated(mut self, deprecated: Option<&Deprecation>) -> Variant {
        if let Some(Deprecation { since, instead, .. }) = deprecated {
            let instead = instead.as_ref().map_or_else(String::new, |name| format!("; use {}", list([name.as_str()])));
            self.doc += &format!("\n\nDeprecated since {since}{instead}.");
        }
        self
    }
}

/// The call that deprecates an entry, if it is deprecated.
pub(crate) fn deprecated(deprecated: Option<&Deprecation>) -> TokenStream {
    let Some(Deprecation { since, instead, .. }) = deprecated else { return TokenStream::new() };
    let instead = instead.as_deref().unwrap_or("");
    quote!(.deprecated(#since, #instead))
}

impl Enumeration {
    pub(crate) fn new(name: &str, doc: &'static str, first: usize, variants: Vec<Variant>) -> Enumeration {
        Enumeration { ident: ident(name), doc, first, variants }
    }

    /// The enum, the list of its entries, and the call of the macro that writes its methods, with these arguments.
    pub(crate) fn declare(&self, entry: &TokenStream, methods: &TokenStream, arguments: &TokenStream) -> TokenStream {
        let Enumeration { ident, variants, .. } = self;
        let declared = self.enumeration();
        let entries = variants.iter().map(|Variant { made, .. }| quote!(#entry::#made));
        let first = self.first();
        quote! {
            #declared

            impl #ident {
                const ENTRIES: &'static [#entry<Self>] = &[#(#entries),*];
            }

            #methods!(#ident #arguments #first);
        }
    }

    /// The enum alone.
    pub(crate) fn enumeration(&self) -> TokenStream {
        let Enumeration { ident, doc: text, first, variants } = self;
        let doc = doc(text);
        let variants = variants.iter().enumerate().map(|(index, variant)| {
            let doc = crate::docs::doc(&variant.doc);
            let name = &variant.ident;
            let number =
                (index == 0 && *first > 0).then(|| Literal::usize_unsuffixed(*first)).map(|first| quote!(= #first));
            quote!(#doc #name #number)
        });
        quote! {
            #doc
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub enum #ident { #(#variants),* }
        }
    }

    /// The number of the first variant as the last argument of a macro, if there is a variant.
    fn first(&self) -> Option<TokenStream> {
        let first = Literal::usize_unsuffixed(self.first);
        (!self.variants.is_empty()).then(|| quote!(, #first))
    }
}

/// A match over all variants of an enum, in which those with one value share an arm.
pub(crate) fn choose<'i>(
    subject: &TokenStream,
    of: &TokenStream,
    cases: impl IntoIterator<Item = (&'i Ident, TokenStream)>,
) -> TokenStream {
    let mut arms: Vec<(Vec<&Ident>, TokenStream)> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (ident, value) in cases {
        let arm = *known.entry(value.to_string()).or_insert(arms.len());
        match arms.get_mut(arm) {
            Some((idents, _)) => idents.push(ident),
            None => arms.push((vec![ident], value)),
        }
    }
    let arms = arms.iter().map(|(idents, value)| quote!(#(#of::#idents)|* => #value,));
    quote!(match #subject { #(#arms)* })
}
