//! A migration between two processes of QEMU, with the same amount of memory and as idle a guest.
//!
//! In place of firmware the guest has two instructions that halt it, so its memory is what it was filled with, to the
//! last byte. It is filled by a file in memory that QEMU maps; the destination has such a file of its own, or anonymous
//! memory, as our hosts have.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::channel;

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use super::pair::{Moved, Pair, Side};
use super::{Options, Room};
use crate::hosts::{Client, Host};

const PROGRAM: &str = "qemu-system-x86_64";

/// As much as a PC's firmware needs at least.
const FIRMWARE_BYTES: usize = 64 << 10;

/// Where a PC begins: this far from the end of its firmware.
const RESET_BYTES: usize = 16;

/// `cli; hlt`, and back to `hlt` if anything should wake it.
const HALT: [u8; 4] = [0xfa, 0xf4, 0xeb, 0xfd];

/// Memory above this address is nothing but memory, so it can be asked for by physical address.
const PLAIN_MEMORY: usize = 1 << 20;

/// What is compared at once.
const PIECE_BYTES: usize = 1 << 20;

/// What the memory of the destination is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Backing {
    /// Private and anonymous, as in our hosts; QEMU asks the kernel for huge pages there.
    Anonymous,
    /// A file in memory that other processes could map.
    SharedFile,
}

/// QEMU as it is installed here, and what its guests are made of.
pub(super) struct Qemu {
    version: String,
    folder: PathBuf,
    files: PathBuf,
}

impl Qemu {
    /// Finds QEMU and lays out what it needs: sockets go to `folder`, memory to `files`. The error says why it is left
    /// out.
    pub(super) fn find(folder: &Path, files: &Path, contents: &[u8]) -> Result<Self> {
        let output = Command::new(PROGRAM).arg("--version").output().context("QEMU is not installed")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text.split_whitespace().nth(3).context("QEMU does not tell its version")?.to_owned();
        let qemu = Self { version, folder: folder.to_owned(), files: files.to_owned() };
        let mut firmware = vec![0; FIRMWARE_BYTES];
        firmware[FIRMWARE_BYTES - RESET_BYTES..][..HALT.len()].copy_from_slice(&HALT);
        fs::write(qemu.firmware(), firmware).context("the guest's firmware cannot be written")?;
        fs::write(qemu.memory_of("source"), contents).context("the guest's memory cannot be written")?;
        Ok(qemu)
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }

    /// Moves a guest and compares all of its memory where it arrives.
    pub(super) fn migrate(&self, options: &Options, backing: Backing, room: Room) -> Result<Moved> {
        let (send, events) = channel();
        let start = |side: &'static str, backing, room, arguments: &[&str]| -> Result<Side> {
            let socket = self.folder.join(format!("{side}.qemu"));
            let mut command = self.command(side, options, backing, room);
            let qmp = format!("unix:{},server=on,wait=off", socket.display());
            command.arg("-qmp").arg(qmp).args(arguments);
            let host = Host::spawn(command)?;
            Ok(Side { host, client: Client::connect(side, &socket, send.clone())? })
        };
        let source = start("source", Backing::SharedFile, Room::Prefaulted, &[])?;
        let destination = start("destination", backing, room, &["-incoming", "defer"])?;
        let mut pair = Pair { source, destination, events };
        let moved = pair.migrate(options).context("QEMU")?;
        match backing {
            Backing::SharedFile => self.compare(0)?,
            Backing::Anonymous => {
                let bytes = (options.memory_mib << 20) - PLAIN_MEMORY;
                let file = self.memory_of("destination");
                let save = json!({ "val": PLAIN_MEMORY, "size": bytes, "filename": file });
                pair.destination.client.run("pmemsave", &save)?;
                self.compare(PLAIN_MEMORY)?;
            }
        }
        drop(pair);
        fs::remove_file(self.memory_of("destination"))?;
        Ok(moved)
    }

    fn command(&self, side: &str, options: &Options, backing: Backing, room: Room) -> Command {
        let size = format!("{}M", options.memory_mib);
        let prealloc = match room {
            Room::Fresh => "off",
            Room::Prefaulted => "on",
        };
        let memory = match backing {
            Backing::Anonymous => format!("memory-backend-ram,id=ram,size={size},prealloc={prealloc}"),
            Backing::SharedFile => {
                let path = self.memory_of(side);
                let path = path.display();
                format!("memory-backend-file,id=ram,size={size},mem-path={path},share=on,prealloc={prealloc}")
            }
        };
        let mut command = Command::new(PROGRAM);
        command.args(["-accel", "tcg", "-machine", "pc,memory-backend=ram", "-m", &size, "-object", &memory]);
        command.args(["-nodefaults", "-no-user-config", "-display", "none", "-bios"]).arg(self.firmware());
        command
    }

    /// Compares the source's memory from `offset` on with the file that holds the destination's.
    fn compare(&self, offset: usize) -> Result<()> {
        let (mut there, mut here) = (vec![0; PIECE_BYTES], vec![0; PIECE_BYTES]);
        let mut source = File::open(self.memory_of("source"))?;
        let mut destination = File::open(self.memory_of("destination"))?;
        let bytes = source.metadata()?.len() - offset as u64;
        ensure!(destination.metadata()?.len() == bytes, "not all of QEMU's memory can be compared");
        source.seek(SeekFrom::Start(offset as u64))?;
        for piece in 0..bytes / PIECE_BYTES as u64 {
            source.read_exact(&mut here)?;
            destination.read_exact(&mut there)?;
            if here != there {
                bail!("QEMU's memory is damaged in MiB {}", piece + (offset / PIECE_BYTES) as u64);
            }
        }
        Ok(())
    }

    fn firmware(&self) -> PathBuf {
        self.folder.join("halt.bin")
    }

    fn memory_of(&self, side: &str) -> PathBuf {
        self.files.join(format!("{side}.memory"))
    }
}
