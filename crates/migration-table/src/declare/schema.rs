//! The JSON Schema of the format, for editors: the same structs that read a table describe it.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::declarations::TableDecl;
use super::values::{Allowed, Argument, Name, Named, Names, Spanned};
use super::words::Choice;
use crate::syntax::Text;

/// The JSON Schema of the format of tables, as JSON text. Keys stand in the order of the format.
///
/// It is a help while typing, not the judge: what it accepts may still have findings.
#[must_use]
pub fn schema() -> String {
    let settings = SchemaSettings::draft07().with_transform(RecursiveTransform(without_null));
    let mut schema = settings.into_generator().into_root_schema_for::<TableDecl>();
    schema.insert("title".to_owned(), "State table".into());
    // What clients once saw may be any word: it is no name in a program.
    let reserved = schema.pointer_mut("/properties/reserved/propertyNames").expect("the format has this key");
    *reserved = serde_json::json!({ "minLength": 1 });
    let text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    text + "\n"
}

/// A key that may be left out is an `Option` to Rust; in a table it may be left out, but not be `null`.
fn without_null(schema: &mut Schema) {
    if let Some(serde_json::Value::Array(types)) = schema.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [one] = &types[..] {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
    }
    if let Some(serde_json::Value::Array(words)) = schema.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    if let Some(serde_json::Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
        if let [serde_json::Value::Object(one)] = &choices[..] {
            let one = one.clone();
            schema.remove("anyOf");
            one.into_iter().for_each(|(key, value)| drop(schema.insert(key, value)));
        }
    }
}

/// The texts that would be a boolean or a number of JSON without their quotes, as a pattern.
const JSON_VALUE: &str = r"^(true|false|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]*[0-9]+)?)$";

/// Gives a type the schema that is written here, in the place where it is used.
macro_rules! inline_schema {
    ($([$($generics:tt)*] $type:ty => $generator:ident $schema:expr;)*) => {$(
        impl<$($generics)*> JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )*};
}

inline_schema! {
    [] Text => _generator json_schema!({ "type": "string", "minLength": 1 });
    [] Name => _generator json_schema!({ "type": "string", "minLength": 1 });
    [] Argument => _generator json_schema!({ "anyOf": [
        { "type": ["number", "boolean"] },
        // A text that a lock or a recording could not tell from a number or a boolean.
        { "type": "string", "not": { "pattern": JSON_VALUE } },
    ] });
    [] Spanned<bool> => _generator json_schema!({ "type": "boolean" });
    [] Spanned<u16> => _generator json_schema!({ "type": "integer", "minimum": 1, "maximum": u16::MAX });
    [] Spanned<u32> => _generator json_schema!({ "type": "integer", "minimum": 1, "maximum": u32::MAX });
    [T: Choice] Spanned<T> => _generator choice::<T>();
    [] Names => generator {
        let name = generator.subschema_for::<Name>();
        json_schema!({ "oneOf": [name, { "type": "array", "items": name }] })
    };
    [] Allowed => generator {
        let reason = generator.subschema_for::<Text>();
        json_schema!({ "type": "object", "propertyNames": { "pattern": "^T[0-9]{4}$" }, "additionalProperties": reason })
    };
    [T: JsonSchema] Named<T> => generator {
        let value = generator.subschema_for::<T>();
        let pattern = "^[a-z][a-z0-9]*([_-][a-z0-9]+)*$";
        json_schema!({ "type": "object", "propertyNames": { "pattern": pattern }, "additionalProperties": value })
    };
}

fn choice<T: Choice>() -> Schema {
    let words: Vec<&str> = T::ALL.iter().map(|value| value.word()).collect();
    json_schema!({ "type": "string", "enum": words })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::schema;

    #[test]
    fn the_schema_says_what_must_be_there_and_that_nothing_else_may() {
        let text = schema();
        assert!(!text.contains("null"), "{text}");
        let schema: Value = serde_json::from_str(&text).unwrap();
        let row = &schema["definitions"]["RowDecl"];
        assert_eq!(row["required"], serde_json::json!(["from", "when", "to"]), "{row:#}");
        assert_eq!(row["additionalProperties"], false);
        assert_eq!(row["properties"]["public"]["type"], "boolean");
        assert_eq!(schema["properties"]["reserved"]["propertyNames"], serde_json::json!({ "minLength": 1 }));
        assert!(schema["properties"]["statuses"]["propertyNames"]["pattern"].is_string(), "{schema:#}");
        let answer = &schema["definitions"]["AnswerDecl"]["properties"];
        assert_eq!(answer["answer"]["enum"], serde_json::json!(["ignore", "handle", "refuse"]));
        assert!(answer["in"]["description"].as_str().unwrap().starts_with("The states it is for"));
    }

    #[test]
    fn two_runs_give_the_same_schema() {
        assert_eq!(schema(), schema());
    }
}
