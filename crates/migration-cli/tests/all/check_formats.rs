//! `check --format json|github|sarif`: findings for programs.

use serde_json::Value;

use super::run::{root, table, xtask};

/// A table with findings of several kinds, with places besides their own.
fn released() -> String {
    root().join("tests/tables/qemu-10.0.yaml").to_str().expect("the path is UTF-8").to_owned()
}

fn report(format: &str, path: &str) -> Value {
    let run = xtask(&["check", "--table", path, "--format", format]).ended_silently(1);
    serde_json::from_str(&run.stdout).expect("the report is JSON")
}

fn list<'v>(value: &'v Value, name: &str) -> &'v Vec<Value> {
    value[name].as_array().unwrap_or_else(|| panic!("`{name}` is a list in {value:#}"))
}

fn members(value: &Value) -> Vec<&str> {
    value.as_object().unwrap_or_else(|| panic!("an object: {value:#}")).keys().map(String::as_str).collect()
}

#[test]
fn json_has_the_shape_that_is_promised() {
    let report = report("json", &released());
    assert_eq!(members(&report), ["format", "file", "findings", "left_off"]);
    assert_eq!((&report["format"], &report["left_off"]), (&1.into(), &0.into()));
    let place = |place: &Value| {
        let names = ["line", "column", "end_line", "end_column", "start_byte", "end_byte"];
        assert_eq!(members(place), names);
        assert!(names.iter().all(|name| place[*name].is_u64()), "{place:#}");
        assert!(place["end_byte"].as_u64() >= place["start_byte"].as_u64(), "{place:#}");
    };
    let findings = list(&report, "findings");
    for finding in findings {
        assert_eq!(members(finding), ["code", "name", "severity", "message", "place", "label", "notes", "help"]);
        assert!(["error", "warning", "note"].contains(&finding["severity"].as_str().unwrap_or("")), "{finding:#}");
        assert!(["code", "name", "message", "label"].iter().all(|name| finding[*name].is_string()), "{finding:#}");
        assert!(finding["help"].is_string() || finding["help"].is_null(), "{finding:#}");
        place(&finding["place"]);
        for note in list(finding, "notes") {
            assert_eq!(members(note), ["text", "place"]);
            assert!(note["text"].is_string(), "{note:#}");
            if !note["place"].is_null() {
                place(&note["place"]);
            }
        }
    }
    let has_notes = |with_place: bool| {
        findings.iter().flat_map(|finding| list(finding, "notes")).any(|note| note["place"].is_null() != with_place)
    };
    assert!(has_notes(true) && has_notes(false), "the table no longer shows both kinds of notes");
    assert!(list(&xtask(&["check", "--format", "json"]).json(), "findings").is_empty());
}

#[test]
fn github_annotates_every_finding_on_a_line_of_its_own() {
    let path = released();
    let many = list(&report("json", &path), "findings").len();
    let run = xtask(&["check", "--table", &path, "--format", "github"]);
    assert_eq!((run.status, run.stdout.lines().count()), (Some(1), many));
    for line in run.stdout.lines() {
        let (command, message) = line.strip_prefix("::").and_then(|rest| rest.split_once("::")).expect("a command");
        let (level, properties) = command.split_once(' ').expect("a level and properties");
        assert!(["error", "warning", "notice"].contains(&level), "{line}");
        assert!(!message.is_empty(), "{line}");
        let names: Vec<&str> = properties.split(',').filter_map(|part| Some(part.split_once('=')?.0)).collect();
        assert!(
            names == ["file", "line", "endLine", "col", "endColumn", "title"]
                || names == ["file", "line", "endLine", "title"],
            "{line}"
        );
        assert!(properties.starts_with("file=tests/tables/qemu-10.0.yaml,line="), "from the root: {line}");
    }
    assert_eq!(xtask(&["check", "--format", "github"]).stdout, "", "nothing to say, nothing said");
}

#[test]
fn github_is_not_led_astray_by_what_is_in_the_table() {
    let text = std::fs::read_to_string(root().join("states.yaml")).expect("the workspace has a table");
    let (_directory, path) = table(&text.replacen("to: negotiating,", "to: 'a%0A::error::, b',", 1));
    xtask(&["check", "--table", &path, "--format", "github"]).ended(1).stdout_has("a%250A::error::, b");
}

#[test]
fn sarif_keeps_what_the_standard_demands() {
    let path = released();
    let log = report("sarif", &path);
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().is_some_and(|schema| schema.ends_with("/sarif-schema-2.1.0.json")));
    let [run] = list(&log, "runs").as_slice() else { panic!("one run: {log:#}") };
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert!(run["tool"]["driver"]["name"].is_string());
    let rules = list(&run["tool"]["driver"], "rules");
    for rule in rules {
        assert!(rule["id"].is_string() && rule["name"].is_string(), "{rule:#}");
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[text]["text"].as_str().is_some_and(|text| !text.is_empty()), "{rule:#}");
        }
    }
    let results = list(run, "results");
    assert_eq!(results.len(), list(&report("json", &path), "findings").len());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("a number")).expect("a small number");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap_or("")), "{result:#}");
        assert!(result["message"]["text"].is_string(), "{result:#}");
        let [location] = list(result, "locations").as_slice() else { panic!("one place: {result:#}") };
        let related = result["relatedLocations"].as_array().map_or(&[][..], Vec::as_slice);
        for location in [std::slice::from_ref(location), related].concat() {
            let physical = &location["physicalLocation"];
            assert_eq!(physical["artifactLocation"]["uri"], "tests/tables/qemu-10.0.yaml");
            assert_eq!(physical["artifactLocation"]["uriBaseId"], "%SRCROOT%");
            let number = |name: &str| physical["region"][name].as_i64().unwrap_or(-1);
            let (start, end) = (number("startLine"), number("endLine"));
            assert!(1 <= start && start <= end && 1 <= number("startColumn"), "{physical:#}");
            assert!(start < end || number("startColumn") <= number("endColumn"), "{physical:#}");
            assert!(number("byteOffset") >= 0 && number("byteLength") >= 0, "{physical:#}");
        }
    }
    assert!(results.iter().any(|result| result["relatedLocations"].is_array()), "no finding has a second place");
}

#[test]
fn the_schema_refuses_the_arguments_that_a_table_cannot_have() {
    let mut schema = xtask(&["schema"]).json();
    let argument = schema["definitions"]["TriggerDecl"]["properties"]["with"]["additionalProperties"].take();
    let validator = jsonschema::validator_for(&argument).expect("the schema is one");
    let table = include_str!("../../../../states.yaml");
    for value in [
        "true", "5", "-0.5", "1e5", "\"\"", "\"a\"", "\" 5\"", "\"01\"", "\"1.\"", "\"true\"", "\"5\"", "\"-0.5\"",
        "\"1e5\"",
    ] {
        let text = table.replacen("with: { resume: true }", &format!("with: {{ resume: {value} }}"), 1);
        assert_ne!(text == table, value != "true", "{value}");
        let is_refused = migration_table::load(&text).findings.iter().any(|finding| finding.code.0 == "T0105");
        let json: Value = serde_json::from_str(value).expect("a value of JSON");
        assert_eq!(validator.is_valid(&json), !is_refused, "{value}");
    }
}
