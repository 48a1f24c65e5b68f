//! By `smlang`: rows with groups of states, and a guard that is a method.

use super::{Input, Machine, State};

/// It takes events by value and says of each whether it changed anything.
pub(crate) struct BySmlang(machine::StateMachine<machine::Context>);

#[allow(unreachable_pub, dead_code, clippy::result_unit_err, clippy::needless_lifetimes, reason = "`smlang` writes it")]
mod machine {
    smlang::statemachine! {
        derive_states: [Debug],
        derive_events: [Clone, Copy, Debug],
        transitions: {
            *Nothing | Completed | Failed | Cancelled + Migrate = Connecting,
            Connecting + Connected = Negotiating,
            Connecting | Negotiating | Active | Stopping | PreSwitchover | Device + Cancel = Cancelling,
            Connecting | Negotiating | Active | Stopping | PreSwitchover | Device + Failed = Failing,
            Connecting | Negotiating | Active | Device + TimedOut = Failing,
            Negotiating + Welcome = Active,
            Negotiating | Active | PreSwitchover | Device + Refused = Failing,
            Active + Converged = Stopping,
            Stopping + Stopped [pause] = PreSwitchover,
            Stopping + Stopped [!pause] = Device,
            PreSwitchover + Continue = Device,
            Device + Ready = HandingOver,
            HandingOver + Running = Completing,
            HandingOver + Failed = Abandoning,
            HandingOver + TimedOut = Abandoning,
            HandingOver + Refused = Abandoning,
            Completing + CleanedUp = Completed,
            Failing | Abandoning + CleanedUp = Failed,
            Cancelling + CleanedUp = Cancelled,
        }
    }

    pub(super) struct Context {
        pub(super) pause: bool,
    }

    impl StateMachineContext for Context {
        fn pause(&self) -> Result<bool, ()> {
            Ok(self.pause)
        }
    }
}

impl Machine for BySmlang {
    type Event = machine::Events;

    fn event(input: Input, _: bool) -> machine::Events {
        match input {
            Input::Migrate => machine::Events::Migrate,
            Input::Cancel => machine::Events::Cancel,
            Input::Continue => machine::Events::Continue,
            Input::Connected => machine::Events::Connected,
            Input::Welcome => machine::Events::Welcome,
            Input::Converged => machine::Events::Converged,
            Input::Stopped => machine::Events::Stopped,
            Input::Ready => machine::Events::Ready,
            Input::Running => machine::Events::Running,
            Input::CleanedUp => machine::Events::CleanedUp,
            Input::Failed => machine::Events::Failed,
            Input::TimedOut => machine::Events::TimedOut,
            Input::Refused => machine::Events::Refused,
        }
    }

    fn new(pause: bool) -> Self {
        Self(machine::StateMachine::new(machine::Context { pause }))
    }

    fn take(&mut self, event: machine::Events) {
        // An event that is not awaited is an error of theirs and nothing here.
        let _ = self.0.process_event(event);
    }

    fn state(&self) -> State {
        match self.0.state() {
            machine::States::Nothing => State::None,
            machine::States::Connecting => State::Connecting,
            machine::States::Negotiating => State::Negotiating,
            machine::States::Active => State::Active,
            machine::States::Stopping => State::Stopping,
            machine::States::PreSwitchover => State::PreSwitchover,
            machine::States::Device => State::Device,
            machine::States::HandingOver => State::HandingOver,
            machine::States::Completing => State::Completing,
            machine::States::Completed => State::Completed,
            machine::States::Failing => State::Failing,
            machine::States::Abandoning => State::Abandoning,
            machine::States::Failed => State::Failed,
            machine::States::Cancelling => State::Cancelling,
            machine::States::Cancelled => State::Cancelled,
        }
    }
}
