//! What the page looks like, as far as that can be measured: contrast in both themes, the width of a phone, the order
//! of the focus.

use serde_json::json;

use super::super::run::table as written;
use super::browser::Browser;
use super::differences::changed;
use super::scripts::{Page, driver, whole};

/// Moments of the page that differ in what they show.
const MOMENTS: [&str; 4] = [
    "walk=source.raise.migrate~source.report.connected~source.report.ready~source.raise.continue&state=source.active",
    "messages=carried&machine=*&walk=destination.raise.incoming~source.raise.migrate~source.report.connected&fact=source.cancel",
    "tab=recordings&recording=precopy-tcp-success&line=20",
    "tab=changes",
];

#[test]
fn everything_can_be_read_in_both_themes_and_on_a_phone() {
    let (_directory, path) = written(&changed());
    let page = Page::new(&["--table", &path, "--against", &whole("states.yaml")]);
    let Some(mut browser) = Browser::start() else { return };
    for moment in MOMENTS {
        for (width, theme) in [(1400, "light"), (1400, "dark"), (360, "light"), (360, "dark")] {
            browser.look(width, theme);
            browser.open(&page.url(moment));
            browser.evaluate(&driver());
            let read = browser.evaluate("drive.faint()");
            assert!(read["many"].as_u64() > Some(30), "{moment}: texts were found: {read}");
            assert_eq!(read["faint"], json!([]), "{moment} at {width} in {theme}");
            let wide = browser.evaluate("document.documentElement.scrollWidth");
            assert!(wide.as_u64() <= Some(u64::from(width)), "{moment}: {wide} pixels at {width}");
        }
    }
    assert_eq!(browser.errors, Vec::<String>::new());
}

#[test]
fn the_theme_can_be_chosen() {
    let page = Page::new(&[]);
    let Some(mut browser) = Browser::start() else { return };
    browser.look(1400, "light");
    browser.open(&page.url(""));
    let ground = "getComputedStyle(document.body).backgroundColor";
    let light = browser.text(ground);
    browser.evaluate(
        "{ const it = document.getElementById('theme'); it.value = 'dark'; it.dispatchEvent(new Event('change')); }",
    );
    let dark = browser.text(ground);
    assert_ne!(light, dark);
    browser.look(1400, "dark");
    assert_eq!(browser.text(ground), dark);
    browser.evaluate(
        "{ const it = document.getElementById('theme'); it.value = 'light'; it.dispatchEvent(new Event('change')); }",
    );
    assert_eq!(browser.text(ground), light, "the choice beats the system");
}

/// With the tab key alone one comes past everything, in the order in which it stands, and sees where one is.
#[test]
fn the_focus_goes_through_the_page_and_can_be_seen() {
    let page = Page::new(&[]);
    let Some(mut browser) = Browser::start() else { return };
    browser.open(&page.url("walk=source.raise.migrate"));
    let mut seen = Vec::new();
    for _ in 0..60 {
        browser.press("Tab");
        let at =
            "document.activeElement.dataset.key ?? document.activeElement.dataset.state ?? document.activeElement.id";
        seen.push(browser.text(at));
        let visible = "(() => { const it = document.activeElement; const own = it.matches('[data-state]') ? it.querySelector('rect') : it; \
                       return it === document.body || getComputedStyle(own).outlineStyle !== 'none' || it.matches(':not(:focus-visible)'); })()";
        assert_eq!(browser.evaluate(visible), true, "nothing shows that the focus is on {seen:?}");
    }
    let places = [
        "skip",
        "tab-walk",
        "theme",
        "show-source",
        "connecting",
        "undo",
        "source.raise.cancel",
        "source.report.connected",
    ];
    let at: Vec<usize> = places
        .iter()
        .map(|place| seen.iter().position(|key| key == place).unwrap_or_else(|| panic!("`{place}` is not in {seen:?}")))
        .collect();
    assert!(at.is_sorted(), "{seen:?}");
}
