//! `api freeze`: writes down what a release shows, once and for ever.

use anyhow::{Result, bail};
use clap::Args;
use migration_contract::compare::Level;
use migration_table::Style;

use super::format::Format;
use crate::api::approvals::{self, Approval};
use crate::api::folder::Folder;
use crate::api::judge;
use crate::api::release::{self, Release};
use crate::api::version::Version;
use crate::outcome::Outcome;
use crate::table_file::TableFile;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The version of the release, such as `0.2`
    version: String,
}

/// Freezes what the table shows as a release. Nothing may be left open, so that the file says the truth.
pub(crate) fn run(file: &TableFile, arguments: &Arguments) -> Result<Outcome> {
    let version = Version::parse(&arguments.version)?;
    let folder = Folder::beside(file.path());
    if folder.release(&version).exists() {
        bail!("{version} is frozen already, and a release is frozen once: choose the next version");
    }
    if let Some(newest) = folder.releases()?.last().filter(|newest| version <= **newest) {
        bail!("{version} does not come after {newest}, the newest release");
    }
    let Some(new) = file.side()? else { return Ok(Outcome::CouldNotRun) };
    let judgement = judge::by_releases(&folder, new)?;
    if judgement.fails(Level::Break) {
        print!("{}", Format::Text.report(&judgement, Level::Break, Style::Plain)?);
        eprintln!("nothing is frozen: mend or approve what is open first");
        return Ok(Outcome::Findings);
    }
    let wanted = approvals::read(&folder)?;
    let (done, rest): (Vec<Approval>, Vec<Approval>) =
        wanted.into_iter().partition(|approval| approval.until <= version);
    let releases = release::all(&folder)?;
    let approvals = done.iter().map(|approval| release::named(approval, &releases)).collect();
    let name = release::write(&folder, &Release { version, public: judgement.new.public, approvals })?;
    approvals::write(&folder, &rest)?;
    eprintln!("wrote {name}: commit it, and never change it");
    eprintln!("run `cargo xtask docs`: the page on the history of the API has a new release");
    Ok(Outcome::Clean)
}
