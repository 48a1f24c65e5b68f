//! The file: the skeleton, the style, the scripts, and what is embedded.

use serde_json::Value;

const SKELETON: &str = include_str!("page.html");
const STYLES: [&str; 2] = [include_str!("style.css"), include_str!("parts.css")];

/// The scripts, in the order in which they need each other.
const SCRIPTS: [(&str, &str); 21] = [
    ("table.js", include_str!("table.js")),
    ("run.js", include_str!("run.js")),
    ("walk.js", include_str!("walk.js")),
    ("world.js", include_str!("world.js")),
    ("dom.js", include_str!("dom.js")),
    ("picture.js", include_str!("picture.js")),
    ("marks.js", include_str!("marks.js")),
    ("detail.js", include_str!("detail.js")),
    ("walking.js", include_str!("walking.js")),
    ("stepper.js", include_str!("stepper.js")),
    ("player.js", include_str!("player.js")),
    ("timeline.js", include_str!("timeline.js")),
    ("findings.js", include_str!("findings.js")),
    ("clients.js", include_str!("clients.js")),
    ("changes.js", include_str!("changes.js")),
    ("marking.js", include_str!("marking.js")),
    ("address.js", include_str!("address.js")),
    ("keys.js", include_str!("keys.js")),
    ("theme.js", include_str!("theme.js")),
    ("live.js", include_str!("live.js")),
    ("explorer.js", include_str!("explorer.js")),
];

/// The whole file.
pub(super) fn assemble(title: &str, data: &Value, pictures: &str) -> String {
    let scripts: String = SCRIPTS.iter().map(|(name, text)| script(name, text)).collect();
    let mut page = String::new();
    // One pass over the skeleton, so that nothing that is put in can be taken for a place.
    for piece in SKELETON.split("<!--put ") {
        let Some((place, rest)) = piece.split_once("-->") else {
            page += piece;
            continue;
        };
        match place.trim() {
            "title" => page += &text(title),
            "style" => page += &STYLES.concat(),
            "pictures" => page += pictures,
            "data" => page += &embedded(data),
            "scripts" => page += &scripts,
            _ => page += &format!("<!--{place}-->"),
        }
        page += rest;
    }
    page
}

/// JSON that can stand within an HTML element of any kind: nothing in it begins or ends a tag or a comment.
fn embedded(data: &Value) -> String {
    let mut escaped = String::new();
    for c in data.to_string().chars() {
        match c {
            // Outside of strings JSON has none of these.
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => escaped += &format!("\\u{:04x}", u32::from(c)),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Text of an HTML element.
fn text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn script(name: &str, text: &str) -> String {
    format!("<script>\n{text}//# sourceURL={name}\n</script>\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_embedded_ends_the_script() {
        let hostile = json!({ "doc": "</script><!-- & <script>alert(1)</script>\u{2028}" });
        let text = embedded(&hostile);
        assert!(!text.contains(['<', '>', '&', '\u{2028}']), "{text}");
        let back: Value = serde_json::from_str(&text).expect("it is still JSON");
        assert_eq!(back, hostile);
    }

    #[test]
    fn every_place_of_the_skeleton_is_filled_once() {
        let page = assemble("a <b>", &json!({ "mark": "<!--put style-->" }), "PICTURES");
        assert!(!page.contains("<!--put"), "a place is left");
        assert_eq!(page.matches("PICTURES").count(), 1);
        assert!(page.contains("<title>a &lt;b&gt;"), "the title is text");
    }

    #[test]
    fn no_script_ends_itself() {
        for (name, text) in SCRIPTS {
            assert!(!text.contains("</script") && !text.contains("<!--"), "{name}");
        }
    }
}
