//! Enums with a name for each variant, the form in which every list of the table arrives in Rust.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use crate::docs::doc;

/// One entry of a list of the table.
pub(super) struct Variant {
    pub(super) ident: Ident,
    /// Its name in the table.
    pub(super) name: String,
    /// Its doc comment.
    pub(super) doc: String,
    /// Its number, where that means something.
    pub(super) number: Option<u16>,
}

/// A list of the table.
pub(super) struct Enumeration {
    pub(super) ident: Ident,
    /// Its doc comment.
    pub(super) doc: String,
    pub(super) variants: Vec<Variant>,
}

impl Enumeration {
    /// The enum, its list and its names; `methods` go into the same `impl`.
    pub(super) fn declare(&self, methods: &TokenStream) -> TokenStream {
        let Enumeration { ident, doc: text, variants } = self;
        let doc = doc(text);
        let variants = variants.iter().map(Variant::declare);
        let all = self.variants.iter().map(|variant| &variant.ident);
        let count = Literal::usize_unsuffixed(all.len());
        let names = self.choose(|variant| {
            let name = &variant.name;
            quote!(#name)
        });
        quote! {
            #doc
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub enum #ident { #(#variants),* }

            impl #ident {
                /// All of them, in the order of the table.
                pub const ALL: [Self; #count] = [#(Self::#all),*];

                /// Its name in the table.
                #[must_use]
                pub const fn name(self) -> &'static str {
                    #names
                }

                #methods
            }

            impl ::core::fmt::Display for #ident {
                fn fmt(&self, out: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    out.pad(self.name())
                }
            }
        }
    }

    /// A match over `self` that has one arm for each value.
    pub(super) fn choose(&self, value: impl FnMut(&Variant) -> TokenStream) -> TokenStream {
        let values = self.variants.iter().map(value);
        let idents = self.variants.iter().map(|variant| &variant.ident);
        choose(&quote!(self), &quote!(Self), idents.zip(values))
    }
}

impl Variant {
    fn declare(&self) -> TokenStream {
        let doc = doc(&self.doc);
        let ident = &self.ident;
        let number = self.number.map(Literal::u16_unsuffixed).map(|number| quote!(= #number));
        quote!(#doc #ident #number)
    }
}

/// A match over all variants of an enum, in which those with one value share an arm.
pub(super) fn choose<'i>(
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
