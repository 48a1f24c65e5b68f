//! What the pages look like, as far as that can be measured in a browser: contrast in both themes, nothing beside the
//! page on a phone or on a screen, pictures and tables that are moved by themselves.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::super::explorer::browser::Browser;
use super::super::explorer::scripts::driver;
use super::super::run::xtask;

/// What is wider than the page, though nothing around it can be moved.
const SPILLED: &str = "[...document.querySelectorAll('body *')].filter((it) => {
  if (it.getBoundingClientRect().right <= innerWidth + 1) return false;
  for (let at = it.parentElement; at !== null; at = at.parentElement) {
    if (['auto', 'scroll'].includes(getComputedStyle(at).overflowX)) return false;
  }
  return true;
}).map((it) => `${it.tagName} ${it.textContent.slice(0, 60)}`)";

/// The smallest text of a picture, in pixels of the screen.
const SMALLEST: &str = "Math.min(...[...document.querySelectorAll('.state-diagram text')].map((it) => \
  parseFloat(getComputedStyle(it).fontSize) * it.getScreenCTM().a))";

#[test]
fn every_page_can_be_read_in_both_themes_and_on_a_phone() {
    let Some(mut browser) = Browser::start() else { return };
    let directory = TempDir::new().expect("a directory can be made");
    let run = xtask(&["manual", "-o", directory.path().to_str().expect("the path is UTF-8")]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let mut seen = 0;
    for entry in fs::read_dir(directory.path()).expect("the directory can be read") {
        let path = entry.expect("the directory can be read").path();
        if path.extension().is_none_or(|extension| extension != "html") {
            continue;
        }
        let page = path.file_name().expect("a file has a name").display().to_string();
        for (width, theme) in [(1200, "light"), (390, "dark")] {
            browser.look(width, theme);
            browser.visit(&format!("file://{}", path.display()));
            browser.evaluate(&driver());
            let read = browser.evaluate("drive.faint()");
            assert!(read["many"].as_u64() > Some(20), "{page}: texts were found: {read}");
            assert_eq!(read["faint"], json!([]), "{page} at {width} in {theme}");
            assert_eq!(browser.evaluate(SPILLED), json!([]), "{page} at {width} is wider than the page");
            let wide = browser.evaluate("document.documentElement.scrollWidth");
            assert!(wide.as_u64() <= Some(u64::from(width)), "{page}: {wide} pixels at {width}");
            if browser.evaluate("document.querySelector('.state-diagram') !== null") == true {
                let smallest = browser.evaluate(SMALLEST);
                assert!(smallest.as_f64() >= Some(8.9), "{page} at {width}: text of {smallest} pixels");
                seen += 1;
            }
        }
    }
    assert!(seen >= 6, "pictures were looked at: {seen}");
}
