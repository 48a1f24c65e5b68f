//! A disk that is full, and a repository of another user. Both need rights that not every machine gives.

use std::fmt::Display;
use std::fs;
use std::io::Write;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Command;

use super::Project;
use crate::all::run::{git, names_in};

/// A user that is not the one of the test: `nobody` of most systems.
const OTHER_USER: u32 = 65_534;
/// The size of a small disk, in KiB.
const DISK_KIB: usize = 512;

#[test]
fn what_git_says_of_a_repository_of_another_user_is_passed_on() {
    let project = Project::released();
    let folder = project.folder.path();
    git(folder, &["init", "--quiet"]);
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", "first"]);
    if let Err(error) = [folder, &folder.join(".git")].iter().try_for_each(|path| chown(path, Some(OTHER_USER), None)) {
        return skipped(format_args!("a repository of another user needs the right to give files away: {error}"));
    }
    let table = project.path("states.yaml");
    let table = table.to_str().expect("the path is UTF-8");
    let run = project.ends(&["diff", "HEAD", table], 2);
    assert!(run.stderr.contains("dubious ownership") && run.stderr.contains("safe.directory"), "{}", run.stderr);
    assert!(!run.stderr.contains("no git repository"), "{}", run.stderr);
    project.ends(&["diff", "HEAD:states.yaml", table], 2).stderr_has("dubious ownership");
    // What needs no history works.
    project.succeeds(&["check"]);
    project.succeeds(&["diff", "0.1", table]);
}

/// Says past the capture of the harness that something was not tried.
fn skipped(why: impl Display) {
    drop(writeln!(std::io::stderr(), "skipped: {why}"));
}

/// A disk that goes with its directory.
struct Disk<'p>(&'p Path);

impl<'p> Disk<'p> {
    /// A small disk at a directory, or why there is none.
    fn at(path: &'p Path) -> Result<Disk<'p>, String> {
        let size = format!("size={DISK_KIB}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(path).output();
        match mounted {
            Ok(output) if output.status.success() => Ok(Disk(path)),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Fills the disk, but for so many KiB.
    fn fill(&self, but_kib: usize) {
        let filler = self.0.join("filler");
        // Until nothing fits any more.
        drop(fs::write(&filler, vec![0_u8; DISK_KIB << 10]));
        let len = fs::metadata(&filler).expect("it was written").len();
        let file = fs::OpenOptions::new().write(true).open(&filler).expect("it is there");
        file.set_len(len.saturating_sub((but_kib << 10) as u64)).expect("it can be cut");
    }

    fn empty(&self) {
        fs::remove_file(self.0.join("filler")).expect("it is there");
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(self.0).status());
    }
}

#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let project = Project::released();
    let mount = project.path("disk");
    fs::create_dir(&mount).expect("it can be made");
    let disk = match Disk::at(&mount) {
        Ok(disk) => disk,
        Err(error) => return skipped(format_args!("a small disk needs the right to mount one: {error}")),
    };
    let table = mount.join("states.yaml");
    let run = |arguments: &[&str]| {
        let table = table.to_str().expect("the path is UTF-8");
        crate::all::run::xtask(&[&["api"], arguments, &["--table", table]].concat())
    };
    fs::write(&table, project.read("states.yaml")).expect("it fits");
    assert_eq!(run(&["bless"]).status, Some(0));
    assert_eq!(run(&["freeze", "0.1"]).status, Some(0));
    let lock = fs::read_to_string(mount.join("api/current.lock")).expect("it is there");
    // With the most room the table of the release fits, and its lock does not.
    for but_kib in [0, 4, 8, 44] {
        disk.fill(but_kib);
        let full = run(&["freeze", "0.2"]).ended(2);
        assert!(full.stderr.contains("No space left on device"), "{}", full.stderr);
        assert!(!mount.join("api/releases/0.2.lock").exists(), "{but_kib} KiB are left");
        disk.empty();
        let text = project.read("states.yaml").replace("migrate_cancel", "migrate_stop");
        fs::write(&table, &text).expect("it fits");
        disk.fill(but_kib.min(8));
        assert_eq!(run(&["bless"]).status, Some(2));
        let found = fs::read_to_string(mount.join("api/current.lock")).expect("it is there");
        assert_eq!(found, lock, "the lock is whole, and the old one");
        disk.empty();
        fs::write(&table, project.read("states.yaml")).expect("it fits");
        let left = names_in(&mount.join("api"));
        assert_eq!(left.len(), 2, "{left:?}");
    }
    // With room, everything works as if nothing had been.
    assert_eq!(run(&["freeze", "0.2"]).status, Some(0));
    assert_eq!(run(&["check"]).status, Some(0));
}
