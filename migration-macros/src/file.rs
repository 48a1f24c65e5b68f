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
    /// The same as text, as far as it is text.
    pub(crate) text: String,
    /// Its path for people: short, and from where the compiler runs if it is below.
    pub(crate) shown: String,
    /// An item that makes the compiler watch the file.
    pub(crate) dependency: TokenStream,
}

/// Finds and reads a `noun`; `help` says what to do where there is none.
pub(crate) fn find(path: &LitStr, noun: &str, help: &str) -> Result<File> {
    let asked = path.value();
    let package = quote!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), "/", #asked));
    let places = [(beside(Span::call_site()), quote!(#asked)), (package_dir(), package)];
    let places = places.into_iter().filter_map(|(directory, include)| Some((directory?.join(&asked), include)));
    let (found, missing): (Vec<_>, Vec<_>) = places.partition(|(file, _)| file.exists());
    let mut found = found.into_iter();
    let Some((file, include)) = found.next() else {
        let mut tried: Vec<String> = missing.iter().map(|(file, _)| format!("`{}`", shown(file))).collect();
        tried.dedup();
        let tried = tried.join(" and ");
        let message = format!(
            "there is no {noun} `{asked}`: neither beside this file nor in the directory of its package \
             (tried {tried}){help}"
        );
        return Err(Error::new(path.span(), message));
    };
    // A file that appears beside the call would silently take the place of the other one.
    if let Some((other, _)) = found.find(|(other, _)| other.canonicalize().ok() != file.canonicalize().ok()) {
        let message = format!(
            "there are two files `{asked}`: `{}` beside this file, and `{}` in the directory of its package: \
             rename one of them, or give a path that leads to one only",
            shown(&file),
            shown(&other),
        );
        return Err(Error::new(path.span(), message));
    }
    let mut bytes = Vec::new();
    let read = fs::File::open(&file).and_then(|opened| opened.take(BYTES_MAX).read_to_end(&mut bytes));
    if let Err(error) = read {
        let message = format!("the {noun} `{}` cannot be read: {error}", shown(&file));
        return Err(Error::new(path.span(), message));
    }
    let dependency = quote!(
        const _: &[u8] = ::core::include_bytes!(#include);
    );
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(File { bytes, text, shown: shown(&file), dependency })
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
