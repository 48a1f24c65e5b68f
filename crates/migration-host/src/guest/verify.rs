//! Compares the memory of a stopped guest with what it must hold, and reports how far the guest has counted.
//!
//! A vCPU is stopped between any two instructions, so the two control words and the hot pages may be one step apart.
//! With `P` the pass and `n` the position in the control page, these are the states that the program can be in:
//!
//! 1. the first `n` hot pages hold `P`, the rest `P - 1`;
//! 2. one more page holds `P`: written, not counted yet;
//! 3. `n` is the number of hot pages and all of them hold `P - 1`: the pass is counted, the position not reset yet.
//!
//! Everything else is a fault.

use std::fmt;

use migration_runtime::memory::PAGE_BYTES;
use vm_memory::{Bytes, GuestAddress};

use super::layout::{self, Page, Plan, Use, word};
use super::program;
use super::ram::Ram;

/// A verdict lists at most this many faults; it counts all of them.
pub const FAULTS_LISTED_MAX: usize = 16;

/// The result of a comparison.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Verdict {
    /// The pass that the program is in. Grows, also without hot pages.
    pub pass: u32,
    /// The writes to hot pages that it has made since it was first started.
    pub writes_counted: u64,
    /// The pages that were compared, byte by byte.
    pub pages_checked: u64,
    /// The number of pages that are not as they should be, and of other faults.
    pub faults_found: u64,
    /// The first faults, at most [`FAULTS_LISTED_MAX`].
    pub faults: Vec<Fault>,
}

/// A fault in a guest's memory.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The control page is not one of ours, so nothing can be said of the rest.
    #[error(transparent)]
    Layout(#[from] layout::LayoutError),
    /// The program is past the end of a pass.
    #[error("the program has written {position} hot pages in this pass, and there are {hot_pages}")]
    Position {
        /// The position in the control page.
        position: u32,
        /// The number of hot pages.
        hot_pages: u32,
    },
    /// The program itself has found hot pages that had changed behind its back, and has written over them since; the last
    /// one is named.
    #[error(
        "the program found a hot page with a value that it had not written: {found} at {address:#x} ({times} in all)"
    )]
    FoundByProgram {
        /// How often.
        times: u32,
        /// The address of the last one.
        address: u32,
        /// What it held.
        found: u32,
    },
    /// A hot page with the value of another pass.
    #[error("hot page at {address:#x} holds {found}, expected {expected}")]
    Value {
        /// The page's address.
        address: u64,
        /// What it holds.
        found: u32,
        /// What the program has written there.
        expected: u32,
    },
    /// A page that should hold something and is all zero.
    #[error("page at {address:#x} is all zero, expected {expected}")]
    Zeroed {
        /// The page's address.
        address: u64,
        /// What it is for.
        expected: Expected,
    },
    /// A page with a wrong byte.
    #[error(
        "page at {address:#x} is damaged from byte {offset:#x} on: {found:#04x}, expected {expected:#04x} ({what})"
    )]
    Damaged {
        /// The page's address.
        address: u64,
        /// Where the first wrong byte is in the page.
        offset: usize,
        /// That byte.
        found: u8,
        /// What it should be.
        expected: u8,
        /// What the page is for.
        what: Expected,
    },
}

/// What a page is for, in words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Expected {
    /// The control page.
    Control,
    /// The program.
    Program,
    /// A hot page.
    Hot,
    /// A cold page with a pattern.
    Pattern,
    /// A cold page of zeros.
    Zero,
}

/// Compares the memory of a stopped guest with what the program must have left there.
pub fn verify(memory: &Ram) -> Verdict {
    let mut verdict = Verdict { pass: layout::read_word(memory, word::PASS), ..Verdict::default() };
    match Plan::of(memory) {
        Ok(plan) => {
            let hot = HotState::read(memory, &plan);
            verdict.writes_counted = hot.writes();
            check_counts(memory, &hot, &mut verdict);
            check_pages(memory, &plan, &hot, &mut verdict);
        }
        Err(error) => verdict.add(error.into()),
    }
    verdict
}

/// How many writes to hot pages the program in this memory has made; 0 where there is no program.
pub fn writes_counted(memory: &Ram) -> u64 {
    Plan::of(memory).map_or(0, |plan| HotState::read(memory, &plan).writes())
}

impl Verdict {
    /// Whether every byte is as it should be.
    pub fn is_whole(&self) -> bool {
        self.faults_found == 0
    }

    fn add(&mut self, fault: Fault) {
        self.faults_found += 1;
        if self.faults.len() < FAULTS_LISTED_MAX {
            self.faults.push(fault);
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Verdict { pass, writes_counted, pages_checked, faults_found, faults } = self;
        write!(out, "pass {pass}, {writes_counted} writes, {pages_checked} pages checked, {faults_found} faults")?;
        for fault in faults {
            write!(out, "\n  {fault}")?;
        }
        let unlisted = faults_found - faults.len() as u64;
        if unlisted > 0 {
            write!(out, "\n  and {unlisted} more")?;
        }
        Ok(())
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Expected::Control => "the control page",
            Expected::Program => "the program",
            Expected::Hot => "a hot page",
            Expected::Pattern => "a pattern",
            Expected::Zero => "zeros",
        })
    }
}

/// Where the program is, as the control page and the hot pages tell it together.
struct HotState {
    /// The pass whose value the first `written` pages hold; the others hold the value of the pass before.
    pass: u32,
    written: u32,
    /// The position as the control page has it.
    position: u32,
    hot_pages: u32,
}

impl HotState {
    fn read(memory: &Ram, plan: &Plan) -> HotState {
        let pass = layout::read_word(memory, word::PASS);
        let position = layout::read_word(memory, word::POSITION);
        let hot_pages = plan.hot_pages;
        let value = |place: u32| {
            let at = layout::HOT_ADDRESS + u64::from(place) * PAGE_BYTES;
            memory.read_obj::<[u8; 4]>(GuestAddress(at)).map(u32::from_le_bytes).ok()
        };
        let one_more = position < hot_pages && value(position) == Some(pass);
        let not_reset = hot_pages > 0 && position == hot_pages && value(0) == Some(pass.wrapping_sub(1));
        let written = match (one_more, not_reset) {
            (true, _) => position + 1,
            (_, true) => 0,
            (false, false) => position,
        };
        HotState { pass, written, position, hot_pages }
    }

    fn writes(&self) -> u64 {
        u64::from(self.pass.wrapping_sub(1)) * u64::from(self.hot_pages) + u64::from(self.written)
    }

    fn value(&self, place: u32) -> u32 {
        if place < self.written { self.pass } else { self.pass.wrapping_sub(1) }
    }
}

fn check_counts(memory: &Ram, hot: &HotState, verdict: &mut Verdict) {
    let &HotState { position, hot_pages, .. } = hot;
    if position > hot_pages {
        verdict.add(Fault::Position { position, hot_pages });
    }
    let times = layout::read_word(memory, word::WRONG);
    if times > 0 {
        verdict.add(Fault::FoundByProgram {
            times,
            address: layout::read_word(memory, word::WRONG_ADDRESS),
            found: layout::read_word(memory, word::WRONG_VALUE),
        });
    }
}

fn check_pages(memory: &Ram, plan: &Plan, hot: &HotState, verdict: &mut Verdict) {
    let program = program::page();
    let mut found: Page = [0; PAGE_BYTES as usize];
    let mut expected: Page = [0; PAGE_BYTES as usize];
    for page in 0..plan.memory_pages {
        memory.read_slice(&mut found, GuestAddress(page * PAGE_BYTES)).expect("the plan has the pages of this memory");
        let what = match plan.use_of(page) {
            Use::Control => {
                // The words themselves are checked by their meaning.
                expected.fill(0);
                expected[..word::END as usize].copy_from_slice(&found[..word::END as usize]);
                Expected::Control
            }
            Use::Program => {
                expected = program;
                Expected::Program
            }
            Use::Hot(place) => {
                layout::hot_page(page, hot.value(place), &mut expected);
                Expected::Hot
            }
            Use::Pattern => {
                layout::pattern(page, &mut expected);
                Expected::Pattern
            }
            Use::Zero => {
                expected.fill(0);
                Expected::Zero
            }
        };
        if found != expected {
            verdict.add(difference(page * PAGE_BYTES, what, &found, &expected));
        }
        verdict.pages_checked += 1;
    }
}

/// Names what is wrong with a page that differs from what it should be.
fn difference(address: u64, what: Expected, found: &Page, expected: &Page) -> Fault {
    if what != Expected::Zero && found.iter().all(|&byte| byte == 0) {
        return Fault::Zeroed { address, expected: what };
    }
    let offset = found.iter().zip(expected).position(|(found, expected)| found != expected).unwrap_or(0);
    if what == Expected::Hot && offset < 4 && found[4..] == expected[4..] {
        let value = |page: &Page| u32::from_le_bytes([page[0], page[1], page[2], page[3]]);
        return Fault::Value { address, found: value(found), expected: value(expected) };
    }
    Fault::Damaged { address, offset, found: found[offset], expected: expected[offset], what }
}
