//! Findings as text for people, in the form in which rustc prints its own.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};

use crate::finding::{Finding, Findings, Severity};
use crate::span::Span;

/// Most findings that are printed in full. Who has more mends these first.
pub const PRINTED_MAX: usize = 50;

/// Longest stretch of the table that is printed with a finding, in bytes. Folded, it is a few lines.
const SNIPPET_BYTES_MAX: usize = 64 << 10;

/// For what the text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A file, a pipe, a compile error.
    Plain,
    /// A terminal.
    Coloured,
}

/// The findings as text, each with the lines of the table that are meant. `source` is the text they are about, `file`
/// the name by which the reader knows it.
#[must_use]
pub fn render(findings: &Findings, source: &str, file: &str, style: Style) -> String {
    let mut text = String::new();
    for finding in findings.iter().take(PRINTED_MAX) {
        text += &render_one(finding, source, file, style);
        text += "\n";
    }
    if findings.len() > PRINTED_MAX {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "... and {} more findings", findings.len() - PRINTED_MAX);
    }
    text
}

/// One finding as text; ends with a line break.
#[must_use]
pub fn render_one(finding: &Finding, source: &str, file: &str, style: Style) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(&finding.message).id(finding.code.0);
    let mut group = Group::with_title(title).element(place(finding, source, file));
    for (_, note) in finding.notes.iter().filter(|(place, _)| place.is_none()) {
        group = group.element(Level::NOTE.message(note));
    }
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(help));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    renderer.render(&[group]) + "\n"
}

/// The lines that are meant; only their place, if they are too long to print.
fn place<'t>(finding: &'t Finding, source: &'t str, file: &'t str) -> Element<'t> {
    let others = finding.notes.iter().filter_map(|(place, note)| Some(((*place)?, note.as_str())));
    let spans = others.clone().map(|(span, _)| span).chain([finding.span]);
    let (first, last) = spans.fold((finding.span, finding.span), |(first, last), span| {
        (if span.start < first.start { span } else { first }, if span.end > last.end { span } else { last })
    });
    let window = lines(source, first.start..last.end);
    if window.len() > SNIPPET_BYTES_MAX || source.get(window.clone()).is_none() {
        return Origin::path(file).line(finding.span.line).char_column(finding.span.column).into();
    }
    let shown = Shown::of(source, window);
    let label = (!finding.label.is_empty()).then_some(finding.label.as_str());
    let primary = AnnotationKind::Primary.span(shown.within(finding.span)).label(label);
    let other: Vec<_> =
        others.map(|(span, note)| AnnotationKind::Context.span(shown.within(span)).label(note)).collect();
    let snippet = Snippet::source(shown.text).path(file).line_start(first.line.max(1));
    snippet.annotation(primary).annotations(other).into()
}

/// Some lines of a text as a terminal shows them: every line ends in LF, and there is no byte order mark.
struct Shown {
    text: String,
    window: Range<usize>,
    /// What was left out: the offset of each piece and its length.
    left_out: Vec<(usize, usize)>,
}

impl Shown {
    fn of(source: &str, window: Range<usize>) -> Shown {
        let mut shown = Shown { text: String::with_capacity(window.len()), left_out: Vec::new(), window };
        let mut chars = source[shown.window.clone()].char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let at = shown.window.start + at;
            match c {
                '\r' if chars.peek().is_some_and(|(_, next)| *next == '\n') => shown.left_out.push((at, 1)),
                '\r' => shown.text.push('\n'),
                '\u{feff}' if at == 0 => shown.left_out.push((at, c.len_utf8())),
                _ => shown.text.push(c),
            }
        }
        shown
    }

    /// Where a stretch of the whole text is in the shown one.
    fn within(&self, span: Span) -> Range<usize> {
        let end = self.offset(span.end);
        self.offset(span.start).min(end)..end
    }

    fn offset(&self, byte: usize) -> usize {
        let byte = byte.clamp(self.window.start, self.window.end);
        let before = self.left_out.iter().take_while(|(at, _)| *at < byte);
        byte - self.window.start - before.map(|(_, len)| len).sum::<usize>()
    }
}

/// The whole lines in which a stretch of the text stands.
fn lines(source: &str, stretch: Range<usize>) -> Range<usize> {
    let before = source.get(..stretch.start).unwrap_or_default();
    let start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let after = source.get(stretch.end..).unwrap_or_default();
    let end = after.find(['\n', '\r']).map_or(source.len(), |at| stretch.end + at);
    start..end
}
