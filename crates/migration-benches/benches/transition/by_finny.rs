//! By `finny`: a type for each state and each event, and a function that a macro reads. Without a queue, timers and an
//! inspector, which this machine does not need.

use finny::FsmFactory;
use finny::inspect::null::InspectNull;
use finny::{FsmCurrentState, FsmEvent, FsmEventQueueNull, FsmFrontend, FsmTimersNull};
use machine::{Context, SourceFsm, SourceFsmCurrentState, SourceFsmEvents};

use super::{Input, Machine, State};

/// It takes events by value and says of each whether it changed anything.
pub(crate) struct ByFinny(FsmFrontend<SourceFsm, FsmEventQueueNull<SourceFsm>, InspectNull, FsmTimersNull>);

#[allow(unreachable_pub, missing_docs, dead_code, clippy::enum_variant_names, reason = "`finny` writes it")]
mod machine {
    use finny::decl::{BuiltFsm, FsmBuilder};
    use finny::finny_fsm;

    #[derive(Default)]
    pub struct Context {
        pub(super) pause: bool,
    }

    #[derive(Default)]
    pub struct Nothing;
    #[derive(Default)]
    pub struct Connecting;
    #[derive(Default)]
    pub struct Negotiating;
    #[derive(Default)]
    pub struct Active;
    #[derive(Default)]
    pub struct Stopping;
    #[derive(Default)]
    pub struct PreSwitchover;
    #[derive(Default)]
    pub struct Device;
    #[derive(Default)]
    pub struct HandingOver;
    #[derive(Default)]
    pub struct Completing;
    #[derive(Default)]
    pub struct Completed;
    #[derive(Default)]
    pub struct Failing;
    #[derive(Default)]
    pub struct Abandoning;
    #[derive(Default)]
    pub struct Failed;
    #[derive(Default)]
    pub struct Cancelling;
    #[derive(Default)]
    pub struct Cancelled;

    #[derive(Clone, Copy)]
    pub struct EventMigrate;
    #[derive(Clone, Copy)]
    pub struct EventCancel;
    #[derive(Clone, Copy)]
    pub struct EventContinue;
    #[derive(Clone, Copy)]
    pub struct EventConnected;
    #[derive(Clone, Copy)]
    pub struct EventWelcome;
    #[derive(Clone, Copy)]
    pub struct EventConverged;
    #[derive(Clone, Copy)]
    pub struct EventStopped;
    #[derive(Clone, Copy)]
    pub struct EventReady;
    #[derive(Clone, Copy)]
    pub struct EventRunning;
    #[derive(Clone, Copy)]
    pub struct EventCleanedUp;
    #[derive(Clone, Copy)]
    pub struct EventFailed;
    #[derive(Clone, Copy)]
    pub struct EventTimedOut;
    #[derive(Clone, Copy)]
    pub struct EventRefused;

    #[finny_fsm]
    fn source(mut fsm: FsmBuilder<SourceFsm, Context>) -> BuiltFsm {
        fsm.initial_state::<Nothing>();
        fsm.state::<Nothing>().on_event::<EventMigrate>().transition_to::<Connecting>();
        fsm.state::<Connecting>().on_event::<EventConnected>().transition_to::<Negotiating>();
        fsm.state::<Connecting>().on_event::<EventCancel>().transition_to::<Cancelling>();
        fsm.state::<Connecting>().on_event::<EventFailed>().transition_to::<Failing>();
        fsm.state::<Connecting>().on_event::<EventTimedOut>().transition_to::<Failing>();
        fsm.state::<Negotiating>().on_event::<EventWelcome>().transition_to::<Active>();
        fsm.state::<Negotiating>().on_event::<EventCancel>().transition_to::<Cancelling>();
        fsm.state::<Negotiating>().on_event::<EventFailed>().transition_to::<Failing>();
        fsm.state::<Negotiating>().on_event::<EventTimedOut>().transition_to::<Failing>();
        fsm.state::<Negotiating>().on_event::<EventRefused>().transition_to::<Failing>();
        fsm.state::<Active>().on_event::<EventConverged>().transition_to::<Stopping>();
        fsm.state::<Active>().on_event::<EventCancel>().transition_to::<Cancelling>();
        fsm.state::<Active>().on_event::<EventFailed>().transition_to::<Failing>();
        fsm.state::<Active>().on_event::<EventTimedOut>().transition_to::<Failing>();
        fsm.state::<Active>().on_event::<EventRefused>().transition_to::<Failing>();
        fsm.state::<Stopping>()
            .on_event::<EventStopped>()
            .transition_to::<PreSwitchover>()
            .guard(|_, context, _| context.pause);
        fsm.state::<Stopping>().on_event::<EventStopped>().transition_to::<Device>();
        fsm.state::<Stopping>().on_event::<EventCancel>().transition_to::<Cancelling>();
        fsm.state::<Stopping>().on_event::<EventFailed>().transition_to::<Failing>();
        fsm.state::<PreSwitchover>().on_event::<EventContinue>().transition_to::<Device>();
        fsm.state::<PreSwitchover>().on_event::<EventCancel>().transition_to::<Cancelling>();
        fsm.state::<PreSwitchover>().on_event::<EventFailed>().transition_to::<Failing>();
        fsm.state::<PreSwitchover>().on_event::<EventRefused>().transition_to::<Failing>();
        fsm.state::<Device>().on_event::<EventReady>().transition_to::<HandingOver>();
        fsm.state::<Device>().on_event::<EventCancel>().transition_to::<Cancelling>();
        fsm.state::<Device>().on_event::<EventFailed>().transition_to::<Failing>();
        fsm.state::<Device>().on_event::<EventTimedOut>().transition_to::<Failing>();
        fsm.state::<Device>().on_event::<EventRefused>().transition_to::<Failing>();
        fsm.state::<HandingOver>().on_event::<EventRunning>().transition_to::<Completing>();
        fsm.state::<HandingOver>().on_event::<EventFailed>().transition_to::<Abandoning>();
        fsm.state::<HandingOver>().on_event::<EventTimedOut>().transition_to::<Abandoning>();
        fsm.state::<HandingOver>().on_event::<EventRefused>().transition_to::<Abandoning>();
        fsm.state::<Completing>().on_event::<EventCleanedUp>().transition_to::<Completed>();
        fsm.state::<Completed>().on_event::<EventMigrate>().transition_to::<Connecting>();
        fsm.state::<Failing>().on_event::<EventCleanedUp>().transition_to::<Failed>();
        fsm.state::<Abandoning>().on_event::<EventCleanedUp>().transition_to::<Failed>();
        fsm.state::<Failed>().on_event::<EventMigrate>().transition_to::<Connecting>();
        fsm.state::<Cancelling>().on_event::<EventCleanedUp>().transition_to::<Cancelled>();
        fsm.state::<Cancelled>().on_event::<EventMigrate>().transition_to::<Connecting>();
        fsm.build()
    }
}

impl Machine for ByFinny {
    type Event = SourceFsmEvents;

    fn event(input: Input, _: bool) -> SourceFsmEvents {
        match input {
            Input::Migrate => machine::EventMigrate.into(),
            Input::Cancel => machine::EventCancel.into(),
            Input::Continue => machine::EventContinue.into(),
            Input::Connected => machine::EventConnected.into(),
            Input::Welcome => machine::EventWelcome.into(),
            Input::Converged => machine::EventConverged.into(),
            Input::Stopped => machine::EventStopped.into(),
            Input::Ready => machine::EventReady.into(),
            Input::Running => machine::EventRunning.into(),
            Input::CleanedUp => machine::EventCleanedUp.into(),
            Input::Failed => machine::EventFailed.into(),
            Input::TimedOut => machine::EventTimedOut.into(),
            Input::Refused => machine::EventRefused.into(),
        }
    }

    fn new(pause: bool) -> Self {
        let queue = FsmEventQueueNull::new();
        let machine = SourceFsm::new_with(Context { pause }, queue, InspectNull::new(), FsmTimersNull);
        let mut machine = machine.expect("it has nothing that fails");
        machine.start().expect("it has nothing that fails");
        Self(machine)
    }

    fn take(&mut self, event: SourceFsmEvents) {
        // An event that is not awaited is an error of theirs and nothing here.
        let _ = self.0.dispatch_single_event(FsmEvent::Event(event));
    }

    fn state(&self) -> State {
        match self.0.backend.current_states[0] {
            FsmCurrentState::Stopped => State::None,
            FsmCurrentState::State(SourceFsmCurrentState::Nothing) => State::None,
            FsmCurrentState::State(SourceFsmCurrentState::Connecting) => State::Connecting,
            FsmCurrentState::State(SourceFsmCurrentState::Negotiating) => State::Negotiating,
            FsmCurrentState::State(SourceFsmCurrentState::Active) => State::Active,
            FsmCurrentState::State(SourceFsmCurrentState::Stopping) => State::Stopping,
            FsmCurrentState::State(SourceFsmCurrentState::PreSwitchover) => State::PreSwitchover,
            FsmCurrentState::State(SourceFsmCurrentState::Device) => State::Device,
            FsmCurrentState::State(SourceFsmCurrentState::HandingOver) => State::HandingOver,
            FsmCurrentState::State(SourceFsmCurrentState::Completing) => State::Completing,
            FsmCurrentState::State(SourceFsmCurrentState::Completed) => State::Completed,
            FsmCurrentState::State(SourceFsmCurrentState::Failing) => State::Failing,
            FsmCurrentState::State(SourceFsmCurrentState::Abandoning) => State::Abandoning,
            FsmCurrentState::State(SourceFsmCurrentState::Failed) => State::Failed,
            FsmCurrentState::State(SourceFsmCurrentState::Cancelling) => State::Cancelling,
            FsmCurrentState::State(SourceFsmCurrentState::Cancelled) => State::Cancelled,
        }
    }
}
