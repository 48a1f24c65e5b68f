//! JSON without the parts of a reply that nobody asks for. A reply of QEMU holds the figures of a migration, and of
//! each of its disks: far more than the status, which is all that a recording is read for.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The member of a message that is read in part.
const REPLY: &str = "return";

/// Reads a text. Objects within the object that is a reply, or within those of its list, are left out.
pub(super) fn from_str(text: &str) -> serde_json::Result<Value> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Part::Message.deserialize(&mut json)?;
    json.end().map(|()| value)
}

/// Which part of a message is read.
#[derive(Clone, Copy)]
enum Part {
    /// The message, whose reply is read in part.
    Message,
    /// Any other member, whole.
    Member,
    /// The reply, or the list that it is.
    Reply,
    /// A member of the reply.
    Figure,
}

impl<'de> DeserializeSeed<'de> for Part {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Part {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any valid JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let part = match self {
            Part::Message | Part::Member => Part::Member,
            Part::Reply | Part::Figure => self,
        };
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(part)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        if matches!(self, Part::Figure) {
            while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Value::Null);
        }
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let part = match self {
                Part::Message if key == REPLY => Part::Reply,
                Part::Message | Part::Member => Part::Member,
                Part::Reply | Part::Figure => Part::Figure,
            };
            let value = members.next_value_seed(part)?;
            if !(value.is_null() && matches!(part, Part::Figure)) {
                object.insert(key, value);
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::from_str;

    #[test]
    fn figures_within_a_reply_are_left_out_and_nothing_else() {
        let message = json!({
            "return": { "status": "active", "ram": { "total": 7 }, "list": [1, { "a": 2 }], "total-time": 3 },
            "id": { "of": { "return": { "a": { "b": 1 } } } },
        });
        let sparse = json!({
            "return": { "status": "active", "list": [1, null], "total-time": 3 },
            "id": { "of": { "return": { "a": { "b": 1 } } } },
        });
        assert_eq!(from_str(&message.to_string()).unwrap(), sparse);
        let list = r#"{"return": [{"capability": "events", "state": true, "more": {}}, "text"]}"#;
        let read = json!({ "return": [{ "capability": "events", "state": true }, "text"] });
        assert_eq!(from_str(list).unwrap(), read);
    }

    proptest! {
        /// Whatever is no reply is read as `serde_json` reads it, and what is no JSON is refused by both.
        #[test]
        fn all_but_a_reply_is_read_whole(text in r#"[\[\]{}:,"ab0-9eE.+\\ntrulfs \-]{0,24}"#) {
            prop_assert_eq!(from_str(&text).ok(), serde_json::from_str::<Value>(&text).ok());
        }
    }
}
