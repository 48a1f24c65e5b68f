//! Tables made by rule are sound, of whatever size: otherwise what they are measured for would be an error message.

use migration_contract::load;
use migration_table::{Style, render};
use migration_testkit::synthetic::{STATES, Shape, table};

#[test]
fn synthetic_tables_have_no_finding() {
    let sizes = (*STATES.start()..60).chain([100, 1000]);
    for (states, shape) in sizes.flat_map(|states| [(states, Shape::Grouped), (states, Shape::Flat)]) {
        let text = table(states, shape);
        let loaded = load(&text);
        let findings = render(&loaded.findings, &text, "synthetic.yaml", Style::Plain);
        assert!(loaded.findings.is_empty(), "{states} states, {shape:?}:\n{findings}");
        let machine = &loaded.table.expect("a table without findings is there").machines[0];
        assert_eq!(machine.states.len(), states);
    }
}
