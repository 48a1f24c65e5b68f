//! By `statig`: a function for each state and for two sets of them. A state that is in other sets too answers itself.

use statig::prelude::*;

use super::{Input, Machine};

/// It takes events by reference and says nothing of them.
pub(crate) struct ByStatig(StateMachine<machine::Source>);

#[allow(clippy::wildcard_enum_match_arm, reason = "a state leaves to its set what it does not await")]
#[allow(unreachable_pub, missing_docs, reason = "`statig` writes it")]
mod machine {
    use statig::prelude::*;

    use super::super::Input;

    #[derive(Debug)]
    pub struct Source {
        pub(super) pause: bool,
    }

    #[state_machine(initial = "State::nothing()", state(derive(Debug)))]
    impl Source {
        #[superstate]
        fn idle(event: &Input) -> Outcome<State> {
            match event {
                Input::Migrate => Transition(State::connecting()),
                _ => Handled,
            }
        }

        #[superstate]
        fn cancellable(event: &Input) -> Outcome<State> {
            match event {
                Input::Cancel => Transition(State::cancelling()),
                Input::Failed => Transition(State::failing()),
                _ => Handled,
            }
        }

        #[state(superstate = "idle")]
        fn nothing() -> Outcome<State> {
            Super
        }

        #[state(superstate = "cancellable")]
        fn connecting(event: &Input) -> Outcome<State> {
            match event {
                Input::Connected => Transition(State::negotiating()),
                Input::TimedOut => Transition(State::failing()),
                _ => Super,
            }
        }

        #[state(superstate = "cancellable")]
        fn negotiating(event: &Input) -> Outcome<State> {
            match event {
                Input::Welcome => Transition(State::active()),
                Input::TimedOut | Input::Refused => Transition(State::failing()),
                _ => Super,
            }
        }

        #[state(superstate = "cancellable")]
        fn active(event: &Input) -> Outcome<State> {
            match event {
                Input::Converged => Transition(State::stopping()),
                Input::TimedOut | Input::Refused => Transition(State::failing()),
                _ => Super,
            }
        }

        #[state(superstate = "cancellable")]
        fn stopping(&self, event: &Input) -> Outcome<State> {
            match event {
                Input::Stopped if self.pause => Transition(State::pre_switchover()),
                Input::Stopped => Transition(State::device()),
                _ => Super,
            }
        }

        #[state(superstate = "cancellable")]
        fn pre_switchover(event: &Input) -> Outcome<State> {
            match event {
                Input::Continue => Transition(State::device()),
                Input::Refused => Transition(State::failing()),
                _ => Super,
            }
        }

        #[state(superstate = "cancellable")]
        fn device(event: &Input) -> Outcome<State> {
            match event {
                Input::Ready => Transition(State::handing_over()),
                Input::TimedOut | Input::Refused => Transition(State::failing()),
                _ => Super,
            }
        }

        #[state]
        fn handing_over(event: &Input) -> Outcome<State> {
            match event {
                Input::Running => Transition(State::completing()),
                Input::Failed | Input::TimedOut | Input::Refused => Transition(State::abandoning()),
                _ => Handled,
            }
        }

        #[state]
        fn completing(event: &Input) -> Outcome<State> {
            match event {
                Input::CleanedUp => Transition(State::completed()),
                _ => Handled,
            }
        }

        #[state(superstate = "idle")]
        fn completed() -> Outcome<State> {
            Super
        }

        #[state]
        fn failing(event: &Input) -> Outcome<State> {
            match event {
                Input::CleanedUp => Transition(State::failed()),
                _ => Handled,
            }
        }

        #[state]
        fn abandoning(event: &Input) -> Outcome<State> {
            match event {
                Input::CleanedUp => Transition(State::failed()),
                _ => Handled,
            }
        }

        #[state(superstate = "idle")]
        fn failed() -> Outcome<State> {
            Super
        }

        #[state]
        fn cancelling(event: &Input) -> Outcome<State> {
            match event {
                Input::CleanedUp => Transition(State::cancelled()),
                _ => Handled,
            }
        }

        #[state(superstate = "idle")]
        fn cancelled() -> Outcome<State> {
            Super
        }
    }
}

impl Machine for ByStatig {
    type Event = Input;

    fn event(input: Input, _: bool) -> Input {
        input
    }

    fn new(pause: bool) -> Self {
        Self(machine::Source { pause }.state_machine())
    }

    fn take(&mut self, event: Input) {
        self.0.handle(&event);
    }

    fn state(&self) -> super::State {
        match self.0.state() {
            machine::State::Nothing {} => super::State::None,
            machine::State::Connecting {} => super::State::Connecting,
            machine::State::Negotiating {} => super::State::Negotiating,
            machine::State::Active {} => super::State::Active,
            machine::State::Stopping {} => super::State::Stopping,
            machine::State::PreSwitchover {} => super::State::PreSwitchover,
            machine::State::Device {} => super::State::Device,
            machine::State::HandingOver {} => super::State::HandingOver,
            machine::State::Completing {} => super::State::Completing,
            machine::State::Completed {} => super::State::Completed,
            machine::State::Failing {} => super::State::Failing,
            machine::State::Abandoning {} => super::State::Abandoning,
            machine::State::Failed {} => super::State::Failed,
            machine::State::Cancelling {} => super::State::Cancelling,
            machine::State::Cancelled {} => super::State::Cancelled,
        }
    }
}
