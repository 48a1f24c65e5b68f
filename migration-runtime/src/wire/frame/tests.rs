//! Frames survive the wire, and nothing else does.

use proptest::prelude::*;

use super::*;

fn runs(pages_max: u64) -> impl Strategy<Value = PageRun> {
    (0..1u64 << 40, 1..=pages_max).prop_map(|(page, pages)| PageRun { address: page * PAGE_BYTES, pages })
}

fn payloads(bytes_max: u32) -> impl Strategy<Value = Payload> {
    (0..=bytes_max, any::<u32>()).prop_map(|(bytes, crc)| Payload { bytes, crc })
}

fn frames() -> impl Strategy<Value = Frame> {
    prop_oneof![
        (any::<u16>(), payloads(MESSAGE_BYTES_MAX)).prop_map(|(number, payload)| Frame::Message { number, payload }),
        runs(FRAME_PAGES_MAX).prop_map(Frame::Pages),
        runs(u32::MAX.into()).prop_map(Frame::Zeroes),
        (any::<u64>(), payloads(STATE_CHUNK_BYTES_MAX)).prop_map(|(offset, payload)| Frame::State { offset, payload }),
        any::<u64>().prop_map(|bytes| Frame::StateEnd { bytes }),
        any::<u64>().prop_map(|bytes| Frame::StateRoundEnd { bytes }),
        any::<u64>().prop_map(|bytes| Frame::Taken { bytes }),
        payloads(REFUSAL_BYTES_MAX as u32).prop_map(|payload| Frame::Farewell { payload }),
        any::<u64>().prop_map(|round| Frame::RoundEnd { round }),
        Just(Frame::MemoryEnd),
        Just(Frame::KeepAlive),
        Just(Frame::Sync),
        Just(Frame::Synced),
        runs(FRAME_PAGES_MAX).prop_map(Frame::Request),
        (any::<u32>(), 1..=STATE_CHUNK_BYTES_MAX / 8, any::<u32>()).prop_map(|(first_word, words, crc)| {
            Frame::Missing { first_word, payload: Payload { bytes: words * 8, crc } }
        }),
        any::<u64>().prop_map(|pages| Frame::MissingEnd { pages }),
    ]
}

/// A header with a checksum that fits whatever it says.
fn forged(kind: u16, number: u16, bytes: u32, value: u64, count: u32) -> [u8; HEADER_BYTES] {
    let mut header =
        Header { number: number.into(), bytes: bytes.into(), count: count.into(), ..Header::with_value(kind, value) };
    header.crc = header.checksum().into();
    zerocopy::transmute!(header)
}

#[test]
fn the_layout_of_a_header_is_fixed() {
    let run = PageRun { address: 0x1234_5000, pages: 3 };
    let bytes = Frame::Pages(run).encode();
    let expected = b"vMIG\x02\0\0\0\0\x30\0\0\0\0\0\0\0\x50\x34\x12\0\0\0\0\x03\0\0\0";
    assert_eq!(bytes[..28], *expected);
    assert_eq!(bytes[28..], crc32fast::hash(expected).to_le_bytes());
}

#[test]
fn lengths_are_bounded_before_they_are_believed() {
    for (header, error) in [
        (forged(kind::MESSAGE, 1, u32::MAX, 0, 0), "a frame of kind 1 announces 4294967295 bytes (allowed: 65536)"),
        (forged(kind::PAGES, 0, 257 << 12, 0, 257), "a frame of kind 2 announces 1052672 bytes (allowed: 1048576)"),
        (forged(kind::PAGES, 0, 8192, 0, 1), "a frame of kind 2 announces 8192 bytes (allowed: 4096)"),
        (forged(kind::PAGES, 0, 0, 0, 0), "a frame names 0 pages at 0x0, which this guest does not have"),
        (forged(kind::PAGES, 0, 4096, 1, 1), "a frame names the page at 0x1, which this guest does not have"),
        (
            forged(kind::ZEROES, 0, 0, u64::MAX - 4095, 1),
            "a frame names the page at 0xfffffffffffff000, which this guest does not have",
        ),
        (forged(kind::STATE, 0, (64 << 10) + 1, 0, 0), "a frame of kind 4 announces 65537 bytes (allowed: 65536)"),
        (forged(kind::FAREWELL, 0, 1025, 0, 0), "a frame of kind 12 announces 1025 bytes (allowed: 1024)"),
        (forged(kind::REQUEST, 0, 0, 0, 257), "a frame of kind 14 announces 1052672 bytes (allowed: 1048576)"),
        (forged(kind::MISSING, 0, 7, 0, 0), "the payload of `missing` is malformed"),
        (forged(kind::MISSING, 0, 0, 0, 0), "the payload of `missing` is malformed"),
        (forged(kind::MISSING, 0, 8, 1 << 32, 0), "the payload of `missing` is malformed"),
        (forged(17, 0, 0, 0, 0), "a frame of unknown kind 17"),
        (forged(kind::KEEP_ALIVE, 1, 0, 0, 0), "a frame of kind 8 has values where none belong"),
        (forged(kind::ZEROES, 0, 4096, 0, 1), "a frame of kind 3 has values where none belong"),
    ] {
        assert_eq!(Frame::decode(&header).unwrap_err().to_string(), error);
    }
}

#[test]
fn another_protocol_is_told_by_its_first_bytes() {
    let error = check_magic(*b"GET ").unwrap_err().to_string();
    assert_eq!(error, "the peer does not speak the migration protocol: it sent [47, 45, 54, 20]");
}

proptest! {
    #[test]
    fn every_frame_comes_back(frame in frames()) {
        prop_assert_eq!(Frame::decode(&frame.encode()), Ok(frame));
    }

    #[test]
    fn every_flipped_bit_is_seen(frame in frames(), bit in 0..HEADER_BYTES * 8) {
        let mut bytes = frame.encode();
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(Frame::decode(&bytes).is_err());
    }

    #[test]
    fn any_header_is_answered(
        kind in 0..18u16, number: u16, bytes: u32, value: u64, count: u32, raw: [u8; HEADER_BYTES],
    ) {
        let _ = Frame::decode(&raw);
        let forged = forged(kind, number, bytes, value, count);
        if let Ok(frame) = Frame::decode(&forged) {
            prop_assert_eq!(frame.encode(), forged);
        }
    }

    #[test]
    fn damaged_payloads_are_seen(bytes in prop::collection::vec(any::<u8>(), 1..300), at: prop::sample::Index) {
        let payload = Payload::of(&bytes);
        prop_assert_eq!(payload.check(&bytes), Ok(()));
        prop_assert!(payload.check(&bytes[..bytes.len() - 1]).is_err());
        let mut damaged = bytes.clone();
        damaged[at.index(bytes.len())] ^= 0x10;
        prop_assert!(payload.check(&damaged).is_err());
    }
}
