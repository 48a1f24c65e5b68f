//! What goes wrong is drawn apart, and what goes wrong is what the table says of causes and of the happy path, whatever
//! things are called.

use std::collections::BTreeMap;

use migration_draw::figure::{Course, Panel, Place, Tail};
use migration_draw::svg::{Options, svg};
use migration_draw::{self as draw, View};
use migration_table::testing::load;

const TABLE: &str = r#"
format: 1
machine: names
statuses:
  none: { since: "1.0", doc: "nothing" }
  busy: { since: "1.0", doc: "work" }
  won:  { since: "1.0", doc: "one end" }
  lost: { since: "1.0", doc: "another end" }
triggers:
  go:   { command: go, doc: "begin" }
  stop: { command: stop, doc: "give up" }
events:
  success: { carries: cause, doc: "what is called so and is none" }
  failed:  { doc: "what is called so and is none" }
  done:    { doc: "it is done" }
machines:
  only:
    doc: "names mislead"
    precedence: [stop, success, failed, done]
    happy_path: [none, working, ready]
    states:
      none:     { kind: idle, shows: none, initial: true, doc: "nothing" }
      working:  { kind: work, shows: busy, doc: "works" }
      ready:    { kind: idle, shows: won, doc: "the end that is wanted" }
      failed:   { kind: idle, shows: won, doc: "another end that is as good" }
      victory:  { kind: idle, shows: lost, doc: "the end of what goes wrong" }
      retrying: { kind: work, shows: busy, doc: "mends what went wrong, and goes on" }
      resting:  { kind: idle, shows: lost, doc: "was given up" }
    transitions:
      - { from: idle, when: go, to: working, public: true }
      - { from: working, when: done, to: ready, public: true }
      - { from: working, when: failed, to: failed, public: true }
      - { from: working, when: success, to: retrying }
      - { from: retrying, when: done, to: working }
      - { from: retrying, when: success, to: victory, public: true }
      - { from: working, when: stop, to: resting, public: true }
    answers:
      - { trigger: [go, stop], answer: ignore }
"#;

fn panel(text: &str) -> Panel {
    let table = load(text);
    let figure = draw::figure(&table, &[&table.machines[0]], &View::Full).expect("it can be drawn");
    figure.panels.into_iter().next().expect("there is one machine")
}

/// Failures that share a status are not drawn in a box.
#[test]
fn a_legend_explains_no_box_that_is_not_drawn() {
    let is_left = |line: &&str| !["retrying", "failed:   { kind", "to: failed"].iter().any(|part| line.contains(part));
    let rows = "    transitions:\n      - { from: working, when: success, to: victory, public: true }";
    let text: Vec<&str> = TABLE.lines().filter(is_left).collect();
    let table = load(&text.join("\n").replace("    transitions:", rows));
    let figure = draw::figure(&table, &[&table.machines[0]], &View::Full).expect("it can be drawn");
    assert!(figure.panels[0].clusters.iter().any(|cluster| !cluster.is_frame), "two failures share a status");
    let text = svg(&figure, &Options::default());
    assert!(!text.contains("class=\"region\"") && !text.contains("states with the same status"), "{text}");
}

fn places(panel: &Panel) -> BTreeMap<&str, Place> {
    panel.nodes.iter().map(|node| (node.label.as_str(), node.place)).collect()
}

/// Whether the arrow between two states is that of a failure or a cancel.
fn is_aside(panel: &Panel, from: &str, to: &str) -> bool {
    let node = |name: &str| panel.nodes.iter().position(|node| node.label == name);
    let arrow = panel
        .arrows
        .iter()
        .find(|arrow| Some(arrow.to) == node(to) && matches!(arrow.tail, Tail::Node(tail) if Some(tail) == node(from)));
    arrow.unwrap_or_else(|| panic!("an arrow from {from} to {to}")).course == Course::Aside
}

#[test]
fn what_goes_wrong_is_what_carries_a_cause_or_is_given_up() {
    let panel = panel(TABLE);
    let aside: Vec<&str> =
        places(&panel).into_iter().filter(|(_, place)| *place == Place::Aside).map(|(name, _)| name).collect();
    assert_eq!(aside, ["resting", "victory"]);
    assert!(is_aside(&panel, "working", "retrying"), "it failed, and is mended");
    assert!(is_aside(&panel, "working", "resting") && is_aside(&panel, "retrying", "victory"));
    assert!(!is_aside(&panel, "working", "failed"), "a name is no failure");
    assert!(!is_aside(&panel, "retrying", "working"));
}

#[test]
fn a_failure_on_an_arrow_that_is_another_way_on_is_said_to_be_one() {
    let more =
        "- { from: working, when: failed, to: retrying }\n      - { from: working, when: success, to: retrying }";
    let text = TABLE.replace("- { from: working, when: failed, to: failed, public: true }", "");
    let panel = panel(&text.replace("- { from: working, when: success, to: retrying }", more));
    let retrying = panel.nodes.iter().position(|node| node.label == "retrying");
    let arrow = panel.arrows.iter().find(|arrow| Some(arrow.to) == retrying).expect("there is one");
    assert!(!is_aside(&panel, "working", "retrying"));
    assert_eq!(arrow.words, ["failure: success", "failed"]);
}

#[test]
fn without_a_happy_path_a_failure_is_what_only_a_cause_leads_to() {
    let panel = panel(&TABLE.replace("    happy_path: [none, working, ready]\n", ""));
    let aside: Vec<&str> =
        places(&panel).into_iter().filter(|(_, place)| *place == Place::Aside).map(|(name, _)| name).collect();
    assert_eq!(aside, ["victory"]);
}

#[test]
fn without_causes_whatever_leads_off_the_happy_path_for_good_goes_wrong() {
    let panel = panel(&TABLE.replace("carries: cause, ", ""));
    let aside: Vec<&str> =
        places(&panel).into_iter().filter(|(_, place)| *place == Place::Aside).map(|(name, _)| name).collect();
    assert_eq!(aside, ["failed", "resting", "victory"]);
}
