//! What the machines of a table share: statuses, messages, resources, and the types that answers come in.

use migration_table::model::{Kind, Table};
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};

use crate::deprecations::{self, described};
use crate::docs::sentence;
use crate::enumeration::{Enumeration, Variant};
use crate::names::{camel, ident};

pub(super) fn declare(table: &Table) -> TokenStream {
    let status = status(table);
    let message = message(table);
    let resource = resource(table);
    let kind = kind();
    let shapes = shapes();
    quote! {
        #status
        #message
        #resource
        #kind
        #shapes
    }
}

fn variant(name: &str, doc: &str, number: Option<u16>) -> Variant {
    Variant { ident: camel(name), name: name.to_owned(), doc: sentence(doc), number }
}

fn status(table: &Table) -> TokenStream {
    let variants = table.statuses.iter().map(|status| Variant {
        doc: described(&status.doc, status.deprecated.as_ref()),
        ..variant(&status.name, &status.doc, None)
    });
    let variants = variants.collect();
    let doc = "What a client is shown: the public, frozen side of a state.".to_owned();
    let status = Enumeration { ident: ident("Status"), doc, variants };
    let mut since = table.statuses.iter().map(|status| &status.since);
    let since = status.choose(|_| {
        let since = since.next();
        quote!(#since)
    });
    let mut all = table.statuses.iter().map(|status| status.deprecated.as_ref());
    let deprecated = deprecations::method(&status, &quote!(::core::option::Option), |_| all.next().flatten());
    let doc = docs(&status, table.statuses.iter().map(|status| &status.doc));
    status.declare(&quote! {
        /// The release that first showed it.
        #[must_use]
        pub const fn since(self) -> &'static str {
            #since
        }

        #deprecated

        #doc

        /// The status of that name.
        #[must_use]
        pub fn from_name(name: &str) -> ::core::option::Option<Self> {
            Self::ALL.into_iter().find(|status| status.name() == name)
        }
    })
}

fn message(table: &Table) -> TokenStream {
    let messages = &table.messages;
    let variants = messages.iter().map(|message| variant(&message.name, &message.doc, Some(message.number))).collect();
    let doc = "What the machines say to each other.".to_owned();
    let message = Enumeration { ident: ident("Message"), doc, variants };
    let number =
        message.choose(|message| Literal::u16_unsuffixed(message.number.unwrap_or_default()).into_token_stream());
    let mut carries = messages.iter().map(|message| message.carries_cause);
    let carries = message.choose(|_| {
        let carries = carries.next();
        quote!(#carries)
    });
    let doc = docs(&message, messages.iter().map(|message| &message.doc));
    message.declare(&quote! {
        /// Its number on the wire.
        #[must_use]
        pub const fn number(self) -> u16 {
            #number
        }

        /// Whether it says why: it comes with a text for people.
        #[must_use]
        pub const fn carries_cause(self) -> bool {
            #carries
        }

        #doc

        /// The message with that number.
        #[must_use]
        pub fn from_number(number: u16) -> ::core::option::Option<Self> {
            Self::ALL.into_iter().find(|message| message.number() == number)
        }
    })
}

fn resource(table: &Table) -> TokenStream {
    let variants = table.resources.iter().map(|resource| variant(&resource.name, &resource.doc, None)).collect();
    let doc = "What exists while a machine is in certain states.".to_owned();
    Enumeration { ident: ident("Resource"), doc, variants }.declare(&TokenStream::new())
}

fn kind() -> TokenStream {
    let doc = |kind: Kind| match kind {
        Kind::Idle => "nothing runs; a new attempt may start",
        Kind::Work => "there is something to do",
        Kind::Wait => "a user or the peer must act",
        Kind::Cleanup => "everything is being released",
    };
    let variants = Kind::ALL.iter().map(|kind| variant(kind.name(), doc(*kind), None)).collect();
    Enumeration { ident: ident("Kind"), doc: "What goes on in a state.".to_owned(), variants }
        .declare(&TokenStream::new())
}

fn docs<'d>(of: &Enumeration, docs: impl IntoIterator<Item = &'d String>) -> TokenStream {
    let mut docs = docs.into_iter();
    let docs = of.choose(|_| {
        let doc = docs.next();
        quote!(#doc)
    });
    quote! {
        /// What the table says of it.
        #[must_use]
        pub const fn doc(self) -> &'static str {
            #docs
        }
    }
}

fn shapes() -> TokenStream {
    quote! {
        /// What a machine says to a trigger.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Answer {
            /// It is taken; the machine advances.
            Accept,
            /// Success, and nothing happens.
            Ignore,
            /// An error, with the reason, and nothing happens. The reason is empty where the table gives none.
            Refuse(&'static str),
        }

        /// That a public name is to go.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Deprecated {
            /// The release that first said so.
            pub since: &'static str,
            /// What to use in its place, if there is something.
            pub instead: ::core::option::Option<&'static str>,
        }

        /// The bound on waiting for the peer.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Timeout<E> {
            /// The event that is reported when it runs out.
            pub event: E,
            /// How long without a sign of life, in milliseconds.
            pub after_ms: u32,
        }

        /// One row of the table: what happens when its formula holds.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Transition<R: Role> {
            /// The state that is entered.
            pub to: R::State,
            /// Whether the status of that state is published.
            pub public: bool,
            /// Triggers that the row names: they are pending no longer.
            pub consumes: R::Facts,
            /// Triggers that are given up.
            pub drops: R::Facts,
            /// Messages to send, in this order.
            pub sends: &'static [Message],
            /// The line of the table on which the row stands, counted from 1.
            pub line: u32,
        }
    }
}
