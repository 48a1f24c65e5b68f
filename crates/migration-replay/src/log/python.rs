//! Messages as Python prints them: `qmp-shell` shows events so, with `'` around texts.

/// Whether the first text of an object is in the quotes of Python.
pub(super) fn is_python(text: &str) -> bool {
    text.find(['\'', '"']).is_some_and(|first| text[first..].starts_with('\''))
}

/// The same as JSON, if its first text is in such quotes; it may still make no sense.
pub(super) fn as_json(text: &str) -> Option<String> {
    if !is_python(text) {
        return None;
    }
    let mut json = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => string(c, &mut chars, &mut json),
            _ if c.is_alphabetic() => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| c.is_alphanumeric()) {
                    word.push(c);
                }
                json.push_str(match word.as_str() {
                    "True" => "true",
                    "False" => "false",
                    "None" => "null",
                    // Python 2 marks its texts.
                    "u" | "b" if matches!(chars.peek(), Some('\'' | '"')) => "",
                    other => other,
                });
            }
            _ => json.push(c),
        }
    }
    Some(json)
}

/// The rest of a text that began with this quote.
fn string(quote: char, chars: &mut impl Iterator<Item = char>, json: &mut String) {
    json.push('"');
    while let Some(c) = chars.next() {
        match c {
            _ if c == quote => break,
            '"' => json.push_str("\\\""),
            '\\' => match chars.next() {
                Some('\'') => json.push('\''),
                // Of characters that are written as numbers, only these are of one width.
                Some('x') => json.push_str("\\u00"),
                Some(other) => json.extend(['\\', other]),
                None => {}
            },
            _ => json.push(c),
        }
    }
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_prints_is_read() {
        let text = r#"{'a': True, 'b': [None, 1.5], "it's": 'say "x"\n\'\x41', 'e': {}}"#;
        let json: serde_json::Value = serde_json::from_str(&as_json(text).unwrap()).unwrap();
        assert_eq!(json, serde_json::json!({"a": true, "b": [null, 1.5], "it's": "say \"x\"\n'A", "e": {}}));
        assert_eq!(as_json("{\"a\": 1}"), None);
    }
}
