//! The two sides make sure that they can work together before a page is sent.

use serde::{Deserialize, Serialize};

use super::{Refusal, WireError};
use crate::memory::{Bytes, Layout, PAGE_BYTES, Region};

/// The oldest version of the protocol that this build speaks.
pub const VERSION_MIN: u16 = 1;

/// The newest version of the protocol that this build speaks.
pub const VERSION_MAX: u16 = 1;

/// The longest name of a kind of guest, in bytes.
pub const KIND_BYTES_MAX: usize = 64;

/// What a source says of itself, and what a destination compares with its own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hello {
    version_min: u16,
    version_max: u16,
    guest: GuestShape,
}

/// The part of a hello that a version may change.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
struct GuestShape {
    page_bytes: u32,
    kind: String,
    layout: Layout,
}

/// What a destination answers when it agrees.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Welcome {
    /// The version that both sides will speak.
    pub version: u16,
}

impl Hello {
    /// What this build says for a guest of this kind with this memory.
    ///
    /// # Panics
    /// When the kind is longer than [`KIND_BYTES_MAX`] or has other than visible ASCII characters.
    pub fn new(kind: &str, layout: Layout) -> Hello {
        assert!(is_kind(kind), "the kind of a guest is a short visible word, not `{kind}`");
        Hello {
            version_min: VERSION_MIN,
            version_max: VERSION_MAX,
            guest: GuestShape { page_bytes: PAGE_BYTES as u32, kind: kind.to_owned(), layout },
        }
    }

    /// The memory of the guest.
    pub fn layout(&self) -> &Layout {
        &self.guest.layout
    }

    /// The bytes for the wire: the two versions, then what the newer of them says.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(self.version_min.to_le_bytes());
        bytes.extend(self.version_max.to_le_bytes());
        postcard::to_extend(&self.guest, bytes).expect("a vector takes all bytes")
    }
}

impl Welcome {
    /// The bytes for the wire.
    pub fn encode(&self) -> Vec<u8> {
        self.version.to_le_bytes().to_vec()
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// When the bytes are malformed, or name a version that this build does not speak.
    pub fn decode(bytes: &[u8]) -> Result<Welcome, WireError> {
        let version = bytes.try_into().map(u16::from_le_bytes).ok();
        version
            .filter(|version| (VERSION_MIN..=VERSION_MAX).contains(version))
            .map(|version| Welcome { version })
            .ok_or(WireError::Malformed("welcome"))
    }
}

/// Compares our own hello with the bytes of a peer's, and finds the newest version that both speak.
///
/// # Errors
/// When the guest of the source cannot come to this host, with the reason in words for both users.
pub fn negotiate(ours: &Hello, theirs: &[u8]) -> Result<Welcome, Refusal> {
    let malformed = || Refusal::new("the hello of the source is malformed");
    let Some((&[a, b, c, d], rest)) = theirs.split_first_chunk() else {
        return Err(malformed());
    };
    let (oldest, newest) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
    if oldest > newest {
        return Err(malformed());
    }
    let version = newest.min(ours.version_max);
    if version < oldest.max(ours.version_min) {
        return Err(Refusal::new(&format!(
            "the source speaks versions {oldest} to {newest} of the migration protocol, this host {} to {}: \
             use the same release on both",
            ours.version_min, ours.version_max
        )));
    }
    match postcard::take_from_bytes::<GuestShape>(rest) {
        Ok((guest, [])) if is_kind(&guest.kind) => compare(&ours.guest, &guest)?,
        Ok(_) | Err(_) => return Err(malformed()),
    }
    Ok(Welcome { version })
}

fn compare(ours: &GuestShape, theirs: &GuestShape) -> Result<(), Refusal> {
    let refuse = |text: String| Err(Refusal::new(&text));
    if ours.page_bytes != theirs.page_bytes {
        let (theirs, ours) = (Bytes(theirs.page_bytes.into()), Bytes(ours.page_bytes.into()));
        return refuse(format!("the source has pages of {theirs}, this host of {ours}"));
    }
    if ours.kind != theirs.kind {
        return refuse(format!(
            "the source has a guest of kind `{}`, this host of kind `{}`: start it with the same guest",
            theirs.kind, ours.kind
        ));
    }
    if ours.layout.bytes() != theirs.layout.bytes() || ours.layout.regions().len() != theirs.layout.regions().len() {
        return refuse(format!(
            "the source has {}, this host has {}: start it with the same memory",
            theirs.layout, ours.layout
        ));
    }
    let pairs = theirs.layout.regions().iter().zip(ours.layout.regions());
    match pairs.into_iter().find(|(theirs, ours)| theirs != ours) {
        None => Ok(()),
        Some((theirs, ours)) => refuse(format!(
            "the source has {}, this host has {}: start it with the same memory",
            place(theirs),
            place(ours)
        )),
    }
}

fn place(region: &Region) -> String {
    format!("{} at {:#x}", Bytes(region.bytes), region.start)
}

fn is_kind(kind: &str) -> bool {
    !kind.is_empty() && kind.len() <= KIND_BYTES_MAX && kind.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hello(regions: &[(u64, u64)]) -> Hello {
        let regions = regions.iter().map(|&(start, bytes)| Region { start, bytes });
        Hello::new("memory-1", regions.collect::<Vec<_>>().try_into().unwrap())
    }

    fn refusal(theirs: &Hello) -> String {
        negotiate(&hello(&[(0, 32 << 20)]), &theirs.encode()).unwrap_err().text().to_owned()
    }

    #[test]
    fn equals_agree() {
        let ours = hello(&[(0, 32 << 20)]);
        assert_eq!(negotiate(&ours, &ours.encode()), Ok(Welcome { version: 1 }));
        let welcome = Welcome { version: 1 };
        assert_eq!(Welcome::decode(&welcome.encode()), Ok(welcome));
        for bytes in [&[][..], &[1], &[2, 0], &[0, 0], &[1, 0, 0]] {
            assert_eq!(Welcome::decode(bytes), Err(WireError::Malformed("welcome")));
        }
    }

    #[test]
    fn the_newest_common_version_is_taken() {
        let mut ours = hello(&[(0, 4096)]);
        let mut theirs = ours.clone();
        (ours.version_min, ours.version_max) = (2, 5);
        for (min, max, agreed) in [(1, 2, Some(2)), (3, 4, Some(4)), (4, 9, Some(5)), (1, 1, None), (6, 9, None)] {
            (theirs.version_min, theirs.version_max) = (min, max);
            assert_eq!(negotiate(&ours, &theirs.encode()).ok().map(|welcome| welcome.version), agreed);
        }
    }

    #[test]
    fn refusals_say_what_differs() {
        let mut other = hello(&[(0, 32 << 20)]);
        assert_eq!(
            refusal(&hello(&[(0, 64 << 20)])),
            "the source has 64 MiB in 1 region, this host has 32 MiB in 1 region: start it with the same memory"
        );
        assert_eq!(
            refusal(&hello(&[(4096, 32 << 20)])),
            "the source has 32 MiB at 0x1000, this host has 32 MiB at 0x0: start it with the same memory"
        );
        other.guest.kind = "kvm-1".to_owned();
        assert_eq!(
            refusal(&other),
            "the source has a guest of kind `kvm-1`, this host of kind `memory-1`: start it with the same guest"
        );
        other.guest.page_bytes = 65536;
        assert_eq!(refusal(&other), "the source has pages of 64 KiB, this host of 4 KiB");
        (other.version_min, other.version_max) = (7, 9);
        assert_eq!(
            refusal(&other),
            "the source speaks versions 7 to 9 of the migration protocol, this host 1 to 1: use the same release on both"
        );
        other.version_max = 6;
        assert_eq!(refusal(&other), "the hello of the source is malformed");
        other = hello(&[(0, 32 << 20)]);
        other.guest.kind = "a\nb".to_owned();
        assert_eq!(refusal(&other), "the hello of the source is malformed");
    }

    #[test]
    fn every_truncation_is_refused() {
        let ours = hello(&[(0, 32 << 20), (1 << 32, 1 << 20)]);
        let bytes = ours.encode();
        for length in 0..bytes.len() {
            assert!(negotiate(&ours, &bytes[..length]).is_err(), "{length} bytes");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(negotiate(&ours, &longer).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(mut bytes in prop::collection::vec(any::<u8>(), 0..200), ours_first in any::<bool>()) {
            let ours = hello(&[(0, 32 << 20)]);
            if ours_first {
                bytes.splice(0..0, [1, 0, 1, 0]);
            }
            prop_assert!(negotiate(&ours, &bytes).is_err());
        }
    }
}
