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

  /** Follows what was seen, of every process by itself. */
  class Follower {
    constructor(table, options) {
      this.table = table;
      this.names = new Settings.Names(table);
      this.options = options;
      this.processes = new Map();
    }

    /** Takes in what was seen next; throws `Replay.Unexplained` if no run explains it. */
    observe(seen) {
      if (!this.processes.has(seen.process)) {
        const process = new Replay.Process(this.table, this.names, this.options);
        process.begin(this.options.attached ? "long-ago" : "either");
        this.processes.set(seen.process, process);
      }
      this.processes.get(seen.process).observe(seen.observation);
    }
  }

  /**
   * Follows a whole recording. Gives `{name, lines, moments, bad, badCount, cut, unexplained}`: a moment for everything
   * that was seen, with what may be true of its process after it.
   */
  async function follow(table, name, text, options = {}) {
    const recording = { name, lines: 0, moments: [], bad: [], badCount: 0, cut: null, unexplained: null };
    const seen = await read(recording, text, slices(options));
    // `qmp-shell` shows events when it is asked for them; then all of them may come late.
    const late = seen.some((it) => it.isLate);
    const follower = new Follower(table, { ...options, late });
    const slice = slices(options);
    for (const [index, it] of seen.entries()) {
      if (it.bad !== undefined) {
        recording.badCount += 1;
        if (recording.bad.length < BAD_LINES_MAX) recording.bad.push({ line: it.line, why: it.bad });
      } else if (!take(follower, recording, it)) break;
      await slice(0.3 + (0.7 * index) / seen.length);
    }
    return recording;
  }

  /** Something to wait for now and then, so that the page stays alive. */
  function slices({ pause }) {
    let ends = performance.now() + SLICE_MS;
    return async (done) => {
      if (pause === undefined || performance.now() < ends) return;
      await pause(done);
      ends = performance.now() + SLICE_MS;
    };
  }

  /** What the lines of a text say. */
  async function read(recording, text, slice) {
    const reader = new Log.Reader();
    const seen = [];
    let at = 0;
    while (at < text.length) {
      const found = text.indexOf("\n", at);
      const end = found < 0 ? text.length : found;
      recording.lines += 1;
      if (end - at > LINE_CHARS_MAX) seen.push({ line: recording.lines, bad: "the line is longer than any line of a QMP session" });
      else seen.push(...reader.read(text.slice(at, end)));
      at = end + 1;
      await slice((0.3 * at) / text.length);
    }
    recording.cut = reader.finish();
    return seen;
  }

  /** Takes in what was seen; false if nothing explains it. */
  function take(follower, recording, seen) {
    const { line, process, words, observation } = seen;
    try {
      follower.observe(seen);
    } catch (error) {
      if (!(error instanceof Replay.Unexplained)) throw error;
      const before = follower.processes.get(process).copy();
      recording.unexplained = { line, process, words, why: error.message, instead: error.instead, before };
      return false;
    }
    recording.moments.push({ line, process, words, observation, after: follower.processes.get(process).copy() });
    return true;
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
