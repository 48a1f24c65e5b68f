//! What the runtime does over real sockets, within this process.

#[cfg(test)]
mod all {
    mod faults;
    mod pace;
    mod peers;
    mod sockets;
    mod transfer;
}
