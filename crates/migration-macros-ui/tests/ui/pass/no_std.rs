//! What is generated needs `core` and `migration-machine` alone, is `const` where it can be, and gives no warning where warnings are errors.

#![no_std]
#![deny(warnings, missing_docs, unreachable_pub, unused, nonstandard_style, future_incompatible)]
// Warnings of a table are uses of deprecated constants.
#![allow(deprecated)]

// A program needs the standard library to start. It has no name here.
extern crate std as _;

pub mod doors {
    //! A sound table.
    migration_macros::state_machine!("../../../../../migration-macros/tests/tables/tiny.yaml");
}

pub mod water {
    //! Another one, with a comma after its path.
    migration_macros::state_machine!("../../../../../migration-macros/tests/tables/formulas.yaml",);
}

pub mod watch {
    //! One with more cases than are listed.
    migration_macros::state_machine!("../../../../../migration-macros/tests/tables/wide.yaml");
}

use doors::door::{self, Facts, State, Trigger};
use migration_machine::Answer;

const OPENS: Option<&door::Transition> = door::advance(State::Shut, Trigger::Open.fact());
const OPENED: Answer = door::answer(State::Open, Trigger::Open, Facts::EMPTY);

fn main() {
    assert!(OPENS.is_some_and(|transition| transition.public));
    assert_eq!(OPENED, Answer::Ignore);
}
