//! The pictures of the machines, as templates that the page puts where it shows them, and what their arrows stand for.

use migration_table::draw::figure::{Arrow, Panel};
use migration_table::draw::svg::{Options, svg};
use migration_table::draw::whole;
use migration_table::model::{Machine, Table};
use serde_json::{Map, Value, json};

/// The pictures of a table.
pub(super) struct Pictures {
    /// A template for each machine.
    pub(super) templates: String,
    /// For each template its arrows: the id of the element, and for each row the states that it leaves and the one
    /// that it enters.
    pub(super) arrows: Map<String, Value>,
}

/// A template for each machine of a table; `version` tells tables apart.
pub(super) fn all(table: &Table, version: &str) -> Pictures {
    let mut pictures = Pictures { templates: String::new(), arrows: Map::new() };
    for machine in &table.machines {
        let name = format!("{version}-{}", machine.name);
        let (picture, arrows) = picture(table, machine);
        pictures.templates += &format!("<template data-picture=\"{name}\">{picture}</template>\n");
        pictures.arrows.insert(name, arrows);
    }
    pictures
}

/// The picture of one machine, and its arrows.
fn picture(table: &Table, machine: &Machine) -> (String, Value) {
    let figure = whole(table, machine);
    let arrows = figure.panels.iter().flat_map(|panel| panel.arrows.iter().map(move |arrow| words(panel, arrow)));
    let arrows = arrows.collect();
    (svg(&figure, &Options { inline: true, ..Options::default() }), Value::Array(arrows))
}

fn words(panel: &Panel, arrow: &Arrow) -> Value {
    let name = |node: &usize| panel.nodes[*node].id.as_str();
    let rows = arrow.rows.iter();
    let rows = rows.map(|row| json!({ "from": row.from.iter().map(name).collect::<Vec<_>>(), "line": row.line }));
    json!({ "id": format!("{}-{}", panel.machine, arrow.id), "to": name(&arrow.to), "rows": rows.collect::<Vec<_>>() })
}
