//! The model of [`crate::model`], as stateright searches it.

use stateright::{Checker, Model, Property};

use crate::model::{Bounds, Found, initial, successors};

/// Finds every state with one thread, breadth first.
pub(crate) fn search(bounds: Bounds) -> Found {
    let found = bounds.checker().threads(1).spawn_bfs().join();
    Found { states: found.unique_state_count(), steps: found.state_count(), bytes: 0 }
}

impl Model for Bounds {
    type State = u128;
    /// The state that follows.
    type Action = u128;

    fn init_states(&self) -> Vec<u128> {
        vec![initial()]
    }

    fn actions(&self, state: &u128, actions: &mut Vec<u128>) {
        successors(self, *state, &mut |next| actions.push(next));
    }

    fn next_state(&self, _: &u128, action: u128) -> Option<u128> {
        Some(action)
    }

    /// Without a property to decide, the search would end at once.
    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("anything", |_, _| true)]
    }
}
