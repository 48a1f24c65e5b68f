"use strict";
// A recording that is being played: which line is looked at, of which process each machine is shown, and where it may be.
// Rust has followed the recording: each moment says what was seen and where the machines of its process may be after it.

const Timeline = (() => {
  class Timeline_ {
    constructor(app) {
      this.app = app;
      this.recording = null;
      this.at = 0;
      this.timer = null;
      this.speed = 500;
      this.watched = new Map();
    }

    /** Opens a recording by its name. */
    open(name) {
      const found = this.app.data.recordings.find((recording) => recording.name === name);
      if (found === undefined) return;
      this.stop();
      this.recording = found;
      this.at = found.verdict.kind === "stop" ? this.length - 1 : 0;
      this.guess();
      this.app.refresh();
      this.app.reveal(this.app.shownMachines());
      Dom.say(found.verdict.text);
    }

    processes() {
      return [...new Set(this.recording.moments.map((moment) => moment.process))];
    }

    /** Shows each machine of the process in which it is away from its initial state most of the time. */
    guess() {
      for (const [at, machine] of this.app.table.machines.entries()) {
        const away = this.recording.moments.filter((moment) => !moment.now[at].includes(machine.initial));
        const many = (process) => away.filter((moment) => moment.process === process).length;
        this.watched.set(machine.name, this.processes().toSorted((a, b) => many(b) - many(a))[0] ?? "");
      }
    }

    watch(machine, process) {
      this.watched.set(machine.name, process);
      this.app.refresh();
    }

    /** How many moments there are, the line that nothing explains among them. */
    get length() {
      return this.recording?.moments.length ?? 0;
    }

    go(at) {
      if (at < 0 || at >= this.length) return;
      this.at = at;
      this.app.refresh();
      const { line, words, unexplained } = this.recording.moments[at];
      this.app.reveal(this.app.shownMachines());
      if (this.timer === null) Dom.say(unexplained ? this.recording.verdict.text : `line ${line}: ${words}`);
    }

    /** Returns the number of the line that is looked at. */
    line() {
      return this.recording.moments[this.at]?.line ?? 0;
    }

    /** Goes to a line, or to the first one after it that says something. */
    goToLine(line) {
      const at = (this.recording?.moments ?? []).findIndex((moment) => moment.line >= line);
      this.go(at < 0 ? this.length - 1 : at);
    }

    toggle() {
      if (this.timer !== null) this.stop();
      else if (this.recording !== null) {
        if (this.at >= this.length - 1) this.at = 0;
        this.play();
      }
      this.app.refresh();
    }

    play() {
      this.timer = setTimeout(() => {
        if (this.at >= this.length - 1) {
          this.stop();
          this.app.refresh();
          Dom.say(this.recording.verdict.text);
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

    /** Returns where a machine may be at the line that is looked at, or `null` where its process was not seen yet. */
    whereabouts(machine) {
      const process = this.watched.get(machine.name);
      const at = this.app.table.machines.indexOf(machine);
      const moment = this.recording?.moments.slice(0, this.at + 1).findLast((it) => it.process === process);
      return moment === undefined ? null : { now: moment.now[at], later: moment.later[at] };
    }
  }

  return { Timeline: Timeline_ };
})();
