//! What the machine does in its order, and what the runtime does over real sockets within this process.

#[cfg(test)]
mod all {
    mod backing;
    mod converge;
    mod counter;
    mod embedded;
    mod endings;
    mod example;
    mod faults;
    mod gate;
    mod machine;
    mod memories;
    mod multifd;
    mod own_work;
    mod pace;
    mod peers;
    mod postcopy;
    mod rig;
    mod signs;
    mod sockets;
    mod transfer;
}
