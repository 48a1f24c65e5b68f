//! The type of a guest's memory.

/// The memory of a hosted guest.
pub type Ram = vm_memory::GuestMemoryMmap<()>;
