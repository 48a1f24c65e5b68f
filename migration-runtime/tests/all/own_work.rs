//! Work of an embedder's own under `drive`: wherever it panics, the attempt ends.

use migration_runtime::cause::Cause;
use migration_runtime::machine::{Machine, Raised, Unsent, Visit, VisitOver, drive};
use migration_runtime::states::source::{
    AbandoningEvent, ActiveEvent, CancellingEvent, CompletingEvent, ConnectingEvent, DeviceEvent, FailingEvent, Guard,
    HandingOverEvent, InDoubtEvent, NegotiatingEvent, PostcopyActiveEvent, PostcopyCompletingEvent,
    PostcopyDeviceEvent, PostcopyHandingOverEvent, PostcopyInDoubtEvent, PostcopyPausedEvent, PostcopyRecoverEvent,
    PostcopyRecoverSetupEvent, PreSwitchoverEvent, Source, State, StoppingEvent, TakingBackEvent, Trigger, Work,
};
use migration_runtime::states::{Message, Role};

/// Work that does everything at once, and panics in some states and with some messages.
#[derive(Default)]
struct Upset {
    at: Vec<State>,
    with: Option<Message>,
    packages: bool,
    done: Vec<State>,
}

impl Upset {
    fn does<E>(&mut self, state: State, event: E) -> Result<E, VisitOver> {
        self.done.push(state);
        assert!(self.done.len() < 100, "the attempt does not end: {:?}", self.done);
        assert!(!self.at.contains(&state), "upset in {state}");
        Ok(event)
    }
}

impl Work for Upset {
    type Cause = Cause;

    fn send(&mut self, message: Message, _: &Visit) -> Result<(), Unsent> {
        assert_ne!(self.with, Some(message));
        Ok(())
    }
    fn connecting(&mut self, _: &Visit) -> Result<ConnectingEvent<Cause>, VisitOver> {
        self.does(State::Connecting, ConnectingEvent::Connected)
    }
    fn negotiating(&mut self, _: &Visit) -> Result<NegotiatingEvent<Cause>, VisitOver> {
        self.does(State::Negotiating, NegotiatingEvent::Welcome)
    }
    fn active(&mut self, _: &Visit) -> Result<ActiveEvent<Cause>, VisitOver> {
        self.does(State::Active, ActiveEvent::Converged)
    }
    fn stopping(&mut self, _: &Visit) -> Result<StoppingEvent<Cause>, VisitOver> {
        self.does(State::Stopping, StoppingEvent::Stopped)
    }
    fn pre_switchover(&mut self, _: &Visit) -> Result<PreSwitchoverEvent<Cause>, VisitOver> {
        self.does(State::PreSwitchover, PreSwitchoverEvent::Failed(Cause::new("not today")))
    }
    fn device(&mut self, _: &Visit) -> Result<DeviceEvent<Cause>, VisitOver> {
        let event = if self.packages { DeviceEvent::Packaged } else { DeviceEvent::Ready };
        self.does(State::Device, event)
    }
    fn handing_over(&mut self, _: &Visit) -> Result<HandingOverEvent<Cause>, VisitOver> {
        self.does(State::HandingOver, HandingOverEvent::Running)
    }
    fn in_doubt(&mut self, _: &Visit) -> Result<InDoubtEvent<Cause>, VisitOver> {
        self.does(State::InDoubt, InDoubtEvent::Running)
    }
    fn completing(&mut self, _: &Visit) -> Result<CompletingEvent, VisitOver> {
        self.does(State::Completing, CompletingEvent::CleanedUp)
    }
    fn failing(&mut self, _: &Visit) -> Result<FailingEvent, VisitOver> {
        self.does(State::Failing, FailingEvent::CleanedUp)
    }
    fn taking_back(&mut self, _: &Visit) -> Result<TakingBackEvent, VisitOver> {
        self.does(State::TakingBack, TakingBackEvent::CleanedUp)
    }
    fn abandoning(&mut self, _: &Visit) -> Result<AbandoningEvent, VisitOver> {
        self.does(State::Abandoning, AbandoningEvent::CleanedUp)
    }
    fn cancelling(&mut self, _: &Visit) -> Result<CancellingEvent, VisitOver> {
        self.does(State::Cancelling, CancellingEvent::CleanedUp)
    }
    fn postcopy_device(&mut self, _: &Visit) -> Result<PostcopyDeviceEvent<Cause>, VisitOver> {
        self.does(State::PostcopyDevice, PostcopyDeviceEvent::Prepared)
    }
    fn postcopy_handing_over(&mut self, _: &Visit) -> Result<PostcopyHandingOverEvent<Cause>, VisitOver> {
        self.does(State::PostcopyHandingOver, PostcopyHandingOverEvent::Running)
    }
    fn postcopy_in_doubt(&mut self, _: &Visit) -> Result<PostcopyInDoubtEvent<Cause>, VisitOver> {
        self.does(State::PostcopyInDoubt, PostcopyInDoubtEvent::Running)
    }
    fn postcopy_active(&mut self, _: &Visit) -> Result<PostcopyActiveEvent<Cause>, VisitOver> {
        self.does(State::PostcopyActive, PostcopyActiveEvent::Complete)
    }
    fn postcopy_paused(&mut self, _: &Visit) -> Result<PostcopyPausedEvent<Cause>, VisitOver> {
        self.does(State::PostcopyPaused, PostcopyPausedEvent::Refused(Cause::new("not today")))
    }
    fn postcopy_recover_setup(&mut self, _: &Visit) -> Result<PostcopyRecoverSetupEvent<Cause>, VisitOver> {
        self.does(State::PostcopyRecoverSetup, PostcopyRecoverSetupEvent::Connected)
    }
    fn postcopy_recover(&mut self, _: &Visit) -> Result<PostcopyRecoverEvent<Cause>, VisitOver> {
        self.does(State::PostcopyRecover, PostcopyRecoverEvent::Missing)
    }
    fn postcopy_completing(&mut self, _: &Visit) -> Result<PostcopyCompletingEvent, VisitOver> {
        self.does(State::PostcopyCompleting, PostcopyCompletingEvent::CleanedUp)
    }
}

fn outcome(mut work: Upset, pauses: bool) -> (State, Option<&'static str>, Vec<State>) {
    let machine = Machine::<Source>::new(move |_| pauses);
    let Raised::Accepted(attempt) = machine.raise(Trigger::Migrate) else { panic!("it was idle") };
    let outcome = drive(&machine, attempt, &mut work);
    assert!(machine.state().is_idle());
    (outcome.state, outcome.ending.map(|ending| ending.decided_by), work.done)
}

#[test]
fn a_panic_of_the_work_ends_the_attempt_in_every_state() {
    use State as S;
    assert_eq!(outcome(Upset::default(), false).0, S::Completed);
    for state in [S::Connecting, S::Negotiating, S::Active, S::Stopping, S::PreSwitchover, S::Device] {
        for at in [vec![state], vec![state, S::Failing]] {
            let (ended, decided_by, done) = outcome(Upset { at, ..Upset::default() }, state == S::PreSwitchover);
            assert_eq!((ended, decided_by), (S::Failed, Some("failed")), "{state}");
            assert!(done.ends_with(&[state, S::Failing]), "{done:?}");
        }
    }
    // Nobody knows where the guest is, so nobody says that it is here.
    let (ended, _, done) = outcome(Upset { at: vec![S::HandingOver, S::InDoubt], ..Upset::default() }, false);
    assert_eq!(ended, S::Unknown);
    assert!(done.ends_with(&[S::HandingOver, S::InDoubt, S::Abandoning]), "{done:?}");
    let (ended, ..) = outcome(Upset { at: vec![S::HandingOver], ..Upset::default() }, false);
    assert_eq!(ended, S::Completed, "what it finds afterwards counts");
    let (ended, ..) = outcome(Upset { at: vec![S::Completing], ..Upset::default() }, false);
    assert_eq!(ended, S::Completed, "the guest is on the destination");
}

#[test]
fn a_panic_in_a_pause_leaves_it_to_the_user() {
    use State as S;
    let machine = Machine::<Source>::new(|guard| guard == Guard::PostcopyRam);
    let Raised::Accepted(attempt) = machine.raise(Trigger::Migrate) else { panic!("it was idle") };
    let mut work = Upset { at: vec![S::PostcopyActive, S::PostcopyPaused], packages: true, ..Upset::default() };
    let user = machine.clone();
    let gives_up = std::thread::spawn(move || {
        let _ = user.wait(std::time::Duration::from_secs(20), |state| state == S::PostcopyPaused);
        user.raise(Trigger::GiveUp)
    });
    assert_eq!(drive(&machine, attempt, &mut work).state, S::Unknown);
    assert!(matches!(gives_up.join().unwrap(), Raised::Accepted(_)));
    // The work of the pause may never have been asked: the user can be faster.
    let done: Vec<S> = work.done.into_iter().filter(|state| *state != S::PostcopyPaused).collect();
    assert!(done.ends_with(&[S::PostcopyActive, S::Abandoning]), "{done:?}");
}

#[test]
fn a_panic_while_a_message_is_sent_is_a_message_that_is_not_sent() {
    let (ended, decided_by, done) = outcome(Upset { with: Some(Message::Hello), ..Upset::default() }, false);
    assert_eq!((ended, decided_by), (State::Failed, Some("failed")));
    assert_eq!(done, [State::Connecting, State::Failing]);
}

#[test]
fn every_state_that_works_has_an_event_for_a_panic() {
    for state in State::ALL {
        // Only others end a pause.
        let has_none = state.is_idle() || state == State::PostcopyPaused;
        assert_eq!(Source::failure(state).is_none(), has_none, "{state}");
    }
    use migration_runtime::states::destination;
    for state in destination::State::ALL {
        let has_none = state.is_idle() || state == destination::State::PostcopyPaused;
        assert_eq!(destination::Destination::failure(state).is_none(), has_none, "{state}");
    }
}
