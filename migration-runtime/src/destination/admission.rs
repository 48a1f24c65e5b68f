//! Judges whether the guest of a source can come.

use super::meet::Postcopy;
use crate::custody::Custody;
use crate::memory::{Layout, Memory};
use crate::postcopy::Fetch;
use crate::trouble::Trouble;
use crate::wire::{Hello, Refusal, Token, Welcome};

/// What is known of the source whose hello was judged last, and the memory of the guest that it may send.
pub(super) struct Admitted {
    pub(super) token: Token,
    pub(super) memory: Memory,
    pub(super) layout: Layout,
    pub(super) welcome: Welcome,
    /// Whether it may start a post-copy.
    pub(super) postcopy: bool,
}

/// What a source must be like.
#[derive(Clone, Copy)]
pub(super) struct Awaits {
    /// Its token, where that is known.
    pub(super) token: Option<Token>,
    pub(super) postcopy: Postcopy,
    /// Over how many further connections its pages come.
    pub(super) page_channels: u8,
}

/// Has the guest judge what a source says of its own, and compares their memories.
pub(super) fn judge(guest: &Custody, awaits: Awaits, hello: &[u8]) -> Result<Admitted, Refusal> {
    let (hello, welcome) = Hello::decode(hello)?;
    let (token, postcopy) = (hello.token(), hello.has_postcopy());
    if awaits.token.is_some_and(|awaited| awaited != token) {
        return Err(Refusal::new("the source belongs to another attempt: this host awaits one with another token"));
    }
    judge_page_channels(hello.page_channels(), awaits.page_channels)?;
    if postcopy {
        if awaits.postcopy == Postcopy::Off {
            let text = "the source may start a post-copy, which is not allowed on this host: set `postcopy-ram` on both \
                        sides, or on neither";
            return Err(Refusal::new(text));
        }
        Fetch::check_host().map_err(|error| Refusal::new(&error.to_string()))?;
    }
    let refused = |error| Refusal::new(Trouble::from(error).text());
    guest.admit(hello.description()).map_err(refused)?;
    let memory = guest.memory().map_err(refused)?;
    let layout = Layout::of(&memory).map_err(|error| Refusal::new(&error.to_string()))?;
    hello.fits(&layout)?;
    Ok(Admitted { token, memory, layout, welcome, postcopy })
}

fn judge_page_channels(theirs: u8, ours: u8) -> Result<(), Refusal> {
    let (what, remedy) = match (theirs, ours) {
        (theirs, ours) if theirs == ours => return Ok(()),
        (0, ours) => (
            format!("the source sends pages over the main connection, and this host awaits {ours} more for them"),
            "set `multifd` on both sides, or on neither",
        ),
        (theirs, 0) => (
            format!("the source sends pages over {theirs} further connections, and this host awaits none"),
            "set `multifd` on both sides, or on neither",
        ),
        (theirs, ours) => (
            format!("the source sends pages over {theirs} further connections, and this host awaits {ours}"),
            "set `multifd-channels` to the same number on both sides",
        ),
    };
    Err(Refusal::new(&format!("{what}: {remedy}")))
}
