//! Finds a file: beside the file of the call, or in the directory of its package.
//!
//! Neither place is enough. Beside the file is what a reader expects, and wrong in a doctest that is compiled from
//! somewhere else; the directory of the package is wrong for code that a test harness compiles in a package of its own.

use std::path::{Component, Path, PathBuf};
use std::{env, fs, io};

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Error, LitStr, Result};

/// A file that was found.
pub(crate) struct File {
    /// What it says.
    pub(crate) text: String,
    /// Its path for people: short, and from where the compiler runs if it is below.
    pub(crate) shown: String,
    /// An item that makes the compiler watch the file.
    pub(crate) dependency: TokenStream,
}

/// Finds and reads a `noun`; `help` says what to do where there is none.
pub(crate) fn find(path: &LitStr, noun: &str, help: &str) -> Result<File> {
    let asked = path.value();
    let mut tried = Vec::new();
    let package = quote!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #asked));
    let places = [(beside(Span::call_site()), quote!(#asked)), (package_dir(), package)];
    for (directory, include) in places {
        let Some(directory) = directory else { continue };
        let file = directory.join(&asked);
        match fs::read_to_string(&file) {
            Ok(text) => {
                let dependency = quote!(
                    const _: &[u8] = ::core::include_bytes!(#include);
                );
                return Ok(File { text, shown: shown(&file), dependency });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => tried.push(format!("`{}`", shown(&file))),
            Err(error) => {
                let message = format!("the {noun} `{}` cannot be read: {error}", shown(&file));
                return Err(Error::new(path.span(), message));
            }
        }
    }
    tried.dedup();
    let message = format!(
        "there is no {noun} `{asked}`: neither beside this file nor in the directory of its package (tried {}){help}",
        tried.join(" and "),
    );
    Err(Error::new(path.span(), message))
}

/// The directory of the file that calls, if it is a file.
fn beside(call: Span) -> Option<PathBuf> {
    call.local_file().and_then(|file| file.parent().map(Path::to_owned))
}

fn package_dir() -> Option<PathBuf> {
    env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from)
}

fn shown(path: &Path) -> String {
    let mut plain = PathBuf::new();
    for component in path.components() {
        let up = component == Component::ParentDir;
        let named = matches!(plain.components().next_back(), Some(Component::Normal(_)));
        if up && named {
            plain.pop();
        } else if component != Component::CurDir {
            plain.push(component);
        }
    }
    let here = env::current_dir().unwrap_or_default();
    plain.strip_prefix(&here).unwrap_or(&plain).display().to_string()
}
