//! What the machines of a table share: statuses, messages and resources.

use migration_table::model::{Status, Table};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::enumeration::{Enumeration, Variant, deprecated};

/// Declares the shared enums.
pub(crate) fn declare(table: &Table, engine: &TokenStream) -> TokenStream {
    let (status, message, resource) = (status(table, engine), message(table, engine), resource(table, engine));
    quote! {
        #status
        #message
        #resource
    }
}

fn status(table: &Table, engine: &TokenStream) -> TokenStream {
    let variant = |status: &Status| {
        let Status { name, since, doc, .. } = status;
        let gone = status.deprecated.as_ref();
        let more = deprecated(gone);
        Variant::new(name, doc, &quote!(, #since), more).deprecated(gone)
    };
    let doc = "What a client is shown: the public, frozen side of a state.";
    let status = Enumeration::new("Status", doc, 0, table.statuses.iter().map(variant).collect());
    status.declare(&quote!(#engine::StatusEntry), &quote!(#engine::status), &TokenStream::new())
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
