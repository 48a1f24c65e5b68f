//! Which modules of a crate use which others, read from the sources, and the cycles among them.
//!
//! A node is a module. An edge leads to the module that defines what a path names: a path through a facade (`pub use`)
//! leads to the definition. A re-export is a use as well, so a module that re-exports what a child defines may not
//! define anything that the child uses. Code that is compiled only for tests is left out, and so are templates of code
//! (`quote!`), whose paths belong to the code that they make.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, Meta};

/// Macros whose input is a template of code.
const TEMPLATES: &[&str] = &["quote", "quote_spanned", "parse_quote"];

/// The modules of one crate.
pub(super) struct Modules {
    list: Vec<Module>,
    /// The first use of one module by another.
    edges: BTreeMap<(usize, usize), String>,
    /// Macros that are exported, which are named as if the root defined them.
    macros: BTreeMap<String, usize>,
}

struct Module {
    /// Its path from the root of the crate, `crate` alone for the root.
    name: String,
    file: PathBuf,
    parent: usize,
    children: BTreeMap<String, usize>,
    /// What `use` brings in, by the name that it has here.
    imports: BTreeMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
    /// Names of items that are defined here.
    defines: BTreeSet<String>,
    /// Every path in its code, with its line.
    paths: Vec<(Vec<String>, usize)>,
}

/// What a path names.
enum Named {
    Module(usize),
    /// An item of a module.
    Item(usize),
}

impl Modules {
    /// Reads a crate of a workspace from its root file.
    pub(super) fn read(workspace: &Path, root: &Path) -> Modules {
        let mut modules = Modules { list: Vec::new(), edges: BTreeMap::new(), macros: BTreeMap::new() };
        let folder = root.parent().expect("a source file is in a folder");
        modules.read_file("crate", root, folder, 0);
        for user in 0..modules.list.len() {
            for (path, line) in std::mem::take(&mut modules.list[user].paths) {
                let Some(Named::Module(used) | Named::Item(used)) = modules.resolve(user, &path, 0) else { continue };
                if used != user {
                    let file = modules.list[user].file.strip_prefix(workspace).unwrap_or(&modules.list[user].file);
                    let place = format!("{}:{line}", file.display());
                    modules.edges.entry((user, used)).or_insert(place);
                }
            }
        }
        modules
    }

    /// For every set of modules that all use each other, in one way or another, a shortest cycle among them.
    pub(super) fn cycles(&self) -> Vec<String> {
        let graph: DiGraph<(), (), usize> = DiGraph::from_edges(self.edges.keys());
        let knots = tarjan_scc(&graph).into_iter().filter(|knot| knot.len() > 1);
        let mut knots: Vec<Vec<usize>> =
            knots.map(|knot| knot.into_iter().map(|node| node.index()).collect()).collect();
        knots.iter_mut().for_each(|knot| knot.sort_unstable());
        knots.sort_unstable();
        knots.iter().map(|knot| self.shortest(knot)).collect()
    }

    fn shortest(&self, knot: &[usize]) -> String {
        let cycles = knot.iter().filter_map(|start| self.cycle(*start));
        let cycle = cycles.min_by_key(Vec::len).expect("in a strongly connected component there is a cycle");
        let mut text = format!("{} modules: {}", knot.len(), self.list[cycle[0]].name);
        for pair in cycle.windows(2) {
            text.push_str(&format!("\n    -> {} ({})", self.list[pair[1]].name, self.edges[&(pair[0], pair[1])]));
        }
        text
    }

    /// A shortest way from a module back to it.
    fn cycle(&self, start: usize) -> Option<Vec<usize>> {
        let mut before: BTreeMap<usize, usize> = BTreeMap::new();
        let mut todo = VecDeque::from([start]);
        while let Some(at) = todo.pop_front() {
            for (_, used) in self.edges.keys().filter(|(user, _)| *user == at) {
                if before.contains_key(used) {
                    continue;
                }
                before.insert(*used, at);
                if *used == start {
                    let mut cycle = vec![start, at];
                    while cycle[cycle.len() - 1] != start {
                        cycle.push(before[&cycle[cycle.len() - 1]]);
                    }
                    cycle.reverse();
                    return Some(cycle);
                }
                todo.push_back(*used);
            }
        }
        None
    }

    /// Reads a module from its file. `folder` is where files of its children are.
    fn read_file(&mut self, name: &str, file: &Path, folder: &Path, parent: usize) -> usize {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.read_items(name, parsed.items, file, folder, parent)
    }

    fn read_items(&mut self, name: &str, items: Vec<Item>, file: &Path, folder: &Path, parent: usize) -> usize {
        let this = self.list.len();
        self.list.push(Module {
            name: name.to_owned(),
            file: file.to_owned(),
            parent,
            children: BTreeMap::new(),
            imports: BTreeMap::new(),
            globs: Vec::new(),
            defines: BTreeSet::new(),
            paths: Vec::new(),
        });
        for item in items {
            if is_for_tests(attributes(&item)) {
                continue;
            }
            let Item::Mod(child) = item else {
                self.read_item(this, &item);
                continue;
            };
            let child_name = child.ident.to_string();
            let path = if name == "crate" { child_name.clone() } else { format!("{name}::{child_name}") };
            let inner = folder.join(&child_name);
            let id = match child.content {
                Some((_, items)) => self.read_items(&path, items, file, &inner, this),
                None => match path_attribute(&child.attrs) {
                    // A file that is named stands where `mod.rs` would.
                    Some(named) => {
                        let named = file.parent().expect("a source file is in a folder").join(named);
                        let folder = named.parent().expect("a source file is in a folder").to_owned();
                        self.read_file(&path, &named, &folder, this)
                    }
                    None => self.read_file(&path, &folder.join(format!("{child_name}.rs")), &inner, this),
                },
            };
            self.list[this].children.insert(child_name, id);
        }
        this
    }

    fn read_item(&mut self, this: usize, item: &Item) {
        let module = &mut self.list[this];
        let mut found = Vec::new();
        if let Item::Use(used) = item {
            uses(&mut used.tree.to_token_stream().into_iter().collect::<Vec<_>>().as_slice(), &[], &mut found);
            for Used { path, name, line } in found {
                match name {
                    Some(name) => drop(module.imports.insert(name, path.clone())),
                    None => module.globs.push(path.clone()),
                }
                module.paths.push((path, line));
            }
            return;
        }
        module.defines.extend(defined(item));
        if attributes(item).iter().any(|attribute| attribute.path().is_ident("macro_export")) {
            self.macros.extend(defined(item).map(|name| (name, this)));
        }
        paths(item.to_token_stream(), &mut found);
        module.paths.extend(found.into_iter().map(|used| (used.path, used.line)));
    }

    /// What a path in the code of a module names; `None` where it names nothing of this crate.
    fn resolve(&self, from: usize, path: &[String], depth: usize) -> Option<Named> {
        let (first, rest) = path.split_first()?;
        let mut at = match first.as_str() {
            "crate" => 0,
            "self" => from,
            "super" => self.list[from].parent,
            _ => return self.descend(from, first, rest, depth, false),
        };
        let mut rest = rest;
        while let Some((next, after)) = rest.split_first() {
            if next != "super" {
                return self.descend(at, next, after, depth, true);
            }
            (at, rest) = (self.list[at].parent, after);
        }
        Some(Named::Module(at))
    }

    fn descend(&self, at: usize, name: &str, rest: &[String], depth: usize, is_here: bool) -> Option<Named> {
        let module = &self.list[at];
        // An import that names itself leads out of the crate.
        if depth > 16 {
            return None;
        }
        let go_on = |named: Named| match (named, rest.split_first()) {
            (Named::Module(next), Some((name, rest))) => self.descend(next, name, rest, depth, true),
            (named, _) => Some(named),
        };
        if let Some(child) = module.children.get(name) {
            return go_on(Named::Module(*child));
        }
        if module.defines.contains(name) {
            return Some(Named::Item(at));
        }
        if let Some(path) = module.imports.get(name) {
            let named = self.resolve(at, path, depth + 1);
            // What a facade takes from another crate is the facade's.
            return named.map_or(is_here.then_some(Named::Item(at)), go_on);
        }
        if let Some(exported) = self.macros.get(name).filter(|_| at == 0) {
            return Some(Named::Item(*exported));
        }
        for glob in &module.globs {
            if let Some(Named::Module(other)) = self.resolve(at, glob, depth + 1)
                && (self.list[other].defines.contains(name) || self.list[other].imports.contains_key(name))
            {
                return self.descend(other, name, rest, depth + 1, true);
            }
        }
        is_here.then_some(Named::Item(at))
    }
}

/// A path in code.
struct Used {
    path: Vec<String>,
    /// The name that an import gives it; `None` for a glob.
    name: Option<String>,
    line: usize,
}

/// Every path in code that has more than one segment, or that is imported.
fn paths(code: TokenStream, found: &mut Vec<Used>) {
    let tokens: Vec<TokenTree> = code.into_iter().collect();
    let mut rest = tokens.as_slice();
    while let Some((first, after)) = rest.split_first() {
        match first {
            TokenTree::Group(group) => {
                paths(group.stream(), found);
                rest = after;
            }
            TokenTree::Ident(name) if TEMPLATES.iter().any(|template| name == template) && is_punct(after, '!') => {
                rest = after.get(2..).unwrap_or_default();
            }
            // `pub(super)` uses nothing.
            TokenTree::Ident(name) if name == "pub" => {
                let is_limited = matches!(after.first(), Some(TokenTree::Group(limit)) if limit.delimiter() == Delimiter::Parenthesis);
                rest = &after[usize::from(is_limited)..];
            }
            TokenTree::Ident(_) => {
                let before = rest.len();
                uses(&mut rest, &[], found);
                assert!(rest.len() < before, "every step reads a token");
            }
            TokenTree::Punct(_) if is_separator(rest) => {
                // What stands before is no name (`<T as Trait>::name`), or nothing does: another crate.
                rest = rest.get(3..).unwrap_or_default();
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => rest = after,
        }
    }
}

/// Reads one path, with the groups of a `use` if it has any.
fn uses(rest: &mut &[TokenTree], prefix: &[String], found: &mut Vec<Used>) {
    let mut path = prefix.to_vec();
    let mut line = 0;
    loop {
        match rest.first() {
            Some(TokenTree::Ident(name)) => {
                line = name.span().start().line;
                path.push(name.to_string());
                *rest = &rest[1..];
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace && !path.is_empty() => {
                let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
                let parts = tokens.split(|token| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ','));
                parts.filter(|part| !part.is_empty()).for_each(|mut part| uses(&mut part, &path, found));
                *rest = &rest[1..];
                return;
            }
            Some(TokenTree::Punct(star)) if star.as_char() == '*' && !path.is_empty() => {
                found.push(Used { path, name: None, line });
                *rest = &rest[1..];
                return;
            }
            _ => break,
        }
        if !is_separator(rest) {
            break;
        }
        *rest = &rest[2..];
    }
    // `{self}` is what stands before it.
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    let mut name = path.last().cloned();
    if let [TokenTree::Ident(word), TokenTree::Ident(other), ..] = rest
        && word == "as"
    {
        name = Some(other.to_string());
        *rest = &rest[2..];
    }
    found.push(Used { path, name, line });
}

fn is_punct(tokens: &[TokenTree], wanted: char) -> bool {
    matches!(tokens.first(), Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

fn is_separator(tokens: &[TokenTree]) -> bool {
    is_punct(tokens, ':') && is_punct(&tokens[1..], ':')
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is another crate's, and may grow")]
fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is another crate's, and may grow")]
fn defined(item: &Item) -> Option<String> {
    let name = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

/// Whether an item is compiled only for tests: `cfg(test)`, or `test` or a feature `testing` among what any of must be.
#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is another crate's, and may grow")]
fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let text = list.tokens.to_string().replace(' ', "");
            text == "test" || text == "any(test,feature=\"testing\")" || text.starts_with("all(test,")
        }
        _ => false,
    })
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is another crate's, and may grow")]
fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => {
            Some(pair.value.to_token_stream().to_string().trim_matches('"').to_owned())
        }
        _ => None,
    })
}
