//! A host whose user may not use userfaultfd: post-copy is refused when it is allowed, and pre-copy works.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use migration_testkit::qmp::Client;
use migration_testkit::skip::skipped;
use serde_json::json;

const PROGRAM: &str = env!("CARGO_BIN_EXE_migration-host");
/// `nobody`.
const USER: u32 = 65_534;

/// A process that ends with the test.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a host as another user, who can read no more than its folder.
fn start(folder: &Path) -> std::io::Result<Ending> {
    fs::set_permissions(folder, Permissions::from_mode(0o777))?;
    let program = folder.join("migration-host");
    fs::copy(PROGRAM, &program)?;
    fs::set_permissions(&program, Permissions::from_mode(0o755))?;
    let qmp = format!("unix:{}", folder.join("qmp.sock").display());
    let arguments = ["--log", "warn", "--guest", "memory", "--memory", "8M", "--hot", "1M", "--qmp", &qmp];
    Command::new(program).args(arguments).current_dir(folder).uid(USER).gid(USER).spawn().map(Ending)
}

fn connect(folder: &Path, host: &mut Ending) -> Client {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        match Client::connect("unprivileged", &folder.join("qmp.sock")) {
            Ok(client) => return client,
            Err(error) => {
                assert!(host.0.try_wait().unwrap().is_none() && Instant::now() < until, "{error}");
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

#[test]
fn without_userfaultfd_post_copy_is_refused_with_the_way_out() {
    let allowed = fs::read_to_string("/proc/sys/vm/unprivileged_userfaultfd").unwrap_or_default();
    if allowed.trim() == "1" {
        return skipped("every user may use userfaultfd here");
    }
    let folder = tempfile::tempdir().unwrap();
    let mut host = match start(folder.path()) {
        Ok(host) => host,
        Err(error) => return skipped(format_args!("a program cannot be started as another user: {error}")),
    };
    let mut client = connect(folder.path(), &mut host);
    let on = json!({"capabilities": [{"capability": "postcopy-ram", "state": true}]});
    let error = client.execute("migrate-set-capabilities", on).unwrap_err().to_string();
    for part in ["`postcopy-ram` cannot be had on this host", "CAP_SYS_PTRACE", "vm.unprivileged_userfaultfd"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    let capabilities = client.ask("query-migrate-capabilities", json!({}));
    let of_postcopy = |entry: &&serde_json::Value| entry["capability"] == "postcopy-ram";
    let entry = capabilities.as_array().unwrap().iter().find(of_postcopy).expect("it is listed");
    assert_eq!(entry["state"], false, "a refused capability is not set");
    let off = json!({"capabilities": [{"capability": "postcopy-ram", "state": false}]});
    client.ask("migrate-set-capabilities", off);
}
