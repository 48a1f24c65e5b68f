//! `explorer`: its page means what the interpreter means, and does what it should in a real browser.
//!
//! The scripts of the page are run in two places: in Node.js, and in Chromium without a window. Where one of the two is
//! not installed, its tests say that they are skipped.

pub(super) mod browser;
mod command;
mod differences;
mod looks;
mod recordings;
pub(super) mod scripts;
mod stepping;
mod walks;
