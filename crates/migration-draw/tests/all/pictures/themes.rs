//! Every text can be read in every theme: its contrast with whatever it can stand on is computed.

use migration_draw as draw;
use migration_draw::svg::{Colours, Options, PAGES, Theme, svg};

use super::figures;

/// The contrast that WCAG asks of text.
const CONTRAST_MIN: f64 = 4.5;

#[test]
fn text_stands_out_from_whatever_it_stands_on() {
    let mut wrong = Vec::new();
    for (page, background, colours) in PAGES {
        let Colours { ink, muted, path: _, fill, plain, aside, region, good, bad, seen } = colours;
        for (text, name) in [(ink, "ink"), (muted, "muted"), (good, "good"), (bad, "bad"), (seen, "seen")] {
            for (behind, what) in
                [(background, "page"), (fill, "fill"), (plain, "plain"), (aside, "aside"), (region, "region")]
            {
                let contrast = contrast(text, behind);
                if contrast < CONTRAST_MIN {
                    wrong.push(format!("{page}: {name} on {what} is {contrast:.2}"));
                }
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn lines_stand_out_from_the_page() {
    for (page, background, colours) in PAGES {
        for line in [colours.path, colours.ink, colours.muted, colours.good, colours.bad, colours.seen] {
            assert!(contrast(line, background) >= 3.0, "{page}: {line}");
        }
    }
}

#[test]
fn a_page_chooses_the_colours_of_what_is_in_it_and_a_file_has_its_own() {
    let table = figures::own();
    let figure = draw::whole(&table, &table.machines[0]);
    let inline = svg(&figure, &Options { inline: true, ..Options::default() });
    for theme in ["[data-theme=light]", "[data-theme=dark]", "[data-theme=ayu]", ".light", ".coal", ".navy", ".ayu"] {
        assert!(inline.contains(&format!("html{theme} .state-diagram")), "{theme}");
    }
    assert!(inline.contains("@media (prefers-color-scheme:dark)"));
    for theme in [Theme::Light, Theme::Dark] {
        let file = svg(&figure, &Options { theme, ..Options::default() });
        assert!(!file.contains("prefers-color-scheme") && !file.contains("html["), "{theme:?}");
        assert!(!file.contains("var(") && !file.contains("--sd-"), "{theme:?}: other programs know no variables");
    }
}

/// A program that knows no variables passes over a declaration with one: librsvg drew black boxes and no lines.
#[test]
fn a_file_that_chooses_its_colours_has_plain_ones_before_each_variable() {
    let table = figures::own();
    let figure = draw::whole(&table, &table.machines[0]);
    let file = svg(&figure, &Options::default());
    let plain = svg(&figure, &Options { theme: Theme::Light, ..Options::default() });
    let sheet =
        |svg: &str| svg.split("</style>").next().unwrap_or_default().split_once("<style>\n").unwrap().1.to_owned();
    // Without what such a program does not know, it is the light picture.
    let lines = sheet(&file);
    let lines = lines.lines().filter(|line| !line.contains("{--sd-"));
    let mut known: String = lines.flat_map(|line| [line, "\n"]).collect();
    while let Some(at) = known.find(";fill:var(").or(known.find(";stroke:var(")) {
        let end = at + known[at..].find(')').expect("it is closed") + 1;
        known.replace_range(at..end, "");
    }
    assert_eq!(known, sheet(&plain));
    assert!(file.len() < plain.len() + 3000, "{} and {}", file.len(), plain.len());
    let inline = svg(&figure, &Options { inline: true, ..Options::default() });
    assert!(!inline.contains("stroke:#"), "browsers show pages, and they know variables");
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Relative luminance, as WCAG defines it.
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let value = u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour is #rrggbb");
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}
