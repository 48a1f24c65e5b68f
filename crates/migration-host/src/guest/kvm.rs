//! The guest with KVM: one virtual CPU that runs the [`program`](super::program), with nothing around it.
//!
//! No interrupt controller, no clock, no devices, no model-specific registers: device state is the registers of the CPU,
//! and any host that has KVM on x86-64 can take it. Memory is one slot.
//!
//! The dirty log is KVM's. It has what the *vCPU* writes and nothing that this process writes into guest memory itself.
//! So nothing here writes there once the guest has been filled: the program keeps all its counts by itself, and whatever
//! else writes guest memory (a destination that receives pages) has to keep a log of its own if it needs one.
//!
//! A vCPU that exits for any reason but its turn has broken down: the guest stops and [`failure`](HostedGuest::failure)
//! says why.
#![expect(unsafe_code, reason = "a memory slot lends our memory to the kernel")]

mod failure;
mod registers;
mod vcpu;

use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use kvm_bindings::{KVM_MEM_LOG_DIRTY_PAGES, kvm_userspace_memory_region};
use kvm_ioctls::{Kvm, VcpuFd, VmFd};
use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::guest::{Guest, GuestError};
use migration_runtime::memory::{Memory, PAGE_BYTES};
use vm_memory::{GuestAddress, GuestMemoryBackend};
use vmm_sys_util::signal::Killable;

use self::failure::failed;
use self::registers::Registers;
use self::vcpu::VcpuThread;
use super::gate::{Gate, lock};
use super::hosted::{HostedGuest, check_program};
use super::pace::Speed;
use super::ram::Ram;
use super::verify::{self, Verdict};
use super::{layout, state};

const KIND: &str = "kvm-1";

/// The only memory slot.
const SLOT: u32 = 0;

/// A virtual machine.
// Invariant: `memory` outlives `vm` and the thread's vCPU: it is dropped after them, because fields are dropped in order.
pub(super) struct KvmGuest {
    thread: Option<JoinHandle<()>>,
    gate: Arc<Gate>,
    speed: Arc<Speed>,
    /// Locked by the thread while the vCPU runs.
    vcpu: Arc<Mutex<VcpuFd>>,
    vm: VmFd,
    /// Whether the slot is logged; held while that changes and while the log is read.
    log_is_on: Mutex<bool>,
    memory: Ram,
}

impl KvmGuest {
    /// A stopped guest over this memory.
    pub(super) fn new(memory: Ram, pages_per_second: u32) -> Result<KvmGuest, GuestError> {
        let kvm = Kvm::new().map_err(|error| failed("`/dev/kvm` cannot be opened", error))?;
        let vm = kvm.create_vm().map_err(|error| failed("KVM cannot make a virtual machine", error))?;
        set_slot(&vm, &memory, 0).map_err(|error| failed("KVM cannot take the guest's memory", error))?;
        let vcpu = vm.create_vcpu(0).map_err(|error| failed("KVM cannot make a virtual CPU", error))?;
        Registers::start(&vcpu)?.write(&vcpu)?;

        let (gate, speed) = (Arc::new(Gate::new()), Arc::new(Speed::new(pages_per_second)));
        let vcpu = Arc::new(Mutex::new(vcpu));
        let thread = VcpuThread {
            gate: Arc::clone(&gate),
            vcpu: Arc::clone(&vcpu),
            memory: memory.clone(),
            speed: Arc::clone(&speed),
        };
        vcpu::handle_nudges()?;
        let thread = thread::Builder::new()
            .name("vcpu0".to_owned())
            .spawn(move || thread.serve())
            .map_err(|error| GuestError::with_source("the guest's thread cannot be started", error))?;
        Ok(KvmGuest { thread: Some(thread), gate, speed, vcpu, vm, log_is_on: Mutex::new(false), memory })
    }

    /// Gets the thread out of the vCPU, or out of nothing if it is not in there.
    fn nudge(&self) {
        if let Some(thread) = &self.thread {
            // Fails only for a thread that has ended, and that needs no nudge.
            let _ = thread.kill(vcpu::nudge_signal());
        }
    }
}

impl Guest for KvmGuest {
    fn memory(&self) -> Memory {
        Memory::of(&Arc::new(self.memory.clone()))
    }

    fn describe(&self) -> Result<Vec<u8>, GuestError> {
        Ok(KIND.into())
    }

    fn admit(&self, description: &[u8]) -> Result<(), GuestError> {
        state::admit(KIND, description)
    }

    fn run(&self) -> Result<(), GuestError> {
        self.gate.open(|| check_program(&self.memory))
    }

    fn stop(&self) -> Result<(), GuestError> {
        self.gate.close(|| self.nudge())
    }

    fn give_up_stop(&self) {
        self.gate.give_up_closing();
    }

    fn is_running(&self) -> bool {
        self.gate.is_open()
    }

    fn save(&self, state: &mut dyn Write) -> Result<(), GuestError> {
        let _closed = self.gate.keep_closed()?;
        state::write(KIND, &Registers::read(&lock(&self.vcpu))?, state)
    }

    fn load(&self, state: &mut dyn Read) -> Result<(), GuestError> {
        let closed = self.gate.keep_closed()?;
        let registers: Registers = state::read(KIND, state)?;
        let vcpu = lock(&self.vcpu);
        let before = Registers::read(&vcpu)?;
        if let Err(error) = registers.write(&vcpu) {
            before.write(&vcpu)?;
            return Err(error);
        }
        closed.forgive();
        Ok(())
    }

    fn throttle(&self, percent: u8) -> Result<(), GuestError> {
        self.speed.throttle(percent);
        Ok(())
    }

    fn start_dirty_log(&self) -> Result<(), GuestError> {
        let mut is_on = lock(&self.log_is_on);
        let started = match *is_on {
            // What was logged so far is read, and so forgotten.
            true => self.vm.get_dirty_log(SLOT, memory_size(&self.memory)).map(|_log| ()),
            false => set_slot(&self.vm, &self.memory, KVM_MEM_LOG_DIRTY_PAGES),
        };
        started.map_err(|error| failed("KVM cannot start its dirty log", error))?;
        *is_on = true;
        Ok(())
    }

    fn harvest_dirty_log(&self, into: &mut DirtyBitmap) -> Result<(), GuestError> {
        let is_on = lock(&self.log_is_on);
        if !*is_on {
            return Err(GuestError::new("the dirty log is not running"));
        }
        let log = self
            .vm
            .get_dirty_log(SLOT, memory_size(&self.memory))
            .map_err(|error| failed("KVM's dirty log cannot be read", error))?;
        into.merge_words(0, &log);
        Ok(())
    }

    fn stop_dirty_log(&self) {
        let mut is_on = lock(&self.log_is_on);
        if !*is_on {
            return;
        }
        match set_slot(&self.vm, &self.memory, 0) {
            Ok(()) => *is_on = false,
            Err(error) => {
                tracing::warn!(%error, "KVM does not stop its dirty log, the guest is slower for it")
            }
        }
    }
}

impl HostedGuest for KvmGuest {
    fn ram(&self) -> &Ram {
        &self.memory
    }

    fn kind(&self) -> &'static str {
        KIND
    }

    fn kind_name(&self) -> &'static str {
        "kvm"
    }

    fn verdict(&self) -> Result<Verdict, GuestError> {
        let _closed = self.gate.keep_closed()?;
        Ok(verify::verify(&self.memory))
    }

    fn failure(&self) -> Option<String> {
        self.gate.failure()
    }
}

impl Drop for KvmGuest {
    fn drop(&mut self) {
        // A thread that does not end keeps the vCPU and, through its own reference, the memory.
        if self.gate.end(|| self.nudge()).is_ok()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

/// Lends the memory to the virtual machine, or changes the flags of the loan.
fn set_slot(vm: &VmFd, memory: &Ram, flags: u32) -> Result<(), kvm_ioctls::Error> {
    let userspace_addr = memory.get_host_address(GuestAddress(0)).expect("guest memory begins at address 0") as u64;
    let region = kvm_userspace_memory_region {
        slot: SLOT,
        flags,
        guest_phys_addr: 0,
        memory_size: layout::memory_pages(memory) * PAGE_BYTES,
        userspace_addr,
    };
    // SAFETY: the range is one mapping, of exactly this size, that lives as long as `memory`; and whoever holds `vm` holds
    // `memory` for longer. Nothing in this process holds a reference into it: it is only read and written as volatile.
    unsafe { vm.set_user_memory_region(region) }
}

fn memory_size(memory: &Ram) -> usize {
    (layout::memory_pages(memory) * PAGE_BYTES) as usize
}
