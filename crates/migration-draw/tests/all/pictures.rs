//! Pictures as a reader gets them: what stands where is read from the SVG itself.

mod drawn;
mod failures;
mod figures;
mod geometry;
mod loops;
mod sizes;
mod text;
mod themes;
mod views;
