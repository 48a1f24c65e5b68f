//! The machines that `cargo xtask bench transition` sets beside each other do the same.

#[path = "../../../crates/migration-benches/benches/transition/machines.rs"]
mod machines;

use std::collections::BTreeSet;

use machines::{FORMS, Input, Meaning, State, stream};
use migration_table::interpret::Run;
use migration_table::model::{Answer, FactSet, Machine};

const EVENTS: usize = 20_000;

#[test]
fn all_forms_go_through_the_same_states() {
    let mut seen = BTreeSet::new();
    for pause in [false, true] {
        let stream = stream(EVENTS, pause);
        let expected = interpreted(&stream, pause);
        seen.extend(expected.iter().copied());
        for form in &FORMS {
            let states = (form.states)(&stream, pause);
            let differs = states.iter().zip(&expected).position(|(one, other)| one != other);
            assert_eq!(differs, None, "{}, {:?}", form.name, form.meaning);
            assert_eq!((form.runner)(&stream, pause)(), states[EVENTS - 1], "{}", form.name);
        }
    }
    assert_eq!(seen.len(), State::ALL.len(), "the stream goes everywhere");
}

#[test]
fn each_meaning_is_there_by_hand_and_by_us() {
    for meaning in [Meaning::Alone, Meaning::Pending] {
        let names: Vec<&str> = FORMS.iter().filter(|form| form.meaning == meaning).map(|form| form.name).collect();
        assert!(names.len() > 2 && names[0].ends_with("by hand"), "{names:?}");
        assert!(names.iter().any(|name| name.starts_with("generated")), "{names:?}");
    }
}

/// The states after each input, by the reference.
fn interpreted(stream: &[Input], pause: bool) -> Vec<State> {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../api/releases/0.1.yaml")).expect("it is there");
    let table = migration_contract::load(&text).table.expect("the table is sound");
    let source = table.machine("source").expect("there is a source");
    let mut run = Run::new(source);
    let guard = source.fact_id("pause_before_switchover").expect("there is this guard");
    run.set_guards(if pause { guard.into() } else { FactSet::EMPTY });
    let step = |input: &Input| {
        take(&mut run, source, *input);
        State::ALL[run.state().index()]
    };
    stream.iter().map(step).collect()
}

fn take(run: &mut Run<'_>, source: &Machine, input: Input) {
    let words = format!("{input:?}");
    let name = words.char_indices().fold(String::new(), |name, (at, letter)| {
        let joint = if at > 0 && letter.is_uppercase() { "_" } else { "" };
        name + joint + &letter.to_lowercase().to_string()
    });
    let fact = source.fact_id(&name).unwrap_or_else(|| panic!("there is no fact `{name}`"));
    if source.fact(fact).is_trigger() {
        let _: Answer = run.raise(fact);
    } else {
        run.report(run.visit(), fact);
    }
}
