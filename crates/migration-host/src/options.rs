//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use migration_runtime::address::Address;
use migration_runtime::wire::Token;

use crate::commands;
use crate::encryption::Settings;
use crate::guest::layout::ZERO_ONE_IN;
use crate::guest::pace::{PAGES_PER_SECOND, PAGES_PER_SECOND_MAX};
use crate::guest::{Allocation, Contents, GuestKind, GuestOptions};
use crate::timeouts::StateTimeout;

const EXAMPLES: &str = "\
Examples, in three terminals:
  migration-host --qmp unix:/tmp/a.sock --name a
  migration-host --qmp unix:/tmp/b.sock --name b --incoming tcp:127.0.0.1:4444
  qmp-shell /tmp/a.sock
    (QEMU) migrate-set-capabilities capabilities=[{\"capability\":\"events\",\"state\":true}]
    (QEMU) migrate uri=tcp:127.0.0.1:4444
    (QEMU) query-migrate

Without `qmp-shell`, a client is a line of text:
  printf '{\"execute\": \"qmp_capabilities\"} {\"execute\": \"query-status\"}' | nc -N -U /tmp/a.sock
";

/// Hosts one guest and serves QMP, so that the guest can be moved between two such processes while it runs.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 110, after_help = EXAMPLES, after_long_help = long_help())]
pub struct Options {
    /// Address to serve QMP at: `unix:PATH` or `tcp:HOST:PORT`; port 0 takes a free one
    ///
    /// The host prints the address on standard output as soon as clients can connect. It replaces a Unix socket that no
    /// process listens on any more.
    #[arg(long, value_name = "ADDRESS")]
    pub qmp: Address,

    /// Kind of guest to host
    #[arg(long, value_enum, value_name = "KIND", default_value = "auto")]
    pub guest: GuestChoice,

    /// Memory of the guest, in bytes or with K, M or G; whole pages of 4 KiB
    #[arg(long, value_name = "SIZE", default_value = "64M", value_parser = parse_size)]
    pub memory: u64,

    /// Part of its memory that the guest keeps writing
    #[arg(long, value_name = "SIZE", default_value = "8M", value_parser = parse_size)]
    pub hot: u64,

    /// Most pages that the guest writes in a second
    #[arg(long, value_name = "COUNT", default_value_t = PAGES_PER_SECOND,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(PAGES_PER_SECOND_MAX)))]
    pub pages_per_second: u32,

    /// Leave one in COUNT of the other pages zero; 0 leaves none
    #[arg(long, value_name = "COUNT", default_value_t = ZERO_ONE_IN)]
    pub zero_one_in: u32,

    /// Allocate all memory of the guest at the start
    ///
    /// A guest then arrives faster and never waits for a page, but takes all of its memory at once.
    #[arg(long)]
    pub prealloc: bool,

    /// Wait for a guest at ADDRESS instead of starting one; with `defer`, wait until `migrate-incoming` gives an address
    #[arg(long, value_name = "ADDRESS")]
    pub incoming: Option<Incoming>,

    /// Take in no other guest at `--incoming` than that of the attempt with this token: the `x-token` of its `migrate`
    #[arg(long, value_name = "UUID", requires = "incoming")]
    pub token: Option<Token>,

    /// Move and take in guests over TLS only, with the certificates and keys in DIR
    ///
    /// The names are QEMU's: `ca-cert.pem`, and `client-cert.pem` and `client-key.pem` to move a guest, `server-cert.pem`
    /// and `server-key.pem` to take one in. The files are read anew for each migration. Also a migration parameter, as
    /// are the two options below.
    #[arg(long, value_name = "DIR")]
    pub tls_creds: Option<String>,

    /// Name that the certificate of a destination must be for, in place of the host of its address
    #[arg(long, value_name = "NAME")]
    pub tls_hostname: Option<String>,

    /// Host names or IP addresses, separated by commas, of which the certificate of a source must have one in its
    /// `subjectAltName`; distinguished names are not compared
    #[arg(long, value_name = "NAMES", value_parser = parse_names)]
    pub tls_authz: Option<String>,

    /// Start the guest stopped, until `cont`
    #[arg(long)]
    pub paused: bool,

    /// Name of the guest, for `query-name`
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,

    /// Time that the peer may be silent in STATE, in milliseconds, instead of the table's default; may be repeated
    ///
    /// For slow networks. A peer that gives signs of life but does not do its part is given up after ten times as long.
    /// The states are those of `states.yaml` that have a timeout; an error about another state lists them.
    #[arg(long = "timeout", value_name = "STATE=MS")]
    pub timeouts: Vec<StateTimeout>,

    /// Write every step of the two machines to FILE, one JSON object a line
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,

    /// Level of the log on standard error (error, warn, info, debug, trace), or `target=level,...`
    #[arg(long, value_name = "FILTER", default_value = "info")]
    pub log: String,
}

/// The kind of guest, as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GuestChoice {
    /// `kvm` where `/dev/kvm` can be used, `memory` elsewhere
    Auto,
    /// A virtual machine that runs a program of ours
    Kvm,
    /// A thread that writes plain memory in the same way
    Memory,
}

/// Where the host waits for a guest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// At the address that `migrate-incoming` gives later.
    Defer,
    /// At this address, from the start.
    At(Address),
}

impl std::str::FromStr for Incoming {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "defer" => Ok(Incoming::Defer),
            address => address.parse().map(Incoming::At).map_err(|error| format!("{error}, or `defer`")),
        }
    }
}

impl Options {
    /// Returns how migrations are encrypted at first.
    pub fn encryption(&self) -> Settings {
        let text = |option: &Option<String>| option.clone().unwrap_or_default();
        Settings { creds: text(&self.tls_creds), hostname: text(&self.tls_hostname), authz: text(&self.tls_authz) }
    }

    /// Returns the options of the guest.
    pub fn guest_options(&self) -> GuestOptions {
        GuestOptions {
            kind: match self.guest {
                GuestChoice::Auto => GuestKind::Auto,
                GuestChoice::Kvm => GuestKind::Kvm,
                GuestChoice::Memory => GuestKind::Memory,
            },
            memory_bytes: self.memory,
            hot_bytes: self.hot,
            pages_per_second: self.pages_per_second,
            zero_one_in: self.zero_one_in,
            contents: if self.incoming.is_some() { Contents::Awaited } else { Contents::Program },
            allocation: if self.prealloc { Allocation::Ahead } else { Allocation::OnTouch },
        }
    }
}

fn long_help() -> String {
    let width = commands::COMMANDS.iter().map(|command| command.name.len()).max().unwrap_or_default();
    let lines = commands::COMMANDS.iter().map(|command| format!("  {:width$}  {}\n", command.name, command.about));
    format!("QMP commands:\n{}\n{EXAMPLES}", lines.collect::<String>())
}

/// Reads a list of names. An option without a name would let everybody in.
fn parse_names(text: &str) -> Result<String, String> {
    match Settings::names_in(text) {
        names if names.is_empty() => Err("must have a name: without one, every source would be taken".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

/// Reads a size in bytes, such as `64M`.
fn parse_size(text: &str) -> Result<u64, String> {
    let wanted = || "must be a number of bytes, or of KiB, MiB or GiB with K, M or G, such as `64M`".to_owned();
    let (digits, shift) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 10),
        Some((at, 'm' | 'M')) => (&text[..at], 20),
        Some((at, 'g' | 'G')) => (&text[..at], 30),
        Some(_) => (text, 0),
        None => return Err(wanted()),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wanted());
    }
    let number: u64 = digits.parse().map_err(|_| wanted())?;
    let bytes = number.checked_mul(1 << shift).ok_or_else(|| "is more than fits into 64 bits".to_owned())?;
    if bytes % 4096 == 0 { Ok(bytes) } else { Err("must be whole pages of 4 KiB".to_owned()) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Options::command().debug_assert();
    }

    #[test]
    fn sizes_are_read_with_units() {
        assert_eq!(parse_size("64M"), Ok(64 << 20));
        assert_eq!(parse_size("8192"), Ok(8192));
        assert_eq!(parse_size("1g"), Ok(1 << 30));
        for bad in ["", "M", "-1M", "+1M", "1.5M", "1T", "100", "99999999999999999999", "18446744073709551612K"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }
}
