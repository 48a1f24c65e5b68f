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
}

/// Has the guest judge what a source says of its own, and compares their memories.
pub(super) fn judge(
    guest: &Custody,
    awaited: Option<Token>,
    postcopy: Postcopy,
    hello: &[u8],
) -> Result<Admitted, Refusal> {
    let (hello, welcome) = Hello::decode(hello)?;
    let token = hello.token();
    if awaited.is_some_and(|awaited| awaited != token) {
        return Err(Refusal::new("the source belongs to another attempt: this host awaits one with another token"));
    }
    if welcome.has_postcopy() {
        if postcopy == Postcopy::Off {
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
    Ok(Admitted { token, memory, layout, welcome })
}
