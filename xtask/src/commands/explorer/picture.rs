//! The pictures of the machines, as templates that the page puts where it shows them.

use migration_table::model::{Machine, Table};

/// A template for each machine of a table; `version` tells tables apart.
pub(super) fn all(table: &Table, version: &str) -> String {
    let one = |machine: &Machine| {
        format!("<template data-picture=\"{version}-{}\">{}</template>\n", machine.name, svg(table, machine))
    };
    table.machines.iter().map(one).collect()
}

/// The picture of one machine: a plain grid for now, the happy path first.
fn svg(_table: &Table, machine: &Machine) -> String {
    let mut order: Vec<_> = machine.happy_path.clone();
    order.extend(machine.state_ids().filter(|id| !machine.happy_path.contains(id)));
    let columns = machine.happy_path.len().max(6);
    let at = |index: usize| (20 + (index % columns) * 170, 30 + (index / columns) * 110);
    let place = |id| order.iter().position(|other| *other == id).map_or((0, 0), at);
    let rows = order.len().div_ceil(columns);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plain\" viewBox=\"0 0 {} {}\" role=\"img\">",
        20 + columns * 170,
        30 + rows * 110
    );
    for row in &machine.rows {
        for from in &row.from {
            let ((x1, y1), (x2, y2)) = (place(*from), place(row.to));
            let (from, to) = (&machine.state(*from).name, &machine.state(row.to).name);
            text += &format!(
                "<g class=\"edge\" data-from=\"{from}\" data-to=\"{to}\"><path d=\"M{} {} L{} {}\"/></g>",
                x1 + 65,
                y1 + 20,
                x2 + 65,
                y2 + 20
            );
        }
    }
    for (index, id) in order.iter().enumerate() {
        let ((x, y), name) = (at(index), &machine.state(*id).name);
        text += &format!(
            "<g class=\"node\" id=\"{}-{name}\"><rect x=\"{x}\" y=\"{y}\" width=\"130\" height=\"40\" rx=\"6\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{name}</text></g>",
            machine.name,
            x + 65,
            y + 25
        );
    }
    text + "</svg>"
}
