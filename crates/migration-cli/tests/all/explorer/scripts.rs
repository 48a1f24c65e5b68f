//! Pages in files, and one function of `driver.js` at a time that runs beside the scripts of a page.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tempfile::TempDir;

use super::super::run::{names_in, root, xtask};
use super::browser::Browser;

pub(super) struct Page {
    path: PathBuf,
    // Holds the directory of the file, where it is to go with the page.
    _directory: Option<TempDir>,
}

/// The pages of tables that several tests look at, since the pictures of large machines take their time.
static SHARED: Mutex<BTreeMap<String, Arc<Page>>> = Mutex::new(BTreeMap::new());

impl Page {
    /// The page that the command writes with these arguments.
    pub(super) fn new(arguments: &[&str]) -> Page {
        let directory = TempDir::new().expect("a directory can be made");
        let page = Page { path: directory.path().join("explorer.html"), _directory: Some(directory) };
        page.write(arguments);
        page
    }

    /// The page of a table, by its whole path; it is made once.
    pub(super) fn of(table: &str) -> Arc<Page> {
        let mut shared = SHARED.lock().expect("no test has failed while it held it");
        let make = || {
            let name = Path::new(table).file_stem().expect("a table has a name").to_string_lossy().into_owned();
            let page = Page { path: Path::new(env!("CARGO_TARGET_TMPDIR")).join(name + ".html"), _directory: None };
            page.write(&["--table", table]);
            Arc::new(page)
        };
        Arc::clone(shared.entry(table.to_owned()).or_insert_with(make))
    }

    fn write(&self, arguments: &[&str]) {
        let path = self.path.display().to_string();
        xtask(&[&["explorer", "-o", &path], arguments].concat()).ended_without_result(0);
    }

    pub(super) fn path(&self) -> PathBuf {
        self.path.clone()
    }

    /// What the page knows.
    pub(super) fn data(&self) -> Value {
        let html = std::fs::read_to_string(self.path()).expect("the page was written");
        let (_, rest) = html.split_once("id=\"data\">").expect("it has data");
        let (data, _) = rest.split_once("</script>").expect("it ends");
        serde_json::from_str(data).expect("it is JSON")
    }

    /// The address of the page, with this after its `#`.
    pub(super) fn url(&self, hash: &str) -> String {
        format!("file://{}#{hash}", self.path().display())
    }

    /// A browser that shows the page, with this after the `#` of its address, if a browser is installed.
    pub(super) fn show(&self, hash: &str) -> Option<Browser> {
        let mut browser = Browser::start()?;
        browser.open(&self.url(hash));
        Some(browser)
    }

    /// What a function of the driver gives in Chromium, if that is installed.
    pub(super) fn drive(&self, name: &str, argument: &Value) -> Option<Value> {
        let mut browser = self.show("")?;
        browser.evaluate(&driver());
        let data = "JSON.parse(document.getElementById('data').textContent).table";
        Some(browser.evaluate(&format!("drive.{name}({data}, {argument})")))
    }
}

pub(in crate::all) fn driver() -> String {
    std::fs::read_to_string(here().join("driver.js")).expect("the driver is beside this file")
}

/// The tables of the repository, by their paths from its root.
pub(super) fn tables() -> Vec<String> {
    let names = names_in(&root().join("tests/tables"));
    let mut tables: Vec<String> = names.iter().map(|name| format!("tests/tables/{name}")).collect();
    tables.push("states.yaml".to_owned());
    let machines = ["job", "pod"].map(|name| format!("crates/migration-table/tests/fixtures/machines/{name}.yaml"));
    tables.extend(machines);
    tables.sort();
    tables
}

/// The whole path of something in the repository.
pub(super) fn whole(path: &str) -> String {
    root().join(path).display().to_string()
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/explorer")
}
