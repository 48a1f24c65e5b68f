//! The rules that are applied while a table is read, before there is a model to check: its shape and its names.
//!
//! They stand below the stages that apply them; the registry of [`crate::check`] lists them with all others.

mod definition;
pub(crate) mod names;
pub(crate) mod shape;

pub(crate) use definition::Rule;
