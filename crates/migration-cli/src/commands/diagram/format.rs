//! The formats of pictures, by their names and by the endings of files.

use std::path::Path;

use anyhow::{Context, Result};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use migration_draw as draw;

/// A language for pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// An image, laid out by this program.
    Svg,
    /// Text for another program, or for people.
    Text(draw::Format),
    /// A chart that programs run, of a whole machine.
    Scxml,
    /// The same in words: tables for a document.
    Markdown,
    /// The same in words, for Sphinx.
    Rst,
}

impl Format {
    fn all() -> impl Iterator<Item = Format> {
        let others = [Format::Svg, Format::Scxml, Format::Markdown, Format::Rst];
        draw::Format::ALL.into_iter().map(Format::Text).chain(others)
    }

    fn name(self) -> &'static str {
        match self {
            Format::Svg => "svg",
            Format::Text(format) => format.name(),
            Format::Scxml => "scxml",
            Format::Markdown => "markdown",
            Format::Rst => "rst",
        }
    }

    /// The end of the name of a file that holds such a picture.
    pub(super) fn extension(self) -> &'static str {
        match self {
            Format::Svg => "svg",
            Format::Text(format) => format.extension(),
            Format::Scxml => "scxml",
            Format::Markdown => "md",
            Format::Rst => "rst",
        }
    }

    /// Returns the format that is named, or else the one by which the file's name ends, or else DOT.
    ///
    /// # Errors
    ///
    /// The file's name ends as no format does, so that a slip of the hand would give a file that no program opens.
    pub(super) fn of(named: Option<Format>, file: Option<&Path>) -> Result<Format> {
        let (None, Some(ending)) = (named, file.and_then(Path::extension)) else {
            return Ok(named.unwrap_or(Format::Text(draw::Format::Dot)));
        };
        let ending = ending.to_string_lossy();
        let fitting = Format::all().find(|format| [format.extension(), format.name()].contains(&&*ending));
        fitting.with_context(|| {
            let known: Vec<String> = Format::all().map(|known| format!("`.{}`", known.extension())).collect();
            format!("no format's files end in `.{ending}` (known are {}); `--format` names one", known.join(", "))
        })
    }

    /// Reads the name of a format on the command line.
    pub(super) fn parser() -> impl TypedValueParser<Value = Format> {
        PossibleValuesParser::new(Format::all().map(Format::name))
            .try_map(|name| Format::all().find(|format| format.name() == name).ok_or("no format has this name"))
    }
}
