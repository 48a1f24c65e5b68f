//! What a stranger's recordings come to.

mod all {
    mod formats;
    mod tasks;
    mod variants;
}
