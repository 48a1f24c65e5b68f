//! Findings as workflow commands of GitHub Actions, which shows them beside the lines of a pull request.
//!
//! A command is a line: `::error file=F,line=1,col=2,title=T::message`. The reader of the log takes `%`, line breaks,
//! and in properties also `:` and `,`, for its own, so they are written as `%25`, `%0A`, `%0D`, `%3A` and `%2C`.

use migration_table::{Finding, Severity};

use super::{Region, check_name, details};
use crate::table_file::Read;

/// A command for each finding. `file` is the path from the root of the repository.
pub(super) fn report(file: &str, read: &Read) -> String {
    read.findings.iter().map(|finding| command(file, finding, &read.text)).collect()
}

fn command(file: &str, finding: &Finding, text: &str) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let region = Region::of(finding.span, text);
    let mut place = format!("file={},line={},endLine={}", property(file), region.line, region.end_line);
    // Columns of a finding that spans lines mean nothing there.
    if region.line == region.end_line {
        place.push_str(&format!(",col={},endColumn={}", region.column, region.end_column));
    }
    let title = property(&format!("{} {}", finding.code, check_name(finding.code)));
    format!("::{level} {place},title={title}::{}\n", data(&details(finding)))
}

/// A text, as the message of a command.
pub(crate) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text, as a property of a command.
pub(crate) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_ends_the_command_or_the_property() {
        assert_eq!(property("100%, a:b\r\nc"), "100%25%2C a%3Ab%0D%0Ac");
        assert_eq!(data("100%, a:b\nc"), "100%25, a:b%0Ac");
    }
}
