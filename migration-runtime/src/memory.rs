//! Guest memory: its shape, its pages as they are in this process, and those that nobody has touched.

mod holes;
mod layout;
mod pages;

pub(crate) use holes::{Holes, LOOK_PAGES_MAX};
pub use layout::{Bytes, Layout, LayoutError, Memory, PAGE_BYTES, PageRun, REGIONS_MAX, Region};
pub(crate) use pages::Pages;
