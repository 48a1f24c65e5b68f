//! A `migration-host` process with a directory of its own.

use std::io::{BufRead, BufReader};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::Process;
use crate::qmp::{Client, Error};

/// The socket at which a host serves QMP, in its directory.
const SOCKET: &str = "qmp.sock";

/// The trace of a host, in its directory.
const TRACE: &str = "trace.jsonl";

/// A host. It is killed, and its directory removed, when this value is dropped.
#[derive(Debug)]
pub struct Host {
    process: Process,
    name: &'static str,
    dir: TempDir,
}

/// Two hosts with their clients. The guest runs on the first, and the second waits for it.
#[derive(Debug)]
pub struct HostPair {
    /// The client of the first host.
    pub source: Client,
    /// The client of the second host.
    pub destination: Client,
    /// The first host.
    pub from: Host,
    /// The second host.
    pub to: Host,
}

impl HostPair {
    /// Starts two [`small`](Host::small) hosts, the second of which listens at a free port.
    ///
    /// # Errors
    /// As [`Host::start`].
    pub fn start(program: &Path) -> Result<Self> {
        let from = Host::small(program, "8M", &[])?;
        let to = Host::small(program, "8M", &["--incoming", "tcp:127.0.0.1:0"])?;
        Ok(Self { source: from.client()?, destination: to.client()?, from, to })
    }

    /// Begins to move the guest.
    ///
    /// # Panics
    /// When the source refuses, or the destination does not listen.
    pub fn migrate(&mut self) {
        let uri = self.destination.listens_at();
        self.source.ask("migrate", json!({ "uri": uri }));
    }

    /// Waits until both sides have completed.
    ///
    /// # Panics
    /// When they do not.
    pub fn complete(&mut self) {
        self.source.wait_for("completed");
        self.destination.wait_for("completed");
    }
}

impl Host {
    /// Starts `program` with `arguments`, and waits until clients can connect. `name` is for messages.
    ///
    /// # Errors
    /// When it cannot be started, or ends before it serves QMP.
    pub fn start(name: &'static str, program: &Path, arguments: &[&str]) -> Result<Self> {
        Self::start_logging_to(Stdio::inherit(), name, program, arguments)
    }

    /// Starts a host as [`start`](Host::start) does, with its standard error at `log`.
    ///
    /// # Errors
    /// As [`start`](Host::start).
    pub fn start_logging_to(
        log: impl Into<Stdio>,
        name: &'static str,
        program: &Path,
        arguments: &[&str],
    ) -> Result<Self> {
        let dir = tempfile::tempdir().context("no directory can be made")?;
        let qmp = format!("unix:{}", dir.path().join(SOCKET).display());
        let mut command = Command::new(program);
        command.args(["--qmp", &qmp]).args(arguments).current_dir(dir.path()).stderr(log);
        let mut process = Process::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
        let stdout = process.child.stdout.take().context("standard output is a pipe")?;
        let mut ready = String::new();
        BufReader::new(stdout).read_line(&mut ready).context("the host cannot be heard")?;
        ensure!(ready == format!("qmp {qmp}\n"), "the {name} host does not serve QMP: it wrote `{}`", ready.trim_end());
        Ok(Self { process, name, dir })
    }

    /// Starts a host of a guest in plain memory that writes a trace, as most tests want it.
    ///
    /// # Errors
    /// As [`start`](Host::start).
    pub fn small(program: &Path, memory: &str, arguments: &[&str]) -> Result<Self> {
        let guest = ["--log", "warn", "--guest", "memory", "--memory", memory, "--hot", "1M", "--trace", TRACE];
        Self::start("tested", program, &[&guest, arguments].concat())
    }

    /// Connects a client that is told of migrations.
    ///
    /// # Errors
    /// When the host hangs up.
    pub fn client(&self) -> Result<Client, Error> {
        let mut client = Client::connect(self.name, &self.socket())?;
        client.capability("events")?;
        Ok(client)
    }

    /// Returns the path of the socket at which the host serves QMP.
    pub fn socket(&self) -> PathBuf {
        self.dir.path().join(SOCKET)
    }

    /// Returns the directory of this host.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Returns every step of the machines of a [`small`](Host::small) host so far.
    ///
    /// # Errors
    /// When the trace cannot be read, or a line of it is not JSON.
    pub fn trace(&self) -> Result<Vec<Value>> {
        let text = std::fs::read_to_string(self.dir.path().join(TRACE))?;
        text.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }
}

impl Deref for Host {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl DerefMut for Host {
    fn deref_mut(&mut self) -> &mut Process {
        &mut self.process
    }
}
