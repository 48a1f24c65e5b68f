"use strict";
// Recordings as text: what a line of one says. Two formats, which may even be mixed: wrapped lines of several processes
// (`proc`, `kind`, `name`, `data`), and what crosses a QMP socket, with marks before it or typed at a prompt.

const Log = (() => {
  const PROMPT = "(QEMU) ";

  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const member = (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined);
  const text = (value) => (typeof value === "string" ? value : undefined);

  function needText(object, key) {
    const value = text(member(object, key));
    if (value === undefined) throw new Error(`member \`${key}\` is missing or no text`);
    return value;
  }

  /** A command at the prompt of `qmp-shell`: a name and arguments as `key=value`. */
  function typed(line) {
    const trimmed = line.trim();
    if (!trimmed.startsWith(PROMPT)) return null;
    const [name, ...words] = trimmed.slice(PROMPT.length).split(/\s+/).filter((word) => word !== "");
    if (name === undefined || name.includes("{")) return null;
    if (words.some((word) => !word.includes("="))) return null;
    const pair = (word) => [word.slice(0, word.indexOf("=")), jsonOr(word.slice(word.indexOf("=") + 1))];
    const members = Object.fromEntries(words.map(pair));
    return { type: "command", process: "", name, members, outOfBand: false };
  }

  function jsonOr(word) {
    try {
      return JSON.parse(word);
    } catch {
      return word;
    }
  }

  function decode(line) {
    const command = typed(line);
    if (command) return command;
    const start = line.indexOf("{");
    if (start < 0) return null;
    let object;
    try {
      object = JSON.parse(line.slice(start).trimEnd());
    } catch (error) {
      throw new Error(`no JSON object: ${error.message}`);
    }
    return Object.hasOwn(object, "kind") ? wrapped(object) : raw(object);
  }

  function wrapped(object) {
    const [process, kind, name] = ["proc", "kind", "name"].map((key) => needText(object, key));
    const data = member(object, "data") ?? null;
    switch (kind) {
      case "command":
        return { type: kind, process, name, members: member(data, "arguments"), outOfBand: member(data, "oob") === true };
      case "return":
        return { type: kind, process, name, body: data };
      case "event":
      case "process":
        return { type: kind, process, name, data };
      default:
        throw new Error(`unknown kind \`${kind}\``);
    }
  }

  function raw(object) {
    const tag = Object.hasOwn(object, "id") ? JSON.stringify(object.id) : undefined;
    const process = "";
    for (const [key, outOfBand] of [["execute", false], ["exec-oob", true]]) {
      if (Object.hasOwn(object, key)) {
        return { type: "command", process, name: needText(object, key), members: object.arguments, outOfBand, tag };
      }
    }
    if (Object.hasOwn(object, "event")) return { type: "event", process, name: needText(object, "event"), data: object.data };
    if (Object.hasOwn(object, "return") || Object.hasOwn(object, "error")) return { type: "return", process, tag, body: object };
    if (Object.hasOwn(object, "QMP")) return null;
    throw new Error("neither a command, a reply, an event nor a greeting");
  }

  function capabilities(list) {
    const entries = Array.isArray(list) ? list : [];
    const pair = (entry) => [text(member(entry, "capability")), member(entry, "state")];
    return entries.map(pair).filter(([name, on]) => name !== undefined && typeof on === "boolean");
  }

  /** What matters of a command: texts, numbers and booleans among its arguments, and capabilities. */
  function command(name, members) {
    const isScalar = (value) => ["string", "number", "boolean"].includes(typeof value);
    const own = isObject(members) ? Object.entries(members) : [];
    const line = text(member(members, "command-line"));
    if (name === "human-monitor-command" && line !== undefined) return human(line);
    return {
      name,
      arguments: own.filter(([, value]) => isScalar(value)).map(([key, value]) => [key, String(value)]),
      capabilities: capabilities(member(members, "capabilities")),
      human: false,
    };
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

  /** What a reply says. */
  function reply(name, body) {
    const error = member(body, "error");
    if (error !== undefined) return { type: member(error, "class") === "CommandNotFound" ? "unknown" : "refused" };
    const said = member(body, "return");
    if (name === "query-migrate") return { type: "status", status: text(member(said, "status")) ?? null };
    if (name === "query-migrate-capabilities") return { type: "capabilities", capabilities: capabilities(said) };
    return { type: "done" };
  }

  function because(body) {
    const desc = text(member(member(body, "error"), "desc"));
    return desc === undefined ? "" : ` (${desc})`;
  }

  function replyWords(name, said, body) {
    if (said.type === "done" || said.type === "capabilities") return `success of \`${name}\``;
    if (said.type !== "status") return `error of \`${name}\`${because(body)}`;
    return said.status === null ? `reply of \`${name}\` without a status` : `reply of \`${name}\` with status \`${said.status}\``;
  }

  function event({ process, name, data }) {
    if (name === "SHUTDOWN") return { process, observation: { type: "ending" }, words: "event `SHUTDOWN`" };
    if (name !== "MIGRATION") return null;
    const status = text(member(data, "status"));
    if (status === undefined) throw new Error("event `MIGRATION` without a status");
    return { process, observation: { type: "published", status }, words: `event \`MIGRATION\` with status \`${status}\`` };
  }

  function happening({ process, name, data }) {
    const words = `${name} of the process`;
    const incoming = text(member(data, "incoming"));
    const isFresh = incoming === undefined || incoming === "defer";
    if (name === "start") return { process, observation: { type: "started", start: isFresh ? "fresh" : "listening" }, words };
    if (name === "exit") return { process, observation: { type: "exited" }, words };
    // A process that is killed by force does nothing any more.
    const isAsked = name === "kill" && member(data, "signal") !== "SIGKILL";
    return isAsked ? { process, observation: { type: "ending" }, words } : null;
  }

  /** Reads a recording, line by line. */
  class Reader {
    constructor() {
      this.waiting = new Map();
      this.nextId = 0;
    }

    /** What a line says; null if it says nothing. Throws an error when it has a brace and makes no sense. */
    read(line) {
      const decoded = decode(line);
      if (decoded === null) return null;
      return { command: (it) => this.command(it), return: (it) => this.reply(it), event, process: happening }[decoded.type](decoded);
    }

    sent(process) {
      if (!this.waiting.has(process)) this.waiting.set(process, []);
      return this.waiting.get(process);
    }

    command({ process, name, members, outOfBand, tag }) {
      this.nextId += 1;
      const id = `c${this.nextId}`;
      this.sent(process).push({ id, name, outOfBand, tag });
      return { process, observation: { type: "command", id, outOfBand, ...command(name, members) }, words: `command \`${name}\`` };
    }

    /** Finds the command that a reply is to. A reply to nothing is passed over: a session may have been cut into. */
    reply({ process, name, tag, body }) {
      const sent = this.sent(process);
      const isIt = (other) => {
        if (tag !== undefined) return other.tag === tag;
        return name !== undefined ? other.name === name : other.tag === undefined && !other.outOfBand;
      };
      const at = sent.findIndex(isIt);
      if (at < 0) return null;
      const [found] = sent.splice(at, 1);
      const said = reply(found.name, body);
      return { process, observation: { type: "reply", id: found.id, reply: said }, words: replyWords(found.name, said, body) };
    }
  }

  return { Reader };
})();
