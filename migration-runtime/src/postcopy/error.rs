//! Why a post-copy cannot be had, or cannot begin.

use std::io;

use crate::memory::LayoutError;

/// Why a post-copy cannot be had on this host, or cannot begin with this memory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostcopyError {
    /// The kernel refuses userfaultfd to this process.
    #[error(
        "userfaultfd is refused to this process ({syscall}; /dev/userfaultfd: {device}): give it CAP_SYS_PTRACE, let \
         its user open /dev/userfaultfd, or set the sysctl vm.unprivileged_userfaultfd to 1"
    )]
    Refused {
        /// What the system call said.
        syscall: io::Error,
        /// What opening the device said.
        device: io::Error,
    },
    /// The kernel has no userfaultfd, or one that lacks something.
    #[error("this kernel lacks {0}: post-copy needs Linux 4.14 or later with CONFIG_USERFAULTFD")]
    Lacking(&'static str),
    /// The guest's memory is not one that can be moved.
    #[error(transparent)]
    Layout(#[from] LayoutError),
    /// A region that is neither private anonymous memory nor a shared mapping with a descriptor.
    #[error("the memory at {0:#x} cannot be fetched by page: it must be private anonymous memory or a shared memfd")]
    Mapping(u64),
    /// Memory of huge pages is filled one huge page at a time, which the wire does not do.
    #[error("the memory at {0:#x} is made of huge pages, which post-copy cannot fill page by page: use pages of 4 KiB")]
    HugePages(u64),
    /// A region that userfaultfd cannot watch.
    #[error("the memory at {address:#x} cannot be watched by userfaultfd")]
    Register {
        /// The guest physical address of the region.
        address: u64,
        /// What the kernel said.
        source: io::Error,
    },
    /// Pages whose old contents cannot be dropped.
    #[error("the old pages at {address:#x} cannot be dropped: is the memory locked?")]
    Discard {
        /// The guest physical address of the first of them.
        address: u64,
        /// What the kernel said.
        source: io::Error,
    },
    /// The process has no thread or descriptor left.
    #[error("the process cannot start what serves page faults")]
    Process(#[source] io::Error),
}
