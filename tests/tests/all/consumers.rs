//! What is written for other programs is read by those programs: Graphviz, Mermaid in a browser, PlantUML, readers of
//! SCXML, of reStructuredText and of Markdown, librsvg, build servers.
//!
//! Everything that a program is given goes through it in one start. Packages are installed from their registries under
//! the build directory, once, in the versions that `installed` names. Where a program cannot be had, the tests that need
//! it say that they are skipped, past the capture of their output.

mod documents;
mod figures;
mod graphviz;
pub(crate) mod installed;
mod junit;
mod librsvg;
mod mermaid;
mod plantuml;
mod scxml;
