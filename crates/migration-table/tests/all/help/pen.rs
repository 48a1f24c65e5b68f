//! Slips of the pen in a sound table: each line with one of them, and what mends it.

/// Slips of one kind: what the help says, and the table with the slip in one of its lines, for every line that can have it.
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// The line with the slip, or `None` where a line cannot have it.
    slip: fn(&str) -> Option<String>,
}

pub(super) const KINDS: &[Kind] = &[
    Kind { name: "a blank too many", slip: |line| Some(format!(" {line}")) },
    Kind { name: "two blanks too many", slip: |line| Some(format!("  {line}")) },
    Kind { name: "a blank too few", slip: |line| line.strip_prefix(' ').map(str::to_owned) },
    Kind { name: "a copied line", slip: |line| line.starts_with("  ").then(|| format!("{line}\n{line}")) },
    Kind { name: "no blank after the dash", slip: |line| replaced(line, "- {", "-{") },
    Kind { name: "no brace", slip: |line| replaced(line, "{ ", "") },
    Kind { name: "no bracket", slip: |line| replaced(line, ": [", ": ") },
    Kind { name: "a comma after the key of a block", slip: |line| line.ends_with(':').then(|| format!("{line},")) },
    Kind { name: "a semicolon after the key of a block", slip: |line| line.ends_with(':').then(|| format!("{line};")) },
    Kind { name: "no colon after the key of a block", slip: |line| line.strip_suffix(':').map(str::to_owned) },
    Kind { name: "no comma after a formula", slip: |line| replaced(line, ", to: ", " to: ") },
    Kind { name: "parentheses", slip: |line| replaced(&replaced(line, ": [", ": (")?, "]", ")") },
];

fn replaced(line: &str, old: &str, new: &str) -> Option<String> {
    line.contains(old).then(|| line.replacen(old, new, 1))
}

impl Kind {
    /// The tables with one slip, each with the line that has it.
    pub(super) fn slips(&self, text: &str) -> Vec<(String, String)> {
        let lines: Vec<&str> = text.lines().collect();
        let is_text = |line: &str| !line.trim().is_empty() && !line.trim().starts_with('#');
        let slip = |at: usize| {
            let changed = (self.slip)(lines[at]).filter(|_| is_text(lines[at]))?;
            let mut all: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
            all[at].clone_from(&changed);
            Some((changed, all.join("\n") + "\n"))
        };
        (0..lines.len()).filter_map(slip).collect()
    }
}
