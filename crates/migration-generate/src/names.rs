//! Names of the table as identifiers of Rust.
//!
//! The table's own rules see to it that names have the form of identifiers, that two of one list do not become the same
//! one, and that none is a keyword or the name of a generated type.

use heck::ToUpperCamelCase;
use proc_macro2::{Ident, Span};

/// The name of a type or variant: `pre_switchover` and `pre-switchover` become `PreSwitchover`.
pub(crate) fn camel(name: &str) -> Ident {
    ident(&name.to_upper_camel_case())
}

/// The name of a type that belongs to a state: `ActiveEvent`.
pub(crate) fn camel_with(name: &str, suffix: &str) -> Ident {
    ident(&(name.to_upper_camel_case() + suffix))
}

/// The name of a method or module.
pub(crate) fn snake(name: &str) -> Ident {
    ident(name)
}

/// The name of the predicate for a kind or group of states: `is_cancellable`.
pub(crate) fn predicate(name: &str) -> Ident {
    ident(&format!("is_{name}"))
}

/// The name of a constant: `CLEANED_UP`.
pub(crate) fn constant(name: &str) -> Ident {
    ident(&name.to_uppercase())
}

/// The name of a static that belongs to a state: `TO_ACTIVE`.
pub(crate) fn constant_with(prefix: &str, name: &str) -> Ident {
    ident(&format!("{prefix}_{}", name.to_uppercase()))
}

/// A name that is an identifier as it stands.
pub(crate) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}
