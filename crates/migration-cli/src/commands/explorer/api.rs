//! What clients notice when one table replaces another: the report of `api diff`, for the page.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::api::side::{self, Side};
use crate::commands::api;

use super::subject::Subject;

/// Returns the report of `api diff` on two tables. If `api diff` gives up or cannot compare them, the report holds only
/// `given_up`, the reason.
pub(super) fn compared(new: &Subject, old: &Subject) -> Result<Value> {
    let report = side_of(new).and_then(|new| api::difference(new, side_of(old)?));
    match report {
        Ok(report) => serde_json::from_str(&report).context("the report of `api diff` is no JSON"),
        Err(why) => Ok(json!({ "given_up": format!("{why:#}") })),
    }
}

fn side_of(subject: &Subject) -> Result<Side> {
    let named = &subject.named;
    side::of_model(&named.name, &named.path, named.read.text.clone(), &subject.table)
}
