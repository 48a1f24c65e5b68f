//! What went wrong, as compile errors at the call.

use migration_table::{Finding, Findings, Severity, Style, render_one};
use proc_macro2::{Literal, Span, TokenStream};
use quote::quote_spanned;

use crate::source::Source;

/// How many findings are reported. Whoever has more mends these first.
pub(crate) const FINDINGS_MAX: usize = 20;

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

/// A message as a compile error.
pub(crate) fn compile_error(span: Span, message: &str) -> TokenStream {
    let message = Literal::string(message);
    quote_spanned!(span=> ::core::compile_error! { #message })
}

#[cfg(test)]
mod tests {
    //! What is said about a table, with its line and column: `trybuild` hides the numbers of lines of other files.

    use std::fs;

    use migration_contract::load;
    use proc_macro2::Span;

    use super::{FINDINGS_MAX, of_table, rendered};
    use crate::source::Source;

    fn source(text: String, shown: &str) -> Source {
        Source { text, shown: shown.to_owned(), dependency: Default::default() }
    }

    #[test]
    fn messages() {
        insta::glob!("../tests/ui/tables", "*.yaml", |path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let source = source(fs::read_to_string(path).expect("a fixture"), &format!("tables/{name}"));
            let findings = load(&source.text).findings;
            let messages: Vec<String> = findings.iter().map(|finding| rendered(finding, &source)).collect();
            insta::with_settings!({ snapshot_path => "../tests/ui/tables", prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(messages.join("\n\n"));
            });
        });
    }

    #[test]
    fn messages_are_bounded() {
        let tiny = include_str!("../tests/tables/tiny.yaml");
        let row = "      - { from: nowhere, when: moved, to: moving }\n";
        let text = tiny.replace("    answers:\n", &(row.repeat(3 * FINDINGS_MAX) + "    answers:\n"));
        let findings = load(&text).findings;
        assert!(findings.len() > FINDINGS_MAX);
        let source = source(text, "states.yaml");
        let errors = of_table(&findings, &source, Span::call_site()).to_string();
        assert_eq!(errors.matches("compile_error").count(), FINDINGS_MAX + 1);
        let rest = findings.len() - FINDINGS_MAX;
        assert!(
            errors.contains(&format!("{rest} more errors in `states.yaml`: `cargo xtask check` lists them all")),
            "{errors}"
        );
    }
}
