//! `query-status`, `stop`, `cont`, `quit`: whether the guest, and the process, run.

use serde_json::json;

use super::command::{Command, done};
use crate::qmp::CommandError;
use crate::runstate::Runstate;
use crate::shutdown::Reason;
use crate::vm::RunError;

pub(super) const QUERY: Command = Command {
    name: "query-status",
    about: "report whether the guest runs, and if not, why",
    arguments: &[],
    run: |host, _| {
        let runstate = host.vm.runstate();
        Ok(json!({ "status": runstate.name(), "running": runstate.is_running() }))
    },
};

pub(super) const STOP: Command = Command {
    name: "stop",
    about: "stop the guest; one that is still to arrive will not run when it is here",
    arguments: &[],
    run: |host, _| {
        let lacks_memory = host.migrations.query().lacks_memory();
        let stopped = if lacks_memory { host.vm.pause_soon() } else { host.vm.pause() };
        stopped.map_err(refusal).and_then(|()| done())
    },
};

pub(super) const CONT: Command = Command {
    name: "cont",
    about: "run the guest; one that is still to arrive will run when it is here, unless it was stopped where it came from",
    arguments: &[],
    run: |host, _| {
        if host.vm.runstate() == Runstate::PostMigrate && host.migrations.query().ran_there {
            return Err(refusal(RunError::RanThere));
        }
        host.vm.resume().map_err(refusal).and_then(|()| done())
    },
};

pub(super) const QUIT: Command = Command {
    name: "quit",
    about: "end this process, and the guest with it",
    arguments: &[],
    run: |host, _| {
        host.shutdown.ask(Reason::Quit);
        done()
    },
};

fn refusal(error: RunError) -> CommandError {
    CommandError::generic(error.to_string())
}
