//! `api freeze`: writes down what a release shows, once and for ever.

use anyhow::{Result, bail};
use clap::Args;
use migration_contract::compare::Level;
use migration_contract::frozen::{Approval, Release, Version, with_releases};
use migration_table::Style;

use super::format::{Format, Report};
use crate::api::files::Files;
use crate::api::side;
use crate::outcome::Outcome;
use crate::output::{say, to_stdout};
use crate::table_file::TableFile;

#[derive(Args, Debug)]
#[command(after_help = "Example:\n\
\x20 migration-table api freeze 0.2")]
pub(crate) struct Arguments {
    /// The version of the release, such as `0.2`
    version: Version,
}

/// Freezes what the table shows as a release. No finding may be open, so that the file tells the truth.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let version = arguments.version.clone();
    let files = Files::beside(file.path());
    let _guard = files.guard()?;
    if files.release(&version).exists() {
        bail!("{version} is frozen already, and a release is frozen once: choose the next version");
    }
    let listed = files.read()?.listed();
    let known = listed.iter().filter_map(|entry| entry.version.parse::<Version>().ok()).chain(files.versions()?);
    if let Some(newest) = known.max().filter(|newest| version <= *newest) {
        bail!("{version} does not come after {newest}, the newest release");
    }
    let Some(new) = side::current(file)? else { return Ok(Outcome::Findings) };
    let judgement = files.judge(&new.public)?;
    if judgement.fails(Level::Break) {
        let report = Report { new: &new, judgement: &judgement, fail_on: Level::Break, invocation: file.invocation() };
        to_stdout(&Format::Text.write(&report, Style::Plain)?)?;
        say(format_args!("nothing is frozen: mend or approve what is open first"));
        return Ok(Outcome::Findings);
    }
    let wanted = files.read_approvals()?;
    let (done, rest): (Vec<Approval>, Vec<Approval>) =
        wanted.into_iter().partition(|approval| approval.until <= version);
    let releases = files.read_releases()?;
    let approvals = done.iter().map(|approval| with_releases(approval, &releases)).collect();
    if let Some(source) = &new.table {
        say(format_args!("wrote {}", files.write_release_table(&version, &source.text)?));
    }
    let name = files.write_release(&Release {
        version,
        public: new.public.clone(),
        approvals,
        listed,
        seal: String::new(),
        table: None,
    })?;
    files.write_lock(&new.public)?;
    files.write_approvals(&rest)?;
    say(format_args!("wrote {name}: commit both files, and never change them"));
    Ok(Outcome::Clean)
}
