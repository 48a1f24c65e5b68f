//! With how many spaces a line begins that begins with a tab: as many as the lines around it leave room for.

/// Returns what to do about a tab before `text`, which begins its line; the line starts at a byte of the source.
pub(super) fn help(source: &str, line_start: usize, text: &str) -> String {
    let opens = text.trim_end().ends_with(':');
    let below = source[line_start..].split(['\n', '\r']).skip(1).find(|line| is_content(line)).and_then(spaces);
    let fits = |level: usize| below.is_none_or(|below| if opens { level < below } else { level >= below });
    match levels(&source[..line_start]).into_iter().find(|level| fits(*level)) {
        Some(level) if level > 0 => format!("indent with spaces: {level} of them here"),
        Some(_) | None => "indent with spaces".to_owned(),
    }
}

/// The indentations that the next line after a text can have, the deepest first.
fn levels(before: &str) -> Vec<usize> {
    let mut levels = Vec::new();
    for line in before.rsplit(['\n', '\r']).filter(|line| is_content(line)) {
        let Some(level) = spaces(line) else { continue };
        if levels.is_empty() && line.trim_end().ends_with(':') {
            levels.push(level + 2);
        }
        if levels.last().is_none_or(|last| level < *last) {
            levels.push(level);
        }
    }
    levels
}

fn is_content(line: &str) -> bool {
    let text = line.trim_start();
    !text.is_empty() && !text.starts_with('#')
}

/// The spaces before a line; nothing where a tab is among them.
fn spaces(line: &str) -> Option<usize> {
    let text = line.trim_start_matches(' ');
    (!text.starts_with('\t')).then_some(line.len() - text.len())
}
