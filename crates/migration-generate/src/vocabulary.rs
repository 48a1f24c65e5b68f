//! What the machines of a table share: statuses, reasons, messages and resources.

use migration_table::model::{Deprecation, Reason, Status, Table};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::enumeration::{Enumeration, Variant, deprecated};

/// Declares the shared enums.
pub(crate) fn declare(table: &Table, engine: &TokenStream) -> TokenStream {
    let (status, reason) = (status(table, engine), reason(table, engine));
    let (message, resource) = (message(table, engine), resource(table, engine));
    quote! {
        #status
        #reason
        #message
        #resource
    }
}

fn status(table: &Table, engine: &TokenStream) -> TokenStream {
    let variant = |status: &Status| {
        let Status { name, key, since, doc, deprecated, .. } = status;
        public(key, name, doc, since, deprecated.as_ref())
    };
    let doc = "What a client is shown: the public, frozen side of a state.";
    declared("Status", doc, table.statuses.iter().map(variant).collect(), engine)
}

fn reason(table: &Table, engine: &TokenStream) -> TokenStream {
    let variant = |reason: &Reason| {
        let Reason { name, key, since, doc, deprecated, .. } = reason;
        public(key, name, doc, since, deprecated.as_ref())
    };
    let doc = "Why an attempt ends: the public, frozen word beside the status.";
    declared("Reason", doc, table.reasons.iter().map(variant).collect(), engine)
}

fn public(key: &str, name: &str, doc: &str, since: &str, gone: Option<&Deprecation>) -> Variant {
    Variant::sent_as(key, name, doc, &quote!(, #since), deprecated(gone)).deprecated(gone)
}

fn declared(name: &str, doc: &'static str, variants: Vec<Variant>, engine: &TokenStream) -> TokenStream {
    let words = Enumeration::new(name, doc, 0, variants);
    words.declare(&quote!(#engine::StatusEntry), &quote!(#engine::status), &TokenStream::new())
}

fn message(table: &Table, engine: &TokenStream) -> TokenStream {
    let variants = table.messages.iter().map(|message| {
        let number = Literal::u16_unsuffixed(message.number);
        let cause = if message.carries_cause { quote!(.with_cause()) } else { TokenStream::new() };
        Variant::new(&message.name, &message.doc, &quote!(, #number), cause)
    });
    let message = Enumeration::new("Message", "What the machines say to each other.", 0, variants.collect());
    message.declare(&quote!(#engine::MessageEntry), &quote!(#engine::message), &TokenStream::new())
}

fn resource(table: &Table, engine: &TokenStream) -> TokenStream {
    let variants = table
        .resources
        .iter()
        .map(|resource| Variant::new(&resource.name, &resource.doc, &TokenStream::new(), TokenStream::new()));
    let doc = "What exists while a machine is in certain states.";
    let resource = Enumeration::new("Resource", doc, 0, variants.collect());
    resource.declare(&quote!(#engine::ResourceEntry), &quote!(#engine::resource), &TokenStream::new())
}
