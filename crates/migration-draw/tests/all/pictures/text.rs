//! The text of an SVG: what XML, Markdown and the other pictures on a page ask of it.

use std::cell::Cell;
use std::collections::BTreeSet;

use migration_draw::svg::{Options, digest, svg};
use migration_draw::{self as draw, Figure, Format};
use migration_table::model::Table;

use super::{drawn, figures};

fn inline(figure: &Figure) -> String {
    svg(
        figure,
        &Options {
            inline: true,
            source_url: Some("https://example.org/t?a=1&b=2#L{line}".to_owned()),
            ..Options::default()
        },
    )
}

#[test]
fn markdown_leaves_an_inline_picture_in_one_piece() {
    figures::of_own(|name, figure| {
        let text = inline(figure);
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("<div class=\"state-diagram\">"), "{name}");
        let tag = lines.next().unwrap_or_default();
        assert!(tag.starts_with("<svg ") && tag.ends_with('>'), "{name}: the first tag stands on one line: {tag}");
        for line in text.lines() {
            assert!(!line.trim().is_empty() && !line.starts_with("    "), "{name}: `{line}`");
        }
        assert!(!text.contains("<?xml") && !text.contains("<!"), "{name}");
    });
}

/// An arrow that is drawn short ends at the name of a state. The legend says so where there is one, and only there.
#[test]
fn an_arrow_that_is_drawn_short_names_its_state_and_is_in_the_legend() {
    let (with, without) = (Cell::new(0), Cell::new(0));
    figures::of_own(|name, figure| {
        let text = svg(figure, &Options::default());
        let copies: Vec<&str> =
            text.split("class=\"copy\"").skip(1).filter_map(|it| it.split(['>', '<']).nth(1)).collect();
        let short: Vec<&str> = copies.iter().filter_map(|copy| copy.strip_prefix("→ ")).collect();
        let has_legend = text.contains(">to the state of this name, drawn short<");
        assert_eq!(has_legend, !short.is_empty(), "{name}: {short:?}");
        let labels: BTreeSet<&str> =
            figure.panels.iter().flat_map(|it| &it.nodes).map(|it| it.label.as_str()).collect();
        assert!(short.iter().all(|copy| labels.contains(copy)), "{name}: {short:?}");
        let count = if has_legend { &with } else { &without };
        count.set(count.get() + 1);
    });
    assert!(with.get() > 5 && without.get() > 5, "{with:?} with, {without:?} without");
}

#[test]
fn every_state_and_every_arrow_has_an_id_of_its_own() {
    let table = figures::own();
    for machine in &table.machines {
        let figure = draw::whole(&table, machine);
        let ids = drawn::ids(&inline(&figure));
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
        assert!(ids.iter().all(|id| id.starts_with(&machine.name)), "{ids:?}");
        for node in &figure.panels[0].nodes {
            assert!(ids.contains(&format!("{}-{}", machine.name, node.id)), "{}", node.id);
        }
        for arrow in &figure.panels[0].arrows {
            assert!(ids.contains(&format!("{}-{}", machine.name, arrow.id)), "{}", arrow.id);
        }
    }
    figures::of_own(|name, figure| {
        let ids = drawn::ids(&inline(figure));
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{name}: {ids:?}");
        assert!(!ids.iter().any(|id| id.is_empty() || id.contains(char::is_whitespace)), "{name}: {ids:?}");
    });
}

#[test]
fn whoever_cannot_see_it_is_told_everything() {
    figures::of_own(|name, figure| {
        let text = inline(figure);
        assert!(text.contains("<title id=") && text.contains("<desc id="), "{name}");
        // What has parts that can be reached is no image.
        let without_links = svg(figure, &Options { inline: true, ..Options::default() });
        assert!(text.contains("role=\"group\"") && without_links.contains("role=\"img\""), "{name}");
        let described = text.split("</desc>").next().unwrap_or_default();
        for panel in &figure.panels {
            for arrow in &panel.arrows {
                assert!(described.contains(&format!("to {}", panel.nodes[arrow.to].label)), "{name}: {}", arrow.id);
            }
        }
    });
}

#[test]
fn states_and_arrows_link_to_their_lines() {
    let table = figures::own();
    let figure = draw::whole(&table, &table.machines[0]);
    let text = inline(&figure);
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
    assert!(inline(&figure).contains(&format!("data-source-digest=\"{source}\"")));
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
            assert_eq!(inline(&draw::whole(&table, machine)), inline(&draw::whole(&other, same)));
        }
    }
}
