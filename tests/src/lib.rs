//! Whole-system tests only; the tests are in `tests/`.
