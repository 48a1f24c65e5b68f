"use strict";
// A recording, followed to its end or to the first line that no run explains: what each line says, and what may be true
// of the process after it, so that the page can show any moment.

const Recording = (() => {
  /** A recording larger than this is not read: the page would keep all of it in memory. */
  const BYTES_MAX = 64 << 20;
  /** A line is not longer than this: a reply that lists everything is far shorter. */
  const LINE_CHARS_MAX = 16 << 20;
  /** Work is done in slices of about this long, so that the page stays alive. */
  const SLICE_MS = 30;
  /** Bad lines that are named; the others are counted. */
  const BAD_LINES_MAX = 20;

  /** Follows lines, wherever they come from. */
  class Follower {
    constructor(table, { assumed = [], attached = false } = {}) {
      this.table = table;
      this.names = new Settings.Names(table);
      this.reader = new Log.Reader();
      this.options = { assumed, attached };
      this.processes = new Map();
    }

    /** What the line says; null if nothing. Throws `Replay.Unexplained` with `seen` in it, or another error for a bad line. */
    line(text) {
      if (text.length > LINE_CHARS_MAX) throw new Error("the line is longer than any line of a QMP session");
      const seen = this.reader.read(text);
      if (seen !== null) this.observe(seen);
      return seen;
    }

    observe(seen) {
      if (!this.processes.has(seen.process)) {
        const process = new Replay.Process(this.table, this.names, this.options.assumed);
        process.begin(this.options.attached ? "long-ago" : "either");
        this.processes.set(seen.process, process);
      }
      try {
        this.processes.get(seen.process).observe(seen.observation);
      } catch (error) {
        if (error instanceof Replay.Unexplained) error.seen = seen;
        throw error;
      }
    }
  }

  /**
   * Follows a whole recording. Gives `{name, lines, moments, bad, badCount, unexplained}`: a moment for each line that
   * says something, with what may be true of its process after it.
   */
  async function follow(table, name, text, options = {}) {
    const follower = new Follower(table, options);
    const recording = { name, lines: 0, moments: [], bad: [], badCount: 0, unexplained: null };
    let sliceEnds = performance.now() + SLICE_MS;
    let at = 0;
    while (at < text.length) {
      const found = text.indexOf("\n", at);
      const end = found < 0 ? text.length : found;
      recording.lines += 1;
      if (!takeLine(follower, recording, text.slice(at, end))) break;
      at = end + 1;
      if (options.pause && performance.now() > sliceEnds) {
        await options.pause(at / text.length);
        sliceEnds = performance.now() + SLICE_MS;
      }
    }
    return recording;
  }

  /** Takes in a line; false if nothing explains it. */
  function takeLine(follower, recording, line) {
    try {
      const seen = follower.line(line);
      if (seen !== null) {
        const after = follower.processes.get(seen.process).copy();
        recording.moments.push({ line: recording.lines, process: seen.process, words: seen.words, observation: seen.observation, after });
      }
      return true;
    } catch (error) {
      if (error instanceof Replay.Unexplained) {
        const { process, words } = error.seen;
        const before = follower.processes.get(process).copy();
        recording.unexplained = { line: recording.lines, process, words, why: error.message, instead: error.instead, before };
        return false;
      }
      recording.badCount += 1;
      if (recording.bad.length < BAD_LINES_MAX) recording.bad.push({ line: recording.lines, why: error.message });
      return true;
    }
  }

  /** What is to be said of the whole recording, in one sentence. */
  function verdict(table, recording) {
    const { unexplained } = recording;
    if (unexplained) {
      const whose = unexplained.process === "" ? "" : ` of \`${unexplained.process}\``;
      return `line ${unexplained.line}: ${unexplained.words}${whose} is not explained: ${unexplained.why}`;
    }
    if (recording.moments.length === 0) return "nothing in it that a QMP session shows";
    return `a run of \`${table.file}\` (${recording.lines} lines, ${recording.moments.length} observations)`;
  }

  /** The states that a machine may be in: `surely` right after the line, `by_now` with what is not seen since. */
  function whereabouts(process, at) {
    const states = (configs) => new Set([...configs].map((config) => config.places[at].state));
    let later;
    try {
      later = [...process.closure().configs.values()].filter(Possibility.isSettled);
    } catch {
      later = [];
    }
    return { now: states(process.configs.values()), later: states(later) };
  }

  return { BYTES_MAX, Follower, follow, verdict, whereabouts };
})();
