//! The tests of this house, in one binary.

#[cfg(test)]
mod all {
    mod bad_input;
    mod bad_peers;
    mod chatter;
    mod command;
    mod fake;
    mod guest;
    mod guest_move;
    mod guest_run;
    mod guest_verify;
    mod multifd;
    mod old_attempts;
    mod pair;
    mod process;
    mod qmp_server;
    mod qmp_session;
    mod sweep;
    mod tls;
    mod unprivileged;
    mod visitors;
    mod vm;
    mod watched;
    mod wire;
}
