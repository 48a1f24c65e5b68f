//! How large compositions are: every configuration is found, and the counts do not change unnoticed.

use migration_verify::{Bounds, Composition, Graph, System};

use crate::tables::{OWN, PROPOLIS, own_system, table};

fn size(text: &str, system: &System) -> (usize, usize) {
    let table = table(text);
    let composition = Composition::new(&table, system).expect("the names are right");
    let graph = Graph::explore(&composition, &mut |_| {});
    println!("{:?}", graph.figures());
    assert!(graph.figures().is_exhausted);
    (graph.figures().configurations, graph.figures().transitions)
}

#[test]
fn every_configuration_is_found() {
    insta::assert_debug_snapshot!([
        size(OWN, &System::default()),
        size(OWN, &own_system()),
        size(
            OWN,
            &System { acceptors: 2, bounds: Bounds { attempts: 1, kills: 0, ..Bounds::default() }, ..own_system() }
        ),
        size(PROPOLIS, &System::default()),
    ]);
}

#[test]
fn a_bound_that_is_hit_is_said() {
    let table = table(OWN);
    let bounds = Bounds { configurations_max: 100, ..Bounds::default() };
    let composition = Composition::new(&table, &System { bounds, ..System::default() }).expect("the names are right");
    let graph = Graph::explore(&composition, &mut |_| {});
    assert!(!graph.figures().is_exhausted);
}
