//! How what can be seen of the two sides relates as sets of sequences, whatever a client may do. That is the headline;
//! the walk that gives the findings drives only what an old client can drive.

use super::report::Headline;
use super::view::{View, after};
use migration_table::bdd::TooLarge;
use migration_table::search::BreadthFirst;

/// The most pairs that are looked at.
const PAIRS_MAX: usize = 1 << 18;

/// Whether the new side shows something that the old one does not, and the other way round, together with what is known
/// already. Replies to all commands count, and so does that nothing more comes.
///
/// # Errors
///
/// When there are too many pairs.
pub(super) fn relate(new: &mut View<'_>, old: &mut View<'_>, so_far: Headline) -> Result<Headline, TooLarge> {
    let (mut added, mut lost) = (so_far.adds(), so_far.loses());
    let mut search = BreadthFirst::new([(0, 0)]);
    while let Some((number, (a, b))) = search.next_node().filter(|_| !(added && lost)) {
        let (here, there) = (new.seen(a)?, old.seen(b)?);
        added |= here.rests && !there.rests;
        lost |= there.rests && !here.rests;
        for (here, there) in [(&here.outputs, &there.outputs), (&here.replies, &there.replies)] {
            lost |= there.iter().any(|(label, _)| after(here, *label).is_none());
            for (label, new_to) in here {
                match after(there, *label) {
                    Some(old_to) => {
                        search.reach(number, (), (*new_to, old_to));
                    }
                    None => added = true,
                }
            }
        }
        if search.nodes().len() > PAIRS_MAX {
            return Err(TooLarge);
        }
    }
    Ok(Headline::of(added, lost))
}
