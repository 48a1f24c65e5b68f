//! How the kernel keeps each region of guest memory: that decides how holes in it are found.

use std::fs::{self, File};
use std::os::fd::AsRawFd;

use vm_memory::FileOffset;

use super::layout::Region;

/// How each region is kept, in the order of the layout.
#[derive(Debug)]
pub(super) struct Mappings(Vec<(Region, Mapping)>);

/// How a region is kept.
#[derive(Debug)]
pub(super) enum Mapping {
    /// In anonymous memory of this process alone: a page that nobody has touched exists nowhere.
    PrivateAnonymous,
    /// In a file, or in memory that has a descriptor: a hole of the file is a hole of the region.
    Shared {
        /// The file, with a position of its own.
        file: File,
        /// Where the region begins in it.
        offset: u64,
    },
    /// Otherwise: nothing is known about holes.
    Other,
}

/// A line of the kernel's list of mappings.
#[derive(Debug, Eq, PartialEq)]
struct Line {
    start: u64,
    end: u64,
    shared: bool,
    anonymous: bool,
}

impl Mappings {
    /// Looks up regions, each with its address in this process and its file.
    pub(super) fn look_up(regions: impl Iterator<Item = (Region, u64, Option<FileOffset>)>) -> Mappings {
        let text = fs::read_to_string("/proc/self/maps").unwrap_or_default();
        let lines: Vec<Line> = text.lines().filter_map(Line::read).collect();
        Mappings(regions.map(|(region, start, file)| (region, Mapping::of(&lines, region, start, file))).collect())
    }

    /// Returns the region that holds an address, and how it is kept.
    pub(super) fn find(&self, address: u64) -> Option<&(Region, Mapping)> {
        let after = self.0.partition_point(|(region, _)| region.start <= address);
        self.0.get(after.checked_sub(1)?)
    }
}

impl Mapping {
    fn of(lines: &[Line], region: Region, start: u64, file: Option<FileOffset>) -> Mapping {
        let end = start.saturating_add(region.bytes);
        // A region may be made of several mappings; what is not listed is not known.
        let mut covered = start;
        let (mut all_private, mut all_shared) = (true, true);
        for line in lines.iter().filter(|line| line.start < end && start < line.end) {
            if line.start > covered {
                return Mapping::Other;
            }
            covered = line.end;
            all_private &= line.anonymous && !line.shared;
            all_shared &= line.shared;
        }
        match file {
            _ if start == 0 || covered < end => Mapping::Other,
            None if all_private => Mapping::PrivateAnonymous,
            Some(file) if all_shared => {
                // A descriptor of our own, because looking for holes moves the position.
                File::open(format!("/proc/self/fd/{}", file.file().as_raw_fd()))
                    .map_or(Mapping::Other, |own| Mapping::Shared { file: own, offset: file.start() })
            }
            Some(_) | None => Mapping::Other,
        }
    }
}

impl Line {
    /// Reads a line such as `7f0-7f8 rw-s 00000000 00:01 1042  /memfd:ram (deleted)`.
    fn read(line: &str) -> Option<Line> {
        let mut words = line.split_ascii_whitespace();
        let (start, end) = words.next()?.split_once('-')?;
        let (flags, _offset, _device, inode) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let address = |text| u64::from_str_radix(text, 16).ok();
        let (start, end) = (address(start)?, address(end)?);
        Some(Line { start, end, shared: flags.ends_with('s'), anonymous: inode == "0" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_kernel_are_read() {
        let line = Line::read("7f00-7f80 rw-s 00001000 00:01 1042                       /memfd:ram (deleted)");
        assert_eq!(line, Some(Line { start: 0x7f00, end: 0x7f80, shared: true, anonymous: false }));
        let line = Line::read("7f00-7f80 rw-p 00000000 00:00 0 ");
        assert_eq!(line, Some(Line { start: 0x7f00, end: 0x7f80, shared: false, anonymous: true }));
        for bad in ["", "7f00", "x-y rw-p 0 0 0", "7f00-7f80 rw-p"] {
            assert_eq!(Line::read(bad), None, "{bad}");
        }
    }
}
