//! The rounds in which memory leaves: all of it while the guest runs, then what the guest wrote meanwhile, until the rest
//! fits into the downtime limit; and what is left once the guest stands still.

mod stalled;

use std::sync::Arc;
use std::time::{Duration, Instant};

use self::stalled::Stalled;

use crate::channel::{Channel, Peek};
use crate::convergence::{Convergence, Measured};
use crate::conversation::{listen, unexpected};
use crate::custody::Custody;
use crate::dirty::DirtyBitmap;
use crate::machine::Visit;
use crate::memory::{Layout, Memory, PAGE_BYTES};
use crate::parameters::{OnLimit, Parameters};
use crate::progress::Progress;
use crate::throttle::Throttle;
use crate::transfer::{Pace, PageSenders, Sender, Sent, synchronise};
use crate::trouble::Trouble;
use crate::way::{Way, all_sent, open};

/// Rounds that do not bring the end nearer follow each other at this distance at least, so that a guest which keeps
/// writing a few pages is not chased by a busy loop.
const ROUND_MIN: Duration = Duration::from_millis(10);

/// How often the dirty log is read within a round: a new downtime limit acts that soon, and pages that the guest writes
/// again and again are counted as often.
const SAMPLE_MIN: Duration = Duration::from_millis(100);

/// Reading the dirty log takes at most one part in so many of the time.
const SAMPLE_SHARE: u32 = 20;

/// After the limit of the attempt, whoever was told of it has this long to cancel.
const LIMIT_GRACE: Duration = Duration::from_secs(5);

/// What the work tells while it sends memory.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Notice {
    /// A pass over the dirty log begins. Passes are counted from 1.
    Pass(u64),
    /// Rounds no longer leave less than the ones before: the guest writes faster than the connection carries. Told once
    /// in an attempt.
    Stalled,
    /// The limit of the attempt has passed, and the user wants it cancelled, or a post-copy started: raise the trigger.
    /// Told once. Without one the attempt fails a little later.
    LimitReached,
    /// Auto-converge slows the guest down by so many per cent.
    Throttled(u8),
}

/// The memory of an attempt, on its way.
pub(crate) struct Rounds {
    memory: Memory,
    /// What has yet to be sent in this round.
    dirty: DirtyBitmap,
    /// What the guest has written since the round began.
    fresh: DirtyBitmap,
    /// Whether the dirty log is on. Until then everything is to be sent.
    logs: bool,
    /// What one reading of the log found.
    sample: DirtyBitmap,
    sampled: Instant,
    sample_time: Duration,
    /// Device state that is left for the stopped guest, in bytes.
    state_left: u64,
    parameters: Arc<Parameters>,
    progress: Arc<Progress>,
    sender: Sender,
    notify: Box<dyn FnMut(Notice) + Send>,
    passes: u64,
    round_trip: Option<Duration>,
    throttle: Throttle,
    stalled: Stalled,
    began: Instant,
    limit_told: Option<Instant>,
    /// What the guest wrote since the rate of that was told, and the time.
    written: (u64, Duration),
}

impl Rounds {
    pub(crate) fn new(
        memory: Memory,
        layout: &Layout,
        parameters: Arc<Parameters>,
        progress: Arc<Progress>,
        notify: Box<dyn FnMut(Notice) + Send>,
    ) -> Rounds {
        let bitmap = || DirtyBitmap::new(layout);
        Rounds {
            memory,
            dirty: bitmap(),
            fresh: bitmap(),
            logs: false,
            sample: bitmap(),
            sampled: Instant::now(),
            sample_time: Duration::ZERO,
            state_left: 0,
            sender: Sender::new(Arc::clone(&parameters), Arc::clone(&progress)),
            throttle: Throttle::new(Arc::clone(&parameters)),
            parameters,
            progress,
            notify,
            passes: 0,
            round_trip: None,
            stalled: Stalled::default(),
            began: Instant::now(),
            limit_told: None,
            written: (0, Duration::ZERO),
        }
    }

    /// Notes that the attempt begins: its limit counts from now, and everything is to be sent.
    pub(crate) fn begin(&mut self) {
        self.began = Instant::now();
        self.logs = false;
        self.dirty.set_all();
    }

    /// Sends pages over these connections from now on.
    pub(crate) fn open_pages(&mut self, channels: Vec<Channel>, visit: &Visit) -> Result<(), Trouble> {
        let opened = PageSenders::start(&self.memory, Arc::clone(&self.progress), visit.timeout(), channels);
        self.sender.set_pages(Some(opened.map_err(|error| Trouble::channel(visit, &error))?));
        Ok(())
    }

    /// Finds out whether the connections for pages are well.
    pub(crate) fn check_pages(&mut self, visit: &Visit) -> Result<(), Trouble> {
        let checked = self.sender.pages().map_or(Ok(()), |pages| pages.check());
        checked.map_err(|error| Trouble::channel(visit, &error))
    }

    /// Sends nothing more over the connections for pages, which stay open.
    pub(crate) fn halt_pages(&mut self) {
        if let Some(pages) = self.sender.pages() {
            pages.halt();
        }
    }

    /// Closes the connections for pages.
    pub(crate) fn close_pages(&mut self) {
        self.sender.set_pages(None);
    }

    /// Sends all memory, then what the guest wrote meanwhile, until the rest fits into the downtime limit.
    pub(crate) fn run(&mut self, way: &mut Way<'_>) -> Result<(), Trouble> {
        self.let_arrive(way)?;
        way.call("start_dirty_log", |guest| guest.start_dirty_log())?;
        self.logs = true;
        self.sampled = Instant::now();
        loop {
            let began = Instant::now();
            if self.send_round(way)? == Convergence::SwitchOver {
                return Ok(());
            }
            self.watch_convergence(way)?;
            let rest = ROUND_MIN.saturating_sub(began.elapsed());
            let wait = way.wait().for_at_most(rest);
            let (channel, visit) = way.open()?;
            let paused = channel.pause(&wait).map_err(|error| Trouble::channel(visit, &error))?;
            if paused == Peek::Closed {
                return Err(listen(channel, visit));
            }
        }
    }

    /// Takes in what the guest has written until it stood still.
    pub(crate) fn stopped(&mut self, way: &mut Way<'_>) -> Result<(), Trouble> {
        self.sample(way)?;
        self.dirty.merge(&self.fresh);
        self.fresh.clear();
        self.pass();
        Ok(())
    }

    /// Lets the guest go at its full speed again.
    pub(crate) fn release(&mut self, guest: &Custody) {
        if self.throttle.percent() > 0 {
            guest.throttle_off();
            self.throttle.reset();
            self.progress.set_throttle_percent(0);
        }
    }

    /// Sends the last pages and the device state.
    ///
    /// Memory is complete only after the device state was saved: a device may write what it still had in hand while it is
    /// saved. Such pages follow the device state, so most pages leave before it, and few keep the guest waiting.
    pub(crate) fn finish(&mut self, way: &mut Way<'_>) -> Result<(), Trouble> {
        self.send_rest(way)?;
        self.save("save", way, |guest, state| guest.save(state))?;
        let wait = way.wait();
        let (channel, visit) = way.open()?;
        all_sent(self.sender.end_state(channel, &wait), channel, visit)?;
        self.send_rest(way)?;
        let (channel, visit) = way.open()?;
        all_sent(self.sender.end_pages(channel, &wait), channel, visit)?;
        all_sent(self.sender.end_memory(channel, &wait), channel, visit)
    }

    /// Sends the device state only, and returns the pages that have yet to be sent.
    pub(crate) fn package(&mut self, way: &mut Way<'_>) -> Result<DirtyBitmap, Trouble> {
        if let Some(pages) = self.sender.pages() {
            pages.give_back(&mut self.dirty);
        }
        self.sender.begin_state();
        self.save("save", way, |guest, state| guest.save(state))?;
        let wait = way.wait();
        let (channel, visit) = way.open()?;
        all_sent(self.sender.end_pages(channel, &wait), channel, visit)?;
        all_sent(self.sender.end_state(channel, &wait), channel, visit)?;
        self.sample(way)?;
        self.dirty.merge(&self.fresh);
        self.fresh.clear();
        Ok(self.dirty.clone())
    }

    /// Sends what the stopped guest has left to send.
    fn send_rest(&mut self, way: &mut Way<'_>) -> Result<(), Trouble> {
        self.sample(way)?;
        self.dirty.merge(&self.fresh);
        self.fresh.clear();
        if self.dirty.is_empty() {
            return Ok(());
        }
        let wait = way.wait();
        let (channel, visit) = way.open()?;
        let sent = self.sender.send_round(channel, &self.memory, &mut self.dirty, Pace::Unbounded, &wait);
        all_sent(sent, channel, visit)
    }

    /// Sends one round, and decides whether the guest can be stopped. That may be in the middle of the round.
    fn send_round(&mut self, way: &mut Way<'_>) -> Result<Convergence, Trouble> {
        self.pass();
        self.sender.begin_round();
        self.save_round(way)?;
        let (wait, limit) = (way.wait(), self.parameters.downtime_limit());
        loop {
            let time = SAMPLE_MIN.max(self.sample_time * SAMPLE_SHARE).saturating_sub(self.sampled.elapsed());
            let (channel, visit) = way.open()?;
            let sent = self.sender.send_pages(channel, &self.memory, &mut self.dirty, Pace::Bounded, time, &wait);
            let round_is_over = match sent.map_err(|error| Trouble::channel(visit, &error))? {
                Sent::All => true,
                Sent::TimeUp => false,
                Sent::PeerSpoke => return Err(listen(channel, visit)),
            };
            if round_is_over {
                all_sent(self.sender.end_round(channel, &wait), channel, visit)?;
            }
            self.sample(way)?;
            // A round is sent to its end, for that leaves the least; unless the user allows more downtime meanwhile.
            let looks = round_is_over || self.parameters.downtime_limit() > limit;
            let converged = self.has_converged(looks, way)?;
            if round_is_over || converged == Convergence::SwitchOver {
                self.dirty.merge(&self.fresh);
                self.fresh.clear();
                return Ok(converged);
            }
        }
    }

    /// Sends what the guest can save of its device state while it runs.
    fn save_round(&mut self, way: &mut Way<'_>) -> Result<(), Trouble> {
        self.state_left = self.save("save_round", way, |guest, state| guest.save_round(state))?;
        let wait = way.wait();
        let (channel, visit) = way.open()?;
        all_sent(self.sender.end_state_round(channel, &wait), channel, visit)
    }

    /// Sends device state as the guest saves it.
    fn save<T: Send>(
        &mut self,
        name: &'static str,
        way: &mut Way<'_>,
        save: impl FnOnce(&dyn crate::guest::Guest, &mut dyn std::io::Write) -> Result<T, crate::guest::GuestError> + Send,
    ) -> Result<T, Trouble> {
        let (wait, visit, sender) = (way.wait(), way.visit, &mut self.sender);
        let send = |channel: &mut Option<Channel>, piece: &[u8]| {
            let channel = open(channel)?;
            let sent = sender.send_state(channel, piece, &wait);
            all_sent(sent, channel, visit)
        };
        way.guest.save(name, way.channel, visit, save, send)
    }

    /// Reads the dirty log.
    fn sample(&mut self, way: &mut Way<'_>) -> Result<(), Trouble> {
        if !self.logs {
            return Ok(());
        }
        let Self { sample, .. } = self;
        let began = Instant::now();
        way.call("harvest_dirty_log", |guest| guest.harvest_dirty_log(sample))?;
        self.sample_time = began.elapsed();
        self.written.0 += sample.count();
        self.written.1 += self.sampled.elapsed();
        if self.written.1 >= SAMPLE_MIN {
            self.progress.measure_dirty(self.written.0, self.written.1);
            self.written = (0, Duration::ZERO);
        }
        self.throttle.count_dirty(sample.bytes());
        self.sampled = Instant::now();
        self.fresh.merge(&self.sample);
        self.sample.clear();
        self.progress.set_remaining(self.remaining());
        Ok(())
    }

    fn remaining(&self) -> u64 {
        self.dirty.union_count(&self.fresh).saturating_mul(PAGE_BYTES).saturating_add(self.state_left)
    }

    /// Decides whether the guest can be stopped now, by what was measured or by the limit of the attempt.
    fn has_converged(&mut self, looks: bool, way: &mut Way<'_>) -> Result<Convergence, Trouble> {
        if self.limit_is_over(way)? == Convergence::SwitchOver {
            return Ok(Convergence::SwitchOver);
        }
        if self.decide() == Convergence::AnotherRound || !looks {
            return Ok(Convergence::AnotherRound);
        }
        // What is still on its way would keep the stopped guest waiting: let it arrive first, and look again.
        self.let_arrive(way)?;
        self.sample(way)?;
        Ok(self.decide())
    }

    fn decide(&mut self) -> Convergence {
        let measured = Measured {
            remaining_bytes: self.remaining(),
            rate: self.progress.snapshot().rate,
            round_trip: self.round_trip.unwrap_or_default(),
        };
        self.progress.set_expected_downtime(measured.expected_downtime());
        measured.decide(self.parameters.downtime_limit())
    }

    fn limit_is_over(&mut self, way: &Way<'_>) -> Result<Convergence, Trouble> {
        let Some(limit) = self.parameters.attempt_limit().filter(|limit| self.began.elapsed() >= *limit) else {
            return Ok(Convergence::AnotherRound);
        };
        if self.parameters.on_limit() == OnLimit::SwitchOver {
            tracing::warn!(?limit, "the migration reaches its limit: the guest is stopped, whatever is left");
            return Ok(Convergence::SwitchOver);
        }
        match self.limit_told {
            None => {
                self.limit_told = Some(Instant::now());
                (self.notify)(Notice::LimitReached);
            }
            Some(told) if told.elapsed() >= LIMIT_GRACE && !way.visit.is_over() => {
                let text = format!("the migration did not complete within its limit of {} s", limit.as_secs_f64());
                return Err(Trouble::protocol(text));
            }
            Some(_) => {}
        }
        Ok(Convergence::AnotherRound)
    }

    /// After a round: slows the guest down if it should be, and tells when rounds do not help.
    fn watch_convergence(&mut self, way: &mut Way<'_>) -> Result<(), Trouble> {
        if let Some(percent) = self.throttle.after_round(self.progress.snapshot().transferred_bytes) {
            tracing::info!(percent, "auto-converge slows the guest down");
            way.call("throttle", move |guest| guest.throttle(percent))?;
            self.progress.set_throttle_percent(percent);
            (self.notify)(Notice::Throttled(percent));
        }
        if self.stalled.after_round(self.dirty.bytes()) {
            let snapshot = self.progress.snapshot();
            tracing::warn!(
                guest_writes = snapshot.dirty_rate(),
                connection_carries = snapshot.rate,
                "rounds do not bring the end nearer; raise `max-bandwidth` or `downtime-limit`, or use `auto-converge`"
            );
            (self.notify)(Notice::Stalled);
        }
        Ok(())
    }

    /// Waits until the destination has taken in everything that was sent, and measures the round trip.
    pub(crate) fn let_arrive(&mut self, way: &mut Way<'_>) -> Result<(), Trouble> {
        let wait = way.wait();
        let (channel, visit) = way.open()?;
        all_sent(self.sender.settle_pages(channel, &wait), channel, visit)?;
        let asked = Instant::now();
        match synchronise(channel, &wait).map_err(|error| Trouble::channel(visit, &error))? {
            None => {
                let trip = asked.elapsed();
                self.round_trip = Some(self.round_trip.map_or(trip, |least| least.min(trip)));
                Ok(())
            }
            Some(heard) => Err(unexpected(&heard, "the answer to a question")),
        }
    }

    fn pass(&mut self) {
        self.passes += 1;
        (self.notify)(Notice::Pass(self.passes));
    }
}
