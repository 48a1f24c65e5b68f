//! How a name leaves: it is marked, stays for the promised number of releases, goes, and never comes back.

use super::Project;

/// A door that is opened, and in some releases pushed.
fn door(triggers: &str, rows: &str, top: &str) -> String {
    format!(
        "format: 1
machine: doors
{top}statuses:
  closed: {{ since: \"1.0\", doc: \"nobody gets through\" }}
  busy:   {{ since: \"1.0\", doc: \"something is going on\" }}
  opened: {{ since: \"1.0\", doc: \"come in\" }}
triggers:
  open: {{ command: open, doc: \"let people in\" }}
{triggers}events:
  moved: {{ doc: \"the door is where it should be\" }}
machines:
  door:
    doc: \"a door that opens once\"
    happy_path: [shut, moving, open]
    states:
      shut:   {{ kind: idle,    shows: closed, initial: true, doc: \"waits for somebody\" }}
      moving: {{ kind: cleanup, shows: busy,   doc: \"moves the door\" }}
      open:   {{ kind: idle,    shows: opened, doc: \"stays open\" }}
    transitions:
      - {{ from: shut,   when: open,  to: moving, public: true }}
      - {{ from: moving, when: moved, to: open,   public: true }}
{rows}    answers:
      - {{ in: [moving, open], trigger: open, answer: ignore }}
"
    )
}

const ROWS: &str = "      - { from: shut, when: push and not open, to: moving, public: true }\n";

fn pushed(deprecated: &str) -> String {
    let trigger = format!("  push: {{ command: push, {deprecated}doc: \"let people in, the old way\" }}\n");
    let text = door(&trigger, ROWS, "");
    text + "      - { in: [moving, open], trigger: push, answer: ignore }\n"
}

fn gone() -> String {
    door("", "", "reserved:\n  push: { was: command, removed: \"0.4\", doc: \"opened the door, the old way\" }\n")
}

#[test]
fn a_command_leaves_in_steps_and_its_name_is_not_used_again() {
    let project = Project::new();
    let table = |text: &str| {
        project.write("states.yaml", text);
        project.succeeds(&["bless"]);
    };
    let rules = || -> Vec<String> {
        let rule = |key: &String| key.split(':').next().unwrap_or_default().to_owned();
        project.open_keys().iter().map(rule).collect()
    };
    let deprecated = pushed("deprecated: { since: \"0.2\", use: open }, ");
    table(&pushed(""));
    project.succeeds(&["freeze", "0.1"]);
    table(&deprecated);
    project.succeeds(&["freeze", "0.2"]);

    // Too early for everybody: 0.1 did not say so, and one release is not enough.
    table(&gone());
    project.ends(&["check"], 1);
    assert_eq!(rules(), ["command-removed", "deprecation-missing", "deprecation-too-early"]);
    // 0.1 is not supported any more.
    std::fs::remove_file(project.path("api/releases/0.1.lock")).expect("the release is there");
    assert_eq!(rules(), ["command-removed", "deprecation-too-early"]);

    table(&deprecated);
    project.succeeds(&["bless", "--retire", "0.1"]);
    project.succeeds(&["freeze", "0.3"]);
    table(&gone());
    assert_eq!(rules(), ["command-removed"]);
    project.approve("command-removed: push", "0.4");
    project.succeeds(&["freeze", "0.4"]);
    project.succeeds(&["check"]);

    // Without the tombstone it is missed, and the name is taken whether it is there or not.
    table(&door("", "", ""));
    assert!(rules().contains(&"tombstone-missing".to_owned()), "{:?}", rules());
    table(&pushed(""));
    assert!(rules().contains(&"reserved-reused".to_owned()), "{:?}", rules());
}
