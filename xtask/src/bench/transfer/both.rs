//! Both who are compared, and what their guests' memory is filled with.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use anyhow::{Context, Result};
use migration_testkit::build::{self, Profile};
use tempfile::TempDir;

use super::options::Options;
use super::qemu::Qemu;
use crate::bench::Load;

/// What every measurement of migrations begins with.
pub(super) struct Both {
    /// Our host.
    pub(super) program: PathBuf,
    /// For the files of QEMU.
    pub(super) folder: TempDir,
    /// As many as the guest's memory has, and none of their pages is zero.
    pub(super) bytes: Vec<u8>,
    pub(super) load: Load,
    /// QEMU, or why it is left out.
    pub(super) qemu: Result<Qemu>,
}

impl Both {
    /// Builds our host, looks at the load, and looks for QEMU.
    pub(super) fn find(options: &Options) -> Result<Both> {
        let program = build::program("migration-host", Profile::Release)?;
        let folder = tempfile::tempdir()?;
        let mut bytes = vec![0; options.memory_mib << 20];
        File::open("/dev/urandom").and_then(|mut random| random.read_exact(&mut bytes)).context("no random bytes")?;
        let load = Load::now();
        let qemu = Qemu::find(folder.path(), &program, &bytes);
        Ok(Both { program, folder, bytes, load, qemu })
    }

    /// Who QEMU is, or that it was left out and why.
    pub(super) fn qemu_line(&self) -> String {
        match &self.qemu {
            Ok(qemu) => format!("QEMU {}", qemu.version()),
            Err(why) => format!("skipped: {why:#}"),
        }
    }
}
