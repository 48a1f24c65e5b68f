//! What is wrong with a table, as messages of the compiler at the call.

use migration_table::{Finding, Findings, Invocation, Severity, Style, render_one};
use proc_macro2::{Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::file::File;

/// How many findings of each severity are reported.
pub(crate) const FINDINGS_MAX: usize = 20;

/// Every error of a table as a compile error of its own, and every warning as a warning, in the order of the table.
pub(crate) fn findings(findings: &Findings, file: &File, span: Span) -> TokenStream {
    let of = |severity| findings.iter().filter(move |finding| finding.severity == severity);
    let shown = |finding: &&Finding| (finding.code.0, rendered(finding, file));
    let errors = of(Severity::Error).take(FINDINGS_MAX).map(|finding| compile_error(span, &shown(&finding).1));
    let warnings = of(Severity::Warning).take(FINDINGS_MAX).map(|finding| {
        let (code, text) = shown(&finding);
        warning(span, code, &text)
    });
    let check = Invocation::default().with_table(&file.shown).command(&["check"]);
    let rest = of(Severity::Error).count().saturating_sub(FINDINGS_MAX);
    let more = format!("{rest} more errors in `{}`: `{check}` lists them all", file.shown);
    let more = (rest > 0).then(|| compile_error(span, &more));
    let unsaid = of(Severity::Warning).count().saturating_sub(FINDINGS_MAX);
    let further = format!("{unsaid} more warnings in `{}`: `{check}` lists them all", file.shown);
    let further = (unsaid > 0).then(|| warning(span, "MORE", &further));
    quote!(#(#errors)* #more #(#warnings)* #further)
}

/// A finding as the command line prints it. The compiler writes the severity itself, so the code leads.
fn rendered(finding: &Finding, file: &File) -> String {
    let text = render_one(finding, &file.text, &file.shown, Style::Plain);
    let text = text.split_once("]: ").map_or(text.as_str(), |(_, rest)| rest);
    format!("{}: {}", finding.code, text.trim_end())
}

/// A message as a compile error.
pub(crate) fn compile_error(span: Span, message: &str) -> TokenStream {
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
    use crate::file::File;

    fn file(text: String, shown: &str) -> File {
        File { bytes: text.clone().into_bytes(), text, shown: shown.to_owned(), dependency: Default::default() }
    }

    #[test]
    fn messages() {
        insta::glob!("../tests/ui/tables", "*.yaml", |path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let file = file(fs::read_to_string(path).expect("a fixture"), &format!("tables/{name}"));
            let found = load(&file.text).findings;
            let messages: Vec<String> = found.iter().map(|finding| rendered(finding, &file)).collect();
            insta::with_settings!({ snapshot_path => "../tests/ui/tables", prepend_module_to_snapshot => false }, {
                insta::assert_snapshot!(messages.join("\n\n"));
            });
        });
    }

    #[test]
    fn messages_are_bounded() {
        let tiny = include_str!("../tests/tables/tiny.yaml");
        // A name that is not declared is one finding, however often it is used.
        let row = |number| format!("      - {{ from: nowhere_{number}, when: moved, to: moving }}\n");
        let rows: String = (0..3 * FINDINGS_MAX).map(row).collect();
        let text = tiny.replace("    answers:\n", &(rows + "    answers:\n"));
        let found = load(&text).findings;
        assert!(found.len() > FINDINGS_MAX);
        let file = file(text, "states.yaml");
        let errors = findings(&found, &file, Span::call_site()).to_string();
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
