//! Machines that have too much to them are refused as a whole, and say of what.

use super::*;

/// A table with these triggers, guards and lines of a machine.
fn made(triggers: &[String], guards: &str, states: &str, rows: &str) -> Table {
    let triggers: String = triggers.iter().map(|line| format!("  {line}\n")).collect();
    load(&format!(
        "format: 1
machine: wide
statuses:
  none: {{ since: \"1.0\", doc: \"nothing\" }}
  busy: {{ since: \"1.0\", doc: \"work\" }}
triggers:
  start: {{ command: start, doc: \"begin\" }}
{triggers}events:
  failed: {{ carries: cause, doc: \"it failed\" }}
{guards}machines:
  wide:
    doc: \"has too much to it\"
    precedence: [failed]
    states:
      none: {{ kind: idle, shows: none, initial: true, doc: \"nothing\" }}
{states}    transitions:
{rows}"
    ))
}

fn trigger(name: &str, more: &str) -> String {
    format!("{name}: {{ command: {name}, {more}doc: \"a trigger\" }}")
}

fn refused(table: &Table) -> String {
    let refused = project(table).unwrap_err();
    assert_eq!(refused.machine, "wide");
    refused.to_string()
}

const BUSY: &str = "      busy: { kind: work, shows: busy, doc: \"work\" }\n";

const ENDS: &str = "      - { from: none, when: start, to: busy, public: true }
      - { from: busy, when: failed, to: none, public: true }\n";

#[test]
fn too_much_that_can_be_pending() {
    let names: Vec<String> = (0..30).map(|index| format!("t{index}")).collect();
    let triggers: Vec<String> = names.iter().map(|name| trigger(name, "")).collect();
    let rows = format!("{ENDS}      - {{ from: busy, when: {}, to: none, public: true }}\n", names.join(" and "));
    let said = refused(&made(&triggers, "", BUSY, &rows));
    assert!(said.contains("pending"), "{said}");
    assert!(said.contains("In `busy`, `t0`, `t1`, `t2`, `t3` and 26 more wait for other facts"), "{said}");
}

#[test]
fn too_many_settings() {
    let names: Vec<String> = (0..13).map(|index| format!("t{index}")).collect();
    let triggers: Vec<String> = names.iter().map(|name| trigger(name, &format!("needs: [g_{name}], "))).collect();
    let guard = |name: &String| format!("  g_{name}: {{ capability: {name}, fixed: true, doc: \"a guard\" }}\n");
    let guards = format!("guards:\n{}", names.iter().map(guard).collect::<String>());
    let row = |name: &String| format!("      - {{ from: busy, when: {name}, to: none, public: true }}\n");
    let rows = ENDS.to_owned() + &names.iter().map(row).collect::<String>();
    let said = refused(&made(&triggers, &guards, BUSY, &rows));
    assert!(said.contains("settings"), "{said}");
}

/// Whether a guard that nobody knows of held at the twentieth last command decides.
#[test]
fn too_many_courses() {
    let triggers = [trigger("a", ""), trigger("b", "")];
    let state = |index: usize| format!("      s{index}: {{ kind: work, shows: busy, doc: \"work\" }}\n");
    let on = |index: usize, trigger| format!("      - {{ from: s{index}, when: {trigger}, to: s{} }}\n", index + 1);
    let rows: String = (1..20).flat_map(|index| [on(index, "a"), on(index, "b")]).collect();
    let rows = "      - { from: none, when: start, to: s0, public: true }
      - { from: s0, when: a and g, to: s1 }
      - { from: s0, when: a and not g, to: s0 }
      - { from: s0, when: b, to: s0 }
      - { from: work, when: failed, to: none, public: true }\n"
        .to_owned()
        + &rows;
    let guards = "guards:\n  g: { doc: \"a guard\" }\n";
    let said = refused(&made(&triggers, guards, &(0..21).map(state).collect::<String>(), &rows));
    assert!(said.contains("told apart"), "{said}");
}
