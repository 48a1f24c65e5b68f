//! Whole-system tests only; the tests are in `tests/`. Here is what they and the benches share.

pub mod synthetic;
