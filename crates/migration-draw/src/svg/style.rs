//! Colours, one set for each theme, and the style sheet that chooses among them.
//!
//! Every text has a contrast of at least 4.5 to 1 with whatever it can stand on, on the pages named here; a test
//! computes it. No colour says anything that a line, a sign or a word does not say too.

use std::fmt::Write as _;

/// How an SVG is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// In which colours.
    pub theme: Theme,
    /// Whether it is a part of a page rather than a file of its own.
    pub inline: bool,
    /// Where the table can be read: an address in which `{line}` stands for the number of a line.
    pub source_url: Option<String>,
}

/// Whose choice the colours are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// The page's, where the picture is a part of one; otherwise what the reader prefers.
    #[default]
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// The colours of a theme, each as `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colours {
    /// Text, and arrows that go on.
    pub ink: &'static str,
    /// Lesser text, internal states, failures.
    pub muted: &'static str,
    /// The happy path and the borders of what a client sees.
    pub path: &'static str,
    /// Within a public state.
    pub fill: &'static str,
    /// Within an internal state.
    pub plain: &'static str,
    /// Within a public state that is no part of the happy course.
    pub aside: &'static str,
    /// Behind states that share a status.
    pub region: &'static str,
    /// What is added or accepted.
    pub good: &'static str,
    /// What is removed or refused.
    pub bad: &'static str,
    /// What is changed or looked at.
    pub seen: &'static str,
}

const LIGHT: Colours = Colours {
    ink: "#1f2937",
    muted: "#525f70",
    path: "#1d4ed8",
    fill: "#e3ecfd",
    plain: "#ffffff",
    aside: "#eef0f3",
    region: "#f3f7fe",
    good: "#126b35",
    bad: "#b42318",
    seen: "#8f4400",
};

const DARK: Colours = Colours {
    ink: "#e8edf4",
    muted: "#b9c3d0",
    path: "#8ab4ff",
    fill: "#1d3a66",
    plain: "#1b2027",
    aside: "#363c46",
    region: "#232c3a",
    good: "#6ee59a",
    bad: "#ffa198",
    seen: "#ffc069",
};

const AYU: Colours = Colours {
    ink: "#e6e1cf",
    muted: "#b8bcc4",
    path: "#59c2ff",
    fill: "#123a52",
    plain: "#0f1419",
    aside: "#272f38",
    region: "#17212b",
    good: "#aad94c",
    bad: "#ff9a8f",
    seen: "#ffb454",
};

/// The pages on which pictures are shown: what they are called, their background, and the colours there.
pub const PAGES: [(&str, &str, Colours); 8] = [
    ("a white page", "#ffffff", LIGHT),
    ("mdBook, rust", "#e1e1db", LIGHT),
    ("GitHub, dark", "#0d1117", DARK),
    ("rustdoc, dark", "#353535", DARK),
    ("mdBook, coal", "#141617", DARK),
    ("mdBook, navy", "#161923", DARK),
    ("rustdoc, ayu", "#0f1419", AYU),
    ("mdBook, ayu", "#0f1419", AYU),
];

impl Colours {
    /// The colours with the names of their variables.
    #[must_use]
    pub fn named(self) -> [(&'static str, &'static str); 10] {
        [
            ("ink", self.ink),
            ("muted", self.muted),
            ("path", self.path),
            ("fill", self.fill),
            ("plain", self.plain),
            ("aside", self.aside),
            ("region", self.region),
            ("good", self.good),
            ("bad", self.bad),
            ("seen", self.seen),
        ]
    }

    /// Writes the colours themselves: most programs other than browsers know no variables.
    fn in_place_of_variables(self, sheet: &str) -> String {
        self.named()
            .iter()
            .fold(sheet.to_owned(), |sheet, (name, colour)| sheet.replace(&format!("var(--sd-{name})"), colour))
    }

    /// Writes each colour before its variable as well. Programs that know no variables, such as librsvg, pass over a
    /// declaration with `var()`, even one with a fallback in it, and would draw black boxes without lines.
    fn before_variables(self, sheet: &str) -> String {
        let named = self.named();
        let places = ["fill", "stroke"].into_iter().flat_map(|property| named.map(|named| (property, named)));
        places.fold(sheet.to_owned(), |sheet, (property, (name, colour))| {
            let variable = format!("{property}:var(--sd-{name})");
            sheet.replace(&variable, &format!("{property}:{colour};{variable}"))
        })
    }

    fn variables(self) -> String {
        self.named().iter().fold(String::new(), |mut text, (name, colour)| {
            let _ = write!(text, "--sd-{name}:{colour};");
            text
        })
    }
}

/// What things look like, whatever the colours.
const LOOK: &str = "\
.state-diagram svg{max-width:100%;height:auto}
.state-diagram text{font-family:\"Helvetica Neue\",Helvetica,Arial,\"Liberation Sans\",sans-serif;font-size:12px;fill:var(--sd-ink);stroke:none}
.state-diagram .heading{font-size:17px;font-weight:700}
.state-diagram .doc{font-size:14px;fill:var(--sd-muted)}
.state-diagram .name{font-size:14px;font-weight:600;text-anchor:middle}
.state-diagram .shows{text-anchor:middle;fill:var(--sd-muted)}
.state-diagram .lesser,.state-diagram .note{fill:var(--sd-muted)}
.state-diagram .box{fill:var(--sd-fill);stroke:var(--sd-path);stroke-width:1.6}
.state-diagram .below .box{fill:var(--sd-aside);stroke:var(--sd-muted)}
.state-diagram .internal .box{fill:var(--sd-plain);stroke:var(--sd-muted);stroke-width:1.3;stroke-dasharray:5 3}
.state-diagram .inner{fill:none;stroke-width:1}
.state-diagram .internal .inner{stroke-dasharray:none}
.state-diagram .frame{fill:none;stroke:var(--sd-muted);stroke-width:1.2;stroke-dasharray:2 3}
.state-diagram .region{fill:var(--sd-region);stroke:var(--sd-path);stroke-width:.6;stroke-opacity:.4}
.state-diagram .line{fill:none;stroke:var(--sd-ink);stroke-width:1.4;stroke-linejoin:round}
.state-diagram .head{fill:var(--sd-ink);stroke:none}
.state-diagram .path .line{stroke:var(--sd-path);stroke-width:3.2}
.state-diagram .path .head{fill:var(--sd-path)}
.state-diagram .aside .line{stroke:var(--sd-muted);stroke-dasharray:6 3}
.state-diagram .again .line{stroke:var(--sd-muted)}
.state-diagram .aside .head,.state-diagram .again .head{fill:var(--sd-muted)}
.state-diagram .aside .words text,.state-diagram .again text{fill:var(--sd-muted)}
.state-diagram .leader{fill:none;stroke:var(--sd-muted);stroke-width:.8}
.state-diagram .dot{fill:var(--sd-ink)}
.state-diagram .start .line{stroke:var(--sd-ink);stroke-width:1.4}
.state-diagram a{text-decoration:none}
.state-diagram a:hover .name,.state-diagram a:focus .name,.state-diagram a:hover .words text,.state-diagram a:focus .words text{text-decoration:underline}
";

/// What a picture does in a page that is narrower than it is; paper cannot be moved.
const IN_A_PAGE: &str = "\
.state-diagram{overflow-x:auto}
.state-diagram svg{min-width:var(--sd-least)}
@media print{.state-diagram svg{min-width:0}}
";

/// The colours of what a view says something of.
const MARKS: [(&str, &str); 3] = [("good", "good"), ("bad", "bad"), ("seen", "seen")];

/// The style sheet.
pub(super) fn sheet(options: &Options) -> String {
    let (light, dark) = (LIGHT.variables(), DARK.variables());
    let mut out = "<style>\n".to_owned();
    if options.theme == Theme::Auto {
        let _ = writeln!(out, ".state-diagram{{{light}}}");
        let _ = writeln!(out, "@media (prefers-color-scheme:dark){{.state-diagram{{{dark}}}}}");
    }
    if options.theme == Theme::Auto && options.inline {
        let on = |themes: &[&str]| -> String {
            let one = |theme: &&str| format!("html{theme} .state-diagram");
            themes.iter().map(one).collect::<Vec<_>>().join(",")
        };
        let _ = writeln!(out, "{}{{{light}}}", on(&["[data-theme=light]", ".light", ".rust"]));
        let _ = writeln!(out, "{}{{{dark}}}", on(&["[data-theme=dark]", ".coal", ".navy"]));
        let _ = writeln!(out, "{}{{{}}}", on(&["[data-theme=ayu]", ".ayu"]), AYU.variables());
    }
    out.push_str(LOOK);
    if options.inline {
        out.push_str(IN_A_PAGE);
    }
    for (class, colour) in MARKS {
        let _ = writeln!(
            out,
            ".state-diagram .{class} .box,.state-diagram .{class} .line{{stroke:var(--sd-{colour});stroke-width:2.6}}\n\
             .state-diagram .{class} .head{{fill:var(--sd-{colour})}}\n\
             .state-diagram .{class} .name,.state-diagram .{class} .words text{{fill:var(--sd-{colour});font-weight:600}}"
        );
    }
    out.push_str(
        ".state-diagram .good .line{stroke-dasharray:none}\n\
         .state-diagram .bad .line,.state-diagram .bad .box{stroke-dasharray:3 3}\n\
         .state-diagram .faded .box{stroke:var(--sd-muted);stroke-width:.9}\n\
         .state-diagram .faded .line{stroke:var(--sd-muted);stroke-width:1}\n\
         .state-diagram .faded .head{fill:var(--sd-muted)}\n\
         .state-diagram .faded .name,.state-diagram .faded text{fill:var(--sd-muted);font-weight:400}\n\
         </style>\n",
    );
    match options.theme {
        // A page is shown by a browser, and those know variables.
        Theme::Auto if options.inline => out,
        Theme::Auto => LIGHT.before_variables(&out),
        Theme::Light => LIGHT.in_place_of_variables(&out),
        Theme::Dark => DARK.in_place_of_variables(&out),
    }
}
