//! What is generated needs `core` alone, is `const` where it can be, and gives no warning where warnings are errors.

#![no_std]
#![deny(warnings, missing_docs, unreachable_pub, unused, nonstandard_style, future_incompatible)]

// A program needs the standard library to start. It has no name here.
extern crate std as _;

pub mod doors {
    //! A sound table.
    migration_macros::state_machine!("../../tables/tiny.yaml");
}

pub mod water {
    //! Another one, with a comma after its path.
    migration_macros::state_machine!("../../tables/formulas.yaml",);
}

pub mod watch {
    //! One with more cases than are listed.
    migration_macros::state_machine!("../../tables/wide.yaml");
}

use doors::door::{self, Facts, State, Trigger};

const OPENS: Option<&door::Transition> = door::advance(State::Shut, Facts::of_trigger(Trigger::Open));
const OPENED: doors::Answer = door::answer(State::Open, Trigger::Open, Facts::EMPTY);

fn main() {
    assert!(OPENS.is_some_and(|transition| transition.public));
    assert_eq!(OPENED, doors::Answer::Ignore);
}
