//! The bitmap of what is missing, sent from one side to the other.
//!
//! It goes in pieces, in order, without the pieces that would be empty. What a peer sends is bounded by the memory: each
//! word comes at most once, and bits that are no pages are refused.

use zerocopy::IntoBytes;

use crate::channel::{Channel, ChannelError, Part, Wait};
use crate::dirty::DirtyBitmap;
use crate::memory::Layout;
use crate::transfer::{append_payload, misplaced, read_frame};
use crate::wire::{Frame, Payload, STATE_CHUNK_BYTES_MAX};

const WORD_BYTES: usize = size_of::<u64>();

/// The words of a piece: they fill the payload of a frame, and stand for 2 GiB of memory.
const PIECE_WORDS: usize = STATE_CHUNK_BYTES_MAX as usize / WORD_BYTES;

/// Sends which pages are missing.
///
/// # Errors
/// When the wait is interrupted or takes too long, or the connection breaks.
pub fn send_missing(channel: &mut Channel, missing: &DirtyBitmap, wait: &Wait<'_>) -> Result<(), ChannelError> {
    for (index, words) in missing.words().chunks(PIECE_WORDS).enumerate() {
        let Some(first) = words.iter().position(|&word| word != 0) else {
            continue;
        };
        let last = words.iter().rposition(|&word| word != 0).unwrap_or(first);
        let bytes: Vec<u8> = words[first..=last].iter().flat_map(|word| word.to_le_bytes()).collect();
        let first_word = u32::try_from(index * PIECE_WORDS + first).expect("a layout has fewer words");
        let header = Frame::Missing { first_word, payload: Payload::of(&bytes) }.encode();
        channel.write_parts(&mut [Part::from(&header[..]), Part::from(&bytes[..])], wait)?;
    }
    channel.write_all(&Frame::MissingEnd { pages: missing.count() }.encode(), wait)
}

/// Receives which pages of a memory with this layout are missing on the other side.
///
/// # Errors
/// When the wait is interrupted or takes too long, the connection ends, or the peer sends anything else, or a bitmap of
/// another memory.
pub fn receive_missing(channel: &mut Channel, layout: &Layout, wait: &Wait<'_>) -> Result<DirtyBitmap, ChannelError> {
    let mut missing = DirtyBitmap::new(layout);
    let mut next_word = 0;
    loop {
        wait.check()?;
        match read_frame(channel, wait)? {
            Frame::Missing { first_word, payload } => {
                let first_word = first_word as usize;
                let words_left = missing.words().len().saturating_sub(first_word);
                if first_word < next_word || payload.bytes as usize > words_left * WORD_BYTES {
                    return Err(ChannelError::protocol("a bitmap of missing pages does not fit the memory"));
                }
                let words = read_words(channel, payload, wait)?;
                next_word = first_word + words.len();
                if !missing.add_words(first_word, &words) {
                    return Err(ChannelError::protocol("a bitmap of missing pages names pages that the memory lacks"));
                }
            }
            Frame::MissingEnd { pages } if pages == missing.count() => return Ok(missing),
            Frame::MissingEnd { pages } => {
                let text = format!("a bitmap of missing pages has {} instead of {pages}", missing.count());
                return Err(ChannelError::protocol(text));
            }
            Frame::KeepAlive | Frame::Taken { .. } => {}
            other @ (Frame::Message { .. }
            | Frame::Pages(_)
            | Frame::Zeroes(_)
            | Frame::State { .. }
            | Frame::StateEnd { .. }
            | Frame::StateRoundEnd { .. }
            | Frame::Farewell { .. }
            | Frame::RoundEnd { .. }
            | Frame::MemoryEnd
            | Frame::Sync
            | Frame::Synced
            | Frame::Request(_)) => return Err(misplaced("the peer", &other, "instead of a bitmap of missing pages")),
        }
    }
}

fn read_words(channel: &mut Channel, payload: Payload, wait: &Wait<'_>) -> Result<Vec<u64>, ChannelError> {
    let mut bytes = Vec::new();
    append_payload(channel, payload, &mut bytes, wait)?;
    let mut words = vec![0_u64; bytes.len() / WORD_BYTES];
    words.as_mut_bytes().copy_from_slice(&bytes);
    Ok(words.into_iter().map(u64::from_le).collect())
}
