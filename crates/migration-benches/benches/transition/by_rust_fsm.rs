//! By `rust-fsm`: rows of one state each. It has no guards, so the event says what the guard says.

use super::{Input, Machine, State};

/// It takes events by reference and says of each whether it changed anything.
pub(crate) struct ByRustFsm(machine::StateMachine);

mod rows {
    rust_fsm::state_machine! {
        #[derive(Clone, Copy, Debug)]
        pub(super) machine(Nothing)

        Nothing(Migrate) => Connecting,
        Connecting(Connected) => Negotiating,
        Connecting(Cancel) => Cancelling,
        Connecting(Failed) => Failing,
        Connecting(TimedOut) => Failing,
        Negotiating(Welcome) => Active,
        Negotiating(Cancel) => Cancelling,
        Negotiating(Failed) => Failing,
        Negotiating(TimedOut) => Failing,
        Negotiating(Refused) => Failing,
        Active(Converged) => Stopping,
        Active(Cancel) => Cancelling,
        Active(Failed) => Failing,
        Active(TimedOut) => Failing,
        Active(Refused) => Failing,
        Stopping(Stopped) => Device,
        Stopping(StoppedToPause) => PreSwitchover,
        Stopping(Cancel) => Cancelling,
        Stopping(Failed) => Failing,
        PreSwitchover(Continue) => Device,
        PreSwitchover(Cancel) => Cancelling,
        PreSwitchover(Failed) => Failing,
        PreSwitchover(Refused) => Failing,
        Device(Ready) => HandingOver,
        Device(Cancel) => Cancelling,
        Device(Failed) => Failing,
        Device(TimedOut) => Failing,
        Device(Refused) => Failing,
        HandingOver(Running) => Completing,
        HandingOver(Failed) => Abandoning,
        HandingOver(TimedOut) => Abandoning,
        HandingOver(Refused) => Abandoning,
        Completing(CleanedUp) => Completed,
        Completed(Migrate) => Connecting,
        Failing(CleanedUp) => Failed,
        Abandoning(CleanedUp) => Failed,
        Failed(Migrate) => Connecting,
        Cancelling(CleanedUp) => Cancelled,
        Cancelled(Migrate) => Connecting,
    }
}

use rows::machine;

impl Machine for ByRustFsm {
    type Event = machine::Input;

    fn event(input: Input, pause: bool) -> machine::Input {
        match input {
            Input::Stopped if pause => machine::Input::StoppedToPause,
            Input::Migrate => machine::Input::Migrate,
            Input::Cancel => machine::Input::Cancel,
            Input::Continue => machine::Input::Continue,
            Input::Connected => machine::Input::Connected,
            Input::Welcome => machine::Input::Welcome,
            Input::Converged => machine::Input::Converged,
            Input::Stopped => machine::Input::Stopped,
            Input::Ready => machine::Input::Ready,
            Input::Running => machine::Input::Running,
            Input::CleanedUp => machine::Input::CleanedUp,
            Input::Failed => machine::Input::Failed,
            Input::TimedOut => machine::Input::TimedOut,
            Input::Refused => machine::Input::Refused,
        }
    }

    fn new(_: bool) -> Self {
        Self(machine::StateMachine::new())
    }

    fn take(&mut self, event: machine::Input) {
        // An event that is not awaited is an error of theirs and nothing here.
        let _ = self.0.consume(&event);
    }

    fn state(&self) -> State {
        match self.0.state() {
            machine::State::Nothing => State::None,
            machine::State::Connecting => State::Connecting,
            machine::State::Negotiating => State::Negotiating,
            machine::State::Active => State::Active,
            machine::State::Stopping => State::Stopping,
            machine::State::PreSwitchover => State::PreSwitchover,
            machine::State::Device => State::Device,
            machine::State::HandingOver => State::HandingOver,
            machine::State::Completing => State::Completing,
            machine::State::Completed => State::Completed,
            machine::State::Failing => State::Failing,
            machine::State::Abandoning => State::Abandoning,
            machine::State::Failed => State::Failed,
            machine::State::Cancelling => State::Cancelling,
            machine::State::Cancelled => State::Cancelled,
        }
    }
}
