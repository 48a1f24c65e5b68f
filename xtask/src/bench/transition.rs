//! `bench transition`: what one event costs in the generated machine, by hand, and with other people's libraries.
//!
//! All go through the same stream of events and the same states. A figure is that of one event, the loop over the stream
//! included, without what comes before the loop: a long run less a short one.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

use super::series::Series;
use super::{Load, program};

const PACKAGE: &str = "migration-benches";
const PROGRAM: &str = "transition";

/// How often callgrind watches the stream: in the short run and in the long one.
const COUNTED: [u64; 2] = [1, 21];

/// How often the stream is timed.
const TIMED: u64 = 500;

/// A machine that was measured.
struct Form {
    number: String,
    meaning: String,
    name: String,
    instructions: Option<f64>,
    nanoseconds: Series,
}

/// Counts and times every form, and says what came of it.
pub(crate) fn run(root: &Path, rounds: u32) -> Result<String> {
    let program = program::build_binary(root, PACKAGE, PROGRAM, "release")?;
    let load = Load::now();
    let mut forms = list(&program)?;
    for _ in 0..rounds {
        for form in &mut forms {
            let (events, nanoseconds) = ran(&program, form, TIMED)?;
            form.nanoseconds.push(nanoseconds / events);
        }
    }
    let mut skipped = None;
    for form in &mut forms {
        match instructions(&program, form) {
            Ok(each) => form.instructions = Some(each),
            Err(why) => skipped = Some(why),
        }
    }
    let mut text = report(&forms);
    if let Some(why) = skipped {
        let _ = writeln!(text, "instructions are skipped: {why:#}");
    }
    Ok(format!("{text}{}\n", load.line()))
}

/// The forms that there are; the program says so only if they do the same.
fn list(program: &Path) -> Result<Vec<Form>> {
    let text = program::text(program, &["list"])?;
    let form = |line: &str| {
        let mut words = line.splitn(3, ' ').map(str::to_owned);
        let (number, meaning, name) = (words.next()?, words.next()?, words.next()?);
        Some(Form { number, meaning, name, instructions: None, nanoseconds: Series::default() })
    };
    text.lines().map(form).collect::<Option<_>>().context("the list of forms cannot be read")
}

/// The events of a run, and its time in nanoseconds.
fn ran(program: &Path, form: &Form, rounds: u64) -> Result<(f64, f64)> {
    let text = program::text(program, &["run", &form.number, &rounds.to_string()])?;
    let figures: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [events, nanoseconds] = figures[..] else { anyhow::bail!("the program does not say how long it took") };
    Ok((events, nanoseconds))
}

fn instructions(program: &Path, form: &Form) -> Result<f64> {
    let count = |rounds: u64| program::instructions(program, &["run", &form.number, &rounds.to_string()]);
    let [short, long] = COUNTED;
    let (events, _) = ran(program, form, long - short)?;
    Ok((count(long)? as f64 - count(short)? as f64) / events)
}

fn report(forms: &[Form]) -> String {
    let mut text = String::new();
    let mut meaning = "";
    for form in forms {
        let Some(first) = forms.iter().find(|first| first.meaning == form.meaning) else { continue };
        if form.meaning != meaning {
            meaning = &form.meaning;
            let title = match meaning {
                "Alone" => "one event at a time, which changes the state or nothing",
                _ => "the whole meaning: triggers are answered, facts wait, the strongest row fires",
            };
            let _ =
                writeln!(text, "{title}\n{:<24}{:>14}{:>8}   nanoseconds          ratio", "", "instructions", "ratio");
        }
        let (each, ratio) = match (form.instructions, first.instructions) {
            (Some(each), Some(first)) => (format!("{each:.1}"), format!("{:.2}", each / first)),
            (_, _) => ("-".to_owned(), "-".to_owned()),
        };
        let (time, over) = (&form.nanoseconds, form.nanoseconds.over(&first.nanoseconds));
        let _ = writeln!(text, "{:<24}{each:>14}{ratio:>8}   {time:<20} {over}", form.name);
        if forms.iter().rfind(|last| last.meaning == form.meaning).is_some_and(|last| last.number == form.number) {
            text.push('\n');
        }
    }
    text
}
