//! What a person can say on a walk.

use anyhow::{Result, bail};
use migration_replay::walk::{Action, Impossible, Verb, Walker};
use migration_table::nearest;

pub(super) const HELP: &str = "\
a number         does what is listed under it
a name           raises that trigger, reports that event, or turns that guard
raise TRIGGER    the same in so many words; also where a fact is called like a command
report EVENT     evidence of this visit; may be an event that nobody awaits here
late EVENT       evidence of a visit that is over
set, clear GUARD
undo             takes the last step back
reset            goes back to the beginning
look             shows where you are (so does an empty line)
walk             prints the steps so far
save NAME        writes the walk to NAME.walk in this directory
save FILE        writes it to a file: what has a `/` or a `.` in its name;
                 a name with a space stands in quotes
help, quit
";

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// It was a remark.
    Nothing,
    /// Show where we are.
    Look,
    Take(Action),
    /// Take the last step back.
    Undo,
    /// Go back to the beginning.
    Reset,
    /// Print the steps so far.
    Walk,
    /// Write the steps to a file.
    Save(String),
    /// Say what can be said.
    Help,
    /// Go home.
    Quit,
}

/// Returns the machine that a saved walk is over; `None` for another script.
pub(super) fn machine_of(script: &str) -> Option<&str> {
    script.lines().find_map(|line| line.trim().strip_prefix("machine: ")).map(str::trim)
}

/// Returns the outcome that a line of a saved walk gives for its step.
pub(super) fn outcome_of(line: &str) -> Option<&str> {
    line.split_once("->").map(|(_, outcome)| outcome.trim())
}

/// Returns whether some outcome of a saved walk says which reason is given.
pub(super) fn gives_reasons(script: &str) -> bool {
    let outcomes = script.lines().filter_map(outcome_of);
    let before_words = |outcome: &str| outcome.split("; because ").next().is_some_and(|own| own.contains("; reason "));
    outcomes.into_iter().any(before_words)
}

/// Reads a line. The head of a saved walk is a remark, and what follows `->` is not part of the command.
pub(super) fn read(line: &str, walker: &Walker<'_>) -> Result<Command> {
    if line.starts_with('#') || line.starts_with("table: ") || line.starts_with("machine: ") {
        return Ok(Command::Nothing);
    }
    let line = line.split_once("->").map_or(line, |(said, _)| said);
    let words: Vec<&str> = line.split_whitespace().collect();
    let command = match words.as_slice() {
        [] | ["look" | "l"] => Command::Look,
        ["undo" | "u"] => Command::Undo,
        ["reset"] => Command::Reset,
        ["walk"] => Command::Walk,
        ["help" | "h" | "?"] => Command::Help,
        ["quit" | "q" | "exit"] => Command::Quit,
        ["save", _, ..] => Command::Save(file_name(line)?),
        ["save"] if walker.machine().fact_id("save").is_none() => bail!("save it under which name? `save NAME`"),
        [word] if word.bytes().all(|byte| byte.is_ascii_digit()) => Command::Take(numbered(word, walker)?),
        [name] => Command::Take(named(name, walker)?),
        [verb, name] => match Verb::ALL.into_iter().find(|known| known.word() == *verb) {
            Some(verb) => Command::Take(spelled(Action { verb, name: (*name).to_owned() }, walker)?),
            None => bail!("`{verb}` is nothing to do (`help` lists what is)"),
        },
        _ => bail!("that is too much at once (`help` lists what can be said)"),
    };
    Ok(command)
}

/// Returns the name after `save`. One with a space stands in quotes.
fn file_name(line: &str) -> Result<String> {
    let name = line.trim().trim_start_matches("save").trim();
    let quoted = ['"', '\''].iter().find_map(|quote| name.strip_prefix(*quote)?.strip_suffix(*quote));
    match quoted.unwrap_or(name) {
        "" => bail!("save it under which name? `save NAME`"),
        whole if quoted.is_none() && whole.contains(char::is_whitespace) => {
            bail!("a name with a space stands in quotes: `save \"{}\"`", whole.replace('"', ""))
        }
        whole => Ok(whole.to_owned()),
    }
}

/// Returns an action whose name is known, or like none that is.
fn spelled(action: Action, walker: &Walker<'_>) -> Result<Action> {
    let facts = walker.machine().facts.iter().filter(|fact| action.verb.takes(fact));
    let names: Vec<&str> = facts.map(|fact| fact.name.as_str()).collect();
    match nearest(&action.name, names.iter().copied()) {
        Some(meant) if meant != action.name => {
            bail!("{}: did you mean `{meant}`?", Impossible::NoFact(action))
        }
        Some(_) | None => Ok(action),
    }
}

fn numbered(word: &str, walker: &Walker<'_>) -> Result<Action> {
    let mut choices = walker.choices();
    let many = choices.len();
    match word.parse::<usize>() {
        Ok(number) if (1..=many).contains(&number) => Ok(choices.swap_remove(number - 1)),
        Ok(_) | Err(_) => bail!("there is no number {word}: the list goes from 1 to {many}"),
    }
}

/// What one does with the fact of that name.
fn named(name: &str, walker: &Walker<'_>) -> Result<Action> {
    let machine = walker.machine();
    let Some(id) = machine.fact_id(name) else {
        let words = ["look", "undo", "reset", "walk", "save", "help", "quit"];
        let known = machine.facts.iter().map(|fact| fact.name.as_str()).chain(words);
        match nearest(name, known) {
            Some(meant) => bail!("there is no `{name}`: did you mean `{meant}`?"),
            None => bail!("there is no `{name}` (`help` lists what can be said)"),
        }
    };
    let fact = machine.fact(id);
    let verb = if fact.is_trigger() {
        Verb::Raise
    } else if fact.is_event() {
        Verb::Report
    } else if !walker.guards().contains(id) {
        Verb::Set
    } else {
        Verb::Clear
    };
    Ok(Action { verb, name: name.to_owned() })
}
