//! A guest for QEMU that is nothing but firmware: it writes a word of each of its hot pages in turn, and counts.

use std::os::unix::fs::FileExt;

use anyhow::{Context, Result};

use super::super::qemu::{FIRMWARE_BYTES, MemoryFile, RESET_BYTES};

/// Where the guest counts, in a page of its own.
const COUNT: u32 = 1 << 20;

/// The first hot page.
const HOT: u32 = 2 << 20;

const PAGE: u32 = 4096;

/// Where a PC shows firmware of this size.
const SHOWN_AT: u32 = 0xf0000;

/// Where things are in the firmware: the beginning, the part in 32 bits, the segments, and the pointer to these.
const PROTECTED: u32 = 0x40;
const SEGMENTS: u32 = 0x80;
const POINTER: u32 = 0xa0;

/// The image of the firmware.
pub(super) fn image(hot_mib: u32) -> Vec<u8> {
    let mut image = vec![0; FIRMWARE_BYTES];
    let mut put = |at: u32, parts: &[&[u8]]| {
        let bytes = parts.concat();
        image[at as usize..][..bytes.len()].copy_from_slice(&bytes);
    };
    // cli; lgdt [POINTER]; set the protection bit of cr0; jump far into 32 bits
    let lgdt = [&[0xfa, 0x2e, 0x66, 0x0f, 0x01, 0x16][..], &(POINTER as u16).to_le_bytes()].concat();
    let protect = [0x0f, 0x20, 0xc0, 0x0c, 0x01, 0x0f, 0x22, 0xc0];
    let jump = [&[0x66, 0xea][..], &(SHOWN_AT + PROTECTED).to_le_bytes(), &8_u16.to_le_bytes()].concat();
    put(0, &[&lgdt, &protect, &jump]);
    put(
        PROTECTED,
        &[
            // mov ax, 16; mov ds, ax
            &[0x66, 0xb8, 0x10, 0x00, 0x8e, 0xd8],
            // pass: mov edi, HOT; mov ecx, the number of hot pages
            &[0xbf],
            &HOT.to_le_bytes(),
            &[0xb9],
            &((hot_mib << 20) / PAGE).to_le_bytes(),
            // page: inc dword [edi]; inc dword [COUNT]; add edi, PAGE; dec ecx; jnz page; jmp pass
            &[0xff, 0x07, 0xff, 0x05],
            &COUNT.to_le_bytes(),
            &[0x81, 0xc7],
            &PAGE.to_le_bytes(),
            &[0x49, 0x75, 0xef, 0xeb, 0xe3],
        ],
    );
    // No segment, one for code, one for data: all of the memory, 32 bits.
    put(SEGMENTS, &[&[0; 8], &0x00cf_9a00_0000_ffff_u64.to_le_bytes(), &0x00cf_9200_0000_ffff_u64.to_le_bytes()]);
    put(POINTER, &[&23_u16.to_le_bytes(), &(SHOWN_AT + SEGMENTS).to_le_bytes()]);
    // Where a PC begins: jmp to the beginning of this segment.
    put((FIRMWARE_BYTES - RESET_BYTES) as u32, &[&[0xe9, 0x0d, 0x00]]);
    image
}

/// Returns what reads the count out of a memory. It reads by the file: a mapping would allocate pages that are missing.
pub(super) fn count_in(memory: &MemoryFile) -> Result<impl FnMut() -> Option<u64> + Send + 'static> {
    let file = memory.0.try_clone().context("no descriptor is left")?;
    Ok(move || {
        let mut count = [0; 4];
        file.read_exact_at(&mut count, COUNT.into()).ok()?;
        Some(u64::from(u32::from_le_bytes(count)))
    })
}
