//! What the runtime does over real sockets, within this process.

mod all {
    mod faults;
    mod pace;
    mod peers;
    mod sockets;
    mod transfer;
}
