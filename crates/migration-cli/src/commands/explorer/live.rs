//! A page that is written anew while a live process is followed: whoever has it open sees the picture move.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use migration_replay::Replay;
use migration_replay::log::Seen;
use serde_json::{Value, json};

use super::page::assemble;
use super::picture::Pictures;
use super::recordings::moment;
use super::subject::Subject;
use super::table_json;
use crate::output::replaces_none;
use crate::table_file::TableFile;

/// How much of what was seen the page has.
const MOMENTS_MAX: usize = 2_000;
/// The page is not written more often than this.
pub(in crate::commands) const PAUSE: Duration = Duration::from_millis(300);

/// A page that shows a process as it is now.
pub(in crate::commands) struct LivePage {
    path: PathBuf,
    title: String,
    data: Value,
    templates: String,
    name: String,
    moments: Vec<Value>,
    written: Option<Instant>,
    /// Whether something was seen since.
    is_old: bool,
}

impl LivePage {
    /// Writes the page before anything was seen. `None` if the table makes no sense or a walk over it never ends; why has
    /// been printed.
    pub(in crate::commands) fn begin(file: &TableFile, path: &Path, name: &str) -> Result<Option<LivePage>> {
        replaces_none(path)?;
        let Some(subject) = Subject::new(file)? else { return Ok(None) };
        let mut pictures = Pictures::default();
        pictures.add_whole(&subject.table);
        let data = json!({
            "table": table_json::table(&subject.table, &subject.named.name)?,
            "checks": subject.checks()?,
            "pictures": pictures.known,
            "command": file.invocation().command(&["replay", "--follow", "qmp.sock", "--page", "live.html"]),
            "live": true,
        });
        let mut page = LivePage {
            path: path.to_owned(),
            title: subject.table.name.clone(),
            data,
            templates: pictures.templates,
            name: name.to_owned(),
            moments: Vec::new(),
            written: None,
            is_old: false,
        };
        page.put("wait", "the process is being followed")?;
        Ok(Some(page))
    }

    /// Takes in what was seen.
    pub(in crate::commands) fn add(&mut self, seen: &Seen, replay: &Replay<'_>) {
        if self.moments.len() == MOMENTS_MAX {
            self.moments.remove(0);
        }
        self.moments.push(moment(seen, replay));
        self.is_old = true;
    }

    /// Writes the page anew if something was seen since, and it has not just been written.
    pub(in crate::commands) fn write(&mut self) -> Result<()> {
        if !self.is_old || self.written.is_some_and(|written| written.elapsed() < PAUSE) {
            return Ok(());
        }
        self.put("go", "all that was seen until now is explained")
    }

    /// Writes the page for the last time, with a verdict.
    pub(in crate::commands) fn end(&mut self, kind: &str, text: &str) -> Result<()> {
        self.data["live"] = json!(false);
        if let (Some(last), "stop") = (self.moments.last_mut(), kind) {
            last["unexplained"] = json!(true);
        }
        self.put(kind, text)
    }

    fn put(&mut self, kind: &str, text: &str) -> Result<()> {
        self.data["recordings"] = json!([{
            "name": self.name,
            "verdict": { "kind": kind, "text": text },
            "instead": [],
            "cut": null,
            "bad": [],
            "bad_count": 0,
            "moments": self.moments,
        }]);
        let text = assemble(&self.title, &self.data, &self.templates);
        // A browser that reads it meanwhile must not see half of it.
        let cannot = || format!("cannot write `{}`", self.path.display());
        let directory = self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(directory).with_context(cannot)?;
        std::io::Write::write_all(&mut file, text.as_bytes()).with_context(cannot)?;
        file.persist(&self.path).with_context(cannot)?;
        self.written = Some(Instant::now());
        self.is_old = false;
        Ok(())
    }
}
