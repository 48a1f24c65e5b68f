//! Processes that end with their owner.

use std::fs;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open};

/// The unit of processor time in `/proc`: 100 a second on every Linux (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// How long a process may take to end.
const END_MAX: Timespec = Timespec { tv_sec: 20, tv_nsec: 0 };

/// A process that is killed when this value is dropped.
#[derive(Debug)]
pub struct Process {
    pub(crate) child: Child,
}

impl Process {
    /// Starts a program.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(command: &mut Command) -> Result<Self> {
        let child = command.spawn();
        let program = command.get_program().to_string_lossy();
        Ok(Self { child: child.with_context(|| format!("`{program}` cannot be started"))? })
    }

    /// Returns the number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// When the process has ended.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        kill_process(Pid::from_child(&self.child), signal).context("the process cannot be signalled")
    }

    /// Ends the process as a crash would: at once, without any clean-up of its own.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill().context("the process cannot be killed")?;
        self.child.wait().context("the process does not end")?;
        Ok(())
    }

    /// Waits until the process has ended by itself.
    ///
    /// # Errors
    /// When it takes longer than 20 seconds.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        // The descriptor becomes readable when the process ends.
        let end = pidfd_open(Pid::from_child(&self.child), PidfdFlags::empty())?;
        let ended = poll(&mut [PollFd::new(&end, PollFlags::IN)], Some(&END_MAX))?;
        ensure!(ended == 1, "the process does not end");
        Ok(self.child.wait()?)
    }

    /// Returns the processor time that the process has used, its ended threads included.
    ///
    /// # Errors
    /// When the process has ended.
    pub fn processor_time(&self) -> Result<Duration> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.id())).context("the process has ended")?;
        // The name in parentheses may hold spaces; user and system time are the 12th and 13th field after it.
        let fields = text.rsplit(')').next().unwrap_or_default().split_whitespace();
        let ticks: Option<u32> = fields.skip(11).take(2).map(|field| field.parse::<u32>().ok()).sum();
        Ok(TICK * ticks.context("the kernel reports the processor time in an unknown form")?)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
