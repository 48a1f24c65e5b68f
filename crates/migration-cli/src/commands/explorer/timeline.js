"use strict";
// A recording that is being played: which line is looked at, of which process each machine is shown, and where it may be.

const Timeline = (() => {
  class Timeline_ {
    constructor(app) {
      this.app = app;
      this.name = "";
      this.text = "";
      this.options = { assumed: [], attached: false, others: false };
      this.recording = null;
      this.trouble = "";
      this.progress = null;
      this.at = 0;
      this.timer = null;
      this.speed = 500;
      this.watched = new Map();
      // Counts what was loaded, so that a recording that was replaced while it was read is dropped.
      this.load = 0;
    }

    /** Plays an example by its name. */
    async example(name) {
      const found = this.app.data.recordings.find((recording) => recording.name === name);
      if (found !== undefined) await this.read(found.name, found.text);
    }

    async set(options) {
      this.options = { ...this.options, ...options };
      if (this.name !== "") await this.read(this.name, this.text);
    }

    /** Says why something cannot be played. */
    fail(why) {
      this.stop();
      this.load += 1;
      Object.assign(this, { recording: null, progress: null, trouble: why, name: "", text: "" });
      this.app.refresh();
      Dom.say(why);
    }

    /** Follows a recording from its text. */
    async read(name, text) {
      this.stop();
      this.load += 1;
      const load = this.load;
      Object.assign(this, { name, text, recording: null, trouble: "", progress: 0, at: 0 });
      this.app.refresh();
      const pause = (done) => new Promise((resume) => {
        this.progress = done;
        this.app.refresh();
        setTimeout(resume);
      });
      const recording = await Recording.follow(this.app.table, name, text, { ...this.options, pause });
      if (load !== this.load) return;
      this.recording = recording;
      this.progress = null;
      this.guess();
      if (recording.unexplained) this.at = recording.moments.length;
      this.app.refresh();
      Dom.say(Recording.verdict(this.app.table, recording));
    }

    processes() {
      return [...new Set(this.recording.moments.map((moment) => moment.process))];
    }

    /** Shows each machine of the process in which it moves most. */
    guess() {
      const moved = new Map();
      for (const { process, after } of this.recording.moments) {
        for (const [at, machine] of this.app.table.machines.entries()) {
          const isAway = [...after.configs.values()].every((config) => config.places[at].state !== machine.initial);
          const key = `${at} ${process}`;
          moved.set(key, (moved.get(key) ?? 0) + (isAway ? 1 : 0));
        }
      }
      const processes = this.processes();
      for (const [at, machine] of this.app.table.machines.entries()) {
        const most = processes.toSorted((a, b) => moved.get(`${at} ${b}`) - moved.get(`${at} ${a}`));
        this.watched.set(machine.name, most[0] ?? "");
      }
    }

    watch(machine, process) {
      this.watched.set(machine.name, process);
      this.app.refresh();
    }

    /** How many moments there are, the line that nothing explains among them. */
    get length() {
      return this.recording === null ? 0 : this.recording.moments.length + (this.recording.unexplained ? 1 : 0);
    }

    go(at) {
      if (this.recording === null || at < 0 || at >= this.length) return;
      this.at = at;
      this.app.refresh();
      const moment = this.recording.moments[at];
      const words = moment === undefined ? Recording.verdict(this.app.table, this.recording) : `line ${moment.line}: ${moment.words}`;
      this.app.reveal(this.app.shownMachines());
      if (this.timer === null) Dom.say(words);
    }

    /** The number of the line that is looked at. */
    line() {
      return (this.recording.moments[this.at] ?? this.recording.unexplained)?.line ?? 0;
    }

    /** Goes to a line, or to the first one after it that says something. */
    goToLine(line) {
      const at = (this.recording?.moments ?? []).findIndex((moment) => moment.line >= line);
      this.go(at < 0 ? this.length - 1 : at);
    }

    toggle() {
      if (this.timer !== null) {
        this.stop();
        this.app.refresh();
        return;
      }
      if (this.recording === null) return;
      if (this.at >= this.length - 1) this.at = 0;
      this.play();
      this.app.refresh();
    }

    play() {
      this.timer = setTimeout(() => {
        if (this.at >= this.length - 1) {
          this.stop();
          this.app.refresh();
          Dom.say(Recording.verdict(this.app.table, this.recording));
          return;
        }
        this.play();
        this.go(this.at + 1);
      }, this.speed);
    }

    stop() {
      clearTimeout(this.timer);
      this.timer = null;
    }

    /** Where a machine may be at the line that is looked at; null where its process has not been seen yet. */
    whereabouts(machine) {
      if (this.recording === null) return null;
      const process = this.watched.get(machine.name);
      const at = this.app.table.machines.indexOf(machine);
      const { moments, unexplained } = this.recording;
      if (unexplained && this.at === moments.length && unexplained.process === process) return Recording.whereabouts(unexplained.before, at);
      for (let index = Math.min(this.at, moments.length - 1); index >= 0; index -= 1) {
        if (moments[index].process === process) return Recording.whereabouts(moments[index].after, at);
      }
      return null;
    }
  }

  return { Timeline: Timeline_ };
})();
