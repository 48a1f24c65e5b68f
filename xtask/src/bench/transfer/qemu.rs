//! A migration between two processes of QEMU, with the same amount of memory and as idle a guest.
//!
//! In place of firmware the guest has two instructions that halt it, so its memory is what it was filled with, to the
//! last byte. It is filled by a file in memory that QEMU maps; the destination has such a file of its own, or anonymous
//! memory, as our hosts have.

use std::fs::{self, File};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use migration_testkit::process::Process;
use migration_testkit::qmp::Client;
use serde_json::json;

use super::free::{self, FreePages};
use super::options::{Options, Room};
use super::pair::{Moved, Pair};

const MEMORY_FILES: &str = "/dev/shm";

const PROGRAM: &str = "qemu-system-x86_64";

/// As much as a PC's firmware needs at least.
pub(super) const FIRMWARE_BYTES: usize = 64 << 10;

/// Where a PC begins: this far from the end of its firmware.
pub(super) const RESET_BYTES: usize = 16;

/// `cli; hlt`, and back to `hlt` if anything should wake it.
const HALT: [u8; 4] = [0xfa, 0xf4, 0xeb, 0xfd];

/// Memory above this address is nothing but memory, so it can be asked for by physical address.
const PLAIN_MEMORY: usize = 1 << 20;

/// What is compared at once.
const PIECE_BYTES: usize = 1 << 20;

/// What the memory of the destination is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backing {
    /// Private and anonymous, with huge pages if the kernel has them, as in our hosts.
    Anonymous,
    /// A file in memory that other processes could map.
    SharedFile,
}

/// QEMU as it is installed here, and what its guests are made of.
pub(super) struct Qemu {
    version: String,
    folder: PathBuf,
    holder: PathBuf,
    contents: MemoryFile,
}

/// A file in memory that has no name, so that nothing is left of it however this process ends.
pub(super) struct MemoryFile(pub(super) File);

impl Qemu {
    /// Finds QEMU and lays out what it needs: firmware and sockets in `folder`, and the memory of its guests. The error
    /// says why it is left out. `holder` is our host, which [holds pages](FreePages) for its destinations.
    pub(super) fn find(folder: &Path, holder: &Path, contents: &[u8]) -> Result<Self> {
        let output = Command::new(PROGRAM).arg("--version").output().context("QEMU is not installed")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text.split_whitespace().nth(3).context("QEMU does not tell its version")?.to_owned();
        let mut memory = MemoryFile::create()?;
        memory.0.write_all(contents).with_context(|| format!("the guest's memory does not fit into {MEMORY_FILES}"))?;
        let qemu = Self { version, folder: folder.to_owned(), holder: holder.to_owned(), contents: memory };
        let mut firmware = vec![0; FIRMWARE_BYTES];
        firmware[FIRMWARE_BYTES - RESET_BYTES..][..HALT.len()].copy_from_slice(&HALT);
        fs::write(qemu.firmware(), firmware).context("the guest's firmware cannot be written")?;
        Ok(qemu)
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Moves a guest and compares all of its memory where it arrives.
    pub(super) fn migrate(&self, options: &Options, backing: Backing, room: Room, tls: Option<&Path>) -> Result<Moved> {
        let file = MemoryFile::create()?;
        let there = match backing {
            Backing::Anonymous => "memory-backend-ram".to_owned(),
            Backing::SharedFile => file.backend(),
        };
        let there = match room {
            Room::Fresh => there,
            Room::Prefaulted => format!("{there},prealloc=on"),
        };
        let firmware = self.firmware();
        let tls_object = |side| {
            tls.map(|creds| {
                let endpoint = if side == "source" { "client" } else { "server" };
                format!("tls-creds-x509,id=tls0,dir={},endpoint={endpoint}", creds.display())
            })
        };
        let start = |side, memory: &str, arguments: &[&str]| -> Result<(Process, Client)> {
            let object = tls_object(side);
            let object: Vec<&str> = object.iter().flat_map(|object| ["-object", object]).collect();
            let (process, mut client) = self.start(side, options, memory, &firmware, &[arguments, &object].concat())?;
            if tls.is_some() {
                client.execute("migrate-set-parameters", json!({ "tls-creds": "tls0" }))?;
            }
            Ok((process, client))
        };
        // Our source takes as much memory before its destination does; this one has a file that was there.
        let _instead = free::hold(&self.holder, options.memory_mib)?;
        let (from, mut source) = start("source", &format!("{},prealloc=on", self.contents.backend()), &[])?;
        let (to, mut destination) = start("destination", &there, &["-incoming", "defer"])?;
        let pages = FreePages::prepare(&self.holder, options, room)?;
        let mut pair = Pair { processes: [&from, &to], clients: [&mut source, &mut destination], pages };
        let moved = pair.migrate(options).context("QEMU")?;
        match backing {
            Backing::SharedFile => self.compare(0, &file)?,
            Backing::Anonymous => {
                let bytes = (options.memory_mib << 20) - PLAIN_MEMORY;
                let save = json!({ "val": PLAIN_MEMORY, "size": bytes, "filename": file.path() });
                destination.execute("pmemsave", save)?;
                self.compare(PLAIN_MEMORY, &file)?;
            }
        }
        Ok(moved)
    }

    /// Starts a process with a client that is told of migrations.
    pub(super) fn start(
        &self,
        side: &str,
        options: &Options,
        memory: &str,
        firmware: &Path,
        arguments: &[&str],
    ) -> Result<(Process, Client)> {
        let socket = self.folder.join(format!("{side}.qemu"));
        let mut command = command(options, memory, firmware);
        command.arg("-qmp").arg(format!("unix:{},server=on,wait=off", socket.display())).args(arguments);
        let process = Process::spawn(command.stdin(Stdio::null()).stdout(Stdio::null()))?;
        let mut client = Client::connect(side, &socket)?;
        client.capability("events")?;
        Ok((process, client))
    }

    /// Compares the source's memory from `offset` on with the file that holds the destination's.
    fn compare(&self, offset: usize, file: &MemoryFile) -> Result<()> {
        let (mut here, mut there) = (vec![0; PIECE_BYTES], vec![0; PIECE_BYTES]);
        let bytes = self.contents.0.metadata()?.len() as usize - offset;
        ensure!(file.0.metadata()?.len() as usize == bytes, "not all of QEMU's memory can be compared");
        for at in (0..bytes).step_by(PIECE_BYTES) {
            self.contents.0.read_exact_at(&mut here, (at + offset) as u64)?;
            file.0.read_exact_at(&mut there, at as u64)?;
            if here != there {
                bail!("QEMU's memory is damaged within the MiB at {:#x}", at + offset);
            }
        }
        Ok(())
    }

    fn firmware(&self) -> PathBuf {
        self.folder.join("halt.bin")
    }
}

fn command(options: &Options, memory: &str, firmware: &Path) -> Command {
    let size = format!("{}M", options.memory_mib);
    let memory = format!("{memory},id=ram,size={size}");
    let mut command = Command::new(PROGRAM);
    command.args(["-accel", "tcg", "-machine", "pc,memory-backend=ram", "-m", &size, "-object", &memory]);
    command.args(["-nodefaults", "-no-user-config", "-display", "none", "-bios"]).arg(firmware);
    command
}

impl MemoryFile {
    /// An empty file.
    pub(super) fn create() -> Result<Self> {
        let path = Path::new(MEMORY_FILES).join(format!("migration-bench-{}", std::process::id()));
        let file = File::options().read(true).write(true).create_new(true).open(&path);
        let file = file.with_context(|| format!("{} cannot be made", path.display()))?;
        fs::remove_file(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
        Ok(Self(file))
    }

    /// What other processes can open it by, as long as this one has it.
    fn path(&self) -> String {
        format!("/proc/{}/fd/{}", std::process::id(), self.0.as_raw_fd())
    }

    /// How QEMU is told to use it as memory. QEMU makes it as long as it must be.
    pub(super) fn backend(&self) -> String {
        format!("memory-backend-file,mem-path={},share=on", self.path())
    }
}
