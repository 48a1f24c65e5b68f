//! Mutants of the project's table: who notices each of them.

use migration_verify::{Original, System, mutants};

use crate::tables::{MENDED, table};

/// Messages that are left out, or that the table says twice. What the machines together do not need is known here.
#[test]
fn a_message_that_is_left_out_is_noticed_or_known() {
    let table = table(MENDED);
    let original = Original::new(&table, System::of(&table), migration_table::check::run).expect("the names are right");
    let all = mutants(&table);
    let left_out = all.iter().filter(|mutant| mutant.what.contains("does not send"));
    let told = left_out.map(|mutant| {
        let by = if original.noticed_by_checks(mutant) {
            "ByChecks"
        } else if original.noticed_together(mutant) {
            "ByVerify"
        } else {
            "ByNobody"
        };
        format!("line {}: {}: {by}", mutant.line, mutant.what)
    });
    insta::assert_snapshot!(format!("{} mutants in all\n{}", all.len(), told.collect::<Vec<_>>().join("\n")));
}

/// Whether or not a row has several cases.
#[test]
fn a_row_that_is_there_twice_is_noticed_by_the_checks() {
    let table = table(MENDED);
    let original = Original::new(&table, System::of(&table), migration_table::check::run).expect("the names are right");
    let twice: Vec<_> = mutants(&table).into_iter().filter(|mutant| mutant.what.ends_with("is there twice")).collect();
    let unnoticed = twice.iter().filter(|mutant| !original.noticed_by_checks(mutant));
    assert!(twice.len() > 10);
    assert_eq!(unnoticed.map(|mutant| mutant.what.as_str()).collect::<Vec<_>>(), [""; 0]);
}
