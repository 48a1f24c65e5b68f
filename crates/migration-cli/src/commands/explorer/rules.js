"use strict";
// What can happen next to a possibility, one step at a time: all of it, and nothing else.

const Rules = (() => {
  /** How many statuses may be published before the first of them is seen: more than any attempt publishes. */
  const UNNOTICED_MAX = 32;

  const { withFact, withPhase, withPlace } = Possibility;

  /** All subsets of a set of bits, the empty one among them. */
  function* subsets(bits) {
    let next = 0n;
    for (;;) {
      yield next;
      if (next === bits) return;
      next = (next - bits) & bits;
    }
  }

  /** For each machine the trigger that a command is, by the arguments that tell it from others. */
  function triggers(table, command) {
    const has = ([name, value]) => command.arguments.some((pair) => pair[0] === name && pair[1] === value);
    const found = [];
    for (const [at, machine] of table.machines.entries()) {
      let best = null;
      for (const [id, fact] of machine.facts.entries()) {
        const fits = fact.kind === "trigger" && fact.command === command.name && fact.with.every(has);
        if (fits && (best === null || fact.with.length >= best.many)) best = { many: fact.with.length, id };
      }
      if (best !== null) found.push([at, best.id]);
    }
    return found;
  }

  /** What a command means to the table; null if it means nothing. */
  function request(table, names, command) {
    const asked = triggers(table, command);
    const wish = () => {
      if (asked.length > 0) return "trigger";
      if (command.name === "query-migrate") return "status";
      if (command.name === "query-migrate-capabilities") return "capabilities";
      // Where the table has no trigger for it, it is a change that is made if the process says so.
      if (command.name === "migrate-set-capabilities") return "trigger";
      return command.name === "migrate-set-parameters" && names.parameters.length > 0 ? "parameters" : null;
    };
    return wish() === null ? null : { command, wish: wish(), triggers: asked };
  }

  /** The rules of one process: the table, what its settings mean, and the commands that were sent to it. */
  class Process {
    constructor(table, names, { assumed = [], others = false, late = false }) {
      Object.assign(this, { table, names, assumed, unseenCommands: others, lateEvents: late, requests: new Map(), oneAtATime: false });
    }

    /** Everything that can happen next, as `{config, publishes}`. */
    steps(config) {
      const out = [];
      for (const [at, place] of config.places.entries()) {
        if (place.isDue) this.advance(config, at, out);
        else this.report(config, at, out);
      }
      if (this.unseenCommands && Possibility.isSettled(config)) this.hearOthers(config, out);
      // Commands are carried out one after the other, so only the oldest without a reply; but for those out of band.
      let isFirst = true;
      for (const [index, [id, phase]] of config.commands.entries()) {
        const asked = this.requests.get(id);
        if (asked === undefined) continue;
        const isTurn = isFirst || asked.command.outOfBand;
        isFirst &&= asked.command.outOfBand;
        if (phase.is === "sent" && isTurn && Possibility.isSettled(config)) this.carryOut(config, index, asked, out);
      }
      return out;
    }

    /** A machine looks for an enabled row: for every answer that its open guards may give. */
    advance(config, at, out) {
      const [machine, place] = [this.table.machines[at], config.places[at]];
      const asked = machine.guards & ~machine.fixed;
      const guards = this.names.guards(config.settings, machine);
      // Only what the rows of the state mention has to be decided, and a fixed guard that is decided stays so.
      const mentioned = machine.mentioned[place.state];
      const seen = new Set();
      for (const open of subsets(((guards.open & asked) | place.open) & mentioned)) {
        const row = Meaning.advance(machine, place.state, place.facts | (guards.hold & asked) | open);
        const facts = place.facts | (open & ~asked);
        const key = `${row === null ? "" : row.index} ${facts}`;
        if (seen.has(key)) continue;
        seen.add(key);
        const decided = { ...place, facts, open: place.open & ~mentioned };
        if (row === null) out.push({ config: withPlace(config, at, { ...decided, isDue: false }), publishes: null });
        else this.fire(withPlace(config, at, decided), at, row, out);
      }
    }

    fire(config, at, row, out) {
      const [machine, place] = [this.table.machines[at], config.places[at]];
      const kept = ~Meaning.gone(machine, row);
      const entered = { state: row.to, facts: place.facts & kept, open: place.open & kept, isDue: true };
      let next = withPlace(config, at, entered);
      if ((place.facts & row.mentions & machine.causes) !== 0n) next = Possibility.goneWrong(next, at);
      if (!row.public) {
        out.push({ config: next, publishes: null });
        return;
      }
      const publishes = Settings.publishes(config.settings);
      const with_ = (isOn) => ({ ...next, settings: Settings.publishing(config.settings, isOn) });
      const status = machine.states[row.to].shows;
      if (publishes !== false && !this.lateEvents) out.push({ config: with_(true), publishes: status });
      else if (publishes !== false && next.unnoticed.length < UNNOTICED_MAX) {
        out.push({ config: { ...with_(true), unnoticed: [...next.unnoticed, status] }, publishes: null });
      }
      if (publishes !== true) out.push({ config: with_(false), publishes: null });
    }

    /** The work of a machine reports something, or its peer does: any event that a row of the state mentions. */
    report(config, at, out) {
      const [machine, place] = [this.table.machines[at], config.places[at]];
      if (Table.isIdle(machine, place.state)) return;
      const events = machine.mentioned[place.state] & machine.events & ~place.facts;
      for (const id of Table.factsOf(machine, events)) {
        const { rare, name } = machine.facts[id];
        if (!rare || this.assumed.includes(name)) out.push({ config: withPlace(config, at, withFact(place, id)), publishes: null });
      }
    }

    /** Somebody else gives a command: any that a machine takes. */
    hearOthers(config, out) {
      for (const [at, machine] of this.table.machines.entries()) {
        for (const trigger of Table.factsOf(machine, machine.triggers)) {
          for (const { says, sample } of this.answers(config, at, trigger, null)) {
            if (says !== "accept" || !this.mayStart(config, at)) continue;
            out.push({ config: withPlace(config, at, this.triggered(config, at, trigger, sample)), publishes: null });
          }
        }
      }
    }

    /** A command is carried out. */
    carryOut(config, index, asked, out) {
      const push = (next) => out.push({ config: next, publishes: null });
      if (this.mayBeVetoed(asked)) push(withPhase(config, index, { is: "refused" }));
      if (asked.wish === "status") push(withPhase(config, index, { is: "shown", status: Possibility.shown(config, this.table) }));
      if (asked.wish === "capabilities") push(withPhase(config, index, { is: "ignored" }));
      if (asked.wish === "parameters") {
        const settings = this.names.withParameters(config.settings, asked.command.arguments);
        push({ ...withPhase(config, index, { is: "ignored" }), settings });
      }
      if (asked.wish !== "trigger") return;
      for (const next of this.ask(config, index, asked)) {
        const isDone = ["accepted", "ignored"].includes(next.commands[index][1].is);
        push(isDone ? { ...next, settings: this.names.withCapabilities(next.settings, asked.command.capabilities) } : next);
      }
    }

    /** Whether a command may be refused before any machine is asked. */
    mayBeVetoed(asked) {
      if (asked.wish !== "trigger" || asked.triggers.length === 0) return true;
      return asked.triggers.some(([at, id]) => {
        const fact = this.table.machines[at].facts[id];
        const hasSurplus = fact.with.length === 0 && fact.expects === undefined && asked.command.arguments.length > 0;
        return fact.veto !== undefined || hasSurplus;
      });
    }

    /** Every machine that knows the command is asked. If one takes it, that is that; otherwise it is ignored or refused. */
    ask(config, index, asked) {
      const taken = [];
      let [ignored, refused, allMayDecline] = [asked.triggers.length === 0, false, true];
      for (const [at, trigger] of asked.triggers) {
        let mayDecline = false;
        for (const { says, sample } of this.answers(config, at, trigger, asked.command)) {
          if (says === "accept" && this.mayStart(config, at)) {
            const next = withPlace(config, at, this.triggered(config, at, trigger, sample));
            taken.push(withPhase(next, index, { is: "accepted", machine: at, wentWrong: false }));
          } else {
            mayDecline = true;
            if (says === "ignore") ignored = true;
            else refused = true;
          }
        }
        allMayDecline &&= mayDecline;
      }
      if (allMayDecline && ignored) taken.push(withPhase(config, index, { is: "ignored" }));
      if (allMayDecline && refused) taken.push(withPhase(config, index, { is: "refused" }));
      return taken;
    }

    mayStart(config, at) {
      const isIdle = (index) => Table.isIdle(this.table.machines[index], config.places[index].state);
      return !this.oneAtATime || !isIdle(at) || config.places.every((_, index) => isIdle(index));
    }

    triggered(config, at, trigger, sample) {
      const [{ fixed }, place] = [this.table.machines[at], config.places[at]];
      return withFact({ ...place, facts: (place.facts & ~fixed) | sample.hold, open: sample.open }, trigger);
    }

    /**
     * What a machine may say to a trigger, with the fixed guards that hold then: one for each value of open guards.
     * Without a command, what it would say to some command that is this trigger.
     */
    answers(config, at, trigger, command) {
      const [machine, place] = [this.table.machines[at], config.places[at]];
      const guards = this.names.guards(config.settings, machine);
      const fixed = Table.isIdle(machine, place.state)
        ? { hold: guards.hold & machine.fixed, open: guards.open & machine.fixed }
        : { hold: place.facts & machine.fixed, open: place.open };
      const mentioned = machine.mentioned[place.state];
      const admitted = this.isAdmitted(config, at, trigger, command);
      const answers = admitted === true ? [] : [{ says: "refuse", sample: fixed }];
      if (admitted === false) return answers;
      for (const open of subsets(fixed.open & mentioned)) {
        const sample = { hold: fixed.hold | open, open: fixed.open & ~mentioned };
        answers.push({ says: Meaning.answer(machine, place.state, trigger, sample.hold).says, sample });
      }
      return answers;
    }

    /** Whether the command becomes a trigger at all; null if that is not known. */
    isAdmitted(config, at, trigger, command) {
      const machine = this.table.machines[at];
      const fact = machine.facts[trigger];
      if (fact.expects !== undefined && command !== null && !command.human) {
        const shown = this.table.statuses[machine.states[config.places[at].state].shows].name;
        const named = command.arguments.find(([name]) => name === fact.expects);
        if (named === undefined || named[1] !== shown) return false;
      }
      const guards = this.names.guards(config.settings, machine);
      const needed = fact.needs.reduce((all, name) => all | Table.bit(machine.factIds.get(name)), 0n);
      if (needed === 0n || (guards.hold & needed) !== 0n) return true;
      return (guards.open & needed) === 0n ? false : null;
    }
  }

  return { Process, request };
})();
