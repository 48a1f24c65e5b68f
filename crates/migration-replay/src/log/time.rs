//! Times as logs write them, in seconds since 1970.

use chrono::DateTime;

/// Forms of a date and a time of day with the distance to UTC. Those without one are taken to be UTC.
const FORMS: &[&str] = &["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S,%3f%#z"];

/// Reads a date and a time of day, for example `2022-03-07 10:47:07.326+0000` or `2023-10-26T12:50:40.523Z`.
pub(super) fn date(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Some(time) = usual(text) {
        return Some(time);
    }
    let read = |text: &str| FORMS.iter().find_map(|form| DateTime::parse_from_str(text, form).ok());
    let time = read(text).or_else(|| read(&format!("{text}+0000")))?;
    Some(time.timestamp_micros() as f64 / 1e6)
}

/// Reads the form that nearly all logs have, `2023-10-26T12:50:40.523Z`, which has no distance to UTC but none: looking
/// through all forms takes longer than all else that is done with a line.
fn usual(text: &str) -> Option<f64> {
    let text = text.strip_suffix('Z').or_else(|| text.strip_suffix("+0000")).unwrap_or(text);
    let (text, fraction) = text.split_once('.').unwrap_or((text, ""));
    let bytes = text.as_bytes();
    let fits = |(at, byte): (usize, &u8)| match at {
        4 | 7 => *byte == b'-',
        10 => matches!(byte, b'T' | b' '),
        13 | 16 => *byte == b':',
        _ => byte.is_ascii_digit(),
    };
    if bytes.len() != 19 || !bytes.iter().enumerate().all(fits) || fraction.len() > 6 {
        return None;
    }
    let micros: i64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<6}").parse().ok()? };
    let number =
        |from: usize, to: usize| bytes[from..to].iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    let day = chrono::NaiveDate::from_ymd_opt(i32::try_from(number(0, 4)).ok()?, number(5, 7), number(8, 10))?;
    let time = day.and_hms_opt(number(11, 13), number(14, 16), number(17, 19))?;
    Some((time.and_utc().timestamp() * 1_000_000 + micros) as f64 / 1e6)
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
        for (text, time) in
            [("1970-01-02 00:00:01", Some(86_401.0)), ("2022-02-30T00:00:00Z", None), ("2022-03-07T10:47:07.x", None)]
        {
            assert_eq!(date(text), time, "{text}");
        }
    }
}
