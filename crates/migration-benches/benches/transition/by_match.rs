//! By hand, as one `match`.

use super::{Input, Machine, State};

/// The compiler decides how to look.
pub(crate) struct ByMatch {
    state: State,
    pause: bool,
}

impl ByMatch {
    /// The machine in some state.
    pub(super) fn at(state: State, pause: bool) -> Self {
        Self { state, pause }
    }
}

impl Machine for ByMatch {
    type Event = Input;

    fn event(input: Input, _: bool) -> Input {
        input
    }

    fn new(pause: bool) -> Self {
        Self { state: State::None, pause }
    }

    fn take(&mut self, event: Input) {
        self.state = match (self.state, event) {
            (State::None | State::Completed | State::Failed | State::Cancelled, Input::Migrate) => State::Connecting,
            (State::Connecting, Input::Connected) => State::Negotiating,
            (State::Negotiating, Input::Welcome) => State::Active,
            (State::Active, Input::Converged) => State::Stopping,
            (State::Stopping, Input::Stopped) if self.pause => State::PreSwitchover,
            (State::Stopping, Input::Stopped) | (State::PreSwitchover, Input::Continue) => State::Device,
            (State::Device, Input::Ready) => State::HandingOver,
            (State::HandingOver, Input::Running) => State::Completing,
            (State::Completing, Input::CleanedUp) => State::Completed,
            (
                State::Connecting
                | State::Negotiating
                | State::Active
                | State::Stopping
                | State::PreSwitchover
                | State::Device,
                Input::Cancel,
            ) => State::Cancelling,
            (State::Cancelling, Input::CleanedUp) => State::Cancelled,
            (
                State::Connecting
                | State::Negotiating
                | State::Active
                | State::Stopping
                | State::PreSwitchover
                | State::Device,
                Input::Failed,
            )
            | (State::Connecting | State::Negotiating | State::Active | State::Device, Input::TimedOut)
            | (State::Negotiating | State::Active | State::PreSwitchover | State::Device, Input::Refused) => {
                State::Failing
            }
            (State::HandingOver, Input::Failed | Input::TimedOut | Input::Refused) => State::Abandoning,
            (State::Failing | State::Abandoning, Input::CleanedUp) => State::Failed,
            (state, _) => state,
        };
    }

    fn state(&self) -> State {
        self.state
    }
}
