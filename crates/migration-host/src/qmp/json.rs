//! JSON, read strictly: as `serde_json` reads it, but an object that names a member twice is an error.
//!
//! `serde_json::Value` silently keeps the last of two members with one name. A command with two `"uri"`
//! members is a mistake of the client, and a guess which one was meant could send a guest to the wrong place.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads one value, the whole of `bytes`.
///
/// # Errors
/// What is wrong and where, in the words of `serde_json`.
pub fn from_slice(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice::<Strict>(bytes).map(|strict| strict.0)
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        // `-0` is a whole number, which no integer type holds.
        if value == 0.0 {
            return Ok(0.into());
        }
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if object.contains_key(&name) {
                return Err(de::Error::custom(format_args!("member `{name}` is given twice")));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_serde_json_reads_them() {
        let text = r#"{"a": [1, -2, 3.5, true, null, "x\u00e4"], "b": {}, "c": 18446744073709551615}"#;
        let plain: Value = serde_json::from_str(text).unwrap();
        assert_eq!(from_slice(text.as_bytes()).unwrap(), plain);
    }

    #[test]
    fn numbers_come_back_as_they_were_given() {
        for (text, read) in [
            ("-0", "0"),
            ("9007199254740993.0", "9007199254740992.0"),
            ("18446744073709551616", "1.8446744073709552e+19"),
        ] {
            assert_eq!(from_slice(text.as_bytes()).unwrap().to_string(), read, "{text}");
        }
    }

    #[test]
    fn a_member_given_twice_is_an_error_at_any_depth() {
        let error = from_slice(br#"{"a": [{"uri": 1, "uri": 2}]}"#).unwrap_err().to_string();
        assert!(error.starts_with("member `uri` is given twice"), "{error}");
    }
}
