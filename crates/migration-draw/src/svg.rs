//! The picture as SVG, with a layout of our own: nothing need be installed to see it.
//!
//! Two forms. By itself it is an image for `<img>`, in fixed colours or in those that the reader prefers. Inline it
//! is a part of a page, of rustdoc or mdBook, and follows the page's theme; Markdown would take it apart if its first
//! tag did not stand on one line, so that there is no empty line in it and nothing is indented.

mod legend;
mod shapes;
mod style;
mod words;

use std::fmt::Write as _;

use super::figure::{Cluster, Course, Figure, Panel, Place, Tail};
use super::layout::{Layout, Size, text_width};
use super::{Format, label, render, wrap};

pub use style::{Colours, Options, PAGES, Theme};

/// Height of a line of a heading.
const HEADING: i32 = 20;
/// Space around everything.
const MARGIN: i32 = 8;
/// Space between machines.
const BETWEEN: i32 = 22;
/// A picture is at least so wide, so that its legend is not a column.
const WIDTH_MIN: i32 = 560;
/// A picture in a narrow page is shrunk to this part of its width; below, it could not be read, and is moved instead.
const LEAST_PER_CENT: i32 = 75;

/// Writes the picture.
///
/// # Panics
///
/// When an arrow of the figure starts at the border of a cluster that is no frame; none that is made from a view does.
#[must_use]
pub fn svg(figure: &Figure, options: &Options) -> String {
    let drawn = Figure { panels: figure.panels.iter().map(simplified).collect(), ..figure.clone() };
    let panels = &drawn.panels;
    let layouts: Vec<Layout> = panels.iter().map(Layout::new).collect();
    let widest = layouts.iter().map(|layout| layout.width).max().unwrap_or(0);
    let width = widest.max(WIDTH_MIN) + 2 * MARGIN;
    let has_short = panels.iter().zip(&layouts).any(|(panel, layout)| {
        let mut arrows = panel.arrows.iter().zip(&layout.routes);
        arrows.any(|(arrow, route)| route.copy.is_some() && arrow.course != Course::Again)
    });
    let mut body = String::new();
    let mut y = MARGIN;
    for (panel, layout) in panels.iter().zip(&layouts) {
        y = heading(figure, panel, width, y, &mut body);
        let _ = writeln!(body, "<g transform=\"translate({MARGIN} {y})\">");
        shapes::Pen { panel, layout, prefix: prefix(figure, panel), options }.draw(&mut body);
        body.push_str("</g>\n");
        y += layout.height + BETWEEN;
    }
    y = legend::draw(&drawn, has_short, width, y - BETWEEN + 4, &mut body);
    let height = y + MARGIN;
    let name = figure.panels.first().map_or_else(|| words::slug(&figure.table), |panel| prefix(figure, panel));
    let digest = digest(&render(figure, Format::Dot));
    let class = if options.inline {
        format!("style=\"--sd-least:{}px\" ", width * LEAST_PER_CENT / 100)
    } else {
        "class=\"state-diagram\" ".to_owned()
    };
    // An image has no parts for those who do not see it, and so no links.
    let role = if options.source_url.is_some() { "group" } else { "img" };
    let mut out = if options.inline { "<div class=\"state-diagram\">\n".to_owned() } else { String::new() };
    let _ = writeln!(
        out,
        "<svg {class}xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"{role}\" aria-labelledby=\"{name}-title {name}-desc\" \
         data-source-digest=\"{digest}\">"
    );
    let _ = writeln!(out, "<title id=\"{name}-title\">{}</title>", words::escaped(&label::title(figure)));
    let _ = writeln!(out, "<desc id=\"{name}-desc\">{}</desc>", words::escaped(&description(figure)));
    out.push_str(&style::sheet(options));
    out.push_str(&body);
    out.push_str("</svg>\n");
    if options.inline {
        out.push_str("</div>\n");
    }
    out
}

/// Returns a panel as it is drawn here: without boxes around failures that share a status, since each says what it shows, and
/// a box would hold together what belongs beneath different parts of the path.
///
/// # Panics
///
/// When an arrow starts at the border of a cluster that is no frame; none that is made from a view does.
#[must_use]
pub fn simplified(panel: &Panel) -> Panel {
    let is_below = |cluster: &Cluster| cluster.nodes.iter().all(|node| panel.nodes[*node].place == Place::Aside);
    let kept: Vec<usize> = (0..panel.clusters.len())
        .filter(|at| panel.clusters[*at].is_frame || !is_below(&panel.clusters[*at]))
        .collect();
    let mut simple = Panel { clusters: kept.iter().map(|at| panel.clusters[*at].clone()).collect(), ..panel.clone() };
    for arrow in &mut simple.arrows {
        if let Tail::Cluster(at) = &mut arrow.tail {
            *at = kept.iter().position(|other| other == at).expect("arrows start at frames, and those are kept");
        }
    }
    simple
}

/// What ids of a machine begin with: several pictures may stand on one page.
fn prefix(figure: &Figure, panel: &Panel) -> String {
    let view = if figure.view == "full" { String::new() } else { format!("-{}", words::slug(&figure.view)) };
    format!("{}{view}", words::slug(&panel.machine))
}

/// Writes the name of a machine and what it is, and says where the picture goes on.
fn heading(figure: &Figure, panel: &Panel, width: i32, mut y: i32, out: &mut String) -> i32 {
    let view = if figure.view == "full" { String::new() } else { format!("{}: ", figure.view) };
    let name = format!("{view}{}", panel.machine);
    let after = text_width(&name, Size::Name) * 17 / 14 + 14;
    let room = width - after - 2 * MARGIN;
    // Widths of single letters differ; where the whole is known to fit, it is not broken.
    let is_short = text_width(&panel.doc, Size::Name) <= room;
    let fits = if is_short { usize::MAX } else { usize::try_from(room / 7).unwrap_or(0).max(24) };
    let (name, x) = (words::escaped(&name), MARGIN + 2);
    let mut lines = wrap::wrap(&panel.doc, fits).into_iter();
    let first = lines.next().unwrap_or_default();
    y += HEADING;
    let _ = writeln!(out, "<text class=\"heading\" x=\"{x}\" y=\"{}\">{name}</text>", y - 5);
    for (at, line) in std::iter::once(first).chain(lines).enumerate() {
        let down = HEADING * i32::try_from(at).unwrap_or(0);
        let (x, line_y) = (x + after, y - 5 + down);
        let _ = writeln!(out, "<text class=\"doc\" x=\"{x}\" y=\"{line_y}\">{}</text>", words::escaped(&line));
        if at > 0 {
            y += HEADING;
        }
    }
    y
}

/// The picture in sentences, for those who cannot see it.
fn description(figure: &Figure) -> String {
    let mut text = label::caption(figure);
    text.push('.');
    for panel in &figure.panels {
        for arrow in &panel.arrows {
            let tails: Vec<&str> =
                panel.tail_nodes(arrow.tail).iter().map(|node| panel.nodes[*node].label.as_str()).collect();
            let (head, words) = (&panel.nodes[arrow.to].label, label::sentences(arrow).join("; "));
            let _ = write!(text, " {} to {head}: {words}.", tails.join(", "));
        }
    }
    text
}

/// A number that changes with the text: 64-bit FNV-1a, in hexadecimal digits.
#[must_use]
pub fn digest(text: &str) -> String {
    let number = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |number, byte| (number ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{number:016x}")
}
