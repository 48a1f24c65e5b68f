//! Walks that were saved by `cargo xtask step`: every one comes out today as it did then.
//!
//! A walk that no longer does is either a mistake in the table or a change that was meant; if it was meant, walk again
//! and save it under the same name.

use std::fs;
use std::path::{Path, PathBuf};

use migration_contract::load;
use migration_replay::walk::Walk;

#[test]
fn every_saved_walk_comes_out_as_it_did() {
    let mut paths: Vec<PathBuf> = fs::read_dir(root().join("tests/data/walks"))
        .expect("there is a directory of walks")
        .map(|entry| entry.expect("an entry can be read").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "there are no walks");
    for path in paths {
        let name = path.display();
        let text = fs::read_to_string(&path).expect("a walk is text");
        let walk: Walk = text.parse().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!walk.steps.is_empty(), "{name}: a walk without steps");
        let table = fs::read_to_string(root().join(&walk.table)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let table = load(&table).table.expect("a table that is walked over makes sense");
        let again = walk.again(&table).unwrap_or_else(|error| panic!("{name}: {error}"));
        // As text, so that what differs is read as it would be written.
        assert_eq!(again.to_string(), walk.to_string(), "{name}: left is what happens now");
    }
}

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the package is in the workspace").to_path_buf()
}
