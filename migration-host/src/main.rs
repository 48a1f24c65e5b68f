//! A process that hosts one guest and serves QMP.

fn main() {}
