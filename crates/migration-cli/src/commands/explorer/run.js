"use strict";
// A machine over time. What a row or an answer needs, and what a firing clears, the page was given; here the first row
// or answer is picked whose case holds.

const Run = (() => {
  /** Returns the first of these, strongest first, one of whose cases holds: these facts are there, and those are not. */
  function pick(choices, facts) {
    const holds = ([there, absent]) => there.every((id) => facts.has(id)) && !absent.some((id) => facts.has(id));
    return choices.find(({ cases }) => cases.some(holds));
  }

  class Run_ {
    constructor(machine) {
      this.machine = machine;
      this.state = machine.initial;
      // Pending triggers, events of the present visit, and the fixed guards of the present attempt that hold.
      this.facts = new Set();
      this.guards = new Set();
      this.visit = 0;
      this.attempt = 0;
      this.fired = [];
      this.published = [];
      // The first reason that the attempt was given, until the next attempt begins.
      this.reason = null;
    }

    /** Returns the same machine at the same moment, to go on with. */
    copy() {
      const { facts, guards, fired, published } = this;
      const own = { facts: new Set(facts), guards: new Set(guards), fired: [...fired], published: [...published] };
      return Object.assign(new Run_(this.machine), this, own);
    }

    /** Sets whether a guard holds from now on. Nothing advances. */
    turn(guard, isOn) {
      if (isOn) this.guards.add(guard);
      else this.guards.delete(guard);
    }

    /** Raises a trigger and returns the answer. */
    raise(trigger) {
      const isStart = this.isIdle();
      const fixed = this.fixed(isStart ? this.guards : this.facts);
      const { says, because } = pick(this.machine.states[this.state].answers[trigger], fixed);
      if (says === "accept") {
        if (isStart) {
          this.attempt += 1;
          this.facts = fixed;
        }
        this.facts.add(trigger);
        this.advance();
      }
      return { says, because };
    }

    /** Reports evidence of a visit. */
    report(visit, event) {
      const isStart = this.isIdle();
      const isHeard = !isStart || this.machine.states[this.state].awaited.includes(event);
      if (visit !== this.visit || !isHeard) return { says: "stale" };
      if (isStart) {
        this.attempt += 1;
        this.facts = this.fixed(this.guards);
      }
      this.facts.add(event);
      return { says: this.advance() ? "fired" : "pending" };
    }

    advance() {
      const before = this.fired.length;
      for (;;) {
        const row = pick(this.machine.leaving[this.state], new Set([...this.facts, ...this.asked()]));
        if (row === undefined) return this.fired.length > before;
        this.fire(row);
      }
    }

    fire(row) {
      this.reason = (this.isIdle() ? null : this.reason) ?? row.reason;
      this.state = row.to;
      for (const fact of row.clears) this.facts.delete(fact);
      this.visit += 1;
      this.fired.push(row.index);
      if (row.public) this.published.push(this.machine.states[row.to].shows);
    }

    /** Returns those of some facts that are fixed guards. */
    fixed(facts) {
      return new Set([...facts].filter((id) => this.machine.facts[id].fixed));
    }

    /** Returns the guards that hold now and are asked at every step. */
    asked() {
      return [...this.guards].filter((id) => !this.machine.facts[id].fixed);
    }

    isIdle() {
      return Table.isIdle(this.machine, this.state);
    }
  }

  return { Run: Run_, pick };
})();
