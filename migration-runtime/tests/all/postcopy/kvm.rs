//! KVM touches missing pages itself: to fetch instructions, to emulate, and for its vCPUs.
#![expect(unsafe_code, reason = "KVM is told where the memory is")]

use std::sync::Arc;
use std::thread;

use kvm_bindings::kvm_userspace_memory_region;
use kvm_ioctls::{Kvm, VcpuExit, VmFd};
use migration_runtime::dirty::DirtyBitmap;
use migration_runtime::memory::Memory;
use migration_runtime::postcopy::{Fetch, Supply};
use migration_runtime::transfer::Sent;
use vm_memory::{Bytes, GuestAddress, GuestMemoryBackend};

use super::super::peers::{PAGE, Ram, contents};
use super::rig::{Rig, Stream, layout_of, userfaultfd};

/// Adds up the first bytes of 16 pages, and increments each: `mov al,[bx]`, `add dl,al`, `inc byte [bx]`,
/// `add bx,4096`, `dec cx`, `jnz` to the beginning, `hlt`.
const CODE: &[u8] = &[0x8a, 0x07, 0x00, 0xc2, 0xfe, 0x07, 0x81, 0xc3, 0x00, 0x10, 0x49, 0x75, 0xf3, 0xf4];

const CODE_AT: u64 = 0x1000;

/// Each vCPU has this much memory of its own, after the code: what 16 bits can address.
const SEGMENT: u64 = 16 * PAGE;

const VCPUS: u64 = 3;

#[test]
fn vcpus_of_kvm_wait_for_the_pages_that_they_touch() {
    let Some(()) = userfaultfd() else { return };
    let kvm = match Kvm::new() {
        Ok(kvm) => kvm,
        Err(error) => {
            eprintln!("skipped: /dev/kvm cannot be used: {error}");
            return;
        }
    };
    let bytes = ((VCPUS + 1) * SEGMENT) as usize;
    let [source, destination] = [(); 2].map(|()| Arc::new(Ram::from_ranges(&[(GuestAddress(0), bytes)]).unwrap()));
    source.write_slice(CODE, GuestAddress(CODE_AT)).unwrap();
    for page in 16..16 * (VCPUS + 1) {
        source.write_obj(page as u8, GuestAddress(page * PAGE)).unwrap();
    }
    let mut missing = DirtyBitmap::new(&layout_of(&source));
    missing.set_all();
    let supply = Supply::new(&Memory::of(&source), missing.clone()).unwrap();
    let pages = missing.count();
    let fetch = Fetch::begin(&Memory::of(&destination), missing).unwrap();
    let rig = Rig { source, destination, supply, fetch, missing: pages };
    let mut expected = contents(&rig.source);
    for page in 16..16 * (VCPUS + 1) {
        expected[(page * PAGE) as usize] += 1;
    }

    let vm = kvm.create_vm().unwrap();
    let region = kvm_userspace_memory_region {
        slot: 0,
        flags: 0,
        guest_phys_addr: 0,
        memory_size: bytes as u64,
        userspace_addr: rig.destination.get_host_address(GuestAddress(0)).unwrap() as u64,
    };
    // SAFETY: the memory lives as long as `rig`, longer than the machine.
    unsafe { vm.set_user_memory_region(region) }.unwrap();
    // First without a push, so that every page is waited for; then the rest.
    let connections = rig.connect(Stream::Tcp);
    thread::scope(|scope| {
        for vcpu in 0..VCPUS {
            let vm = &vm;
            scope.spawn(move || run_vcpu(vm, vcpu));
        }
    });
    let figures = rig.fetch.figures();
    assert!(figures.requests > 16 * VCPUS, "{figures:?}");
    let (pushed, received) = rig.exchange(connections);
    assert_eq!(pushed.unwrap(), Sent::All);
    received.unwrap();
    assert!(contents(&rig.destination) == expected);
}

fn run_vcpu(vm: &VmFd, number: u64) {
    let mut vcpu = vm.create_vcpu(number).unwrap();
    let mut special = vcpu.get_sregs().unwrap();
    (special.cs.base, special.cs.selector) = (0, 0);
    special.ds.base = (number + 1) * SEGMENT;
    vcpu.set_sregs(&special).unwrap();
    let mut registers = vcpu.get_regs().unwrap();
    (registers.rip, registers.rbx, registers.rcx, registers.rdx, registers.rflags) = (CODE_AT, 0, 16, 0, 2);
    vcpu.set_regs(&registers).unwrap();
    loop {
        match vcpu.run() {
            Ok(VcpuExit::Hlt) => break,
            Ok(other) => panic!("vCPU {number} stopped: {other:?}"),
            Err(error) if error.errno() == 4 => {}
            Err(error) => panic!("vCPU {number}: {error}"),
        }
    }
    let first = 16 * (number + 1);
    let sum: u64 = (first..first + 16).sum();
    assert_eq!(vcpu.get_regs().unwrap().rdx & 0xff, sum & 0xff, "vCPU {number}");
}
