//! What went wrong, as compile errors at the call.

use migration_table::{Finding, Findings, Severity, Style, render_one};
use proc_macro2::{Literal, Span, TokenStream};
use quote::quote_spanned;

use crate::source::Source;

/// How many findings are reported. Whoever has more mends these first.
const FINDINGS_MAX: usize = 20;

/// A mistake in the call itself.
pub(crate) struct Problem {
    span: Span,
    message: String,
}

impl Problem {
    pub(crate) fn new(span: Span, message: &str) -> Problem {
        Problem { span, message: message.to_owned() }
    }

    /// The mistake as a compile error.
    pub(crate) fn tokens(&self) -> TokenStream {
        compile_error(self.span, &self.message)
    }
}

/// Every error of a table as a compile error of its own, in the order of the table. Warnings are left to `cargo xtask
/// check`: a macro has no way to give them.
pub(crate) fn of_table(findings: &Findings, source: &Source, span: Span) -> TokenStream {
    let errors: Vec<&Finding> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    let shown = errors.iter().take(FINDINGS_MAX).map(|finding| compile_error(span, &rendered(finding, source)));
    let rest = errors.len().saturating_sub(FINDINGS_MAX);
    let more = format!("{rest} more errors in `{}`: `cargo xtask check` lists them all", source.shown);
    let more = (rest > 0).then(|| compile_error(span, &more));
    shown.chain(more).collect()
}

/// A finding as the command line prints it. The compiler writes `error:` itself, so the code leads.
fn rendered(finding: &Finding, source: &Source) -> String {
    let text = render_one(finding, &source.text, &source.shown, Style::Plain);
    let text = text.trim_end();
    let code = format!("error[{}]: ", finding.code);
    text.strip_prefix(&code).map_or_else(|| text.to_owned(), |rest| format!("{}: {rest}", finding.code))
}

fn compile_error(span: Span, message: &str) -> TokenStream {
    let message = Literal::string(message);
    quote_spanned!(span=> ::core::compile_error! { #message })
}
