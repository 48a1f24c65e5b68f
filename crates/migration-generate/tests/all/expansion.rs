//! What the macro writes, as a person reads it: small tables, printed, beside this file as snapshots.

use migration_draw as draw;
use migration_draw::svg::{Options, svg};
use migration_table::model::Table;
use syn::Item;

use crate::table;

/// The code for a table, formatted.
fn expand(table: &Table) -> String {
    let file = syn::parse2(migration_generate::generate(table, &migration_generate::default_engine()))
        .expect("the macro writes items");
    prettyplease::unparse(&file)
}

/// The code for the table of this project.
pub(crate) fn of_own_table() -> String {
    expand(&table(include_str!("../../../../states.yaml")))
}

/// The same without the pictures, which have snapshots of their own where they are drawn.
fn expand_without_pictures(text: &str) -> String {
    let table = table(text);
    let mut code = expand(&table);
    for machine in &table.machines {
        for text in [draw::dot(&table, machine), draw::mermaid(&table, machine)] {
            assert!(code.contains(&text));
            code = code.replace(&text, "(the picture)");
        }
        let inline = Options { inline: true, ..Options::default() };
        let image = svg(&draw::readable(&table, machine), &inline);
        let lines = format!("/// {}\n", image.lines().map(str::trim).collect::<Vec<_>>().join(" "));
        assert!(code.contains(&lines), "{lines}");
        code = code.replace(&lines, "/// (the picture)\n");
    }
    code
}

#[test]
fn tiny() {
    insta::assert_snapshot!(expand_without_pictures(include_str!(
        "../../../../migration-macros/tests/tables/tiny.yaml"
    )));
}

#[test]
fn names() {
    insta::assert_snapshot!(expand_without_pictures(include_str!(
        "../../../../migration-macros/tests/tables/names.yaml"
    )));
}

/// Of each machine only what its rows and answers become.
#[test]
fn formulas() {
    let code = expand_without_pictures(include_str!("../../../../migration-macros/tests/tables/formulas.yaml"));
    let mut file = syn::parse_file(&code).expect("the macro writes items");
    file.items.retain(|item| matches!(item, Item::Mod(_)));
    for item in &mut file.items {
        let Item::Mod(module) = item else { continue };
        let items = module.content.iter_mut().flat_map(|(_, items)| std::mem::take(items));
        let kept = items
            .filter(|item| {
                let is_row = matches!(item, Item::Const(item) if item.ident.to_string().starts_with("ROW"));
                is_row || matches!(item, Item::Static(_) | Item::Fn(_))
            })
            .collect();
        module.content = Some((Default::default(), kept));
    }
    insta::assert_snapshot!(prettyplease::unparse(&file));
}

#[test]
fn row_order_means_nothing() {
    for text in [
        include_str!("../../../../states.yaml"),
        include_str!("../../../../migration-macros/tests/tables/formulas.yaml"),
    ] {
        let table = table(text);
        let mut turned = table.clone();
        for machine in &mut turned.machines {
            machine.rows.reverse();
            machine.answers.reverse();
        }
        assert_eq!(expand(&table), expand(&turned));
    }
}

#[test]
fn nothing_but_core_and_the_engine_is_named() {
    let code = expand(&table(include_str!("../../../../states.yaml")));
    let words = ["std::", "alloc::", "migration_macros", "migration_table", "String", "Vec", "Box<", "Box::", "unsafe"];
    let named: Vec<&str> = words.into_iter().filter(|word| code.contains(word)).collect();
    assert_eq!(named, [""; 0]);
}
