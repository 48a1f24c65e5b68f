//! What the memory of our guest program holds, byte for byte, and how it is filled.
//!
//! One layout for both kinds of guest, so that one program is verified by one verifier wherever it ran:
//!
//! | pages | hold |
//! | --- | --- |
//! | 0 | the control page: the [`word`]s below, the rest zero |
//! | 1 | the program that a vCPU runs, the rest zero; there in both kinds |
//! | 16 up to 16 + hot pages | the hot pages: the first 4 bytes count, the rest is pattern |
//! | all others | cold: pattern, or wholly zero where [`Plan::is_zero`] says so |
//!
//! Pass `P` of the program writes `P` into the first word of each hot page in turn. So at any instant the hot pages
//! read `P .. P` and then `P-1 .. P-1`, with one step, and every other byte is a function of its address and of the
//! constant words in the control page. A page that is lost, stale, zeroed or swapped with another one shows. (QEMU's
//! migration test watches its guest in a like manner.)
//!
//! All numbers in guest memory are 32 bits wide, little endian. Passes wrap: at the greatest pace that
//! [`PAGES_PER_SECOND_MAX`](super::pace::PAGES_PER_SECOND_MAX) allows, a guest with one hot page gets there in 71 minutes.

use std::sync::atomic::Ordering;

use migration_runtime::memory::{Bytes, PAGE_BYTES};
use vm_memory::{Address, Bytes as _, GuestAddress, GuestMemoryBackend};

use super::program;
use super::ram::Ram;

/// Guest memory has at least this many bytes.
pub const MEMORY_BYTES_MIN: u64 = 1 << 20;

/// Guest memory has at most this many bytes.
pub const MEMORY_BYTES_MAX: u64 = 64 << 30;

/// The address of the first hot page.
pub const HOT_ADDRESS: u64 = 16 * PAGE_BYTES;

/// The hot pages end at this address or before it: the program counts in 32 bits.
pub const HOT_END_MAX: u64 = 3 << 30;

/// One of this many cold pages is wholly zero, unless the user wants something else.
pub const ZERO_ONE_IN: u32 = 4;

/// The addresses of the control words.
pub mod word {
    /// [`MAGIC_VALUE`](super::MAGIC_VALUE), or there is no program in this memory.
    pub const MAGIC: u32 = 0x00;
    /// [`LAYOUT_VALUE`](super::LAYOUT_VALUE): which layout this is.
    pub const LAYOUT: u32 = 0x04;
    /// The pass that the program is in; 1 at first.
    pub const PASS: u32 = 0x08;
    /// How many hot pages the program has written in this pass.
    pub const POSITION: u32 = 0x0c;
    /// The address of the first hot page. Constant.
    pub const HOT_ADDRESS: u32 = 0x10;
    /// The number of hot pages. Constant.
    pub const HOT_PAGES: u32 = 0x14;
    /// The number of pages of the guest. Constant.
    pub const MEMORY_PAGES: u32 = 0x18;
    /// How many times the program itself found another value in a hot page than it had left there.
    pub const WRONG: u32 = 0x1c;
    /// The address of the last such page.
    pub const WRONG_ADDRESS: u32 = 0x20;
    /// The value that was found there.
    pub const WRONG_VALUE: u32 = 0x24;
    /// One of this many cold pages is zero; no page is if this is 0. Constant.
    pub const ZERO_ONE_IN: u32 = 0x28;
    /// Where the control words end and zeros begin.
    pub const END: u32 = 0x2c;
}

/// The first word of a memory that holds the program.
pub const MAGIC_VALUE: u32 = u32::from_le_bytes(*b"hot!");

/// The number of this layout, raised whenever its meaning changes.
pub const LAYOUT_VALUE: u32 = 1;

const SEED: u64 = 0x6d69_6772_6174_6521;
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A page of bytes.
pub type Page = [u8; PAGE_BYTES as usize];

/// The constant part of a memory: what each of its pages is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Plan {
    /// The number of pages of the guest.
    pub memory_pages: u64,
    /// The number of hot pages.
    pub hot_pages: u32,
    /// One of this many cold pages is zero; no page is if this is 0.
    pub zero_one_in: u32,
}

/// What a page is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Use {
    /// The control words.
    Control,
    /// The program's instructions.
    Program,
    /// A hot page, by its place among them.
    Hot(u32),
    /// Pattern that nobody writes to.
    Pattern,
    /// Zeros that nobody writes to.
    Zero,
}

/// Why a memory cannot be, or is not, laid out for the program.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// A size of memory that a guest cannot have.
    #[error(
        "a guest cannot have {} of memory: expected whole pages of {PAGE_BYTES} bytes, {} to {}",
        Bytes(*.0), Bytes(MEMORY_BYTES_MIN), Bytes(MEMORY_BYTES_MAX)
    )]
    MemoryBytes(u64),
    /// A hot part that does not fit.
    #[error(
        "{} cannot be hot: expected whole pages of {PAGE_BYTES} bytes, at most {} of a guest with {} of memory",
        Bytes(*.hot_bytes), Bytes(Plan::hot_bytes_max(*.memory_bytes)), Bytes(*.memory_bytes)
    )]
    HotBytes {
        /// What was asked for.
        hot_bytes: u64,
        /// The size of the guest.
        memory_bytes: u64,
    },
    /// A constant word that is not what the program left there.
    #[error("guest memory holds no program of ours: {name} is {found:#x}, expected {expected}")]
    Word {
        /// Which word.
        name: &'static str,
        /// What is there.
        found: u32,
        /// What should be there.
        expected: String,
    },
}

impl Plan {
    /// Plans a memory.
    ///
    /// # Errors
    /// When a guest cannot have such a memory, or the hot pages do not fit into it.
    pub fn new(memory_bytes: u64, hot_bytes: u64, zero_one_in: u32) -> Result<Plan, LayoutError> {
        let bounds = MEMORY_BYTES_MIN..=MEMORY_BYTES_MAX;
        if !bounds.contains(&memory_bytes) || !memory_bytes.is_multiple_of(PAGE_BYTES) {
            return Err(LayoutError::MemoryBytes(memory_bytes));
        }
        if hot_bytes > Plan::hot_bytes_max(memory_bytes) || !hot_bytes.is_multiple_of(PAGE_BYTES) {
            return Err(LayoutError::HotBytes { hot_bytes, memory_bytes });
        }
        Ok(Plan { memory_pages: memory_bytes / PAGE_BYTES, hot_pages: (hot_bytes / PAGE_BYTES) as u32, zero_one_in })
    }

    /// Reads the plan back from a memory: it may have come from a peer.
    ///
    /// # Errors
    /// When the control page is not one of ours, or of a memory of another size.
    pub fn of(memory: &Ram) -> Result<Plan, LayoutError> {
        let memory_pages = memory_pages(memory);
        let expect = |name, at, expected: u32| {
            let found = read_word(memory, at);
            (found == expected).then_some(()).ok_or_else(|| LayoutError::Word {
                name,
                found,
                expected: format!("{expected:#x}"),
            })
        };
        expect("the magic word", word::MAGIC, MAGIC_VALUE)?;
        expect("the layout's number", word::LAYOUT, LAYOUT_VALUE)?;
        expect("the number of pages", word::MEMORY_PAGES, memory_pages as u32)?;
        expect("the address of the hot pages", word::HOT_ADDRESS, HOT_ADDRESS as u32)?;
        let hot_pages = read_word(memory, word::HOT_PAGES);
        let hot_pages_max = Plan::hot_bytes_max(memory_pages * PAGE_BYTES) / PAGE_BYTES;
        if u64::from(hot_pages) > hot_pages_max {
            return Err(LayoutError::Word {
                name: "the number of hot pages",
                found: hot_pages,
                expected: format!("at most {hot_pages_max:#x}"),
            });
        }
        Ok(Plan { memory_pages, hot_pages, zero_one_in: read_word(memory, word::ZERO_ONE_IN) })
    }

    /// How much of a memory of this size can be hot, in bytes.
    pub fn hot_bytes_max(memory_bytes: u64) -> u64 {
        memory_bytes.min(HOT_END_MAX).saturating_sub(HOT_ADDRESS)
    }

    /// What the page with this number is for.
    pub fn use_of(&self, page: u64) -> Use {
        const CONTROL: u64 = 0;
        const PROGRAM: u64 = program::ADDRESS / PAGE_BYTES;
        let place = page.checked_sub(HOT_ADDRESS / PAGE_BYTES);
        match (page, place) {
            (CONTROL, _) => Use::Control,
            (PROGRAM, _) => Use::Program,
            (_, Some(place)) if place < u64::from(self.hot_pages) => Use::Hot(place as u32),
            _ if self.is_zero(page) => Use::Zero,
            _ => Use::Pattern,
        }
    }

    /// Whether a cold page is zero: one in [`zero_one_in`](Plan::zero_one_in), scattered, the same every time.
    pub fn is_zero(&self, page: u64) -> bool {
        self.zero_one_in != 0 && scramble(page ^ !SEED).is_multiple_of(u64::from(self.zero_one_in))
    }

    /// Fills a fresh memory, which is zero: what the program finds when it starts.
    ///
    /// The pages that are to be zero are not touched, so they take no room.
    pub fn fill(&self, memory: &Ram) {
        let mut bytes: Page = [0; PAGE_BYTES as usize];
        for page in 0..self.memory_pages {
            match self.use_of(page) {
                Use::Zero => continue,
                Use::Control => self.control_page(&mut bytes),
                Use::Program => bytes = program::page(),
                Use::Hot(_) => hot_page(page, 0, &mut bytes),
                Use::Pattern => pattern(page, &mut bytes),
            }
            memory.write_slice(&bytes, GuestAddress(page * PAGE_BYTES)).expect("the plan has the pages of this memory");
        }
    }

    fn control_page(&self, bytes: &mut Page) {
        let words = [
            (word::MAGIC, MAGIC_VALUE),
            (word::LAYOUT, LAYOUT_VALUE),
            (word::PASS, 1),
            (word::HOT_ADDRESS, HOT_ADDRESS as u32),
            (word::HOT_PAGES, self.hot_pages),
            (word::MEMORY_PAGES, self.memory_pages as u32),
            (word::ZERO_ONE_IN, self.zero_one_in),
        ];
        bytes.fill(0);
        for (at, value) in words {
            bytes[at as usize..at as usize + 4].copy_from_slice(&value.to_le_bytes());
        }
    }
}

/// Reads a word of guest memory: a control word, or the count of a hot page of the memory's own plan.
///
/// # Panics
/// When the memory has no such address; there are control words in every memory of [`MEMORY_BYTES_MIN`].
pub fn read_word(memory: &Ram, address: u32) -> u32 {
    memory
        .load(GuestAddress(address.into()), Ordering::Relaxed)
        .map(u32::from_le)
        .expect("an address below the least size, or of the memory's own plan")
}

/// The number of pages of a memory.
pub fn memory_pages(memory: &Ram) -> u64 {
    (memory.last_addr().raw_value() + 1) / PAGE_BYTES
}

/// Writes what a hot page holds once pass `pass` has written to it.
pub fn hot_page(page: u64, pass: u32, bytes: &mut Page) {
    pattern(page, bytes);
    bytes[..4].copy_from_slice(&pass.to_le_bytes());
}

/// Writes the pattern of a page: no two pages, and no two words of a page, are likely to be alike.
pub fn pattern(page: u64, bytes: &mut Page) {
    let mut state = scramble(page ^ SEED);
    for word in bytes.as_chunks_mut::<8>().0 {
        state = state.wrapping_add(GOLDEN);
        *word = scramble(state).to_le_bytes();
    }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): one-to-one, and one bit changes half of them.
fn scramble(value: u64) -> u64 {
    let value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}
