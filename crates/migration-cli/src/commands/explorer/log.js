"use strict";
// Recordings as text: what they say, in all the formats that `cargo xtask replay` reads, which may even be mixed.

const Log = (() => {
  /** How the screen of `qmp-shell` begins that takes commands of the human monitor. */
  const HUMAN_BANNER = "Welcome to the HMP shell!";

  /** Reads a recording, line by line. */
  class Reader {
    constructor() {
      this.waiting = new Map();
      this.nextId = 0;
      this.lines = 0;
      this.pieces = new Socat.Pieces();
      // One for each way: their pieces may be mixed.
      this.scanners = { forth: new Scan.Scanner(), back: new Scan.Scanner() };
      // Whether commands at the prompt are for the human monitor.
      this.takesHumanCommands = false;
      // The command at the last prompt, if nothing has come since: what comes next may be its echo.
      this.typed = null;
    }

    /** Takes in the next line. What it completes, in order: what was seen, or `{line, bad}`. */
    read(line) {
      this.lines += 1;
      const piece = this.pieces.line(Socat.shown(line), line.endsWith("\r"));
      if (piece === null) return [];
      const out = [];
      const scanner = this.scanners[piece.way];
      this.takesHumanCommands ||= piece.text.includes(HUMAN_BANNER);
      const typed = scanner.open === null ? Typed.atPrompt(piece.text) : null;
      if (typed !== null && this.atPrompt(typed, out)) return out;
      for (const found of scanner.line(this.lines, piece.text)) this.found(found, out);
      return out;
    }

    /** The line in which something began that did not end before the recording did; null if there is none. */
    finish() {
      const cut = [this.scanners.forth.finish(), this.scanners.back.finish()].filter((line) => line !== null);
      return cut.length === 0 ? null : Math.min(...cut);
    }

    /** A line at the prompt; whether it is a command. */
    atPrompt(typed, out) {
      if (this.takesHumanCommands) {
        // What the human monitor says is not told from the rest; but at the next prompt it has said it.
        for (const _ of [...this.sent("")]) this.say(this.lines, { type: "return", process: "", body: { return: "" } }, out);
      }
      let command = { name: "human-monitor-command", members: { "command-line": typed } };
      if (!this.takesHumanCommands) command = Typed.command(typed);
      else if (typed === "" || typed.startsWith("{")) command = null;
      if (command === null) return false;
      this.say(this.lines, { type: "command", process: "", ...command, outOfBand: false }, out);
      this.typed = command.name;
      return true;
    }

    found({ line, text }, out) {
      if (text === undefined) {
        out.push({ line, bad: "no JSON object: it has no end" });
        return;
      }
      try {
        for (const said of Decode.object(text)) this.say(line, said, out);
      } catch (error) {
        out.push({ line, bad: error.message });
      }
    }

    say(line, said, out) {
      const { typed } = this;
      this.typed = null;
      // With `-v` the shell shows what it sends, after what was typed.
      if (said.type === "command" && said.tag === undefined && typed === said.name) return;
      const meaning = {
        command: () => this.command(said),
        return: () => this.reply(said),
        event: () => Decode.event(said.name, said.data),
        process: () => Decode.happening(said.name, said.data),
      };
      try {
        const seen = meaning[said.type]();
        if (seen !== null) out.push({ line, process: said.process, isLate: said.isLate ?? false, ...seen });
      } catch (error) {
        out.push({ line, bad: error.message });
      }
    }

    sent(process) {
      if (!this.waiting.has(process)) this.waiting.set(process, []);
      return this.waiting.get(process);
    }

    command({ process, name, members, outOfBand, tag }) {
      this.nextId += 1;
      const id = `c${this.nextId}`;
      this.sent(process).push({ id, name, outOfBand, tag });
      return { observation: { type: "command", id, outOfBand, ...Decode.command(name, members) }, words: `command \`${name}\`` };
    }

    /**
     * Finds the command that a reply is to. A reply to nothing is passed over: a session may have been cut into, and
     * recorders that leave out the ids of commands are met half-way.
     */
    reply({ process, name, tag, body }) {
      const sent = this.sent(process);
      const isNamed = (other) => (tag !== undefined ? other.tag === tag : name !== undefined && other.name === name);
      const isNameless = (other) => name === undefined && other.tag === undefined;
      const ways = [isNamed, (other) => isNameless(other) && !other.outOfBand, isNameless];
      const at = ways.map((fits) => sent.findIndex(fits)).find((index) => index >= 0);
      if (at === undefined) return null;
      const [found] = sent.splice(at, 1);
      const { reply, words } = Decode.reply(found.name, body);
      return { observation: { type: "reply", id: found.id, reply }, words };
    }
  }

  return { Reader };
})();
