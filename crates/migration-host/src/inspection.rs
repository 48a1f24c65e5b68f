//! Answers to clients about the guest: its kind, its count, and whether its memory is whole.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::guest::HostedGuest;
use crate::guest::layout::{Plan, memory_pages, read_word, word};
use crate::guest::verify::{Verdict, writes_counted};
use crate::host::Inspect;
use migration_runtime::memory::PAGE_BYTES;

/// A guest, for clients that look at it.
pub struct Inspection(pub Arc<dyn HostedGuest>);

impl Inspect for Inspection {
    fn look(&self) -> Map<String, Value> {
        let memory = self.0.ram();
        let look = json!({
            "kind": self.0.kind_name(),
            "format": self.0.kind(),
            "memory-bytes": memory_pages(memory) * PAGE_BYTES,
            "hot-bytes": Plan::of(memory).map_or(0, |plan| u64::from(plan.hot_pages) * PAGE_BYTES),
            "pass": read_word(memory, word::PASS),
            "writes-counted": writes_counted(memory),
            "failure": self.0.failure(),
        });
        match look {
            Value::Object(members) => members,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
        }
    }

    fn verify(&self) -> Result<Value, String> {
        let verdict = self.0.verdict().map_err(|error| error.to_string())?;
        let faults: Vec<String> = verdict.faults.iter().map(ToString::to_string).collect();
        let whole = verdict.is_whole();
        let Verdict { pass, writes_counted, pages_checked, faults_found, .. } = verdict;
        Ok(json!({
            "whole": whole,
            "pass": pass,
            "writes-counted": writes_counted,
            "pages-checked": pages_checked,
            "faults-found": faults_found,
            "faults": faults,
        }))
    }
}
