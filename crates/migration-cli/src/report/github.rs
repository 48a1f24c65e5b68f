//! Findings as workflow commands of GitHub Actions, which shows them beside the lines of a pull request.
//!
//! A command is a line: `::error file=F,line=1,col=2,title=T::message`. The reader of the log takes `%`, line breaks,
//! and in properties also `:` and `,`, for its own, so they are written as `%25`, `%0A`, `%0D`, `%3A` and `%2C`.

use super::{Item, Location, Region, level};

/// Returns a command for each finding. For one that is accepted it is a notice that says why.
pub(crate) fn report<'i>(items: impl IntoIterator<Item = &'i Item<'i>>) -> String {
    items.into_iter().map(command).collect()
}

fn command(item: &Item<'_>) -> String {
    let place = item.location.as_ref().map_or(String::new(), place);
    let title = property(&item.title);
    let (level, message) = match &item.accepted {
        None => (level(item.severity, "notice"), item.message.clone()),
        Some(why) => ("notice", format!("{}\napproved: {why}", item.message)),
    };
    format!("::{level} {place}title={title}::{}\n", data(&message))
}

fn place(location: &Location<'_>) -> String {
    let file = property(&location.file);
    let Some((text, span)) = location.part else { return format!("file={file},line=1,") };
    let region = Region::of(span, text);
    let mut place = format!("file={file},line={},endLine={},", region.line, region.end_line);
    // Columns of a finding that spans lines mean nothing there.
    if region.line == region.end_line {
        place.push_str(&format!("col={},endColumn={},", region.column, region.end_column));
    }
    place
}

/// Returns a text as the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Returns a text as a property of a command.
fn property(text: &str) -> String {
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
