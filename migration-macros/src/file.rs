//! Finds a file: beside the file of the call, or in the directory of its package.
//!
//! Neither place is enough. Beside the file is what a reader expects, and wrong in a doctest that is compiled from
//! somewhere else; the directory of the package is wrong for code that a test harness compiles in a package of its own.

use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::{env, fs};

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Error, LitStr, Result};

/// Longest file that is read, in bytes: longer than any table may be.
const BYTES_MAX: u64 = 64 << 20;

/// A file that was found.
pub(crate) struct File {
    /// What is in it.
    pub(crate) bytes: Vec<u8>,
    /// Its path for people: short, and from where the compiler runs if it is below.
    pub(crate) shown: String,
    /// An item that makes the compiler watch the file.
    pub(crate) dependency: TokenStream,
}

/// Finds and reads a `noun`; `help` says what to do where there is none.
pub(crate) fn find(path: &LitStr, noun: &str, help: &str) -> Result<File> {
    let asked = path.value();
    let beside = Span::call_site().local_file().and_then(|file| file.parent().map(Path::to_owned));
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let in_package = quote!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #asked));
    let places = [(beside, quote!(#asked)), (package, in_package)].into_iter();
    let places = places.filter_map(|(directory, include)| Some((directory?.join(&asked), include)));
    let (found, missing): (Vec<_>, Vec<_>) = places.partition(|(file, _)| file.exists());
    let message = match &found[..] {
        [] => {
            let mut tried: Vec<String> = missing.iter().map(|(file, _)| format!("`{}`", shown(file))).collect();
            tried.dedup();
            format!(
                "there is no {noun} `{asked}`: neither beside this file nor in the directory of its package (tried {}){help}",
                tried.join(" and "),
            )
        }
        // A file that appears beside the call would silently take the place of the other one.
        [(file, _), (other, _)] if file.canonicalize().ok() != other.canonicalize().ok() => format!(
            "there are two files `{asked}`: `{}` beside this file, and `{}` in the directory of its package: \
             rename one of them, or give a path that leads to one only",
            shown(file),
            shown(other),
        ),
        [(file, include), ..] => {
            let (shown, mut bytes) = (shown(file), Vec::new());
            match fs::File::open(file).and_then(|opened| opened.take(BYTES_MAX).read_to_end(&mut bytes)) {
                Ok(_) => {
                    let dependency = quote!(
                        const _: &[u8] = ::core::include_bytes!(#include);
                    );
                    return Ok(File { bytes, shown, dependency });
                }
                Err(error) => format!("the {noun} `{shown}` cannot be read: {error}"),
            }
        }
    };
    Err(Error::new(path.span(), message))
}

fn shown(path: &Path) -> String {
    let mut plain = PathBuf::new();
    for component in path.components() {
        let named = matches!(plain.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if named => drop(plain.pop()),
            Component::Prefix(_) | Component::RootDir | Component::ParentDir | Component::Normal(_) => {
                plain.push(component)
            }
        }
    }
    let here = env::current_dir().unwrap_or_default();
    plain.strip_prefix(&here).unwrap_or(&plain).display().to_string()
}
