//! Guest memory: its shape, its pages as they are in this process, and those that nobody has touched.

mod backing;
mod holes;
mod layout;
mod mapping;
mod pages;

pub use backing::Memory;
pub(crate) use holes::{Holes, LOOK_PAGES_MAX};
pub use layout::{Bytes, Layout, LayoutError, PAGE_BYTES, PageRun, REGIONS_MAX, Region};
pub(crate) use pages::Pages;
