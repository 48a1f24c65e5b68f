//! The thread of the vCPU: in and out of KVM, until the gate closes.
//!
//! A vCPU leaves KVM when its thread gets a signal. A signal that comes just before the thread enters KVM is lost, so
//! [`Gate::close`] sends it again every millisecond until the thread has stopped. (The usual remedy, a handler that sets
//! `immediate_exit`, needs a pointer to the vCPU from within the handler.)

use std::ffi::{c_int, c_void};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use kvm_ioctls::{VcpuExit, VcpuFd};
use migration_runtime::guest::GuestError;
use rustix::io::Errno;
use vmm_sys_util::signal::{SIGRTMIN, register_signal_handler};

use crate::guest::gate::{Gate, Go, lock};
use crate::guest::pace::{Pace, Speed};
use crate::guest::program::TURN_PORT;
use crate::guest::ram::Ram;
use crate::guest::verify;

pub(super) struct VcpuThread {
    pub(super) gate: Arc<Gate>,
    pub(super) vcpu: Arc<Mutex<VcpuFd>>,
    pub(super) memory: Ram,
    pub(super) speed: Arc<Speed>,
}

/// Why the vCPU left KVM.
enum Exit {
    /// A signal came.
    Nudged,
    /// The program gives the host its turn.
    Turn,
}

impl VcpuThread {
    /// Runs until the gate says that the guest is no longer needed.
    pub(super) fn serve(self) {
        while self.gate.enter() == Go::Run {
            let mut vcpu = lock(&self.vcpu);
            if let Err(failure) = self.run(&mut vcpu) {
                tracing::error!(failure, "the guest broke down");
                self.gate.fail(failure);
            }
        }
    }

    fn run(&self, vcpu: &mut VcpuFd) -> Result<(), String> {
        let writes = || verify::writes_counted(&self.memory);
        let mut pace = Pace::new(Arc::clone(&self.speed), writes(), Instant::now());
        while !self.gate.is_closing() {
            match enter(vcpu)? {
                Exit::Nudged => {}
                Exit::Turn => {
                    finish_output(vcpu)?;
                    self.gate.wait_until(pace.turn(writes(), Instant::now()));
                }
            }
        }
        Ok(())
    }
}

/// The signal that gets a thread out of its vCPU.
pub(super) fn nudge_signal() -> c_int {
    SIGRTMIN() + 1
}

/// Makes the nudge do nothing else: without a handler it would end the process.
pub(super) fn handle_nudges() -> Result<(), GuestError> {
    // `Info` is libc's `siginfo_t`, which nothing here needs by name.
    extern "C" fn ignore<Info>(_signal: c_int, _info: *mut Info, _context: *mut c_void) {}
    register_signal_handler(nudge_signal(), ignore).map_err(|error| {
        GuestError::with_source("the signal for the virtual CPU cannot be handled", std::io::Error::from(error))
    })
}

fn enter(vcpu: &mut VcpuFd) -> Result<Exit, String> {
    match vcpu.run() {
        Ok(VcpuExit::IoOut(TURN_PORT, _)) => Ok(Exit::Turn),
        Ok(exit) => Err(format!("the virtual CPU stopped by itself: {exit:?}")),
        Err(error) if is_nudge(error) => Ok(Exit::Nudged),
        Err(error) => Err(format!("the virtual CPU cannot run: {error}")),
    }
}

/// Completes the `out` of a turn. Until then KVM keeps the end of it to itself, and registers that are read would lack it.
fn finish_output(vcpu: &mut VcpuFd) -> Result<(), String> {
    vcpu.set_kvm_immediate_exit(1);
    let exit = vcpu.run().map(|exit| format!("{exit:?}"));
    vcpu.set_kvm_immediate_exit(0);
    match exit {
        Err(error) if is_nudge(error) => Ok(()),
        Err(error) => Err(format!("the virtual CPU cannot finish an output: {error}")),
        Ok(exit) => Err(format!("the virtual CPU stopped by itself after an output: {exit}")),
    }
}

fn is_nudge(error: kvm_ioctls::Error) -> bool {
    Errno::from_raw_os_error(error.errno()) == Errno::INTR
}
