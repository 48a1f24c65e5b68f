"use strict";
// What a machine means: the same as the reference interpreter says, step for step. The tests run random walks through
// both and compare everything.

const Meaning = (() => {
  const holds = (row, facts) => row.cubes.some((cube) => (facts & cube.care) === cube.set);

  /** The row that fires in a state when exactly these facts are there, guards among them; null if none is enabled. */
  function advance(machine, state, facts) {
    return machine.leaving[state].find((row) => holds(row, facts)) ?? null;
  }

  /** Whether the row can be enabled only with the fact there. */
  const needs = (row, fact) => row.cubes.length > 0 && row.cubes.every((cube) => (cube.set & Table.bit(fact)) !== 0n);

  /** Whether the row can be enabled when, of the facts `known`, exactly `there` are there. */
  const isPossible = (row, known, there) =>
    row.cubes.some((cube) => (cube.set & known & ~there) === 0n && (cube.clear & known & there) === 0n);

  /** What is said to a trigger in a state when, of the guards that are fixed, exactly these hold. */
  function answer(machine, state, trigger, fixed) {
    const takes = (row) => needs(row, trigger) && isPossible(row, machine.fixed, fixed);
    if (machine.leaving[state].some(takes)) return { says: "accept" };
    const listed = machine.answers.find((row) => row.trigger === trigger && row.states.includes(state));
    return listed ? { says: listed.answer, because: listed.because ?? "" } : { says: "refuse", because: "" };
  }

  /** The facts that are gone once the row has fired. */
  function gone(machine, row) {
    if (Table.isIdle(machine, row.to)) return Table.ALL;
    return machine.events | (machine.triggers & row.mentions) | row.drops;
  }

  /** A machine over time. */
  class Run {
    constructor(machine) {
      this.machine = machine;
      this.state = machine.initial;
      // Pending triggers, events of the present visit, and the fixed guards of the present attempt that hold.
      this.facts = 0n;
      this.guards = 0n;
      this.visit = 0;
      this.attempt = 0;
      this.fired = [];
      this.published = [];
    }

    /** The same machine at the same moment, to go on with. */
    copy() {
      const copy = Object.assign(new Run(this.machine), this);
      copy.fired = [...this.fired];
      copy.published = [...this.published];
      return copy;
    }

    /** Sets what guards say from now on. Nothing advances. */
    setGuards(guards) {
      this.guards = guards & this.machine.guards;
    }

    /** Asks for something in the name of the user. */
    raise(trigger) {
      const { fixed } = this.machine;
      const idle = this.isIdle();
      const sample = fixed & (idle ? this.guards : this.facts);
      const said = answer(this.machine, this.state, trigger, sample);
      if (said.says === "accept") {
        this.attempt += idle ? 1 : 0;
        this.facts = (this.facts & ~fixed) | sample | Table.bit(trigger);
        this.advance();
      }
      return said;
    }

    /** Reports evidence of a visit. */
    report(visit, event) {
      if (visit !== this.visit || this.isIdle()) return { says: "stale" };
      this.facts |= Table.bit(event);
      return { says: this.advance() ? "fired" : "pending" };
    }

    advance() {
      const before = this.fired.length;
      for (;;) {
        const row = advance(this.machine, this.state, this.facts | this.asked());
        if (row === null) return this.fired.length > before;
        this.fire(row);
      }
    }

    fire(row) {
      this.state = row.to;
      this.facts = BigInt.asUintN(64, this.facts & ~gone(this.machine, row));
      this.visit += 1;
      this.fired.push(row.index);
      if (row.public) this.published.push(this.machine.states[row.to].shows);
    }

    /** What the guards that are not fixed say now. */
    asked() {
      return this.guards & ~this.machine.fixed;
    }

    isIdle() {
      return Table.isIdle(this.machine, this.state);
    }
  }

  return { Run, advance, answer, gone, isPossible, needs };
})();
