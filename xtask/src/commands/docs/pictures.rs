//! The pictures under `docs/`: of each machine the whole and the overview, as sources for other programs and as images.

use std::path::Path;

use migration_draw::svg::{Options, Theme, svg};
use migration_draw::{self as draw, Figure, Format, View};
use migration_table::model::{Machine, Table};

use super::generated::Generated;

/// Every picture. Images come twice, since an image in a README cannot see the theme of the page around it.
pub(super) fn all(table: &Table) -> Vec<Generated> {
    table.machines.iter().flat_map(|machine| of(table, machine)).collect()
}

fn of(table: &Table, machine: &Machine) -> Vec<Generated> {
    let name = &machine.name;
    let whole = draw::whole(table, machine);
    let text = |format: Format| file(&format!("{name}.{}", format.extension()), draw::render(&whole, format));
    let mut found: Vec<Generated> = [Format::Dot, Format::Mermaid].map(text).into();
    found.extend(images(name, &whole));
    let overview = draw::figure(table, &[machine], &View::Overview);
    found.extend(overview.iter().flat_map(|figure| images(&format!("{name}-overview"), figure)));
    found
}

fn images(name: &str, figure: &Figure) -> [Generated; 2] {
    [("light", Theme::Light), ("dark", Theme::Dark)].map(|(word, theme)| {
        let options = Options { theme, ..Options::default() };
        file(&format!("{name}-{word}.svg"), svg(figure, &options))
    })
}

fn file(name: &str, text: String) -> Generated {
    Generated { path: Path::new("docs").join(name), text }
}
