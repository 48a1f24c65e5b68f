//! Chromium without a window, driven over a pipe by the DevTools protocol: messages are JSON with a zero byte after each.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

/// An answer that takes longer than this does not come any more.
const PATIENCE: Duration = Duration::from_secs(90);

/// The programs that will do, by their names.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// A browser with one page.
pub(in crate::all) struct Browser {
    child: Child,
    stdin: ChildStdin,
    messages: Receiver<Value>,
    session: Option<String>,
    next_id: u64,
    /// What has loaded the page that was complete last.
    loaded: Value,
    /// Errors that pages have reported: there must be none.
    errors: Vec<String>,
    // Holds the profile of the browser, which goes with it.
    _profile: TempDir,
}

impl Browser {
    /// A browser, if there is one; otherwise says that something is skipped.
    pub(in crate::all) fn start() -> Option<Browser> {
        let is_there = |name: &&&str| {
            let found = Command::new("sh").args(["-c", "command -v \"$0\" >/dev/null", name]).status();
            found.is_ok_and(|status| status.success())
        };
        let Some(name) = NAMES.iter().find(is_there) else {
            eprintln!("skipped: Chromium is not installed, so nothing was tried in a browser");
            return None;
        };
        let profile = TempDir::new().expect("a directory can be made");
        // The protocol uses the descriptors 3 and 4, which a shell can give it.
        let script = "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null";
        let mut child = Command::new("sh")
            .args(["-c", script, name, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"])
            .args(["--no-first-run", "--disable-extensions", "--window-size=1400,1000"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("there is a shell");
        let stdin = child.stdin.take().expect("standard input is a pipe");
        let mut stdout = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
        let (sender, messages) = channel();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            while stdout.read_until(0, &mut bytes).is_ok_and(|count| count > 0) {
                bytes.pop();
                if let Ok(message) = serde_json::from_slice(&bytes)
                    && sender.send(message).is_err()
                {
                    return;
                }
                bytes.clear();
            }
        });
        let errors = Vec::new();
        let mut browser = Browser {
            child,
            stdin,
            messages,
            session: None,
            next_id: 0,
            loaded: Value::Null,
            errors,
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attached =
            browser.call("Target.attachToTarget", json!({ "targetId": target["targetId"], "flatten": true }));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "DOM"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser.call("Page.setLifecycleEventsEnabled", json!({ "enabled": true }));
        Some(browser)
    }

    /// Opens a page and waits until its scripts have run.
    pub(super) fn open(&mut self, url: &str) {
        self.visit(url);
        self.evaluate("explorer !== undefined");
    }

    /// Opens a page of any kind.
    pub(in crate::all) fn visit(&mut self, url: &str) {
        // An address that differs behind the `#` alone would not load anything.
        for address in ["about:blank", url] {
            let loader = self.call("Page.navigate", json!({ "url": address }))["loaderId"].clone();
            while self.loaded != loader {
                let event = self.next(&format!("`{address}` to be loaded"));
                self.note(&event);
            }
        }
    }

    /// Waits until an expression holds in a page that loads itself again meanwhile.
    pub(super) fn wait_through_reloads(&mut self, expression: &str) {
        let begun = Instant::now();
        loop {
            let arguments = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
            // A page that goes takes its answer along.
            let answer = self.try_call("Runtime.evaluate", arguments);
            if answer.is_ok_and(|answer| answer["result"]["value"] == true) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "in vain waited for `{expression}`");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// What an expression gives; a promise is waited for.
    pub(in crate::all) fn evaluate(&mut self, expression: &str) -> Value {
        let arguments = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", arguments);
        assert!(answer["exceptionDetails"].is_null(), "{:.300}: {}", expression, answer["exceptionDetails"]);
        answer["result"]["value"].clone()
    }

    /// The text that an expression gives.
    pub(super) fn text(&mut self, expression: &str) -> String {
        self.evaluate(expression).as_str().unwrap_or_else(|| panic!("no text: {expression}")).to_owned()
    }

    /// Waits until an expression holds, which is about the document: it is looked at again whenever that changes.
    pub(super) fn wait_for(&mut self, expression: &str) {
        let wait = format!(
            "new Promise((resolve) => {{ \
               const look = () => {{ if ({expression}) {{ observer.disconnect(); resolve(true); }} }}; \
               const observer = new MutationObserver(look); \
               observer.observe(document, {{ subtree: true, childList: true, attributes: true, characterData: true }}); \
               look(); }})"
        );
        self.evaluate(&wait);
    }

    /// Clicks with the mouse on the middle of what a selector finds first.
    pub(super) fn click(&mut self, selector: &str) {
        let find = format!(
            "(() => {{ const it = document.querySelector({}); if (it === null) return null; \
             it.scrollIntoView({{ block: 'center', inline: 'center' }}); const box = it.getBoundingClientRect(); \
             return [box.x + box.width / 2, box.y + box.height / 2]; }})()",
            json!(selector)
        );
        let place = self.evaluate(&find);
        assert!(place.is_array(), "nothing is called {selector}");
        for kind in ["mousePressed", "mouseReleased"] {
            let arguments = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", arguments);
        }
    }

    /// Chooses what has this value from the list with this key.
    pub(super) fn choose(&mut self, key: &str, value: &str) {
        let choose = format!(
            "{{ const it = document.querySelector('[data-key={key}]'); it.value = {}; it.dispatchEvent(new Event('change')); }}",
            json!(value)
        );
        self.evaluate(&choose);
    }

    /// Presses a key by its name, for example `u` or `ArrowRight`.
    pub(super) fn press(&mut self, key: &str) {
        let text = match key {
            "Enter" => Some("\r"),
            _ if key.chars().count() == 1 => Some(key),
            _ => None,
        };
        let mut arguments = json!({ "type": "keyDown", "key": key, "code": key });
        let code = match key {
            "Tab" => 9,
            "Enter" => 13,
            "Escape" => 27,
            "ArrowLeft" => 37,
            "ArrowRight" => 39,
            _ => 0,
        };
        arguments["windowsVirtualKeyCode"] = json!(code);
        if let Some(text) = text {
            arguments["text"] = json!(text);
        }
        self.call("Input.dispatchKeyEvent", arguments.clone());
        arguments["type"] = json!("keyUp");
        self.call("Input.dispatchKeyEvent", arguments);
    }

    /// Drops a file on the middle of the page.
    pub(super) fn drop_file(&mut self, path: &str) {
        for kind in ["dragEnter", "dragOver", "drop"] {
            let data = json!({ "items": [], "files": [path], "dragOperationsMask": 1 });
            self.call("Input.dispatchDragEvent", json!({ "type": kind, "x": 300, "y": 300, "data": data }));
        }
    }

    /// Makes the page as wide as a screen, in light or dark.
    pub(in crate::all) fn look(&mut self, width: u32, theme: &str) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let feature = json!({ "name": "prefers-color-scheme", "value": theme });
        self.call("Emulation.setEmulatedMedia", json!({ "features": [feature] }));
    }

    /// Calls a method of the protocol and gives what it answers.
    pub(super) fn call(&mut self, method: &str, arguments: Value) -> Value {
        self.try_call(method, arguments).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The same, where the browser may refuse it.
    fn try_call(&mut self, method: &str, arguments: Value) -> Result<Value, Value> {
        self.next_id += 1;
        let mut message = json!({ "id": self.next_id, "method": method, "params": arguments });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.stdin.write_all(format!("{message}\0").as_bytes()).expect("the browser reads");
        loop {
            let answer = self.next(&message.to_string());
            if answer["id"] == self.next_id {
                let error = &answer["error"];
                return if error.is_null() { Ok(answer["result"].clone()) } else { Err(error.clone()) };
            }
            self.note(&answer);
        }
    }

    /// The next message of the browser; `awaited` is what it is waited for.
    fn next(&mut self, awaited: &str) -> Value {
        self.messages.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("in vain waited for {awaited:.600}"))
    }

    /// Keeps what the page complains of, and whether it has been loaded.
    fn note(&mut self, event: &Value) {
        let params = &event["params"];
        if event["method"] == "Page.lifecycleEvent" && params["name"] == "load" {
            self.loaded = params["loaderId"].clone();
        }
        let error = match event["method"].as_str() {
            Some("Runtime.exceptionThrown") => &params["exceptionDetails"],
            Some("Runtime.consoleAPICalled") if params["type"] == "error" => &params["args"],
            Some("Log.entryAdded") if params["entry"]["level"] == "error" => &params["entry"],
            _ => return,
        };
        self.errors.push(error.to_string());
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may be gone already, and then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !thread::panicking() {
            assert_eq!(self.errors, Vec::<String>::new());
        }
    }
}
