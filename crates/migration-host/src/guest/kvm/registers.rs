//! The registers of a virtual CPU: what its device state is made of, and how it starts.
//!
//! They are copied field by field rather than as the kernel's structures, so that what travels has a meaning of its own,
//! without padding, and does not change with a header of the kernel.

use kvm_bindings::{kvm_dtable, kvm_fpu, kvm_mp_state, kvm_regs, kvm_segment, kvm_sregs};
use kvm_ioctls::VcpuFd;
use migration_runtime::guest::GuestError;
use serde::{Deserialize, Serialize};

use super::failure::failed;
use crate::guest::program;

/// Protection enabled, extension type (always set).
const CR0_PROTECTED: u64 = 0x11;

/// The bit of the flags register that is always set.
const FLAGS_RESERVED: u64 = 0x2;

/// All state of a virtual CPU that our program can have an effect on.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Registers {
    general: General,
    system: System,
    float: Float,
    /// Whether the CPU runs or waits to be started; KVM's `KVM_MP_STATE_` number.
    activity: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct General {
    /// rax, rbx, rcx, rdx, rsi, rdi, rsp, rbp, r8 to r15.
    registers: [u64; 16],
    rip: u64,
    rflags: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct System {
    /// cs, ds, es, fs, gs, ss, tr, ldt.
    segments: [Segment; 8],
    /// gdt, idt.
    tables: [Table; 2],
    /// cr0, cr2, cr3, cr4, cr8.
    control: [u64; 5],
    efer: u64,
    apic_base: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Segment {
    base: u64,
    limit: u32,
    selector: u16,
    /// type, present, dpl, db, s, l, g, avl, unusable.
    attributes: [u8; 9],
}

#[derive(Debug, Serialize, Deserialize)]
struct Table {
    base: u64,
    limit: u16,
}

#[derive(Debug, Serialize, Deserialize)]
struct Float {
    registers: [[u8; 16]; 8],
    /// Control, status.
    words: [u16; 2],
    tags: u8,
    last_opcode: u16,
    last_ip: u64,
    last_dp: u64,
    vectors: [[u8; 16]; 16],
    mxcsr: u32,
}

impl Registers {
    /// The registers of a CPU that is about to run the program: protected mode, flat segments, no paging.
    ///
    /// What the program does not depend on is as KVM has it after a reset.
    pub(super) fn start(vcpu: &VcpuFd) -> Result<Registers, GuestError> {
        const CODE: [u8; 9] = [0xb, 1, 0, 1, 1, 0, 1, 0, 0];
        const DATA: [u8; 9] = [0x3, 1, 0, 1, 1, 0, 1, 0, 0];
        let flat = |selector, attributes| Segment { base: 0, limit: u32::MAX, selector, attributes };
        let mut registers = Registers::read(vcpu)?;
        for segment in &mut registers.system.segments[1..6] {
            *segment = flat(0x10, DATA);
        }
        registers.system.segments[0] = flat(0x8, CODE);
        registers.system.control[0] = CR0_PROTECTED;
        registers.general = General { registers: [0; 16], rip: program::ADDRESS, rflags: FLAGS_RESERVED };
        Ok(registers)
    }

    /// Reads the registers of a CPU that does not run.
    pub(super) fn read(vcpu: &VcpuFd) -> Result<Registers, GuestError> {
        let cannot = |error| failed("KVM does not tell the registers", error);
        Ok(Registers {
            general: vcpu.get_regs().map_err(cannot)?.into(),
            system: vcpu.get_sregs().map_err(cannot)?.into(),
            float: vcpu.get_fpu().map_err(cannot)?.into(),
            activity: vcpu.get_mp_state().map_err(cannot)?.mp_state,
        })
    }

    /// Sets the registers of a CPU that does not run. If that fails, some may be set.
    pub(super) fn write(&self, vcpu: &VcpuFd) -> Result<(), GuestError> {
        let cannot = |error| failed("KVM does not take the registers", error);
        // The mode of the CPU first, for it decides what the others mean. KVM refuses what it finds impossible.
        vcpu.set_sregs(&(&self.system).into()).map_err(cannot)?;
        vcpu.set_regs(&(&self.general).into()).map_err(cannot)?;
        vcpu.set_fpu(&(&self.float).into()).map_err(cannot)?;
        vcpu.set_mp_state(kvm_mp_state { mp_state: self.activity }).map_err(cannot)
    }
}

impl From<kvm_regs> for General {
    fn from(from: kvm_regs) -> General {
        General {
            registers: [
                from.rax, from.rbx, from.rcx, from.rdx, from.rsi, from.rdi, from.rsp, from.rbp, from.r8, from.r9,
                from.r10, from.r11, from.r12, from.r13, from.r14, from.r15,
            ],
            rip: from.rip,
            rflags: from.rflags,
        }
    }
}

impl From<&General> for kvm_regs {
    fn from(from: &General) -> kvm_regs {
        let [rax, rbx, rcx, rdx, rsi, rdi, rsp, rbp, r8, r9, r10, r11, r12, r13, r14, r15] = from.registers;
        let General { rip, rflags, .. } = *from;
        kvm_regs { rax, rbx, rcx, rdx, rsi, rdi, rsp, rbp, r8, r9, r10, r11, r12, r13, r14, r15, rip, rflags }
    }
}

impl From<kvm_sregs> for System {
    fn from(from: kvm_sregs) -> System {
        System {
            segments: [from.cs, from.ds, from.es, from.fs, from.gs, from.ss, from.tr, from.ldt].map(Segment::from),
            tables: [from.gdt, from.idt].map(|table| Table { base: table.base, limit: table.limit }),
            control: [from.cr0, from.cr2, from.cr3, from.cr4, from.cr8],
            efer: from.efer,
            apic_base: from.apic_base,
        }
    }
}

impl From<&System> for kvm_sregs {
    fn from(from: &System) -> kvm_sregs {
        let [cs, ds, es, fs, gs, ss, tr, ldt] = from.segments.each_ref().map(kvm_segment::from);
        let [gdt, idt] = from.tables.each_ref().map(|table| kvm_dtable {
            base: table.base,
            limit: table.limit,
            ..kvm_dtable::default()
        });
        let [cr0, cr2, cr3, cr4, cr8] = from.control;
        let System { efer, apic_base, .. } = *from;
        // There is no interrupt controller, so no interrupt can be waiting: the bitmap of them stays empty.
        let interrupt_bitmap = [0; 4];
        kvm_sregs {
            cs,
            ds,
            es,
            fs,
            gs,
            ss,
            tr,
            ldt,
            gdt,
            idt,
            cr0,
            cr2,
            cr3,
            cr4,
            cr8,
            efer,
            apic_base,
            interrupt_bitmap,
        }
    }
}

impl From<kvm_segment> for Segment {
    fn from(from: kvm_segment) -> Segment {
        Segment {
            base: from.base,
            limit: from.limit,
            selector: from.selector,
            attributes: [from.type_, from.present, from.dpl, from.db, from.s, from.l, from.g, from.avl, from.unusable],
        }
    }
}

impl From<&Segment> for kvm_segment {
    fn from(from: &Segment) -> kvm_segment {
        let [type_, present, dpl, db, s, l, g, avl, unusable] = from.attributes;
        let Segment { base, limit, selector, .. } = *from;
        kvm_segment { base, limit, selector, type_, present, dpl, db, s, l, g, avl, unusable, padding: 0 }
    }
}

impl From<kvm_fpu> for Float {
    fn from(from: kvm_fpu) -> Float {
        Float {
            registers: from.fpr,
            words: [from.fcw, from.fsw],
            tags: from.ftwx,
            last_opcode: from.last_opcode,
            last_ip: from.last_ip,
            last_dp: from.last_dp,
            vectors: from.xmm,
            mxcsr: from.mxcsr,
        }
    }
}

impl From<&Float> for kvm_fpu {
    fn from(from: &Float) -> kvm_fpu {
        let &Float { registers: fpr, words: [fcw, fsw], tags: ftwx, vectors: xmm, .. } = from;
        let &Float { last_opcode, last_ip, last_dp, mxcsr, .. } = from;
        kvm_fpu { fpr, fcw, fsw, ftwx, pad1: 0, last_opcode, last_ip, last_dp, xmm, mxcsr, pad2: 0 }
    }
}
