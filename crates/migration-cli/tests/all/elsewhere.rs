//! The program in a repository that has nothing to do with this one.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::run::{Run, cargo, git, program, root, xtask_in};

/// A newcomer follows what is printed, from an empty directory to a change of the public API.
#[test]
fn a_newcomer_gets_from_nothing_to_a_guarded_table() {
    let directory = TempDir::new().expect("a directory can be made");
    let here = directory.path();
    xtask_in(here, &["check"]).ended_without_result(2).stderr_has("`migration-table init`");

    git(here, &["init", "--quiet"]);
    let init = ends(here, &["init"], 0);
    for file in ["states.yaml", "api/current.lock", ".github/workflows/states.yml", ".gitattributes"] {
        assert!(here.join(file).is_file(), "{file}");
        assert!(init.stderr.contains(&format!("wrote {}", here.join(file).display())) || init.stderr.contains(file));
    }
    ends(here, &["init"], 2).stderr_has("`states.yaml` is there already");

    let check = ends(here, &["check"], 0);
    assert!(check.stdout.ends_with(": no findings\n") && check.stderr.is_empty(), "{}{}", check.stdout, check.stderr);
    let next: Vec<&str> = init.stdout.lines().skip(1).filter_map(|line| line.trim().split("    ").next()).collect();
    assert_eq!(next.len(), 3, "{}", init.stdout);
    next.iter().for_each(|command| drop(pasted(here, command, 0)));
    assert!(here.join("states.svg").is_file() && here.join("api/releases/0.1.lock").is_file());
    ends(here, &["api", "check"], 0);

    let table = fs::read_to_string(here.join("states.yaml")).expect("the table can be read");
    let renamed = table.replace("cancelling:", "undoing:").replace("shows: cancelling", "shows: undoing");
    fs::write(here.join("states.yaml"), renamed.replacen("undoing: { kind", "cancelling: { kind", 1))
        .expect("the table can be written");
    ends(here, &["check"], 0);
    let broken = ends(here, &["api", "check"], 1);
    broken.stdout_has("error[status-renamed]");
    let mend = broken.stdout.lines().find_map(|line| line.split_once("mend with: ")).expect("the lock is stale").1;
    pasted(here, mend, 0);
    let explain = broken.stdout.lines().find_map(|line| line.split_once("migration-table explain ")).expect("more");
    ends(here, &["explain", explain.1.trim()], 0);
}

/// A status with a new name is one finding, also where a guarantee names it.
#[test]
fn a_new_name_weakens_no_guarantee() {
    let directory = TempDir::new().expect("a directory can be made");
    let here = directory.path();
    ends(here, &["init"], 0);
    ends(here, &["api", "freeze", "0.1"], 0);
    let table = fs::read_to_string(here.join("states.yaml")).expect("the table can be read");
    let table = table
        .replace("completed:  { since: \"0.1\", doc:", "done:       { since: \"0.1\", renamed_from: completed, doc:")
        .replace("shows: completed", "shows: done")
        .replace("ends: [completed,", "ends: [done,")
        .replace(
            "\nmachines:\n",
            "\nreserved:\n  completed: { was: status, removed: \"0.2\", doc: \"it is called done\" }\n\nmachines:\n",
        );
    fs::write(here.join("states.yaml"), table).expect("the table can be written");
    ends(here, &["api", "bless"], 0);
    let said = ends(here, &["api", "check"], 1).stdout;
    assert!(said.contains("error[status-renamed]") && !said.contains("guarantee-weakened"), "{said}");
}

/// A repository can have several tables, and one workflow.
#[test]
fn a_second_table_is_begun_beside_the_first() {
    let directory = TempDir::new().expect("a directory can be made");
    let here = directory.path();
    git(here, &["init", "--quiet"]);
    ends(here, &["init", "a"], 0);
    let workflow = here.join(".github/workflows/states.yml");
    let kept = fs::read_to_string(&workflow).expect("the workflow is there");
    ends(here, &["init", "b"], 0).stderr_has("- run: migration-table check --format github --table b/states.yaml");
    assert_eq!(fs::read_to_string(&workflow).expect("the workflow is there"), kept);
    ends(here, &["api", "check", "--table", "b/states.yaml"], 0);
}

/// Nothing is frozen in a repository in which the user is not.
#[test]
fn the_table_of_an_outer_repository_is_not_found() {
    let directory = TempDir::new().expect("a directory can be made");
    let (outer, inner) = (directory.path(), directory.path().join("child/deeper"));
    git(outer, &["init", "--quiet"]);
    ends(outer, &["init"], 0);
    fs::create_dir_all(&inner).expect("a directory can be made");
    xtask_in(&inner, &["check"]).ended(0);
    git(&outer.join("child"), &["init", "--quiet"]);
    xtask_in(&inner, &["api", "freeze", "0.1"]).ended(2).stderr_has("up to the root of a repository");
    assert!(!outer.join("api/releases").exists());
}

/// Git that cannot be asked takes away what protects the frozen side: that is said.
#[test]
fn without_git_it_is_said_that_nothing_is_known() {
    let directory = TempDir::new().expect("a directory can be made");
    let here = directory.path();
    git(here, &["init", "--quiet"]);
    ends(here, &["init"], 0);
    fs::remove_dir_all(here.join("api")).expect("the frozen side can be removed");
    let mut command = Command::new(env!("CARGO_BIN_EXE_migration-table"));
    let output = command.args(["api", "bless"]).current_dir(here).env("PATH", "/nowhere").output();
    let said = String::from_utf8_lossy(&output.expect("the program runs").stderr).into_owned();
    assert!(said.contains("was there before is not known: cannot run `git`"), "{said}");
}

/// Commands that are printed name the table where the program would not find it again.
#[test]
fn what_is_printed_can_be_pasted() {
    let directory = TempDir::new().expect("a directory can be made");
    let here = directory.path();
    ends(here, &["init", "my tables"], 0);
    let table = "my tables/states.yaml";
    fs::remove_file(here.join("my tables/api/current.lock")).expect("the lock is there");
    let stale = ends(here, &["api", "check", "--table", table], 1);
    let mend = stale.stdout.lines().find_map(|line| line.split_once("mend with: ")).expect("the lock is missing").1;
    assert_eq!(mend, "migration-table api bless --table 'my tables/states.yaml'");
    pasted(here, mend, 0);
    assert!(here.join("my tables/api/current.lock").is_file());
    assert!(!here.join("api").exists());
    ends(here, &["api", "check", "--table", table], 0);
}

#[test]
fn the_nearest_table_is_used_and_named() {
    let directory = TempDir::new().expect("a directory can be made");
    let here = directory.path();
    ends(here, &["init"], 0);
    let below = here.join("a/b");
    fs::create_dir_all(&below).expect("a directory can be made");
    let check = ends(&below, &["check"], 0);
    assert_eq!(check.stderr, "note: the table is `../../states.yaml`\n");
    assert!(check.stdout.starts_with("../../states.yaml: 1 machine"), "{}", check.stdout);
}

#[test]
fn several_tables_are_checked_in_one_run_and_one_may_come_through_a_pipe() {
    let directory = TempDir::new().expect("a directory can be made");
    let here = directory.path();
    ends(here, &["init"], 0);
    fs::write(here.join("bad.yaml"), "format: 1\n").expect("the directory can be written to");
    let both = ends(here, &["check", "states.yaml", "bad.yaml"], 1);
    assert!(both.stdout.contains("states.yaml: 1 machine") && both.stdout.contains("bad.yaml: "), "{}", both.stdout);
    let sarif = ends(here, &["check", "states.yaml", "bad.yaml", "--format", "sarif"], 1);
    let log = sarif.json();
    assert_eq!(log["runs"].as_array().map(Vec::len), Some(2));
    let piped = pasted(here, "migration-table check - < states.yaml", 0);
    assert!(piped.stdout.starts_with("-: 1 machine"), "{}", piped.stdout);
    ends(here, &["check", "bad.yaml", "--table", "states.yaml"], 2).stderr_has("both name a table");
    assert_eq!(ends(here, &["api", "check", "--table", "-"], 2).stdout, "");
}

/// The first table runs in a crate that depends on nothing but the engine and the macro.
#[test]
fn a_crate_elsewhere_drives_its_machine() {
    let directory = TempDir::new().expect("a directory can be made");
    let here = directory.path();
    ends(here, &["init"], 0);
    let root = root();
    let (machine, macros) = (root.join("crates/migration-machine"), root.join("migration-macros"));
    let manifest = format!(
        "[package]\nname = \"backup\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         migration-machine = {{ path = \"{}\" }}\nmigration-macros = {{ path = \"{}\" }}\n\n[workspace]\n",
        machine.display(),
        macros.display()
    );
    fs::write(here.join("Cargo.toml"), manifest).expect("the directory can be written to");
    // The versions that the workspace has, so that nothing has to be fetched.
    fs::copy(root.join("Cargo.lock"), here.join("Cargo.lock")).expect("the versions can be copied");
    fs::create_dir(here.join("src")).expect("a directory can be made");
    fs::write(here.join("src/main.rs"), BACKUP).expect("the directory can be written to");
    let output = cargo().args(["run", "--quiet"]).current_dir(here).output();
    let output = output.expect("cargo runs, since it runs this test");
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(stdout, "completed\nfailed: the disk is full\n", "{stderr}");
}

const BACKUP: &str = r#"
mod states {
    migration_macros::state_machine!("../states.yaml", frozen = "../api/current.lock");
}

use migration_machine::{Machine, Raised, Visit, VisitOver, drive};
use states::writer::*;

struct Backup {
    has_room: bool,
}

impl Work for Backup {
    type Cause = String;

    fn opening(&mut self, _: &Visit) -> Result<OpeningEvent<String>, VisitOver> {
        Ok(OpeningEvent::Opened)
    }

    fn writing(&mut self, _: &Visit) -> Result<WritingEvent<String>, VisitOver> {
        let full = || WritingEvent::Error("the disk is full".to_owned());
        Ok(if self.has_room { WritingEvent::Written } else { full() })
    }

    fn finishing(&mut self, _: &Visit) -> Result<FinishingEvent, VisitOver> {
        Ok(FinishingEvent::Closed)
    }

    fn cancelling(&mut self, _: &Visit) -> Result<CancellingEvent, VisitOver> {
        Ok(CancellingEvent::Closed)
    }

    fn failing(&mut self, _: &Visit) -> Result<FailingEvent, VisitOver> {
        Ok(FailingEvent::Closed)
    }
}

fn main() {
    let machine = Machine::<Writer>::new(|guard| match guard {});
    for has_room in [true, false] {
        let Raised::Accepted(attempt) = machine.raise(Trigger::Start) else { panic!("a backup can start") };
        let outcome = drive(&machine, attempt, &mut Backup { has_room });
        let cause = outcome.cause().map_or(String::new(), |cause| format!(": {cause}"));
        println!("{}{cause}", outcome.status());
    }
}
"#;

fn ends(directory: &Path, arguments: &[&str], status: i32) -> Run {
    xtask_in(directory, arguments).ended(status)
}

/// Gives a line to a shell, as a person does who copies it.
fn pasted(directory: &Path, line: &str, status: i32) -> Run {
    let path =
        program().get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, path)| path.map(|it| it.to_owned()));
    let path = path.expect("the program is on the search path");
    let mut shell = Command::new("sh");
    Run::of(shell.args(["-c", line]).current_dir(directory).env("PATH", path)).ended(status)
}
