//! The name of the folder beside a table that has its frozen side.

/// The table that a program finds without being told.
const DEFAULT_TABLE: &str = "states.yaml";

/// Returns the folder of the frozen side of the table in a file of this name.
pub(super) fn folder(table: &str) -> String {
    match table {
        DEFAULT_TABLE => "api".to_owned(),
        other => format!("{}.api", other.strip_suffix(".yaml").unwrap_or(other)),
    }
}

/// Returns the file of the table that a folder of this name belongs to, or `None` if it is no folder of a frozen side.
pub(super) fn owner(folder: &str) -> Option<String> {
    match folder {
        "api" => Some(DEFAULT_TABLE.to_owned()),
        other => other.strip_suffix(".api").map(|stem| format!("{stem}.yaml")),
    }
}
