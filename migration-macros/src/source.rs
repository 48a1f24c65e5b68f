//! Where a file is: beside the file of the call, or under the directory of its package.
//!
//! Neither place is enough. Beside the file is what a reader expects, and wrong in a doctest that is compiled from
//! somewhere else; the directory of the package is wrong for code that a test harness compiles in a package of its own.

use std::path::{Component, Path, PathBuf};
use std::{env, fs, io};

use proc_macro2::{Span, TokenStream};
use quote::quote;

use crate::errors::Problem;
use crate::request;

/// A file that was found.
pub(crate) struct Source {
    /// What it says.
    pub(crate) text: String,
    /// Its path for people: short, and from where the compiler runs if it is below.
    pub(crate) shown: String,
    /// An item that makes the compiler watch the file.
    pub(crate) dependency: TokenStream,
}

/// What a file is to the caller.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    /// The table.
    Table,
    /// The lock that it must agree with.
    Lock,
}

impl Role {
    fn noun(self) -> &'static str {
        match self {
            Role::Table => "table",
            Role::Lock => "lock",
        }
    }

    /// What to do when it is not there.
    fn way_out(self) -> &'static str {
        match self {
            Role::Table => "",
            Role::Lock => ": `cargo xtask api bless` writes it",
        }
    }
}

/// Finds and reads a file.
pub(crate) fn find(request: &request::Path, role: Role) -> Result<Source, Problem> {
    let (asked, noun) = (&request.text, role.noun());
    let mut tried = Vec::new();
    let package = quote!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #asked));
    let places = [(beside(Span::call_site()), quote!(#asked)), (package_dir(), package)];
    for (directory, include) in places {
        let Some(directory) = directory else { continue };
        let path = directory.join(asked);
        match fs::read_to_string(&path) {
            Ok(text) => {
                let dependency = quote!(
                    const _: &[u8] = ::core::include_bytes!(#include);
                );
                return Ok(Source { text, shown: shown(&path), dependency });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => tried.push(format!("`{}`", shown(&path))),
            Err(error) => {
                let message = format!("the {noun} `{}` cannot be read: {error}", shown(&path));
                return Err(Problem::new(request.span, &message));
            }
        }
    }
    tried.dedup();
    let message = format!(
        "there is no {noun} `{asked}`: neither beside this file nor in the directory of its package (tried {}){}",
        tried.join(" and "),
        role.way_out()
    );
    Err(Problem::new(request.span, &message))
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
