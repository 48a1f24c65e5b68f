//! Settings that are looked at again at every step, changed during an attempt.

use std::fmt::Write;

use super::{change, compared, keys, public_of};
use crate::compare::compare;

/// A ring of so many states, in each of which but the last a setting decides whether the next one is left out, for so many
/// settings. The last one leads to `end`.
fn ring(states: usize, settings: usize, end: &str) -> String {
    let mut lists = [const { String::new() }; 4];
    let [statuses, guards, places, rows] = &mut lists;
    for at in 1..=states {
        let next = if at == states { end.to_owned() } else { format!("w{}", at + 1) };
        let _ = writeln!(statuses, "  s{at}: {{ since: '0.1', doc: 'it is at {at}' }}");
        let _ = writeln!(places, "      w{at}: {{ kind: work, shows: s{at}, doc: 'works on {at}' }}");
        let _ = writeln!(rows, "      - {{ from: w{at}, when: stop, to: rest, public: true }}");
        if at <= settings {
            let _ = writeln!(guards, "  g{at}: {{ capability: c{at}, doc: 'leave out a step' }}");
            let _ = writeln!(rows, "      - {{ from: w{at}, when: next and not g{at}, to: {next}, public: true }}");
            let _ = writeln!(rows, "      - {{ from: w{at}, when: next and g{at}, to: w{}, public: true }}", at + 2);
        } else {
            let _ = writeln!(rows, "      - {{ from: w{at}, when: next, to: {next}, public: true }}");
        }
    }
    let [statuses, guards, places, rows] = lists;
    format!(
        "format: 1
machine: ring
statuses:
  none: {{ since: '0.1', doc: 'nothing is done' }}
{statuses}triggers:
  go: {{ command: go, doc: 'go on now' }}
  stop: {{ command: stop, doc: 'stop it now' }}
events:
  next: {{ doc: 'the next one' }}
guards:
{guards}machines:
  ring:
    doc: 'a ring'
    precedence: [stop, next]
    states:
      rest: {{ kind: idle, shows: none, initial: true, doc: 'rests here' }}
{places}    transitions:
      - {{ from: rest, when: go, to: w1, public: true }}
{rows}    answers:
      - {{ in: work, trigger: go, answer: refuse, because: 'it works' }}
      - {{ in: rest, trigger: stop, answer: ignore }}
"
    )
}

/// The row that a setting chooses shows nothing after a change that it does not show while the settings stay.
#[test]
fn what_is_found_while_settings_stay_is_not_told_once_more() {
    for states in [5, 8] {
        let [old, new] = ["rest", "w1"].map(|end| public_of(&ring(states, 1, end)));
        let report = compared(&new, &old);
        let (found, closes) = (keys(&report), format!("event-new-successor: ring: s{states} -> s1"));
        assert!(found.contains(&closes), "{found:#?}");
        assert!(!found.iter().any(|key| key.contains("after a change")), "{found:#?}");
        // The row that closes the ring makes both.
        let place = |key: &str| change(&report, key).place.expect("a row makes it").line;
        assert_eq!(place("progress-lost: ring: s1"), place(&closes));
    }
}

#[test]
fn too_many_settings_that_are_asked_at_every_step() {
    let [old, new] = ["rest", "w1"].map(|end| public_of(&ring(24, 9, end)));
    let said = compare(&new, &old).unwrap_err().to_string();
    assert!(said.contains("too many cases to compare") && said.contains("fewer capabilities"), "{said}");
}
