//! A walk in the page, by mouse and by keyboard.

use migration_contract::load;
use migration_replay::walk::Walk;

use super::super::run::states;
use super::browser::Browser;
use super::scripts::{Page, whole};

/// The steps of the normal course, as the page calls them.
const COURSE: [&str; 8] = [
    "source.raise.migrate",
    "source.report.connected",
    "source.report.welcome",
    "source.report.converged",
    "source.report.stopped",
    "source.report.ready",
    "source.report.running",
    "source.report.cleaned_up",
];

const TOLD: &str = "[...document.querySelectorAll('#told li')].map((it) => it.firstChild.textContent).join(' ')";
const SAID: &str = "document.getElementById('live').textContent";
const STATE: &str = "Promise.resolve(explorer).then((app) => { const [it] = app.shownMachines(); return it.states[app.walk.run(it).state].name; })";

#[test]
fn clicks_walk_to_the_end_and_back() {
    let page = Page::new(&[]);
    let Some(mut browser) = page.show("") else { return };
    for step in COURSE {
        browser.click(&format!("[data-key='{step}']"));
    }
    assert_eq!(browser.text(STATE), "completed");
    assert_eq!(browser.text(TOLD), "setup active device completed");
    assert!(browser.text(SAID).starts_with("source: report cleaned_up: fired; now completed; publishes completed"));
    assert_eq!(browser.evaluate("document.querySelectorAll('#source-completed .mark.here').length > 0"), true);
    let width = |class: &str| {
        format!(
            "parseFloat(getComputedStyle(document.querySelector('#source-completing-to-completed{class} .line')).strokeWidth)"
        )
    };
    let taken = browser.evaluate(&width(".fired")).as_f64();
    let signs = browser.text("document.querySelector('#figures ul.signs').innerText");
    assert!(signs.contains("the machine is here") && signs.contains("the last step went here"), "{signs}");
    let last = browser.text("location.hash");
    browser.click("[data-key='undo']");
    browser.click("[data-key='undo']");
    assert_eq!(browser.text(STATE), "handing_over");
    assert!(taken > browser.evaluate(&width("")).as_f64(), "the arrow that was taken can be seen");
    browser.click("[data-key='source.raise.cancel']");
    assert_eq!(browser.text(STATE), "handing_over", "behind the point of no return");
    assert!(browser.text(SAID).contains("refuse; now handing_over; because the guest has been handed over"));
    browser.click("[data-key='moment-1']");
    assert_eq!(browser.text(STATE), "connecting");
    browser.open(&page.url(last.trim_start_matches('#')));
    assert_eq!(browser.text(STATE), "completed", "the address is a link to the moment");
    browser.click("[data-key='reset']");
    assert_eq!(browser.text(STATE), "none");
}

#[test]
fn keys_walk_to_the_end_and_back() {
    let page = Page::new(&[]);
    let Some(mut browser) = page.show("") else { return };
    for step in COURSE {
        // The keys are the places in the list, which a person counts and we look up.
        let place =
            "[...document.querySelectorAll('#side button.choice')].findIndex((it) => it.dataset.key === KEY) + 1";
        let place = browser.evaluate(&place.replace("KEY", &format!("'{step}'")));
        place.to_string().chars().for_each(|digit| browser.press(&digit.to_string()));
    }
    assert_eq!(browser.text(STATE), "completed");
    browser.press("u");
    assert_eq!(browser.text(STATE), "completing");
    browser.press("r");
    assert_eq!(browser.text(STATE), "completed");
    browser.press("m");
    assert_eq!(browser.text(STATE), "none", "the destination has not moved");
    browser.press("m");
    browser.press("m");
    browser.evaluate("document.querySelector('#source-none').focus()");
    browser.press("ArrowRight");
    let focused = browser.text("document.activeElement.dataset.state");
    assert_ne!(focused, "none", "the arrow goes to another state");
    browser.press("Enter");
    let title = browser.text("document.querySelector('#detail h2').textContent");
    assert!(title.starts_with(&format!("State source.{focused}")), "{title}");
    browser.press("Escape");
    assert_eq!(browser.evaluate("document.querySelector('#detail h2') === null"), true);
    browser.press("?");
    assert_eq!(browser.evaluate("document.getElementById('help').open"), true);
    browser.press("u");
    browser.press("Escape");
    assert_eq!(browser.text(STATE), "completed", "no shortcut works behind the help");
}

/// Messages go from machine to machine, in order, and what cannot be sent fails as the table says.
#[test]
fn both_machines_walk_side_by_side() {
    let page = Page::new(&[]);
    let Some(mut browser) = page.show("") else { return };
    browser.click("[data-key='carries']");
    let steps = "destination.raise.incoming source.raise.migrate source.report.connected deliver.hello deliver.welcome \
                 source.report.converged destination.report.loaded source.report.stopped deliver.ready deliver.hand_over \
                 destination.report.started deliver.running source.report.cleaned_up destination.report.cleaned_up";
    for step in steps.split_whitespace() {
        browser.click(&format!("[data-key='{step}']"));
    }
    let states = "Promise.resolve(explorer).then((app) => app.table.machines.map((it) => it.states[app.walk.run(it).state].name).join(' '))";
    assert_eq!(browser.text(states), "completed completed");
    let whole = page.url(browser.text("location.hash").trim_start_matches('#'));
    browser.open(&whole);
    assert_eq!(browser.text(states), "completed completed", "the address has the messages too");
    saved_walks_are_walks(&mut browser);

    browser.click("[data-key='reset']");
    for step in ["source.raise.migrate", "cut", "source.report.connected"] {
        browser.click(&format!("[data-key='{step}']"));
    }
    assert_eq!(browser.text(states), "failing none", "a hello that cannot be sent is a failure of the source");
}

/// What the page saves is what the interpreter says comes of the same steps.
fn saved_walks_are_walks(browser: &mut Browser) {
    let table = load(&states()).table.expect("the table makes sense");
    for machine in ["source", "destination"] {
        let write = "Promise.resolve(explorer).then((app) => { const it = Table.machine(app.table, 'M'); return Walk.write(app.table.file, it.name, app.walk.of(it)); })";
        let text = browser.text(&write.replace('M', machine).replace(&format!("{machine}achine"), "machine"));
        let walk: Walk = text.parse().unwrap_or_else(|error| panic!("{error}:\n{text}"));
        assert!(walk.steps.len() >= 5, "{text}");
        let again = walk.again(&table).unwrap_or_else(|error| panic!("{error}:\n{text}"));
        assert_eq!(again.to_string(), text);
    }
}

#[test]
fn what_can_happen_and_why_is_shown() {
    let page = Page::new(&[]);
    let Some(mut browser) = page.show("") else { return };
    browser.click("#source-handing_over");
    let text = browser.text("document.getElementById('detail').innerText");
    for part in [
        "State source.handing_over",
        "timed_out after 15000 ms",
        "refuse: the guest has been handed over",
        "go completing",
        "Ways out",
    ] {
        assert!(text.contains(part), "`{part}` is missing from:\n{text}");
    }
    browser.click("[data-key='ask-{\"machine\":\"source\",\"fact\":\"cancel\"}']");
    let text = browser.text("document.getElementById('detail').innerText");
    for part in ["Trigger cancel", "migrate_cancel", "1 of 11: cancel, failed", "Whether it wins over another fact"] {
        assert!(text.contains(part), "`{part}` is missing from:\n{text}");
    }
    for (state, mark) in [("active", "accepts"), ("none", "ignores"), ("handing_over", "refuses")] {
        let many = browser.evaluate(&format!("document.querySelectorAll('#source-{state} .mark.{mark}').length"));
        assert!(many.as_u64() > Some(0), "{state} has the mark of what it says to a cancel");
    }
}

#[test]
fn a_saved_walk_is_dropped_and_walked() {
    let page = Page::new(&[]);
    let Some(mut browser) = page.show("") else { return };
    let path = whole("tests/data/walks/lost_after_the_hand_over.walk");
    browser.drop_file(&path);
    browser.wait_for("document.getElementById('live').textContent.includes('all as they were saved')");
    let steps = std::fs::read_to_string(path).expect("there is such a walk");
    let steps = steps.lines().filter(|line| line.contains("->") || line.starts_with("set ")).count();
    assert_eq!(browser.evaluate("document.querySelectorAll('#history li').length - 1"), steps);
}
