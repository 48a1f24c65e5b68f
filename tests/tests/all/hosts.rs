//! Programs of the workspace as processes.
//!
//! They belong to other packages, which these tests do not depend on as libraries: they use them as a user does, by
//! command line and socket.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use migration_testkit::build::{Profile, program};
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

/// The program of a package that has its name, built if it is not.
pub(crate) fn built(name: &str) -> PathBuf {
    program(name, Profile::Dev).expect("the program can be built")
}

fn host_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built("migration-host"))
}
