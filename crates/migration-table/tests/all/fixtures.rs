//! Every fixture, and what is said about it: each check runs on each fixture, so that an over-eager rule shows.

use std::fs;

use migration_table::check::Notes;
use migration_table::{Style, load_with, render};

#[test]
fn every_fixture_is_said_about_what_its_snapshot_says() {
    insta::glob!("../fixtures", "*/*.yaml", |path| {
        let text = fs::read_to_string(path).unwrap();
        // Notes are many and on request; they are shown where they are the subject.
        let is_about_notes = path.components().any(|part| part.as_os_str() == "T0422-race");
        let loaded = load_with(&text, if is_about_notes { Notes::Listed } else { Notes::LeftOut });
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let settings = insta::Settings::clone_current();
        let mut settings = settings;
        settings.set_snapshot_path(path.parent().unwrap());
        settings.set_prepend_module_to_snapshot(false);
        settings.remove_snapshot_suffix();
        settings.set_omit_expression(true);
        settings.remove_input_file();
        let shown = render(&loaded.findings, &text, "states.yaml", Style::Plain);
        settings.bind(|| insta::assert_snapshot!(name, shown));
    });
}
