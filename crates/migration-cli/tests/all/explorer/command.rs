//! The file itself: it is complete, it is the same every time, and nothing of a table is markup in it.

use std::fs;

use super::super::run::{broken, states, table as written, xtask};
use super::scripts::{Page, whole};

#[test]
fn the_page_goes_to_standard_output_and_needs_nothing_else() {
    let (first, second) = (xtask(&["explorer"]), xtask(&["explorer"]));
    assert_eq!((first.status, first.stderr.as_str()), (Some(0), ""));
    assert!(first.stdout.starts_with("<!DOCTYPE html>"), "{:.200}", first.stdout);
    assert!(first.stdout == second.stdout, "the same table gives the same bytes");
    for part in [
        "<link rel=\"stylesheet\"",
        "<script src",
        "@import",
        "fetch(",
        "XMLHttpRequest",
        "innerHTML",
        "insertAdjacent",
    ] {
        assert!(!first.stdout.contains(part), "`{part}` is in the page");
    }
    assert!(first.stdout.contains("Content-Security-Policy\" content=\"default-src 'none';"), "nothing can be loaded");
}

#[test]
fn a_table_that_makes_no_sense_has_no_page() {
    let (_directory, path) = written(&broken());
    xtask(&["explorer", "--table", &path]).ended_without_result(1).stderr_has("[T0201]");
    let endless = whole("crates/migration-table/tests/fixtures/T0302-endless-advance/fires.yaml");
    xtask(&["explorer", "--table", &endless]).ended_without_result(1);
    xtask(&["explorer", "--against", "/nowhere/at/all"]).ended_without_result(2);
}

/// A table can say anything in its texts; none of it may become a part of the page.
#[test]
fn texts_of_a_table_stay_texts() {
    let hostile = "</script><img src=x onerror=globalThis.broken=1><!--put scripts--> & `code`";
    let text = states()
        .replacen("opens the channel to the destination", hostile, 1)
        .replacen("the guest has been handed over to the destination", hostile, 1)
        .replacen("start an attempt to move the guest away", hostile, 1);
    let (_directory, path) = written(&text);
    let page = Page::new(&["--table", &path]);
    let html = fs::read_to_string(page.path()).expect("the page was written");
    assert!(!html.contains("<img src=x"), "it is markup");
    let Some(mut browser) = page.show("walk=source.raise.migrate&state=source.connecting") else { return };
    assert_eq!(browser.evaluate("globalThis.broken === undefined && document.querySelector('img') === null"), true);
    let shown = browser.text("document.getElementById('detail').textContent");
    assert!(shown.contains("</script><img src=x"), "{shown}");
    browser.click("[data-key='ask-{\"machine\":\"source\",\"fact\":\"migrate\"}']");
    browser.click("#show-all");
    assert_eq!(browser.evaluate("globalThis.broken === undefined && document.querySelector('img') === null"), true);
}

/// Every state and every arrow of every picture is where the page looks for it.
#[test]
fn every_state_and_arrow_is_found_in_its_picture() {
    let page = Page::new(&["--against", &whole("states.yaml")]);
    let Some(mut browser) = page.show("") else { return };
    let missing = "Promise.resolve(explorer).then((app) => Object.entries(app.data.pictures).flatMap(([name, { prefix, arrows }]) => { \
                   const picture = Picture.make(name); const [, machine] = name.split('-'); \
                   const ids = Table.machine(app.table, machine).states.map((it) => `${prefix}-${it.name}`); \
                   return [...ids, ...arrows.map((it) => it.id)].filter((id) => picture.querySelector(`#${CSS.escape(id)}`) === null); }))";
    assert_eq!(browser.evaluate(missing), serde_json::json!([]));
    let left_out = "Promise.resolve(explorer).then((app) => app.table.machines.flatMap((machine) => machine.rows.filter((row) => \
                    !app.data.pictures[`whole-${machine.name}`].arrows.some((it) => it.rows.some((own) => own.line === row.line)))).length)";
    assert_eq!(browser.evaluate(left_out), 0, "every row has an arrow");
}
