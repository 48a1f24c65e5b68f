"use strict";
// The reader's walk: the moments so far, the one that is looked at, and the ones that were taken back.

const Walking = (() => {
  class Walk_ {
    constructor(table) {
      this.table = table;
      // Whether messages go from machine to machine; otherwise the reader reports them.
      this.carries = false;
      this.reset();
    }

    reset() {
      this.moments = [{ world: World.begin(this.table), step: null, happened: [] }];
      this.at = 0;
    }

    get now() {
      return this.moments[this.at];
    }

    run(machine) {
      return this.now.world.runs[this.table.machines.indexOf(machine)];
    }

    /** Takes a step and gives what happened; throws an error if it cannot be taken. */
    take(step) {
      const { moment, happened } = World.take(this.now.world, step, this.carries);
      // Guards that are turned are steps too: what they say decides later.
      this.moments = [...this.moments.slice(0, this.at + 1), { world: moment, step, happened }];
      this.at += 1;
      return happened;
    }

    /** Goes to the moment after so many steps; whether there is one. */
    go(at) {
      if (at < 0 || at >= this.moments.length || at === this.at) return false;
      this.at = at;
      return true;
    }

    /** The steps up to the moment that is looked at. */
    steps() {
      return this.moments.slice(1, this.at + 1).map((moment) => moment.step);
    }

    /** What was done to one machine, and what came of it: a walk that can be saved. */
    of(machine) {
      return this.moments.slice(1, this.at + 1).flatMap((moment) => moment.happened.filter((it) => it.machine === machine.name));
    }

    /** What clients were told, in order, with the machine that told it. */
    told() {
      const outcomes = this.moments.slice(1, this.at + 1).flatMap((moment) => moment.happened);
      return outcomes.flatMap(({ machine, outcome }) => (outcome?.publishes ?? []).map((status) => ({ machine, status })));
    }
  }

  return { Walk: Walk_ };
})();
