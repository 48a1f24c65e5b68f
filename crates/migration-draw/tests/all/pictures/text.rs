//! The text of an SVG: what XML, Markdown and the other pictures on a page ask of it.

use std::collections::BTreeSet;

use migration_draw::svg::{Options, digest, svg};
use migration_draw::{self as draw, Format};
use migration_table::model::Table;

use super::{drawn, figures};

#[test]
fn markdown_leaves_an_inline_picture_in_one_piece() {
    for drawn in figures::of_own() {
        let (name, text) = (&drawn.name, drawn.inline());
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("<div class=\"state-diagram\">"), "{name}");
        let tag = lines.next().unwrap_or_default();
        assert!(tag.starts_with("<svg ") && tag.ends_with('>'), "{name}: the first tag stands on one line: {tag}");
        for line in text.lines() {
            assert!(!line.trim().is_empty() && !line.starts_with("    "), "{name}: `{line}`");
        }
        assert!(!text.contains("<?xml") && !text.contains("<!"), "{name}");
    }
}

/// An arrow that is drawn short ends at the name of a state. The legend says so where there is one, and only there.
#[test]
fn an_arrow_that_is_drawn_short_names_its_state_and_is_in_the_legend() {
    let (mut with, mut without) = (0, 0);
    for drawn in figures::of_own() {
        let (name, figure, text) = (&drawn.name, &drawn.figure, drawn.file());
        let copies: Vec<&str> =
            text.split("class=\"copy\"").skip(1).filter_map(|it| it.split(['>', '<']).nth(1)).collect();
        let short: Vec<&str> = copies.iter().filter_map(|copy| copy.strip_prefix("→ ")).collect();
        let has_legend = text.contains(">to the state of this name, drawn short<");
        assert_eq!(has_legend, !short.is_empty(), "{name}: {short:?}");
        let labels: BTreeSet<&str> =
            figure.panels.iter().flat_map(|it| &it.nodes).map(|it| it.label.as_str()).collect();
        assert!(short.iter().all(|copy| labels.contains(copy)), "{name}: {short:?}");
        *(if has_legend { &mut with } else { &mut without }) += 1;
    }
    assert!(with > 5 && without > 5, "{with} with, {without} without");
}

#[test]
fn every_state_and_every_arrow_has_an_id_of_its_own() {
    let table = figures::own();
    for machine in &table.machines {
        let figure = draw::whole(&table, machine);
        let ids = drawn::ids(&figures::inline(&figure));
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        assert!(ids.iter().all(|id| id.starts_with(&machine.name)), "{ids:?}");
        for node in &figure.panels[0].nodes {
            assert!(ids.contains(&format!("{}-{}", machine.name, node.id)), "{}", node.id);
        }
        for arrow in &figure.panels[0].arrows {
            assert!(ids.contains(&format!("{}-{}", machine.name, arrow.id)), "{}", arrow.id);
        }
    }
    for drawn in figures::of_own() {
        let (name, ids) = (&drawn.name, drawn::ids(drawn.inline()));
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{name}: {ids:?}");
        assert!(!ids.iter().any(|id| id.is_empty() || id.contains(char::is_whitespace)), "{name}: {ids:?}");
    }
}

#[test]
fn whoever_cannot_see_it_is_told_everything() {
    for drawn in figures::of_own() {
        let (name, text) = (&drawn.name, drawn.inline());
        assert!(text.contains("<title id=") && text.contains("<desc id="), "{name}");
        // What has parts that can be reached is no image.
        assert!(text.contains("role=\"group\"") && drawn.file().contains("role=\"img\""), "{name}");
        let described = text.split("</desc>").next().unwrap_or_default();
        for panel in &drawn.figure.panels {
            for arrow in &panel.arrows {
                assert!(described.contains(&format!("to {}", panel.nodes[arrow.to].label)), "{name}: {}", arrow.id);
            }
        }
    }
}

#[test]
fn states_and_arrows_link_to_their_lines() {
    let table = figures::own();
    let figure = draw::whole(&table, &table.machines[0]);
    let text = figures::inline(&figure);
    for line in figure.panels[0].nodes.iter().map(|node| node.line) {
        assert!(text.contains(&format!("<a href=\"https://example.org/t?a=1&amp;b=2#L{line}\">")), "{line}");
    }
    assert!(!svg(&figure, &Options::default()).contains("<a "));
}

#[test]
fn a_picture_says_of_what_it_was_made() {
    let table = figures::own();
    let figure = draw::whole(&table, &table.machines[0]);
    let source = digest(&draw::render(&figure, Format::Dot));
    assert!(figures::inline(&figure).contains(&format!("data-source-digest=\"{source}\"")));
    assert_eq!(digest(""), "cbf29ce484222325", "FNV-1a of nothing");
    assert_eq!(digest("a"), "af63dc4c8601ec8c", "FNV-1a of a letter");
}

#[test]
fn the_order_of_rows_changes_no_byte() {
    let turned = |table: &Table, by: usize| {
        let mut turned = table.clone();
        for machine in &mut turned.machines {
            machine.rows.reverse();
            machine.groups.reverse();
            machine.answers.reverse();
            let many = machine.rows.len();
            machine.rows.rotate_left(by % many);
        }
        turned
    };
    let table = figures::own();
    for by in [0, 3, 7] {
        let other = turned(&table, by);
        for machine in &table.machines {
            let same = other.machine(&machine.name).expect("it is the same table");
            assert_eq!(figures::inline(&draw::whole(&table, machine)), figures::inline(&draw::whole(&other, same)));
        }
    }
}
