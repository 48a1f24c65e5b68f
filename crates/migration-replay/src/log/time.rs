//! Times as logs write them, in seconds since 1970.

use chrono::DateTime;

/// Forms of a date and a time of day with the distance to UTC. Those without one are taken to be UTC.
const FORMS: &[&str] = &["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S,%3f%#z"];

/// Reads a date and a time of day, for example `2022-03-07 10:47:07.326+0000` or `2023-10-26T12:50:40.523Z`.
pub(super) fn date(text: &str) -> Option<f64> {
    let text = text.trim();
    let read = |text: &str| FORMS.iter().find_map(|form| DateTime::parse_from_str(text, form).ok());
    let time = read(text).or_else(|| read(&format!("{text}+0000")))?;
    Some(time.timestamp_micros() as f64 / 1e6)
}

/// Reads what a member of an object holds: a date, seconds, or microseconds as text.
pub(super) fn any(value: &serde_json::Value) -> Option<f64> {
    let number = |number: f64| if number > 1e14 { number / 1e6 } else { number };
    match value {
        serde_json::Value::Number(seconds) => seconds.as_f64().map(number),
        serde_json::Value::String(text) => text.parse().ok().map(number).or_else(|| date(text)),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_one_clock() {
        for text in [
            "2022-03-07 10:47:07.326+0000",
            "2022-03-07T10:47:07.326000Z",
            "2022-03-07T11:47:07.326+01:00",
            "2022-03-07 10:47:07.326",
            "2022-03-07 16:17:07.326+0530",
        ] {
            assert_eq!(date(text), Some(1_646_650_027.326), "{text}");
        }
        assert_eq!(any(&serde_json::json!("1720735858960014")), Some(1_720_735_858.960_014));
        assert_eq!(date("yesterday"), None);
    }
}
