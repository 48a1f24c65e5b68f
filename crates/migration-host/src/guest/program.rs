//! The program that a vCPU runs, instruction by instruction, in 32-bit protected mode with flat segments and no paging.
//!
//! It keeps its place in registers, so that a guest whose registers were lost or mixed up on the way shows it:
//! `eax` the pass, `edx` the pass before, `ecx` the hot pages written in this pass, `edi` the next hot page. The control
//! page is told after each write. Before it writes to a page, the program checks that the page holds what the pass before
//! left there, and records it in the control page if not. So damage shows even after the program has written over it.
//!
//! Every 64 pages, and at the end of a pass, it does an `out` to [`TURN_PORT`]: the host lets it wait there for its turn.
//! The module `plain` does in Rust what this does.

use migration_runtime::memory::PAGE_BYTES;

/// The address of the first instruction: where a vCPU begins.
pub const ADDRESS: u64 = PAGE_BYTES;

/// The port that the program writes to when it is the host's turn.
pub const TURN_PORT: u16 = 0x10;

/// The program writes at most this many pages from one turn of the host to the next.
pub const TURN_PAGES: u32 = 64;

/// An instruction: its bytes, and how a person writes it.
#[derive(Clone, Copy, Debug)]
pub struct Instruction {
    /// The name of the place in front of it, or nothing.
    pub label: &'static str,
    /// What the processor reads.
    pub bytes: &'static [u8],
    /// The same in assembly; control words and labels by their names.
    pub text: &'static str,
}

/// All instructions, in order, from [`ADDRESS`].
pub const LISTING: &[Instruction] = &[
    of("start", &[0xa1, 0x08, 0x00, 0x00, 0x00], "mov eax, [PASS]"),
    of("", &[0x31, 0xc9], "xor ecx, ecx"),
    of("", &[0x89, 0x0d, 0x0c, 0x00, 0x00, 0x00], "mov [POSITION], ecx"),
    of("next_pass", &[0x8d, 0x50, 0xff], "lea edx, [eax - 1]"),
    of("", &[0x8b, 0x3d, 0x10, 0x00, 0x00, 0x00], "mov edi, [HOT_ADDRESS]"),
    of("next_page", &[0x3b, 0x0d, 0x14, 0x00, 0x00, 0x00], "cmp ecx, [HOT_PAGES]"),
    of("", &[0x73, 0x1c], "jae end_of_pass"),
    of("", &[0x39, 0x17], "cmp [edi], edx"),
    of("", &[0x75, 0x2a], "jne wrong"),
    of("write", &[0x89, 0x07], "mov [edi], eax"),
    of("", &[0x41], "inc ecx"),
    of("", &[0x89, 0x0d, 0x0c, 0x00, 0x00, 0x00], "mov [POSITION], ecx"),
    of("", &[0x81, 0xc7, 0x00, 0x10, 0x00, 0x00], "add edi, 4096"),
    of("", &[0xf6, 0xc1, 0x3f], "test cl, 63"),
    of("", &[0x75, 0xe0], "jnz next_page"),
    of("", &[0xe6, 0x10], "out TURN_PORT, al"),
    of("", &[0xeb, 0xdc], "jmp next_page"),
    // The pass is counted before the position is reset: of the two words, the verifier knows this order.
    of("end_of_pass", &[0x40], "inc eax"),
    of("", &[0xa3, 0x08, 0x00, 0x00, 0x00], "mov [PASS], eax"),
    of("", &[0x31, 0xc9], "xor ecx, ecx"),
    of("", &[0x89, 0x0d, 0x0c, 0x00, 0x00, 0x00], "mov [POSITION], ecx"),
    of("", &[0xe6, 0x10], "out TURN_PORT, al"),
    of("", &[0xeb, 0xc1], "jmp next_pass"),
    of("wrong", &[0x89, 0x3d, 0x20, 0x00, 0x00, 0x00], "mov [WRONG_ADDRESS], edi"),
    of("", &[0x8b, 0x37], "mov esi, [edi]"),
    of("", &[0x89, 0x35, 0x24, 0x00, 0x00, 0x00], "mov [WRONG_VALUE], esi"),
    of("", &[0xff, 0x05, 0x1c, 0x00, 0x00, 0x00], "inc dword [WRONG]"),
    of("", &[0xeb, 0xc0], "jmp write"),
];

/// Returns the page that holds the program.
pub fn page() -> [u8; PAGE_BYTES as usize] {
    let mut page = [0; PAGE_BYTES as usize];
    let bytes = LISTING.iter().flat_map(|instruction| instruction.bytes);
    for (to, from) in page.iter_mut().zip(bytes) {
        *to = *from;
    }
    page
}

const fn of(label: &'static str, bytes: &'static [u8], text: &'static str) -> Instruction {
    Instruction { label, bytes, text }
}

#[cfg(test)]
mod tests {
    use super::super::layout::word;
    use super::*;

    /// Labels and control words, by name, as they stand in the listing.
    fn address(name: &str) -> Option<u32> {
        let mut offset = 0;
        for instruction in LISTING {
            if instruction.label == name {
                return Some(offset);
            }
            offset += instruction.bytes.len() as u32;
        }
        None
    }

    #[test]
    fn jumps_lead_where_the_listing_says() {
        let mut offset = 0;
        for instruction in LISTING {
            offset += instruction.bytes.len() as u32;
            let Some((jump, to)) = instruction.text.split_once(' ') else {
                continue;
            };
            if !jump.starts_with('j') {
                continue;
            }
            let distance = i32::from(instruction.bytes[1] as i8);
            let expected = address(to).unwrap() as i32 - offset as i32;
            assert_eq!(distance, expected, "{} at {offset:#x}: expected {:#x}", instruction.text, expected as u8);
        }
    }

    #[test]
    fn operands_are_the_control_words() {
        let words = [
            ("[PASS]", word::PASS),
            ("[POSITION]", word::POSITION),
            ("[HOT_ADDRESS]", word::HOT_ADDRESS),
            ("[HOT_PAGES]", word::HOT_PAGES),
            ("[WRONG]", word::WRONG),
            ("[WRONG_ADDRESS]", word::WRONG_ADDRESS),
            ("[WRONG_VALUE]", word::WRONG_VALUE),
            ("4096", PAGE_BYTES as u32),
        ];
        for instruction in LISTING {
            for (_, value) in words.iter().filter(|(name, _)| instruction.text.contains(name)) {
                let operand = instruction.bytes.last_chunk::<4>().unwrap();
                assert_eq!(u32::from_le_bytes(*operand), *value, "{}", instruction.text);
            }
            if instruction.text.contains("TURN_PORT") {
                assert_eq!(u16::from(instruction.bytes[1]), TURN_PORT);
            }
        }
        assert_eq!(TURN_PAGES, 63 + 1);
    }
}
