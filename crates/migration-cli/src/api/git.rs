//! Files as they were: what `git show` says of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::input;
use crate::output::say;
use migration_table::Invocation;

/// Whether the name can be read as a commit here. Without git, or outside a repository, nothing can.
pub(crate) fn is_commit(directory: &Path, name: &str) -> bool {
    let object = format!("{name}^{{commit}}");
    git(directory, &["rev-parse", "--verify", "--quiet", "--end-of-options", &object]).is_ok()
}

/// Where git is to be asked about a commit: in the folder of the table, or where the program runs, if that is a bare
/// repository, as in its hooks.
pub(crate) fn repository<'d>(folder: &'d Path, commit: &str) -> &'d Path {
    let here = Path::new(".");
    if is_commit(folder, commit) || !is_bare(here) || !is_commit(here, commit) { folder } else { here }
}

fn is_bare(directory: &Path) -> bool {
    git(directory, &["rev-parse", "--is-bare-repository"]).is_ok_and(|answer| answer.trim() == "true")
}

/// The text of a file of the directory, as it was in a commit; none if it was not there.
pub(crate) fn file_at(directory: &Path, commit: &str, file: &str) -> Result<Option<String>> {
    let listed = git(directory, &["ls-tree", "--name-only", commit, "--", file])?;
    if listed.trim().is_empty() {
        return Ok(None);
    }
    // A bare repository has no working tree in which a path could be relative.
    let here = if is_bare(directory) { "" } else { "./" };
    git(directory, &["show", &format!("{commit}:{here}{file}")]).map(Some)
}

/// Whether a commit or one before it had a file, or it cannot be known, since the clone is shallow.
pub(crate) fn had(directory: &Path, commit: &str, file: &str) -> bool {
    let is_shallow = git(directory, &["rev-parse", "--is-shallow-repository"]).is_ok_and(|said| said.trim() == "true");
    let log = ["log", "-1", "--format=%H", "--end-of-options", commit, "--", &format!(":(literal){file}")];
    is_shallow || git(directory, &log).is_ok_and(|commits| !commits.trim().is_empty())
}

/// Returns the text that a file had in a commit, or `None` where the commit has no such file. The path begins at the root of
/// the repository.
pub(crate) fn text_at(directory: &Path, commit: &str, path: &str) -> Result<Option<String>> {
    let listed = git(directory, &["ls-tree", "--name-only", "--full-tree", commit, "--", path])?;
    if listed.trim().is_empty() {
        return Ok(None);
    }
    git(directory, &["show", "--end-of-options", &format!("{commit}:{path}")]).map(Some)
}

/// Where to ask for a file, and its name there: its folder, which is this one if the path says none.
pub(crate) fn place(file: &Path) -> Result<(&Path, &str)> {
    let name = file.file_name().and_then(|name| name.to_str());
    let name = name.with_context(|| format!("`{}` is no name of a file that git could know", file.display()))?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok((folder, name))
}

/// The most commits in which a file is looked for.
const COMMITS_MAX: usize = 500;

/// Returns the command that brings a file back from the newest commit in which its text is the right one; `None` where
/// git has no such commit, or there is no repository.
pub(crate) fn checkout_of(file: &Path, is_it: impl Fn(&str) -> bool) -> Option<String> {
    let is_there = |folder: &&Path| folder.as_os_str().is_empty() || folder.is_dir();
    let folder = file.ancestors().skip(1).find(is_there)?;
    let name = file.strip_prefix(folder).ok()?.to_str()?;
    let directory = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let literal = format!(":(literal){name}");
    let commits = git(directory, &["log", "--all", "--format=%H", "--", &literal]).ok()?;
    let has_it = |commit: &&str| {
        let text = git(directory, &["show", "--end-of-options", &format!("{commit}:./{name}")]);
        text.is_ok_and(|text| is_it(&text))
    };
    let at = |words: &[&str]| {
        let start: &[&str] = if directory == Path::new(".") { &[] } else { &["-C", directory.to_str()?] };
        Some(Invocation::new("git").command(&[start, words].concat()))
    };
    if let Some(commit) = commits.lines().take(COMMITS_MAX).find(has_it) {
        return at(&["checkout", commit, "--", name]);
    }
    // One that was moved, and is not committed there yet, is known by its old path.
    let ending = format!("/{}/{}", file.parent()?.file_name()?.to_str()?, file.file_name()?.to_str()?);
    let listed = git(directory, &["ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD"]).ok()?;
    let path = listed
        .split('\0')
        .filter(|path| format!("/{path}").ends_with(&ending))
        .find(|path| git(directory, &["show", &format!("HEAD:{path}")]).is_ok_and(|text| is_it(&text)))?;
    let show = at(&["show", &format!("HEAD:{path}")])?;
    Some(Invocation::new(&format!("{show} >")).command(&[file.to_str()?]))
}

/// Returns why nothing can be asked about a file; `None` if it is in a repository.
pub(crate) fn why_unknown(file: &Path) -> Option<String> {
    let error = git(directory_of(file), &["rev-parse", "--git-dir"]).err()?;
    let said = format!("{error:#}");
    Some(if said.contains("not a git repository") { "this is no git repository".to_owned() } else { said })
}

/// Returns the nearest folder on the way to a file that is there.
fn directory_of(file: &Path) -> &Path {
    let folders = file.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    folders.into_iter().find(|folder| folder.is_dir()).unwrap_or(Path::new("."))
}

/// Returns the text that a file had in the last commit.
pub(crate) fn committed(file: &Path) -> Option<String> {
    let directory = directory_of(file);
    let path = file.strip_prefix(directory).unwrap_or(file).to_str()?;
    git(directory, &["show", &format!("HEAD:./{path}")]).ok()
}

/// Returns a command of git about a file, which works where the program runs.
pub(crate) fn command_at(near: &Path, words: &[&str], file: &Path) -> String {
    let is_here = |root: String| git(Path::new("."), &["rev-parse", "--show-toplevel"]).is_ok_and(|here| here == root);
    let directory = directory_of(near);
    let root = git(directory, &["rev-parse", "--show-toplevel"]);
    let (directory, file) = (directory.display().to_string(), file.strip_prefix(directory).unwrap_or(file));
    let inside = file.display().to_string();
    match root.is_ok_and(is_here) {
        true => {
            let whole = Path::new(&directory).join(file);
            let whole = whole.strip_prefix(".").unwrap_or(&whole).display().to_string();
            Invocation::new("git").command(&[words, &[&whole]].concat())
        }
        false => Invocation::new("git").command(&[&["-C", directory.as_str()], words, &[&inside]].concat()),
    }
}

/// A file of the work tree or of the last commit.
pub(crate) struct Known<'d> {
    /// Its whole path.
    pub(crate) file: PathBuf,
    /// Returns its text in the last commit.
    pub(crate) committed: Box<dyn Fn() -> Option<String> + 'd>,
}

/// Returns the files of a name in the work tree and in the last commit, but those that git ignores.
pub(crate) fn named<'d>(directory: &'d Path, name: &str) -> Vec<Known<'d>> {
    let Ok(root) = git(directory, &["rev-parse", "--show-toplevel"]) else { return Vec::new() };
    let root = PathBuf::from(root.trim_end_matches('\n'));
    let pattern = format!(":(top,glob)**/{name}");
    let list = ["ls-files", "-z", "--full-name", "--cached", "--others", "--exclude-standard", "--", &pattern];
    let tree = ["ls-tree", "-r", "-z", "--name-only", "--full-tree", "HEAD"];
    let listed = [git(directory, &list), git(directory, &tree)].map(Result::unwrap_or_default);
    let paths: BTreeSet<&str> = listed.iter().flat_map(|listed| listed.split('\0')).collect();
    let is_it = |path: &&str| path.rsplit('/').next() == Some(name);
    let known = |path: &str| {
        let object = format!("HEAD:{path}");
        Known { file: root.join(path), committed: Box::new(move || git(directory, &["show", &object]).ok()) }
    };
    paths.into_iter().filter(is_it).map(known).collect()
}

/// Where git is to be asked about a commit and a path: where the program runs, if that is in the repository of the table
/// and the path is one from there.
fn relative<'d>(folder: &'d Path, commit: &str, path: &str) -> &'d Path {
    let here = Path::new(".");
    let is_relative = path.starts_with("./") || path.starts_with("../");
    let root = |directory: &Path| git(directory, &["rev-parse", "--show-toplevel"]).ok();
    let is_one = || root(here).is_some_and(|here| root(folder) == Some(here));
    if is_relative && is_one() { here } else { repository(folder, commit) }
}

/// A table as it was in a commit.
pub(crate) struct Past {
    /// How messages name it: `HEAD~1:states.yaml`.
    pub(crate) name: String,
    /// Its path from the root of the repository, as git knows it.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Returns the table of a file as it was in a commit; `word` names a commit, or a commit and a path as git understands
/// them. A table that was moved since is found where it was, by its name or by its `machine:`; `Ok(None)` if no word of
/// git is meant.
///
/// # Errors
///
/// Returns what git says, or which tables the commit has.
pub(crate) fn table_at(word: &str, file: &Path) -> Result<Option<Past>> {
    let (directory, name) = place(file)?;
    if let Some((commit, path)) = word.split_once(':') {
        let directory = relative(directory, commit, path);
        // Without a commit, git means the index: what the next commit will have.
        if !commit.is_empty() && !is_commit(directory, commit) {
            return Ok(None);
        }
        if git(directory, &["cat-file", "-t", word]).is_ok_and(|kind| kind.trim() == "tree") {
            bail!("`{word}` is a folder: name a table in it");
        }
        let text = git(directory, &["show", "--end-of-options", word])?;
        let full = path.starts_with('.').then(|| match commit {
            "" => git(directory, &["ls-files", "--full-name", "--", path]),
            commit => git(directory, &["ls-tree", "--full-name", "--name-only", commit, "--", path]),
        });
        let full = full.and_then(Result::ok).map(|path| path.trim().to_owned()).filter(|path| !path.is_empty());
        let path = full.unwrap_or_else(|| path.trim_start_matches("./").to_owned());
        return Ok(Some(Past { name: word.to_owned(), path, text }));
    }
    if repository(directory, word) != directory {
        return moved(Path::new("."), word, file).map(Some);
    }
    if !is_commit(directory, word) {
        return Ok(None);
    }
    if let Some(text) = file_at(directory, word, name)? {
        let inside = git(directory, &["rev-parse", "--show-prefix"])?;
        return Ok(Some(Past { name: format!("{word}:{name}"), path: format!("{}{name}", inside.trim()), text }));
    }
    moved(directory, word, file).map(Some)
}

/// The most tables of a commit that are looked at.
const LOOKED_AT_MAX: usize = 200;

/// Returns the table that had another path in a commit.
fn moved(directory: &Path, commit: &str, file: &Path) -> Result<Past> {
    let named = |text: &str| text.lines().find_map(|line| line.strip_prefix("machine:").map(|it| it.trim().to_owned()));
    let machine = input::read_to_string(file).ok().and_then(|text| named(&text));
    let listed = git(directory, &["ls-tree", "-r", "--name-only", "--full-tree", commit])?;
    let is_table = |path: &&str| path.ends_with(".yaml") || path.ends_with(".yml");
    let is_release = |path: &str| path.contains("/releases/");
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut found = Vec::new();
    for path in listed.lines().filter(is_table).filter(|path| !is_release(path)).take(LOOKED_AT_MAX) {
        let text = git(directory, &["show", "--end-of-options", &format!("{commit}:{path}")])?;
        if machine.is_some() && named(&text) == machine {
            found.push(Past { name: format!("{commit}:{path}"), path: path.to_owned(), text });
        }
    }
    let wanted = file.display();
    match found.as_slice() {
        [one] => {
            say(format_args!(
                "note: `{commit}` has no `{wanted}`: compared with `{}`, the only table there with the same `machine:`",
                one.path
            ));
            Ok(found.remove(0))
        }
        [] => {
            let like = listed.lines().filter(|path| path.rsplit('/').next() == Some(name.as_str()));
            let like: Vec<String> = like.map(|path| format!("`{path}`")).collect();
            let has = if like.is_empty() { String::new() } else { format!(" (it has {})", like.join(", ")) };
            bail!("`{commit}` has no `{wanted}`{has}: name the table as `{commit}:PATH`")
        }
        many => {
            let paths: Vec<String> = many.iter().map(|one| format!("`{}`", one.path)).collect();
            bail!("`{commit}` has no `{wanted}` (it has {}): name one of them as `{}`", paths.join(", "), many[0].name)
        }
    }
}

/// Why a name may not be known here, and what to do about it.
pub(crate) fn hint(directory: &Path) -> String {
    let known = git(directory, &["rev-parse", "--is-shallow-repository"]);
    match known.as_deref().map(str::trim) {
        Ok("true") => "this clone is shallow and lacks the history: run `git fetch --unshallow --tags`, \
             or check out with `fetch-depth: 0`"
            .to_owned(),
        Ok(_) => "`git branch --all` and `git tag` list what is here; `git fetch --tags` brings more".to_owned(),
        Err(error) => {
            let said = format!("{error:#}");
            if said.contains("not a git repository") {
                "this is no git repository, so only files and releases can be named".to_owned()
            } else {
                said
            }
        }
    }
}

fn git(directory: &Path, arguments: &[&str]) -> Result<String> {
    let mut git = Command::new("git");
    git.args(arguments).current_dir(directory).env("LC_ALL", "C");
    settle(&mut git, directory);
    let output = git.output().context("cannot run `git`")?;
    if !output.status.success() {
        // What it proposes is indented by tabs, and meant to be pasted.
        bail!("git says: {}", String::from_utf8_lossy(&output.stderr).trim().replace('\t', "    "));
    }
    String::from_utf8(output.stdout).context("git gave something that is not UTF-8")
}

/// The variables of the environment by which git is told where a repository is.
const PLACES: [&str; 4] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE"];

/// Makes git look for the repository of a directory. In hooks and scripts the environment names one, by paths from where
/// the program runs; it counts only for a directory that is in no other.
fn settle(command: &mut Command, directory: &Path) {
    let set: Vec<(&str, PathBuf)> =
        PLACES.iter().filter_map(|name| Some((*name, std::env::var_os(name)?.into()))).collect();
    if set.is_empty() {
        return;
    }
    let mut alone = Command::new("git");
    alone.args(["rev-parse", "--git-dir"]).current_dir(directory).env_remove("GIT_PREFIX");
    for name in PLACES {
        alone.env_remove(name);
    }
    let is_in_one = alone.output().is_ok_and(|output| output.status.success());
    for (name, path) in set {
        if is_in_one && name != "GIT_INDEX_FILE" {
            command.env_remove(name);
        } else if let Ok(whole) = std::path::absolute(&path) {
            command.env(name, whole);
        }
    }
}
