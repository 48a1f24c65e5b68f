//! How the tables of nodes spread their keys: a few instructions, for keys that are small numbers and come from nobody
//! else. The order of these tables is never looked at.

use std::hash::{BuildHasherDefault, Hasher};

/// Makes the spreader of a table.
pub(super) type Spread = BuildHasherDefault<Spreader>;

/// Takes in a key, number by number.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spreader(u64);

impl Hasher for Spreader {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }

    fn write_u16(&mut self, number: u16) {
        self.write_u32(u32::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0.rotate_left(23) ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
