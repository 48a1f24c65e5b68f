//! `step`: a walk over a machine, one fact at a time, by a person or a script.
//!
//! The interpreter says what comes of every step; here is only who asks and how it looks.

mod command;
mod screen;

use std::io::{self, BufRead, BufReader, Cursor, IsTerminal, Read as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use migration_contract::checks;
use migration_replay::walk::{self, Walker};

use crate::outcome::Outcome;
use crate::output::{say, stderr_style, stdout_style, to_stderr, to_stdout, write_result};
use crate::table_file::{Read, TableFile};
use crate::tables::Tables;
use crate::{input, repository, view};

use command::Command;
use screen::Screen;

/// Longest line of a script, in bytes.
const LINE_BYTES_MAX: u64 = 64 << 10;

/// How the file of a walk ends.
const EXTENSION: &str = "walk";

/// The checks whose findings mean that a step may never end.
const ENDLESS: [&str; 2] = ["endless-advance", "undecided"];

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n\
    \x20 migration-table step\n\
    \x20 migration-table step --machine destination --save late.walk\n\
    \x20 migration-table step late.walk")]
pub struct Arguments {
    /// The machine to walk over [default: the first of the table]
    #[arg(long, value_name = "NAME")]
    machine: Option<String>,

    /// Writes the walk to this file at its end
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,

    /// What to do, a line for each step, as one would type it, or a saved walk; `help` is one of the things to type
    /// [default: standard input]
    #[arg(value_name = "SCRIPT")]
    script: Option<PathBuf>,
}

/// Returns the table to walk over: where the user names none, a saved walk may.
pub(crate) fn table(tables: &Tables, arguments: &Arguments) -> Result<TableFile> {
    match arguments.script.as_deref() {
        Some(script) => tables.file_of_walks(&[script]).and_then(Tables::on_disk),
        None => tables.file_on_disk(),
    }
}

/// Walks until the input ends or says so.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let read = file.read()?;
    let Some(table) = read.table.as_ref().filter(|_| !may_never_end(&read)) else {
        to_stderr(&file.render(&read, stderr_style()));
        return Ok(Outcome::Findings);
    };
    let script = arguments.script.as_deref().map(|path| input::text(path, "the script")).transpose()?;
    let named = script.as_deref().and_then(command::machine_of);
    if let (Some(asked), Some(named)) = (arguments.machine.as_deref(), named)
        && asked != named
    {
        bail!("`--machine {asked}` is not the machine of the walk, which is `{named}`");
    }
    let machines = view::machines(table, named.or(arguments.machine.as_deref()))?;
    let Some(machine) = machines.first() else { bail!("the table has no machine") };
    let is_person = arguments.script.is_none() && io::stdin().is_terminal();
    let gives_reasons = script.as_deref().is_some_and(command::gives_reasons);
    let input: Box<dyn BufRead> = match script {
        Some(script) => Box::new(Cursor::new(script)),
        None => Box::new(BufReader::new(io::stdin())),
    };
    let walker = Walker::new(table, machine);
    let screen = Screen::new(table, stdout_style());
    let mut session = Session { walker, screen, table: file.in_repository(), is_person, gives_reasons, different: 0 };
    session.walk(input)?;
    if let Some(path) = &arguments.save {
        session.save(path)?;
    }
    if session.different > 0 {
        say(format_args!("error: {} of the steps came out differently than the walk says", session.different));
        return Ok(Outcome::Findings);
    }
    Ok(Outcome::Clean)
}

/// Whether something may go round for ever; the interpreter would.
pub(crate) fn may_never_end(read: &Read) -> bool {
    let is_endless = |name: &str| ENDLESS.contains(&name);
    let codes: Vec<_> = checks().filter(|check| is_endless(check.name)).map(|check| check.code).collect();
    read.findings.iter().any(|finding| codes.contains(&finding.code))
}

/// A walk that is under way.
struct Session<'t> {
    walker: Walker<'t>,
    screen: Screen<'t>,
    /// The path of the table from the root of its repository.
    table: String,
    /// Whether a person types: then the whole screen is shown after each step, and a slip of the finger is forgiven.
    is_person: bool,
    /// Whether the script says which reasons its steps give. One that does not is not judged by them.
    gives_reasons: bool,
    /// How many steps came out differently than their line says.
    different: usize,
}

impl Session<'_> {
    fn walk(&mut self, mut input: Box<dyn BufRead>) -> Result<()> {
        to_stdout(&self.screen.now(&self.walker))?;
        let mut number = 0_usize;
        loop {
            to_stdout(&self.screen.prompt(&self.walker))?;
            let mut line = String::new();
            let read = input.by_ref().take(LINE_BYTES_MAX).read_line(&mut line);
            if read.context("cannot read what to do")? == 0 {
                to_stdout("\n")?;
                return Ok(());
            }
            number += 1;
            let line = line.trim();
            if !self.is_person {
                to_stdout(&format!("{line}\n"))?;
            }
            match self.obey(line) {
                Ok(Go::On) => {}
                Ok(Go::Home) => return Ok(()),
                Err(error) if self.is_person => to_stdout(&format!("{error:#}\n"))?,
                Err(error) => bail!("line {number}: {error:#}"),
            }
        }
    }

    fn obey(&mut self, line: &str) -> Result<Go> {
        match command::read(line, &self.walker)? {
            Command::Nothing => {}
            Command::Look => to_stdout(&self.screen.now(&self.walker))?,
            Command::Take(action) => {
                let lacking = screen::lacking(&self.walker, &action);
                let outcome = self.walker.take(&action)?;
                to_stdout(&self.screen.outcome(&action, outcome.as_ref()))?;
                if let Some(guards) = lacking {
                    to_stdout(&format!("note: a host refuses `{}` without {guards}\n", action.name))?;
                }
                let judged = |outcome: walk::Outcome| match self.gives_reasons {
                    true => outcome.to_string(),
                    false => walk::Outcome { reason: None, ..outcome }.to_string(),
                };
                let now = outcome.map(judged).unwrap_or_default();
                if let Some(saved) = command::outcome_of(line).filter(|saved| *saved != now) {
                    self.different += 1;
                    to_stdout(&format!("different: the walk says `{saved}`\n"))?;
                }
                self.show()?;
            }
            Command::Undo => match self.walker.undo() {
                Some(action) => {
                    to_stdout(&format!("taken back: {action}\n"))?;
                    self.show()?;
                }
                None => bail!("there is nothing to take back"),
            },
            Command::Reset => {
                self.walker.reset();
                to_stdout("back at the beginning\n")?;
                self.show()?;
            }
            Command::Walk => to_stdout(&self.walker.walk(&self.table).to_string())?,
            Command::Save(name) => self.save(&place(&name))?,
            Command::Help => to_stdout(command::HELP)?,
            Command::Quit => return Ok(Go::Home),
        }
        Ok(Go::On)
    }

    /// A person sees where they are after each step; in the record of a script that would be mostly repetition.
    fn show(&self) -> Result<()> {
        if self.is_person { to_stdout(&self.screen.now(&self.walker)) } else { Ok(()) }
    }

    fn save(&self, path: &Path) -> Result<()> {
        if repository::root_of(path).is_some() && Path::new(&self.table).is_absolute() {
            bail!("the table is in no repository, so a walk in a repository cannot name it: save the walk elsewhere");
        }
        write_result(path, &self.walker.walk(&self.table).to_string())?;
        to_stdout(&format!("saved: {} ({} steps)\n", path.display(), self.walker.steps()))
    }
}

/// Whether the walk goes on.
enum Go {
    On,
    Home,
}

/// Returns the file of a walk: a mere name gets the ending of walks.
fn place(name: &str) -> PathBuf {
    if name.contains('/') || name.contains('.') {
        PathBuf::from(name)
    } else {
        Path::new(name).with_extension(EXTENSION)
    }
}
