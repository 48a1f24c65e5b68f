"use strict";
// From JSON to words: objects of all formats, and the members of a message that matter.

const Decode = (() => {
  /** Members by one of which a message is known, raw or wrapped. */
  const KEYS = ["execute", "exec-oob", "return", "error", "event", "QMP", "kind", "step"];

  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const member = (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined);
  const text = (value) => (typeof value === "string" ? value : undefined);
  const isOne = (value) => isObject(value) && KEYS.some((key) => Object.hasOwn(value, key));

  function needText(object, key) {
    const value = text(member(object, key));
    if (value === undefined) throw new Error(`member \`${key}\` is missing or no text`);
    return value;
  }

  /** Reads JSON, as it is or as others print it: `socat` doubles backslashes, Python has quotes of its own. */
  function json(whole) {
    try {
      return JSON.parse(whole);
    } catch (error) {
      try {
        return JSON.parse(Python.asJson(whole) ?? whole.replaceAll("\\\\", "\\"));
      } catch {
        throw new Error(`no JSON object: ${error.message}`);
      }
    }
  }

  /** Whether the text is a message that is read here. */
  function isMessage(whole) {
    try {
      return isOne(json(whole));
    } catch {
      return false;
    }
  }

  /** What an object says: most say one thing; what `qmp-shell` keeps of a command holds its reply too. */
  function object(whole) {
    const value = json(whole);
    const isLate = Python.asJson(whole) !== null;
    const process = text(member(value, "proc")) ?? "";
    // The message may stand in an envelope of somebody else's.
    const inner = isOne(value) ? value : (Object.values(value).find(isOne) ?? value);
    if (Object.hasOwn(inner, "step")) return step(inner, process);
    return Object.hasOwn(inner, "kind") ? [wrapped(inner)] : raw(inner, process, isLate);
  }

  function wrapped(value) {
    const [process, kind, name] = ["proc", "kind", "name"].map((key) => needText(value, key));
    const data = member(value, "data") ?? null;
    const known = {
      command: { type: kind, process, name, members: member(data, "arguments"), outOfBand: member(data, "oob") === true },
      return: { type: kind, process, name, body: data },
      event: { type: kind, process, name, data, isLate: false },
      process: { type: kind, process, name, data },
    };
    if (!Object.hasOwn(known, kind)) throw new Error(`unknown kind \`${kind}\``);
    return known[kind];
  }

  /** A step of a host's trace: of those that are to be seen from outside, what it publishes. */
  function step(value, process) {
    const status = text(member(value, "publishes"));
    return status === undefined ? [] : [{ type: "event", process, name: "MIGRATION", data: { status }, isLate: false }];
  }

  function raw(value, process, isLate) {
    const tag = Object.hasOwn(value, "id") ? JSON.stringify(value.id) : undefined;
    const said = [];
    const key = ["execute", "exec-oob"].find((known) => Object.hasOwn(value, known));
    if (key !== undefined) said.push({ type: "command", process, name: needText(value, key), members: member(value, "arguments"), outOfBand: key === "exec-oob", tag });
    if (Object.hasOwn(value, "event")) said.push({ type: "event", process, name: needText(value, "event"), data: member(value, "data"), isLate });
    else if (Object.hasOwn(value, "return") || Object.hasOwn(value, "error")) said.push({ type: "return", process, tag, body: value });
    else if (said.length === 0 && !Object.hasOwn(value, "QMP")) throw new Error("neither a command, a reply, an event nor a greeting");
    return said;
  }

  function capabilities(list) {
    const entries = Array.isArray(list) ? list : [];
    const pair = (entry) => [text(member(entry, "capability")), member(entry, "state")];
    return entries.map(pair).filter(([name, on]) => name !== undefined && typeof on === "boolean");
  }

  /** What matters of a command: texts, numbers and booleans among its arguments, and capabilities. */
  function command(name, members) {
    const line = text(member(members, "command-line"));
    if (name === "human-monitor-command" && line !== undefined) return Typed.human(line);
    const isScalar = (value) => ["string", "number", "boolean"].includes(typeof value);
    const own = isObject(members) ? Object.entries(members) : [];
    const scalars = own.filter(([, value]) => isScalar(value)).map(([key, value]) => [key, String(value)]);
    return { name, arguments: scalars, capabilities: capabilities(member(members, "capabilities")), human: false };
  }

  /** What a reply says, and the words for it. */
  function reply(name, body) {
    const error = member(body, "error");
    if (error !== undefined) {
      const desc = text(member(error, "desc"));
      const type = member(error, "class") === "CommandNotFound" ? "unknown" : "refused";
      return { reply: { type }, words: `error of \`${name}\`${desc === undefined ? "" : ` (${desc})`}` };
    }
    const said = member(body, "return");
    if (name === "query-migrate") {
      const status = text(member(said, "status")) ?? null;
      return { reply: { type: "status", status }, words: `reply of \`${name}\` ${status === null ? "without a status" : `with status \`${status}\``}` };
    }
    const type = name === "query-migrate-capabilities" ? "capabilities" : "done";
    return { reply: { type, capabilities: capabilities(said) }, words: `success of \`${name}\`` };
  }

  /** What an event means, and the words for it; null if nothing. */
  function event(name, data) {
    if (name === "SHUTDOWN") return { observation: { type: "ending" }, words: "event `SHUTDOWN`" };
    if (name !== "MIGRATION") return null;
    const status = text(member(data, "status"));
    if (status === undefined) throw new Error("event `MIGRATION` without a status");
    return { observation: { type: "published", status }, words: `event \`MIGRATION\` with status \`${status}\`` };
  }

  /** What it means that a process was started, killed or has exited, and the words for it; null if nothing. */
  function happening(name, data) {
    const words = `${name} of the process`;
    const incoming = text(member(data, "incoming"));
    const isFresh = incoming === undefined || incoming === "defer";
    if (name === "start") return { observation: { type: "started", start: isFresh ? "fresh" : "listening" }, words };
    if (name === "exit") return { observation: { type: "exited" }, words };
    // A process that is killed by force does nothing any more.
    const isAsked = name === "kill" && member(data, "signal") !== "SIGKILL";
    return isAsked ? { observation: { type: "ending" }, words } : null;
  }

  return { command, event, happening, isMessage, object, reply };
})();
