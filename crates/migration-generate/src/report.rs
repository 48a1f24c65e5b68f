//! What is wrong with a table, as code for which the compiler says it.

use migration_table::{Finding, Findings, Invocation, Severity, Style, render_one};
use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

/// How many findings of each severity become messages; one more says how many there are beside them.
pub const FINDINGS_MAX: usize = 20;

/// Returns code that makes every error of a table a compile error at `span`, and every warning a warning, in the order of
/// the table.
///
/// `text` is that of the table, and `path` its path for people.
#[must_use]
pub fn findings(findings: &Findings, text: &str, path: &str, span: Span) -> TokenStream {
    let of = |severity| findings.iter().filter(move |finding| finding.severity == severity);
    let shown = |finding: &&Finding| (finding.code.0, rendered(finding, text, path));
    let errors = of(Severity::Error).take(FINDINGS_MAX).map(|finding| compile_error(span, &shown(&finding).1));
    let warnings = of(Severity::Warning).take(FINDINGS_MAX).map(|finding| {
        let (code, message) = shown(&finding);
        warning(span, code, &message)
    });
    let check = Invocation::default().with_table(path).command(&["check"]);
    let rest = of(Severity::Error).count().saturating_sub(FINDINGS_MAX);
    let more = format!("{rest} more errors in `{path}`: `{check}` lists them all");
    let more = (rest > 0).then(|| compile_error(span, &more));
    let unsaid = of(Severity::Warning).count().saturating_sub(FINDINGS_MAX);
    let further = format!("{unsaid} more warnings in `{path}`: `{check}` lists them all");
    let further = (unsaid > 0).then(|| warning(span, "MORE", &further));
    quote!(#(#errors)* #more #(#warnings)* #further)
}

/// A finding as the command line prints it. The compiler writes the severity itself, so the code leads.
fn rendered(finding: &Finding, text: &str, path: &str) -> String {
    let text = render_one(finding, text, path, Style::Plain);
    let text = text.split_once("]: ").map_or(text.as_str(), |(_, rest)| rest);
    format!("{}: {}", finding.code, text.trim_end())
}

/// Returns a message as a compile error at `span`.
#[must_use]
pub fn compile_error(span: Span, message: &str) -> TokenStream {
    let message = Literal::string(message);
    quote_spanned!(span=> ::core::compile_error! { #message })
}

/// A message as a warning. Stable Rust has no call for that, so it is the use of a deprecated constant with the name of
/// the check.
fn warning(span: Span, code: &str, message: &str) -> TokenStream {
    let name = format_ident!("{code}", span = span);
    let message = Literal::string(&format!("\n{message}"));
    quote_spanned! {span=>
        const _: () = {
            #[deprecated(note = #message)]
            const #name: () = ();
            #name
        };
    }
}

#[cfg(test)]
mod tests {
    //! What is said about a table, with its line and column: `trybuild` hides the numbers of lines of other files.

    use std::fs;

    use migration_contract::load;
    use proc_macro2::Span;

    use super::{FINDINGS_MAX, findings, rendered};
    #[test]
    fn messages() {
        insta::glob!("../../migration-macros-ui/tests/ui/tables", "*.yaml", |path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let (text, path) = (fs::read_to_string(path).expect("a fixture"), format!("tables/{name}"));
            let found = load(&text).findings;
            let messages: Vec<String> = found.iter().map(|finding| rendered(finding, &text, &path)).collect();
            insta::with_settings!({ snapshot_path => "../../migration-macros-ui/tests/ui/tables", prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(messages.join("\n\n"));
            });
        });
    }

    #[test]
    fn messages_are_bounded() {
        let tiny = include_str!("../../../migration-macros/tests/tables/tiny.yaml");
        // Each formula is a mistake of its own.
        let row = |number| format!("      - {{ from: moving, when: moved and and x{number}, to: moving }}\n");
        let rows: String = (0..3 * FINDINGS_MAX).map(row).collect();
        let text = tiny.replace("    answers:\n", &(rows + "    answers:\n"));
        let found = load(&text).findings;
        assert!(found.len() > FINDINGS_MAX);
        let errors = findings(&found, &text, "states.yaml", Span::call_site()).to_string();
        assert_eq!(errors.matches("compile_error").count(), FINDINGS_MAX + 1);
        let rest = found.len() - FINDINGS_MAX;
        assert!(
            errors.contains(&format!(
                "{rest} more errors in `states.yaml`: `migration-table check --table states.yaml` lists them all"
            )),
            "{errors}"
        );
    }
}
