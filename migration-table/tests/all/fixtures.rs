//! Every fixture, and what is said about it: each check runs on each fixture, so that an over-eager rule shows.

use std::fs;

use migration_table::{Style, load, render};

#[test]
fn every_fixture_is_said_about_what_its_snapshot_says() {
    insta::glob!("../fixtures", "*/*.yaml", |path| {
        let text = fs::read_to_string(path).unwrap();
        let loaded = load(&text);
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
