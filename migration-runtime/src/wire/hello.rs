//! The two sides make sure that they can work together before a page is sent.

use serde::{Deserialize, Serialize};

use super::{DESCRIPTION_BYTES_MAX, Refusal, Token, WireError};
use crate::memory::{Bytes, Layout, PAGE_BYTES, Region};

/// The oldest version of the protocol that this build speaks.
pub const VERSION_MIN: u16 = 3;

/// The newest version of the protocol that this build speaks. Version 4 adds post-copy, and version 5 connections for
/// pages. A source says that it speaks the oldest version that has what it will use.
pub const VERSION_MAX: u16 = 5;

/// The version that has post-copy.
const WITH_POSTCOPY: u16 = 4;

/// The version that has connections for pages; whether a post-copy may be started is said besides.
const WITH_PAGE_CHANNELS: u16 = 5;

/// What a source says of itself, of the attempt and of its guest.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hello {
    versions: Versions,
    token: Token,
    guest: GuestShape,
    ways: Ways,
}

/// How the source may move the guest. From version 5 on the hello says it; before, the version did.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
struct Ways {
    postcopy: bool,
    page_channels: u8,
}

/// The versions of the protocol that a side speaks, from the oldest to the newest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Versions {
    oldest: u16,
    newest: u16,
}

/// The part of a hello that a version may change.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
struct GuestShape {
    page_bytes: u32,
    description: Vec<u8>,
    layout: Layout,
}

/// What a destination answers when it agrees.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Welcome {
    /// The version that both sides will speak.
    pub version: u16,
}

impl Hello {
    /// What this build says of an attempt and of a guest with this memory. Only the guests look into the description.
    ///
    /// # Errors
    /// When the description is longer than [`DESCRIPTION_BYTES_MAX`].
    pub fn new(token: Token, description: Vec<u8>, layout: Layout) -> Result<Hello, WireError> {
        if description.len() > DESCRIPTION_BYTES_MAX {
            return Err(WireError::Description(description.len()));
        }
        let guest = GuestShape { page_bytes: PAGE_BYTES as u32, description, layout };
        Ok(Hello { versions: Versions::only(VERSION_MIN), token, guest, ways: Ways::default() })
    }

    /// The same hello of a source that may start a post-copy: the destination must be able to.
    #[must_use]
    pub fn with_postcopy(self) -> Hello {
        let ways = Ways { postcopy: true, ..self.ways };
        Hello { versions: ways.versions(), ways, ..self }
    }

    /// The same hello of a source that sends pages over so many further connections: the destination must await as many.
    #[must_use]
    pub fn with_page_channels(self, page_channels: u8) -> Hello {
        let ways = Ways { page_channels, ..self.ways };
        Hello { versions: ways.versions(), ways, ..self }
    }

    /// The bytes for the wire: the two versions, then what the newer of them says, which is the token and the guest.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(self.versions.oldest.to_le_bytes());
        bytes.extend(self.versions.newest.to_le_bytes());
        bytes.extend(self.token.bytes());
        let bytes = postcard::to_extend(&self.guest, bytes).expect("a vector takes all bytes");
        if self.versions.newest < WITH_PAGE_CHANNELS {
            return bytes;
        }
        postcard::to_extend(&self.ways, bytes).expect("a vector takes all bytes")
    }

    /// Reads the hello of a source, and finds the newest version that both sides speak.
    ///
    /// # Errors
    /// When the bytes are malformed or there is no such version, with the reason in words for both users.
    pub fn decode(bytes: &[u8]) -> Result<(Hello, Welcome), Refusal> {
        let malformed = || Refusal::new("the hello of the source is malformed");
        let Some((&[a, b, c, d], rest)) = bytes.split_first_chunk() else {
            return Err(malformed());
        };
        let versions = Versions { oldest: u16::from_le_bytes([a, b]), newest: u16::from_le_bytes([c, d]) };
        if versions.oldest > versions.newest {
            return Err(malformed());
        }
        let version = Versions::OURS.newest_in(versions)?;
        let (token, rest) = rest.split_first_chunk().ok_or_else(malformed)?;
        let (guest, rest) = postcard::take_from_bytes::<GuestShape>(rest).map_err(|_| malformed())?;
        let before = Ways { postcopy: version == WITH_POSTCOPY, page_channels: 0 };
        let (ways, rest) = match version {
            WITH_PAGE_CHANNELS.. => postcard::take_from_bytes::<Ways>(rest).map_err(|_| malformed())?,
            _ => (before, rest),
        };
        if !rest.is_empty() || guest.description.len() > DESCRIPTION_BYTES_MAX {
            return Err(malformed());
        }
        Ok((Hello { versions, token: Token::from_bytes(*token), guest, ways }, Welcome { version }))
    }

    /// Returns whether the source may start a post-copy.
    pub fn has_postcopy(&self) -> bool {
        self.ways.postcopy
    }

    /// Returns over how many further connections the source sends pages; 0 where it has none.
    pub fn page_channels(&self) -> u8 {
        self.ways.page_channels
    }

    /// The token of the attempt that the source belongs to.
    pub fn token(&self) -> Token {
        self.token
    }

    /// What the source's guest says of itself.
    pub fn description(&self) -> &[u8] {
        &self.guest.description
    }

    /// Compares the memory of the source's guest with that of ours.
    ///
    /// # Errors
    /// When they differ, with the reason in words for both users.
    pub fn fits(&self, ours: &Layout) -> Result<(), Refusal> {
        let refuse = |text: String| Err(Refusal::new(&text));
        let (page_bytes, theirs) = (u64::from(self.guest.page_bytes), &self.guest.layout);
        if page_bytes != PAGE_BYTES {
            return refuse(format!(
                "the source has pages of {}, this host of {}",
                Bytes(page_bytes),
                Bytes(PAGE_BYTES)
            ));
        }
        if ours.bytes() != theirs.bytes() || ours.regions().len() != theirs.regions().len() {
            return refuse(format!("the source has {theirs}, this host has {ours}: start it with the same memory"));
        }
        let pairs = theirs.regions().iter().zip(ours.regions());
        match pairs.into_iter().find(|(theirs, ours)| theirs != ours) {
            None => Ok(()),
            Some((theirs, ours)) => refuse(format!(
                "the source has {}, this host has {}: start it with the same memory",
                place(theirs),
                place(ours)
            )),
        }
    }
}

impl Versions {
    const OURS: Versions = Versions { oldest: VERSION_MIN, newest: VERSION_MAX };

    fn only(version: u16) -> Versions {
        Versions { oldest: version, newest: version }
    }

    fn newest_in(self, theirs: Versions) -> Result<u16, Refusal> {
        let version = theirs.newest.min(self.newest);
        if version < theirs.oldest.max(self.oldest) {
            return Err(Refusal::new(&format!(
                "the source speaks versions {} to {} of the migration protocol, this host {} to {}: \
                 use the same release on both",
                theirs.oldest, theirs.newest, self.oldest, self.newest
            )));
        }
        Ok(version)
    }
}

impl Ways {
    /// The version that has all of it, and none that has not.
    fn versions(self) -> Versions {
        Versions::only(match self {
            Ways { page_channels: 1.., .. } => WITH_PAGE_CHANNELS,
            Ways { postcopy: true, .. } => WITH_POSTCOPY,
            Ways { .. } => VERSION_MIN,
        })
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

fn place(region: &Region) -> String {
    format!("{} at {:#x}", Bytes(region.bytes), region.start)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn layout(regions: &[(u64, u64)]) -> Layout {
        let regions = regions.iter().map(|&(start, bytes)| Region { start, bytes });
        regions.collect::<Vec<_>>().try_into().unwrap()
    }

    fn hello(regions: &[(u64, u64)]) -> Hello {
        Hello::new(Token::from_bytes([7; 16]), b"a guest".to_vec(), layout(regions)).unwrap()
    }

    fn refusal(theirs: &Hello) -> String {
        let decoded = Hello::decode(&theirs.encode()).and_then(|(hello, _)| hello.fits(&layout(&[(0, 32 << 20)])));
        decoded.unwrap_err().text().to_owned()
    }

    #[test]
    fn equals_agree() {
        let ours = hello(&[(0, 32 << 20)]);
        let (theirs, welcome) = Hello::decode(&ours.encode()).unwrap();
        assert_eq!((&theirs, theirs.description()), (&ours, &b"a guest"[..]));
        assert_eq!(theirs.token(), Token::from_bytes([7; 16]));
        assert_eq!(theirs.fits(&layout(&[(0, 32 << 20)])), Ok(()));
        assert_eq!(Welcome::decode(&welcome.encode()), Ok(welcome));
        for bytes in [&[][..], &[3], &[2, 0], &[6, 0], &[0, 0], &[3, 0, 0]] {
            assert_eq!(Welcome::decode(bytes), Err(WireError::Malformed("welcome")));
        }
    }

    #[test]
    fn only_a_source_that_may_start_a_postcopy_says_so() {
        let plain = hello(&[(0, 32 << 20)]);
        assert_eq!(plain.encode()[..4], [3, 0, 3, 0], "as releases without post-copy say it");
        let (theirs, _) = Hello::decode(&plain.encode()).unwrap();
        assert!(!theirs.has_postcopy());
        let with = plain.with_postcopy();
        assert_eq!(with.encode()[..4], [4, 0, 4, 0], "as releases without connections for pages say it");
        let (theirs, _) = Hello::decode(&with.encode()).unwrap();
        assert!(theirs.has_postcopy() && theirs == with);
    }

    #[test]
    fn a_source_with_connections_for_pages_says_how_many_and_whether_it_may_start_a_postcopy() {
        for (count, postcopy) in [(1, false), (255, false), (2, true)] {
            let plain = hello(&[(0, 32 << 20)]);
            let with = if postcopy { plain.with_postcopy() } else { plain }.with_page_channels(count);
            assert_eq!(with.encode()[..4], [5, 0, 5, 0]);
            let (theirs, welcome) = Hello::decode(&with.encode()).unwrap();
            assert_eq!((theirs.page_channels(), theirs.has_postcopy(), welcome.version), (count, postcopy, 5));
            assert_eq!(theirs, with);
            let bytes = with.encode();
            for length in 0..bytes.len() {
                assert!(Hello::decode(&bytes[..length]).is_err(), "{length} bytes");
            }
        }
    }

    #[test]
    fn the_newest_common_version_is_taken() {
        let ours = Versions { oldest: 2, newest: 5 };
        for (oldest, newest, agreed) in [(1, 2, Some(2)), (3, 4, Some(4)), (4, 9, Some(5)), (1, 1, None), (6, 9, None)]
        {
            assert_eq!(ours.newest_in(Versions { oldest, newest }).ok(), agreed);
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
        other.guest.page_bytes = 65536;
        assert_eq!(refusal(&other), "the source has pages of 64 KiB, this host of 4 KiB");
        other.versions = Versions { oldest: 7, newest: 9 };
        assert_eq!(
            refusal(&other),
            "the source speaks versions 7 to 9 of the migration protocol, this host 3 to 5: use the same release on both"
        );
        other.versions.newest = 6;
        assert_eq!(refusal(&other), "the hello of the source is malformed");
        other = hello(&[(0, 32 << 20)]);
        other.guest.description = vec![0; DESCRIPTION_BYTES_MAX + 1];
        assert_eq!(refusal(&other), "the hello of the source is malformed");
        let error = Hello::new(other.token, other.guest.description, other.guest.layout).unwrap_err();
        assert_eq!(error.to_string(), "the guest describes itself in 32769 bytes (allowed: 32768)");
    }

    #[test]
    fn a_source_of_an_older_version_is_told_so() {
        // Version 2 had no token: its hello is told by its first four bytes.
        let mut older = vec![2, 0, 2, 0];
        older.extend(&hello(&[(0, 32 << 20)]).encode()[20..]);
        assert_eq!(
            Hello::decode(&older).unwrap_err().text(),
            "the source speaks versions 2 to 2 of the migration protocol, this host 3 to 5: use the same release on both"
        );
    }

    #[test]
    fn every_truncation_is_refused() {
        let ours = hello(&[(0, 32 << 20), (1 << 32, 1 << 20)]);
        let bytes = ours.encode();
        for length in 0..bytes.len() {
            assert!(Hello::decode(&bytes[..length]).is_err(), "{length} bytes");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(Hello::decode(&longer).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(mut bytes in prop::collection::vec(any::<u8>(), 0..200), ours_first in any::<bool>()) {
            if ours_first {
                bytes.splice(0..0, [3, 0, 3, 0]);
            }
            let fits = Hello::decode(&bytes).and_then(|(hello, _)| hello.fits(&layout(&[(0, 32 << 20)])));
            prop_assert!(fits.is_err());
        }
    }
}
