//! The page about the format of a table: its keys, and what may stand under each, from the JSON schema.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use migration_table::declare::schema;
use migration_table::examples::EVERY_KEY;
use serde_json::Value;

pub(super) fn markdown() -> Result<String> {
    let schema: Value = serde_json::from_str(&schema()).context("the schema is no JSON")?;
    let mut text =
        "# The format of a table\n\nA table is one YAML document. These are its keys; an editor learns them \
                    from the JSON schema that `migration-table schema -o states.schema.json` writes.\n\n## At the top\n\n"
            .to_owned();
    keys(&schema, &mut text);
    let definitions = schema["definitions"].as_object().context("the schema has no definitions")?;
    for (name, definition) in definitions {
        let _ = writeln!(text, "## {}\n\n{}\n", title(name), words(definition));
        keys(definition, &mut text);
    }
    let example: String = EVERY_KEY.lines().skip(1).map(|line| format!("{line}\n")).collect();
    let _ = write!(
        text,
        "## Every key in one table\n\nAn example from live migration: a source hands a virtual machine, the *guest*, over to a \
                           destination.\n\n```yaml\n{example}```\n"
    );
    Ok(text)
}

fn keys(of: &Value, text: &mut String) {
    let required = of["required"].as_array().map_or(&[][..], Vec::as_slice);
    text.push_str("| key | needed | value | meaning |\n| --- | --- | --- | --- |\n");
    for (name, key) in of["properties"].as_object().into_iter().flatten() {
        let needed = if required.iter().any(|needed| needed == name) { "yes" } else { "" };
        let meaning = words(key).replace('|', "\\|").replace('\n', " ");
        let _ = writeln!(text, "| `{name}` | {needed} | {} | {meaning} |", value(key));
    }
    text.push('\n');
}

fn words(of: &Value) -> &str {
    of["description"].as_str().unwrap_or_default()
}

/// What may stand under a key, in a few words.
fn value(of: &Value) -> String {
    if let Some(target) = of["$ref"].as_str() {
        let title = title(target.rsplit('/').next().unwrap_or(target));
        return format!("[{}](#{})", title.to_lowercase(), title.to_lowercase());
    }
    if let Some(choices) = of["oneOf"].as_array() {
        return choices.iter().map(value).collect::<Vec<_>>().join(" or ");
    }
    if let Some(words) = of["enum"].as_array() {
        let words: Vec<String> = words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect();
        return words.join(" or ");
    }
    if let Some(types) = of["type"].as_array() {
        return types.iter().filter_map(Value::as_str).map(plain).collect::<Vec<_>>().join(" or ");
    }
    match of["type"].as_str() {
        Some("array") => format!("list of {}", value(&of["items"])),
        Some("object") if of["additionalProperties"].is_object() => {
            format!("names, each with {}", value(&of["additionalProperties"]))
        }
        Some("integer") => match (of["minimum"].as_u64(), of["maximum"].as_u64()) {
            (Some(least), Some(most)) => format!("number, {least} to {most}"),
            (Some(_) | None, Some(_) | None) => "number".to_owned(),
        },
        Some(other) => plain(other).to_owned(),
        None => "anything".to_owned(),
    }
}

fn plain(kind: &str) -> &str {
    match kind {
        "string" => "text",
        "boolean" => "`true` or `false`",
        "integer" => "number",
        "object" => "mapping",
        other => other,
    }
}

/// The name of a definition as a heading: `RowDecl` is a row.
fn title(name: &str) -> &str {
    name.strip_suffix("Decl").unwrap_or(name)
}
