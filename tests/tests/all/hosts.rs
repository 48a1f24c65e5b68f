//! Programs of the workspace as processes.
//!
//! They belong to other packages. These tests use them as a user does, by command line and socket.

use std::path::Path;

use migration_testkit::host::{Host, HostPair};

/// A host of a small guest in plain memory.
pub(crate) fn host(arguments: &[&str]) -> Host {
    Host::small(host_program(), "8M", arguments).expect("the host starts")
}

/// A host of a small guest of this kind.
pub(crate) fn host_of(kind: &str, arguments: &[&str]) -> Host {
    let own = ["--guest", kind, "--memory", "8M", "--hot", "2M"];
    Host::start("tested host", host_program(), &[&own[..], arguments].concat()).expect("the host starts")
}

/// Two hosts; the guest runs on the first, and the second waits for it.
pub(crate) fn pair() -> HostPair {
    HostPair::start(host_program()).expect("both hosts start")
}

/// The program `migration-table`.
pub(crate) fn table_program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_tested-table"))
}

fn host_program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_tested-host"))
}
