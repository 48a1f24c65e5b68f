//! A picture in the light or the dark theme is painted by librsvg, which document tools use, in the colours that a
//! browser shows: librsvg knows no variables, and would paint everything black.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use super::installed::{has, output, own};

/// Red, green and blue.
type Colour = [u8; 3];

/// The pictures of the two machines.
const PICTURES: [&str; 4] = ["source", "source-overview", "destination", "destination-overview"];

#[test]
fn librsvg_paints_what_the_picture_says() {
    let Some(()) = has("rsvg-convert", "--version") else { return };
    for picture in PICTURES {
        let [light, dark] = ["light", "dark"].map(|theme| {
            let path = own(&format!("../docs/{picture}-{theme}.svg"));
            let text = fs::read_to_string(&path).expect("the picture is committed");
            let painted = output(Command::new("rsvg-convert").args(["--format", "svg"]).arg(&path)).stdout;
            let (said, painted) = (written(&text), painted_colours(&String::from_utf8_lossy(&painted)));
            assert!(painted.len() > 4, "{picture}, {theme}: {painted:?}");
            assert!(painted.is_subset(&said), "{picture}, {theme}: {painted:?}, and the picture says {said:?}");
            painted
        });
        assert_ne!(light, dark, "{picture}");
    }
}

/// The colours that a picture of ours names: `#1d4ed8`.
fn written(text: &str) -> BTreeSet<Colour> {
    let part = |text: &str, at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    let colour = |text: &str| Some([part(text, 0)?, part(text, 2)?, part(text, 4)?]);
    text.split('#').skip(1).filter_map(colour).collect()
}

/// The colours that librsvg has painted with: `rgb(11.4%, 30.6%, 84.7%)`.
fn painted_colours(text: &str) -> BTreeSet<Colour> {
    let colour = |text: &str| -> Option<Colour> {
        let parts: Vec<f64> = text
            .split(')')
            .next()?
            .split(',')
            .map(|part| part.trim().trim_end_matches('%').parse().ok())
            .collect::<Option<_>>()?;
        let [red, green, blue] = parts[..] else { return None };
        Some([red, green, blue].map(of_255))
    };
    text.split("rgb(").skip(1).filter_map(colour).collect()
}

/// A part of a colour, given in percent.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a percentage is from 0 to 255 here")]
fn of_255(percent: f64) -> u8 {
    (percent * 2.55).round().clamp(0.0, 255.0) as u8
}
