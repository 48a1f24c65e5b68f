//! The program: reads the command line, puts a host together, and serves until there is a reason to end.
//!
//! `main.rs` calls it, and so do the whole-system tests, which are built with everything else in one go.
//!
//! Exit status: 0 after `quit` or a signal, 1 when something failed, 2 when the command line is wrong.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use migration_runtime::guest::Guest;
use migration_runtime::parameters::Parameters;
use serde_json::json;
use tracing_subscriber::EnvFilter;

use crate::announce::Announcer;
use crate::capabilities::Capabilities;
use crate::encryption::Encryption;
use crate::guest;
use crate::host::{Awaits, Host, Migrations};
use crate::inspection::Inspection;
use crate::log::{Log, check_filter};
use crate::migration::Machines;
use crate::options::{Incoming, Options};
use crate::qmp::{Broadcast, Dispatch, Event, Listener, Server};
use crate::runstate::{Resting, Runstate};
use crate::shutdown::{Reason, Shutdown};
use crate::trace::Trace;
use crate::vm::Vm;

/// How long a migration may take to end when the process does, other than a post-copy whose pages move.
const END_MAX: Duration = Duration::from_secs(5);

/// How long clients may take to read what they were told last, and the log to be written.
const FAREWELL_MAX: Duration = Duration::from_secs(1);

/// Runs the program on the command line of this process, and returns its exit status.
pub fn main() -> ExitCode {
    let options = Options::parse();
    let log = log_to_stderr(&options.log);
    // The hook of the standard library would wait for a standard error that nobody reads.
    std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
    let ended =
        std::panic::catch_unwind(|| run(&options, &log)).unwrap_or_else(|_| Err(anyhow!("the host ends by a fault")));
    let code = match ended {
        Ok(Reason::Quit | Reason::Signal) => ExitCode::SUCCESS,
        Ok(Reason::NoArrival) => {
            tracing::error!("no guest arrived");
            ExitCode::FAILURE
        }
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    };
    log.drain(FAREWELL_MAX);
    code
}

fn run(options: &Options, log: &Log) -> anyhow::Result<Reason> {
    let shutdown = Arc::<Shutdown>::default();
    shutdown.on_signals(log.clone()).context("cannot catch signals")?;
    let qmp = Listener::bind(&options.qmp).with_context(|| format!("cannot serve QMP at `{}`", options.qmp))?;
    let events = Arc::<Broadcast>::default();
    let host = assemble(options, &shutdown, &events).inspect_err(|_| qmp.shut_down())?;
    let dispatch = Arc::clone(&host) as Arc<dyn Dispatch>;
    let server = Server::start(qmp, dispatch, Arc::clone(&events)).context("cannot serve QMP")?;
    // Programs that start a host wait for this line before they connect.
    let written = writeln!(std::io::stdout(), "qmp {}", server.address());
    written.and_then(|()| std::io::stdout().flush()).context("cannot write to standard output")?;

    let reason = shutdown.wait();
    tracing::info!(reason = reason.name(), "ending");
    host.migrations.end(END_MAX);
    events.publish(&Event::with_data("SHUTDOWN", json!({ "guest": false, "reason": reason.name() })));
    server.close(FAREWELL_MAX);
    if let Err(error) = host.vm.pause() {
        tracing::debug!(%error, "the guest is not stopped before the end");
    }
    Ok(reason)
}

/// Makes the guest and its machines, and lets the guest run or be awaited, as the options say.
fn assemble(options: &Options, shutdown: &Arc<Shutdown>, events: &Arc<Broadcast>) -> anyhow::Result<Arc<Host>> {
    let trace = options.trace.as_deref().map(|path| {
        Trace::create(path).map(Arc::new).with_context(|| format!("cannot write the trace `{}`", path.display()))
    });
    let trace = trace.transpose()?;
    let guest = guest::create(&options.guest_options()).context("cannot make the guest")?;
    let runstate = match options.incoming {
        Some(_) => Runstate::InMigrate { autostart: !options.paused, was: None },
        None => Runstate::Own(Resting::Prelaunch),
    };
    let vm = Arc::new(Vm::new(Arc::clone(&guest) as Arc<dyn Guest>, runstate, Arc::clone(events)));
    let (capabilities, parameters) = (Arc::<Capabilities>::default(), Arc::<Parameters>::default());
    let encryption = Arc::new(Encryption::new(options.encryption()));
    let announcer =
        Announcer::new(Arc::clone(&vm), Arc::clone(&capabilities), Arc::clone(events), Arc::clone(shutdown));
    let machines = Machines::new(
        Arc::clone(&vm),
        &capabilities,
        Arc::clone(&parameters),
        Arc::clone(&encryption),
        Arc::new(announcer),
        trace.as_ref(),
    );
    machines.set_timeouts(&options.timeouts);
    match &options.incoming {
        Some(Incoming::At(address)) => {
            let awaits = Awaits { exit_on_error: false, token: options.token };
            machines.incoming(address.clone(), awaits).map_err(|error| anyhow!(error))?;
        }
        Some(Incoming::Defer) => {}
        None if options.paused => {}
        None => vm.resume().context("cannot run the guest")?,
    }
    Ok(Arc::new(Host {
        name: options.name.clone(),
        guest: Arc::new(Inspection(guest)),
        vm,
        capabilities,
        parameters,
        encryption,
        migrations: Arc::new(machines),
        shutdown: Arc::clone(shutdown),
        turn: Mutex::new(()),
    }))
}

/// Logs to standard error, in colours if a person is likely to read it. A wrong filter is a wrong command line.
fn log_to_stderr(filter: &str) -> Log {
    let parsed = EnvFilter::builder().parse(filter).map_err(|error| error.to_string());
    let filter = parsed.and_then(|parsed| check_filter(filter).map(|()| parsed)).unwrap_or_else(|error| {
        let message = format!("invalid value `{filter}` for `--log`: {error}");
        Options::command().error(ErrorKind::ValueValidation, message).exit()
    });
    let stderr = std::io::stderr();
    let colours = stderr.is_terminal();
    let log = Log::start(stderr);
    let writer = log.clone();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(move || writer.clone()).with_ansi(colours).init();
    log
}
