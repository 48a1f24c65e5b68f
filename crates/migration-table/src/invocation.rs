//! Commands in messages, written so that the reader can paste them.

/// The program as the user started it, and the table that its commands must name.
///
/// A library does not know either of the two: its messages write a command as `migration-table check`, in backquotes.
/// The program that prints the message passes it through [`Invocation::fill`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    program: String,
    table: Option<String>,
}

/// The program as messages of the libraries name it.
const PROGRAM: &str = "migration-table";

/// Commands that read no table.
const WITHOUT_TABLE: [&str; 4] = ["explain", "init", "schema", "api schema"];

impl Default for Invocation {
    fn default() -> Invocation {
        Invocation::new(PROGRAM)
    }
}

impl Invocation {
    /// Returns the invocation of a program that finds the table by itself. `program` is what the user typed, such as
    /// `migration-table` or `cargo xtask`.
    #[must_use]
    pub fn new(program: &str) -> Invocation {
        Invocation { program: program.to_owned(), table: None }
    }

    /// Returns the same program, whose commands name a table.
    #[must_use]
    pub fn with_table(self, table: &str) -> Invocation {
        Invocation { table: Some(table.to_owned()), ..self }
    }

    /// Returns the same program, whose commands name no table: for pages that are kept. Whoever pastes such a command runs
    /// it in the directory of the table, or below it.
    #[must_use]
    pub fn without_table(self) -> Invocation {
        Invocation { table: None, ..self }
    }

    /// Returns a command with these arguments, quoted where a shell would split or expand one.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> String {
        let words: Vec<String> = arguments.iter().map(|word| quoted(word)).collect();
        self.line(&words.join(" "))
    }

    /// Returns a text of a library in which every command in backquotes is one of this program, on this table.
    #[must_use]
    pub fn fill(&self, text: &str) -> String {
        let start = format!("`{PROGRAM} ");
        let mut pieces = text.split(start.as_str());
        let mut filled = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            match piece.split_once('`') {
                Some((arguments, rest)) => filled.push_str(&format!("`{}`{rest}", self.line(arguments))),
                None => filled.push_str(&format!("{start}{piece}")),
            }
        }
        filled
    }

    fn line(&self, arguments: &str) -> String {
        let program = &self.program;
        let takes_no_table =
            WITHOUT_TABLE.iter().any(|name| arguments.strip_prefix(name).is_some_and(|rest| !rest.starts_with('-')));
        match &self.table {
            Some(table) if !takes_no_table => format!("{program} {arguments} --table {}", quoted(&as_path(table))),
            Some(_) | None => format!("{program} {arguments}"),
        }
    }
}

/// Returns a path that no program takes for an option.
fn as_path(path: &str) -> String {
    if path.starts_with('-') && path != "-" { format!("./{path}") } else { path.to_owned() }
}

/// Returns a word as a POSIX shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_its_program_and_its_table() {
        let plain = Invocation::default();
        assert_eq!(plain.command(&["api", "bless"]), "migration-table api bless");
        let other = Invocation::new("cargo xtask").with_table("my tables/it's.yaml");
        assert_eq!(other.command(&["api", "bless"]), r"cargo xtask api bless --table 'my tables/it'\''s.yaml'");
        assert_eq!(other.command(&["explain", "T0201"]), "cargo xtask explain T0201");
        let strange = Invocation::default().with_table("-x/states.yaml");
        assert_eq!(strange.command(&["check"]), "migration-table check --table ./-x/states.yaml");
        let key = "status-removed: source: `a` when b";
        assert_eq!(plain.command(&["--approve", key]), format!("migration-table --approve '{key}'"));
    }

    #[test]
    fn commands_in_a_text_are_filled_in_and_nothing_else_is() {
        let text = "see `migration-table check --notes`, `migration-table` or `migration-table explain`";
        let other = Invocation::new("cargo xtask").with_table("a.yaml");
        let filled = "see `cargo xtask check --notes --table a.yaml`, `migration-table` or `cargo xtask explain`";
        assert_eq!(other.fill(text), filled);
        assert_eq!(Invocation::default().fill(text), text);
        assert_eq!(other.fill("an end that is `migration-table open"), "an end that is `migration-table open");
    }
}
