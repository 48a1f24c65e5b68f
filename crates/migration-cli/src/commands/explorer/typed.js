"use strict";
// Commands as people type them: at the prompt of `qmp-shell`, and in the human monitor.

const Typed = (() => {
  const PROMPT = "(QEMU)";

  /** What stands behind the prompts at the beginning of a line; null if there is no prompt. */
  function atPrompt(line) {
    let rest = line.trim();
    if (!rest.startsWith(PROMPT)) return null;
    while (rest.startsWith(PROMPT)) rest = rest.slice(PROMPT.length).trimStart();
    return rest;
  }

  /** A command at the prompt: a name and arguments as `key=value`; null if it is none. */
  function command(typed) {
    const [name, ...others] = words(typed);
    if (name === undefined || /[{}]/.test(name)) return null;
    const members = {};
    for (const word of others) {
      const at = word.indexOf("=");
      if (at < 0 || !insert(members, word.slice(0, at), value(word.slice(at + 1)))) return null;
    }
    return { name, members };
  }

  /** Words with spaces between them; spaces in quotes belong to the word. */
  function words(text) {
    const found = [];
    let [start, quote, isEscaped] = [-1, null, false];
    for (let at = 0; at < text.length; at += 1) {
      const c = text[at];
      if (quote !== null) {
        if (isEscaped) isEscaped = false;
        else if (c === "\\") isEscaped = true;
        else if (c === quote) quote = null;
      } else if (/\s/.test(c)) {
        if (start >= 0) found.push(text.slice(start, at));
        start = -1;
      } else {
        if (start < 0) start = at;
        quote = c === '"' || c === "'" ? c : null;
      }
    }
    return start < 0 ? found : [...found, text.slice(start)];
  }

  /** Puts a value at a path of keys with dots between them; false if something else is there. */
  function insert(members, path, put) {
    const dot = path.indexOf(".");
    const key = dot < 0 ? path : path.slice(0, dot);
    const own = Object.hasOwn(members, key);
    const set = (what) => Object.defineProperty(members, key, { value: what, enumerable: true, configurable: true, writable: true });
    if (dot < 0) {
      if (!own) set(put);
      return !own;
    }
    if (!own) set({});
    const inner = members[key];
    return typeof inner === "object" && inner !== null && !Array.isArray(inner) && insert(inner, path.slice(dot + 1), put);
  }

  function value(text) {
    const word = text.toLowerCase();
    if (word === "true" || word === "false") return word === "true";
    if (!/^[{[]/.test(text) && !/^[+-]?\d{1,18}$/.test(text)) return text;
    for (const json of [text, Python.asJson(text)]) {
      try {
        if (json !== null) return JSON.parse(json);
      } catch {
        // Then it is the next way of writing it, or a plain text.
      }
    }
    return text;
  }

  const SAME_IN_MONITOR = ["migrate_continue", "migrate_start_postcopy", "migrate_pause", "migrate_recover",
    "migrate_incoming", "x_colo_lost_heartbeat"];

  /** A line of the human monitor, as the QMP command that does the same. */
  function human(line) {
    const [name = "", ...rest] = line.split(/\s+/).filter((word) => word !== "");
    const done = { name, arguments: [], capabilities: [], human: true };
    if (name === "savevm") done.name = "snapshot-save";
    if (SAME_IN_MONITOR.includes(name)) done.name = name.replaceAll("_", "-");
    if (name === "migrate_set_capability") {
      done.name = "migrate-set-capabilities";
      if (rest.length === 2) done.capabilities = [[rest[0], ["on", "yes", "true"].includes(rest[1])]];
    }
    if (name === "migrate_set_parameter") {
      done.name = "migrate-set-parameters";
      if (rest.length === 2) done.arguments = [[rest[0], rest[1]]];
    }
    if (name === "migrate" && rest.includes("-r")) done.arguments = [["resume", "true"]];
    return done;
  }

  return { atPrompt, command, human };
})();
