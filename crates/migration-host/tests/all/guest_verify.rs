//! The verifier finds whatever is wrong with a guest's memory, and says what.

use migration_host::guest::layout::{HOT_ADDRESS, MAGIC_VALUE, Plan, Use, word};
use migration_host::guest::verify::{FAULTS_LISTED_MAX, Verdict};
use migration_host::guest::{GuestKind, HostedGuest};
use migration_runtime::memory::PAGE_BYTES;
use proptest::prelude::*;
use vm_memory::{Bytes, GuestAddress};

use super::guest::{each_kind, guest, run_for, snapshot};

const PAGES: u64 = super::guest::MEMORY_BYTES / PAGE_BYTES;

/// Damages a copy of what is there, verifies, and puts it right again.
fn verdict_of(guest: &dyn HostedGuest, address: u64, bytes: &[u8]) -> Verdict {
    let mut before = vec![0; bytes.len()];
    let memory = guest.ram();
    memory.read_slice(&mut before, GuestAddress(address)).unwrap();
    memory.write_slice(bytes, GuestAddress(address)).unwrap();
    let verdict = guest.verdict().unwrap();
    memory.write_slice(&before, GuestAddress(address)).unwrap();
    assert!(guest.verdict().unwrap().is_whole());
    verdict
}

fn said(verdict: &Verdict) -> String {
    assert!(!verdict.is_whole());
    verdict.faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn first(guest: &dyn HostedGuest, wanted: fn(Use) -> bool) -> u64 {
    let plan = Plan::of(guest.ram()).unwrap();
    (16..PAGES).find(|&page| wanted(plan.use_of(page))).unwrap() * PAGE_BYTES
}

fn byte(guest: &dyn HostedGuest, address: u64) -> u8 {
    guest.ram().read_obj(GuestAddress(address)).unwrap()
}

#[test]
fn every_byte_of_every_kind_of_page_counts() {
    each_kind(|kind| {
        let guest = &*guest(kind);
        run_for(guest, 150);
        let zero = first(guest, |what| what == Use::Zero);
        let pattern = first(guest, |what| what == Use::Pattern);
        let (first_byte, last_byte) = (byte(guest, pattern), byte(guest, pattern + 4095));
        assert_eq!(
            said(&verdict_of(guest, zero + 77, &[1])),
            format!("page at {zero:#x} is damaged from byte 0x4d on: 0x01, expected 0x00 (zeros)")
        );
        for (offset, byte) in [(0, first_byte), (4095, last_byte)] {
            assert_eq!(
                said(&verdict_of(guest, pattern + offset, &[byte ^ 0x10])),
                format!(
                    "page at {pattern:#x} is damaged from byte {offset:#x} on: {:#04x}, expected {byte:#04x} (a pattern)",
                    byte ^ 0x10
                )
            );
        }
        assert_eq!(
            said(&verdict_of(guest, pattern, &[0; 4096])),
            format!("page at {pattern:#x} is all zero, expected a pattern")
        );
        assert_eq!(said(&verdict_of(guest, 0x1000, &[0; 4096])), "page at 0x1000 is all zero, expected the program");
        assert_eq!(
            said(&verdict_of(guest, 0x800, &[9])),
            "page at 0x0 is damaged from byte 0x800 on: 0x09, expected 0x00 (the control page)"
        );
        assert_eq!(
            said(&verdict_of(guest, HOT_ADDRESS + 5 * PAGE_BYTES, &[0; 4096])),
            "page at 0x15000 is all zero, expected a hot page"
        );
        let other = snapshot(guest.ram())[pattern as usize..][..4096].to_vec();
        assert_eq!(verdict_of(guest, HOT_ADDRESS, &other).faults_found, 1, "another page's contents");
    });
}

/// Of every hot page and every wrong count, the verifier says it; but for the two pages next to the program's place, where
/// one step more or less than the control page says can be true.
#[test]
fn an_old_count_in_a_hot_page_is_found() {
    each_kind(|kind| {
        let guest = &*guest(kind);
        run_for(guest, 350);
        let written = guest.verdict().unwrap().writes_counted;
        let at_step = [written % 100, (written + 99) % 100];
        for place in (0..100).filter(|place| !at_step.contains(place)) {
            let address = HOT_ADDRESS + place * PAGE_BYTES;
            let count: u32 = guest.ram().read_obj(GuestAddress(address)).unwrap();
            for wrong in [count - 1, count + 1, 0] {
                let verdict = verdict_of(guest, address, &wrong.to_le_bytes());
                assert_eq!(said(&verdict), format!("hot page at {address:#x} holds {wrong}, expected {count}"));
            }
        }
        for place in at_step {
            let verdict = verdict_of(guest, HOT_ADDRESS + place * PAGE_BYTES, &0_u32.to_le_bytes());
            assert_eq!(verdict.faults_found, 1, "{verdict}");
        }
    });
}

#[test]
fn what_the_program_finds_itself_is_told() {
    each_kind(|kind| {
        let guest = &*guest(kind);
        run_for(guest, 150);
        let place = HOT_ADDRESS + 33 * PAGE_BYTES;
        guest.ram().write_obj(77_u32, GuestAddress(place)).unwrap();
        run_for(guest, 250);
        let verdict = guest.verdict().unwrap();
        assert_eq!(
            said(&verdict),
            "the program found a hot page with a value that it had not written: 77 at 0x31000 (1 in all)"
        );
    });
}

#[test]
fn a_foreign_control_page_is_the_only_thing_said() {
    let guest = &*guest(GuestKind::Memory);
    let cases = [
        (word::MAGIC, "the magic word", format!("{MAGIC_VALUE:#x}")),
        (word::LAYOUT, "the layout's number", "0x1".to_owned()),
        (word::HOT_PAGES, "the number of hot pages", "at most 0x1f0".to_owned()),
        (word::MEMORY_PAGES, "the number of pages", "0x200".to_owned()),
        (word::HOT_ADDRESS, "the address of the hot pages", "0x10000".to_owned()),
    ];
    for (at, name, expected) in cases {
        let verdict = verdict_of(guest, at.into(), &0xdead_u32.to_le_bytes());
        assert_eq!(
            said(&verdict),
            format!("guest memory holds no program of ours: {name} is 0xdead, expected {expected}")
        );
        assert_eq!(verdict.pages_checked, 0);
    }
}

#[test]
fn the_list_of_faults_is_bounded_and_the_count_is_not() {
    let guest = &*guest(GuestKind::Memory);
    guest.ram().write_slice(&vec![0xff; 300 * 4096], GuestAddress(HOT_ADDRESS)).unwrap();
    let verdict = guest.verdict().unwrap();
    assert_eq!((verdict.faults.len(), verdict.faults_found), (FAULTS_LISTED_MAX, 300));
    let text = verdict.to_string();
    assert!(text.starts_with("pass 1, 0 writes, 512 pages checked, 300 faults\n"), "{text}");
    assert!(text.ends_with("\n  and 284 more"), "{text}");
}

#[test]
fn about_a_quarter_of_cold_memory_is_zero_and_no_two_other_pages_are_alike() {
    let guest = &*guest(GuestKind::Memory);
    let plan = Plan::of(guest.ram()).unwrap();
    let zero = (0..PAGES).filter(|&page| plan.use_of(page) == Use::Zero).count();
    assert!((70..135).contains(&zero), "{zero} of 410");
    let bytes = snapshot(guest.ram());
    let mut words: Vec<&[u8]> = bytes.as_chunks::<8>().0.iter().map(|word| &word[..]).collect();
    words.retain(|word| *word != [0; 8]);
    let all = words.len();
    words.sort();
    words.dedup();
    assert_eq!(words.len(), all, "every word of pattern is there once");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_cold_byte_that_differs_is_found(address in 2 * PAGE_BYTES..PAGES * PAGE_BYTES, flip in 1..=255_u8) {
        let guest = &*guest(GuestKind::Memory);
        let byte = byte(guest, address);
        let verdict = verdict_of(guest, address, &[byte ^ flip]);
        prop_assert_eq!(verdict.faults_found, 1);
    }
}
