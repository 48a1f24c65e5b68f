//! The host program and its processes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::workspace;

/// The unit of processor time in `/proc`: 100 a second on every Linux (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// How the host program is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As everything else in the course of work.
    Dev,
    /// For figures.
    Release,
}

/// Builds the host program and returns its path.
pub(crate) fn build(root: &Path, profile: Profile) -> Result<PathBuf> {
    let mut command = Command::new(workspace::cargo());
    command.current_dir(root).args(["build", "--package", "migration-host"]);
    command.arg("--message-format=json-render-diagnostics");
    match profile {
        Profile::Dev => {}
        Profile::Release => {
            command.arg("--release");
        }
    }
    let output = command.stderr(Stdio::inherit()).output().context("cargo cannot be run")?;
    if !output.status.success() {
        bail!("the host program does not build");
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let executable = text
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back();
    executable.context("cargo did not say where it put the host program")
}

/// One process; it is ended with this value.
pub(crate) struct Host {
    child: Child,
}

impl Host {
    /// Starts a host of ours that serves QMP at `socket`.
    pub(crate) fn start(program: &Path, socket: &Path, arguments: &[&str]) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg("--qmp").arg(format!("unix:{}", socket.display())).args(arguments);
        Self::spawn(command)
    }

    /// Starts a host of any make, which says nothing on standard output.
    pub(crate) fn spawn(mut command: Command) -> Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let program = command.get_program().to_string_lossy();
        Ok(Self { child: child.with_context(|| format!("`{program}` cannot be started"))? })
    }

    /// Ends the process as a crash would: at once, without any clean-up of its own.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.child.kill().context("the host cannot be killed")?;
        self.child.wait().context("the host does not end")?;
        Ok(())
    }

    /// The number of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The processor time that the process has used, its ended threads included.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.id())).context("the host has ended")?;
        // The name in parentheses may hold spaces; user and system time are the 12th and 13th field after it.
        let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: Option<u32> = fields.skip(11).take(2).map(|field| field.parse::<u32>().ok()).sum();
        Ok(TICK * ticks.context("the kernel's words on the host's time are not understood")?)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It may have ended by itself; either way nothing is left of it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
