//! What the page looks like, as far as that can be measured: contrast in both themes, the width of a phone, the order
//! of the focus.

use serde_json::json;

use super::super::run::table as written;
use super::browser::Browser;
use super::differences::changed;
use super::scripts::{Page, driver, whole};

/// Moments of the page that differ in what they show.
const MOMENTS: [&str; 5] = [
    "walk=source.raise.migrate~source.report.connected~source.report.ready~source.raise.continue&state=source.active",
    "messages=carried&machine=*&walk=destination.raise.incoming~source.raise.migrate~source.report.connected&fact=source.cancel",
    "tab=recordings&recording=RECORDING&line=20",
    "walk=source.raise.migrate~source.raise.cancel",
    "tab=changes",
];

/// The pictures in which nothing can be seen of where the machine is.
const HIDDEN: &str = "[...document.querySelectorAll('#figures > figure')].filter((figure) => { \
                      const marks = [...figure.querySelectorAll('.mark.halo:is(.here, .now)')]; \
                      const box = figure.querySelector('.canvas').getBoundingClientRect(); \
                      const isIn = ({ left, right, top, bottom }) => left < box.right && right > box.left && top < box.bottom && bottom > box.top; \
                      return marks.length > 0 && !marks.some((mark) => isIn(mark.getBoundingClientRect())); \
                      }).map((figure) => figure.dataset.machine)";

#[test]
fn everything_can_be_read_in_both_themes_and_on_a_phone() {
    let (_directory, path) = written(&changed());
    let recording = whole("tests/data/traces/precopy-tcp-success.jsonl");
    let page = Page::new(&["--table", &path, "--against", &whole("states.yaml"), &recording]);
    let Some(mut browser) = Browser::start() else { return };
    for moment in MOMENTS.map(|moment| moment.replace("RECORDING", &recording)) {
        for (width, theme) in [(1400, "light"), (1400, "dark"), (360, "light"), (360, "dark")] {
            browser.look(width, theme);
            browser.open(&page.url(&moment));
            browser.evaluate(&driver());
            let read = browser.evaluate("drive.faint()");
            assert!(read["many"].as_u64() > Some(30), "{moment}: texts were found: {read}");
            assert_eq!(read["faint"], json!([]), "{moment} at {width} in {theme}");
            let hidden = browser.evaluate(HIDDEN);
            assert_eq!(hidden, json!([]), "{moment} at {width}: the machine is where its picture does not show it");
            let wide = browser.evaluate("document.documentElement.scrollWidth");
            assert!(wide.as_u64() <= Some(u64::from(width)), "{moment}: {wide} pixels at {width}");
        }
    }
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
    let Some(mut browser) = page.show("walk=source.raise.migrate") else { return };
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

/// What programs that read a page aloud are given: the states of a picture are buttons that say all that is written in
/// them and where the machine is, a tab says that it is one, and what came of a step is announced.
#[test]
fn whoever_cannot_see_the_page_is_told_what_is_on_it() {
    let page = Page::new(&[]);
    let Some(mut browser) = page.show("walk=source.raise.migrate") else { return };
    let tree = browser.call("Accessibility.getFullAXTree", json!({}));
    let nodes: Vec<(&str, &str)> = tree["nodes"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|node| node["ignored"] == false)
        .map(|node| (node["role"]["value"].as_str().unwrap_or(""), node["name"]["value"].as_str().unwrap_or("")))
        .collect();
    for part in [
        ("button", "state connecting shows setup, the machine is here"),
        ("button", "state negotiating shows setup"),
        ("tab", "Walk"),
        ("tab", "Recordings"),
        ("tabpanel", "Walk"),
        ("region", "What was chosen"),
        ("button", "what cancel is"),
    ] {
        assert!(nodes.contains(&part), "{part:?} is missing from {nodes:?}");
    }
    assert!(nodes.iter().any(|(role, _)| *role == "status"), "there is a place for what is announced");
    browser.click("[data-key='source.raise.cancel']");
    let said = browser.text("document.querySelector('[role=status]').textContent");
    assert!(said.starts_with("source: raise cancel: accept; now cancelling"), "{said}");
}

#[test]
fn arrows_go_from_tab_to_tab() {
    let page = Page::new(&["--against", &whole("states.yaml")]);
    let Some(mut browser) = page.show("") else { return };
    browser.evaluate("document.getElementById('tab-walk').focus()");
    for (key, tab) in [
        ("ArrowRight", "Recordings"),
        ("ArrowRight", "Differences"),
        ("ArrowRight", "Walk"),
        ("ArrowLeft", "Differences"),
    ] {
        browser.press(key);
        assert_eq!(browser.text("document.activeElement.textContent"), tab);
        assert_eq!(browser.text("document.querySelector('[aria-selected=true]').textContent"), tab);
    }
}
