//! By hand, as a static table: for each state and input the next state, with the guard and without.

use super::{INPUTS, Input, Machine, STATES, State};

pub(crate) struct ByTable {
    state: State,
    pause: bool,
}

impl Machine for ByTable {
    type Event = Input;

    fn event(input: Input, _: bool) -> Input {
        input
    }

    fn new(pause: bool) -> Self {
        Self { state: State::None, pause }
    }

    fn take(&mut self, event: Input) {
        self.state = NEXT[usize::from(self.pause)][self.state as usize][event as usize];
    }

    fn state(&self) -> State {
        self.state
    }
}

/// By guard, state and input: the next state, which is the same one where nothing happens.
pub(super) static NEXT: [[[State; INPUTS]; STATES]; 2] = [next(State::Device), next(State::PreSwitchover)];

const fn next(stopped: State) -> [[State; INPUTS]; STATES] {
    let mut next = [[State::None; INPUTS]; STATES];
    let mut state = 0;
    while state < STATES {
        next[state] = [State::ALL[state]; INPUTS];
        state += 1;
    }
    next[State::None as usize][Input::Migrate as usize] = State::Connecting;
    next[State::Completed as usize][Input::Migrate as usize] = State::Connecting;
    next[State::Failed as usize][Input::Migrate as usize] = State::Connecting;
    next[State::Cancelled as usize][Input::Migrate as usize] = State::Connecting;
    next[State::Connecting as usize][Input::Connected as usize] = State::Negotiating;
    next[State::Connecting as usize][Input::Cancel as usize] = State::Cancelling;
    next[State::Connecting as usize][Input::Failed as usize] = State::Failing;
    next[State::Connecting as usize][Input::TimedOut as usize] = State::Failing;
    next[State::Negotiating as usize][Input::Welcome as usize] = State::Active;
    next[State::Negotiating as usize][Input::Cancel as usize] = State::Cancelling;
    next[State::Negotiating as usize][Input::Failed as usize] = State::Failing;
    next[State::Negotiating as usize][Input::TimedOut as usize] = State::Failing;
    next[State::Negotiating as usize][Input::Refused as usize] = State::Failing;
    next[State::Active as usize][Input::Converged as usize] = State::Stopping;
    next[State::Active as usize][Input::Cancel as usize] = State::Cancelling;
    next[State::Active as usize][Input::Failed as usize] = State::Failing;
    next[State::Active as usize][Input::TimedOut as usize] = State::Failing;
    next[State::Active as usize][Input::Refused as usize] = State::Failing;
    next[State::Stopping as usize][Input::Stopped as usize] = stopped;
    next[State::Stopping as usize][Input::Cancel as usize] = State::Cancelling;
    next[State::Stopping as usize][Input::Failed as usize] = State::Failing;
    next[State::PreSwitchover as usize][Input::Continue as usize] = State::Device;
    next[State::PreSwitchover as usize][Input::Cancel as usize] = State::Cancelling;
    next[State::PreSwitchover as usize][Input::Failed as usize] = State::Failing;
    next[State::PreSwitchover as usize][Input::Refused as usize] = State::Failing;
    next[State::Device as usize][Input::Ready as usize] = State::HandingOver;
    next[State::Device as usize][Input::Cancel as usize] = State::Cancelling;
    next[State::Device as usize][Input::Failed as usize] = State::Failing;
    next[State::Device as usize][Input::TimedOut as usize] = State::Failing;
    next[State::Device as usize][Input::Refused as usize] = State::Failing;
    next[State::HandingOver as usize][Input::Running as usize] = State::Completing;
    next[State::HandingOver as usize][Input::Failed as usize] = State::Abandoning;
    next[State::HandingOver as usize][Input::TimedOut as usize] = State::Abandoning;
    next[State::HandingOver as usize][Input::Refused as usize] = State::Abandoning;
    next[State::Completing as usize][Input::CleanedUp as usize] = State::Completed;
    next[State::Failing as usize][Input::CleanedUp as usize] = State::Failed;
    next[State::Abandoning as usize][Input::CleanedUp as usize] = State::Failed;
    next[State::Cancelling as usize][Input::CleanedUp as usize] = State::Cancelled;
    next
}
