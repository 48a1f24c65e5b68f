//! The pictures of the machines, as templates that the page puts where it shows them, and what their arrows stand for.

use migration_draw::figure::{Arrow, Figure, Mark, Panel};
use migration_draw::svg::{Options, svg};
use migration_draw::{View, figure, whole};
use migration_table::model::Table;
use serde_json::{Map, Value, json};

/// Pictures, each of one machine.
#[derive(Default)]
pub(super) struct Pictures {
    /// A template for each.
    pub(super) templates: String,
    /// For each template the prefix of its ids, and its arrows: the id of the element, the state that it enters, for each
    /// row the states that it leaves, and whether only the older table has it.
    pub(super) known: Map<String, Value>,
}

impl Pictures {
    /// Every machine of a table, whole.
    pub(super) fn add_whole(&mut self, table: &Table) {
        for machine in &table.machines {
            self.add("whole", &machine.name, &machine.name, &whole(table, machine));
        }
    }

    /// Every machine of a table, with what has changed since an older one. Where the two are too large to be shown as
    /// one there is no such picture. What the changes are to clients is said beside it.
    pub(super) fn add_changes(&mut self, table: &Table, old: &Table) {
        for machine in &table.machines {
            if let Ok(both) = figure(table, &[machine], &View::Diff { old, verdict: None, run: None }) {
                let prefix = format!("{}-{}", machine.name, both.view);
                self.add("changes", &machine.name, &prefix, &both);
            }
        }
    }

    fn add(&mut self, version: &str, machine: &str, prefix: &str, figure: &Figure) {
        let options = Options { inline: true, ..Options::default() };
        let name = format!("{version}-{machine}");
        self.templates += &format!("<template data-picture=\"{name}\">{}</template>\n", svg(figure, &options));
        let arrows =
            figure.panels.iter().flat_map(|panel| panel.arrows.iter().map(|arrow| words(prefix, panel, arrow)));
        let arrows: Vec<Value> = arrows.collect();
        self.known.insert(name, json!({ "prefix": prefix, "arrows": arrows }));
    }
}

fn words(prefix: &str, panel: &Panel, arrow: &Arrow) -> Value {
    let name = |node: &usize| panel.nodes[*node].id.as_str();
    let rows = arrow.rows.iter();
    let rows = rows.map(|row| json!({ "from": row.from.iter().map(name).collect::<Vec<_>>(), "line": row.line }));
    // The lines of its rows are those of the older table then.
    let is_gone = arrow.mark == Mark::Removed;
    json!({ "id": format!("{prefix}-{}", arrow.id), "gone": is_gone, "to": name(&arrow.to), "rows": rows.collect::<Vec<_>>() })
}
