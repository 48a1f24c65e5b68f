//! `explorer`: its page means what the interpreter means, and does what it should in a real browser.
//!
//! The page is opened in Chromium without a window. Where that is not installed, the tests say what they skip.

pub(super) mod browser;
mod command;
mod differences;
mod live;
mod looks;
mod recordings;
pub(super) mod scripts;
mod stepping;
mod walks;
