//! Tests of what every format must keep: the same bytes whatever the order of the rows, and words that stay words.

use super::{Format, View, equivalent, figure, render, scxml, whole};
use crate::glance;
use migration_table::model::{Machine, Table};
use migration_table::testing::load;

fn table() -> Table {
    load(include_str!("../../../states.yaml"))
}

/// Everything that is written of a machine, with its name.
fn written(table: &Table, machine: &Machine) -> Vec<(String, String)> {
    let mut found = vec![("scxml".to_owned(), scxml(table, machine))];
    for view in [View::Full, View::Overview, View::Trigger("cancel"), View::State("failing")] {
        let figure = figure(table, &[machine], &view).expect("it can be drawn");
        let name = |format: &str| format!("{format} of {}", figure.view);
        found.extend(Format::ALL.map(|format| (name(format.name()), render(&figure, format))));
        found.push((name("rst"), equivalent(&figure).rst()));
        found.push((name("markdown"), equivalent(&figure).markdown()));
    }
    found.push(("lists".to_owned(), glance::lists(table, machine).rst()));
    found.push(("answers".to_owned(), glance::tables(machine).expect("it is small").rst()));
    found
}

#[test]
fn the_order_of_rows_changes_no_byte() {
    let table = table();
    for machine in &table.machines {
        let expected = written(&table, machine);
        let mut shuffled = machine.clone();
        shuffled.groups.reverse();
        shuffled.answers.reverse();
        for by in [1, 3, 7] {
            shuffled.rows.reverse();
            shuffled.rows.rotate_left(by);
            for ((name, text), (_, wanted)) in written(&table, &shuffled).iter().zip(&expected) {
                assert_eq!(text, wanted, "{name}");
            }
        }
    }
}

#[test]
fn words_beside_a_figure_and_for_sphinx() {
    let table = table();
    let destination = table.machine("destination").expect("the table has a destination");
    let figure = whole(&table, destination);
    insta::assert_snapshot!("destination_plantuml", render(&figure, Format::PlantUml));
    insta::assert_snapshot!("destination_equivalent", equivalent(&figure).text(Some(100)));
    insta::assert_snapshot!("destination_equivalent_rst", equivalent(&figure).rst());
    insta::assert_snapshot!("destination_lists", glance::lists(&table, destination).text(Some(120)));
    insta::assert_snapshot!("statuses_markdown", glance::statuses(&table).markdown());
    let marked = render(&answers_to_cancel(&table), Format::PlantUml);
    for sign in ["<U+2713>", "<U+2717>", "<U+25CB>"] {
        assert!(marked.contains(sign), "no {sign} in\n{marked}");
    }
}

/// Where a cancel is accepted, ignored and refused.
fn answers_to_cancel(table: &Table) -> super::Figure {
    let machines: Vec<&Machine> = table.machines.iter().collect();
    figure(table, &machines, &View::Trigger("cancel")).expect("both machines know it")
}

#[test]
fn no_word_of_the_table_ends_what_it_stands_in() {
    let mut table = table();
    let odd = "\"<b>&|\\\n%x `*_~#;-->]]>'}@enduml";
    for machine in &mut table.machines {
        machine.doc.push_str(odd);
        machine.states.iter_mut().for_each(|state| state.doc.push_str(odd));
        machine.facts.iter_mut().for_each(|fact| fact.doc.push_str(odd));
        machine.groups.iter_mut().for_each(|group| group.name.push_str(odd));
    }
    for machine in &table.machines {
        let chart = scxml(&table, machine);
        assert_eq!(chart.matches("-->").count(), 1, "the comment ends once");
        // In a comment it means nothing.
        let (_, body) = chart.split_once("-->").expect("the head is a comment");
        assert!(!body.contains("<b>"));
        let figure = whole(&table, machine);
        let plantuml = render(&figure, Format::PlantUml);
        assert_eq!(plantuml.matches("@enduml").count(), 1);
        assert!(render(&figure, Format::Ascii).is_ascii());
        let markdown = equivalent(&figure).markdown();
        assert!(!markdown.contains(" <b>") && !markdown.contains("\"<b>"));
    }
}

/// Graphviz refuses a longer string.
const GRAPHVIZ_BYTES_MAX: usize = 16 << 10;

#[test]
fn long_texts_are_whole_in_strings_that_graphviz_reads() {
    let mut table = table();
    let long = "é\\\"\n".repeat(20_000);
    let machine = &mut table.machines[0];
    machine.states[0].doc.clone_from(&long);
    let dot = render(&whole(&table, &table.machines[0]), Format::Dot);
    let line = dot.lines().find(|line| line.len() > long.len()).expect("the text is there");
    let joined = line.replace("\" + \"", "");
    assert!(joined.contains(&long.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")));
    let longest = line.split("\" + \"").map(str::len).max().expect("the line has parts");
    assert!(longest < GRAPHVIZ_BYTES_MAX, "{longest} bytes");
}
