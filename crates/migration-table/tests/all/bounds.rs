//! Too much of anything is refused by a bound, not by running out of something.

use migration_table::{Finding, Loaded, PRINTED_MAX, Style, load, render};

fn codes(loaded: &Loaded) -> Vec<&str> {
    loaded.findings.iter().map(|finding: &Finding| finding.code.0).collect()
}

#[test]
fn nesting_is_refused_at_the_first_level_too_many() {
    for opening in ["[", "{a: ", "- ", "[{a: "] {
        let loaded = load(&opening.repeat(100_000));
        assert_eq!(codes(&loaded), ["T0110"], "{opening}");
        let finding = loaded.findings.iter().next().unwrap();
        assert!(finding.span.start <= 17 * opening.len(), "{opening}: {:?}", finding.span);
    }
}

#[test]
fn too_long_a_text_is_refused_unread() {
    let loaded = load(&"[".repeat((8 << 20) + 1));
    assert_eq!(codes(&loaded), ["T0109"]);
}

#[test]
fn too_many_values_are_refused() {
    let loaded = load(&format!("[{}]", "a,".repeat(1 << 21)));
    assert_eq!(codes(&loaded), ["T0109"]);
}

#[test]
fn of_many_findings_the_first_are_printed() {
    let text: String = (0..PRINTED_MAX + 7).map(|number| format!("k{number}: 1\n")).collect();
    let loaded = load(&text);
    let shown = render(&loaded.findings, &text, "states.yaml", Style::Plain);
    assert_eq!(shown.matches("error[").count(), PRINTED_MAX);
    let rest = loaded.findings.len() - PRINTED_MAX;
    assert!(shown.ends_with(&format!("... and {rest} more findings\n")), "{shown}");
}

#[test]
fn a_finding_about_an_endless_line_is_printed_without_it() {
    let text = format!("\"{}\": 1", "k".repeat(1 << 20));
    let loaded = load(&text);
    let shown = render(&loaded.findings, &text, "states.yaml", Style::Plain);
    assert!(shown.contains("states.yaml:1:1"), "{shown}");
    assert!(shown.len() < 10_000);
}
