//! A destination's half of a post-copy: what is missing, and where it is fetched from.

use std::sync::Arc;

use super::admission::Admitted;
use super::meet::Meet;
use crate::channel::{Channel, Wait};
use crate::conversation::{answer_due, explained, until_over};
use crate::dirty::DirtyBitmap;
use crate::machine::{Visit, VisitOver};
use crate::postcopy::{Cell, Fetch, receive_missing, send_missing};
use crate::progress::Progress;
use crate::transfer::Spool;
use crate::trouble::{Trouble, guarded};

/// What has arrived of a guest whose memory is left to a post-copy.
pub(super) struct Package {
    /// The device state.
    pub(super) devices: Spool,
    /// The pages that have never come.
    pub(super) never_came: DirtyBitmap,
}

/// The pages that are fetched, and whether they can be asked for.
#[derive(Default)]
pub(super) struct Arrival {
    pub(super) fetch: Cell<Fetch>,
    linked: bool,
}

impl Arrival {
    /// Hears which pages are missing, makes whoever touches them wait, and opens the way to ask for them.
    pub(super) fn begin(
        &mut self,
        admitted: &Admitted,
        never_came: &DirtyBitmap,
        meet: &mut Meet,
        channel: &mut Channel,
        visit: &Visit,
    ) -> Result<Arc<Fetch>, Trouble> {
        let missing = receive_missing(channel, &admitted.layout, &answer_due(visit));
        let missing = missing.map_err(|error| Trouble::channel(visit, &error))?;
        if never_came.union_count(&missing) != missing.count() {
            return Err(Trouble::protocol("the source leaves out pages that have never come"));
        }
        let fetch = Fetch::begin(&admitted.memory, missing).map_err(|error| Trouble::protocol(error.to_string()))?;
        let fetch = self.fetch.set(fetch);
        self.link(admitted, meet, channel, visit)?;
        Ok(fetch)
    }

    /// Returns why the missing pages were given up before the guest ran, if they were. What was read since then may be
    /// zeroes, so neither a success nor an error of the guest means anything.
    pub(super) fn given_up(&self) -> Option<Trouble> {
        let fetch = self.fetch.get().filter(|fetch| fetch.is_ended())?;
        let why = fetch.broke().unwrap_or_else(|| "this host ends".to_owned());
        Some(Trouble::protocol(format!("the guest was not started, because missing pages cannot be fetched: {why}")))
    }

    /// Receives pages until all are here.
    pub(super) fn receive(
        &mut self,
        admitted: &Admitted,
        meet: &mut Meet,
        channel: &mut Channel,
        visit: &Visit,
    ) -> Result<(), Trouble> {
        if !self.linked {
            self.link(admitted, meet, channel, visit)?;
        }
        let wait = Wait::new(visit, visit.timeout());
        self.half()?.receive(channel, &wait).map_err(|error| Trouble::channel(visit, &error))
    }

    /// Says which pages are missing.
    pub(super) fn tell_missing(&self, channel: &mut Channel, visit: &Visit) -> Result<(), Trouble> {
        let missing = self.half()?.recount();
        send_missing(channel, &missing, &answer_due(visit)).map_err(|error| Trouble::channel(visit, &error))
    }

    /// Waits until the user ends the pause.
    pub(super) fn pause(&mut self, visit: &Visit) -> VisitOver {
        // Whatever else happens, only the user ends it.
        let waited = guarded(|| {
            self.unlink();
            Err::<(), _>(Trouble::Over(until_over(visit)))
        });
        match waited {
            Err(Trouble::Over(over)) => over,
            Ok(()) | Err(Trouble::TimedOut(_) | Trouble::Refused(_) | Trouble::Failed(_)) => until_over(visit),
        }
    }

    /// Asks for pages no longer.
    pub(super) fn unlink(&mut self) {
        self.linked = false;
        if let Some(fetch) = self.fetch.get() {
            fetch.disconnect();
        }
    }

    /// Lets the memory be as it is, and keeps the figures.
    pub(super) fn end(&mut self, progress: &Progress) {
        self.unlink();
        if let Some(fetch) = self.fetch.take() {
            fetch.end();
            progress.set_postcopy(fetch.figures());
        }
    }

    fn link(
        &mut self,
        admitted: &Admitted,
        meet: &mut Meet,
        channel: &mut Channel,
        visit: &Visit,
    ) -> Result<(), Trouble> {
        let urgent = meet.meet_urgent(admitted.token, channel, visit);
        let urgent = urgent.map_err(|trouble| explained(trouble, channel, visit))?;
        self.half()?.connect(urgent, channel).map_err(|error| Trouble::channel(visit, &error))?;
        self.linked = true;
        Ok(())
    }

    fn half(&self) -> Result<Arc<Fetch>, Trouble> {
        self.fetch.get().ok_or_else(|| Trouble::protocol("no post-copy was begun"))
    }
}
