"use strict";
// A walk: what is done to the machines, step by step, and the outcome of each step. It is read and written as the
// command `step` reads and writes it.

const Walk = (() => {
  const KINDS = { raise: ["trigger"], report: ["event", "message"], late: ["event", "message"], set: ["guard"], clear: ["guard"] };

  /** An action from its words, `raise cancel`; throws an error that says what is wrong. */
  function action(text) {
    const words = text.trim().split(/\s+/);
    if (words.length !== 2) throw new Error(`\`${text.trim()}\` is not a verb and a name`);
    const [verb, name] = words;
    if (!Object.hasOwn(KINDS, verb)) {
      throw new Error(`\`${verb}\` is none of ${Object.keys(KINDS).map((word) => `\`${word}\``).join(", ")}`);
    }
    return { verb, name };
  }

  /** The number of the fact that an action is done with; throws where there is none. */
  function factOf(machine, { verb, name }) {
    const id = machine.factIds.get(name);
    if (id === undefined || !KINDS[verb].includes(machine.facts[id].kind)) {
      throw new Error(`the machine has no ${KINDS[verb][0]} \`${name}\``);
    }
    return id;
  }

  /** Does something to a run and says what came of it; null where a guard is turned. The run changes. */
  function act(table, run, doing) {
    const { machine } = run;
    const id = factOf(machine, doing);
    const before = { fired: run.fired.length, published: run.published.length, attempt: run.attempt, reason: run.reason };
    const said = {
      raise: () => run.raise(id),
      report: () => run.report(run.visit, id),
      late: () => {
        if (run.visit === 0) throw new Error("no evidence can be late: no visit is over yet");
        return run.report(run.visit - 1, id);
      },
      set: () => run.turn(id, true),
      clear: () => run.turn(id, false),
    }[doing.verb]();
    if (said === undefined) return null;
    const isGiven = run.attempt !== before.attempt || run.reason !== before.reason;
    const rows = run.fired.slice(before.fired).map((index) => machine.rows[index]);
    return {
      ...said,
      state: machine.states[run.state].name,
      rows,
      publishes: run.published.slice(before.published).map((status) => table.statuses[status].name),
      sends: rows.flatMap((row) => row.sends).map((message) => table.messages[message].name),
      reason: isGiven && run.reason !== null ? table.reasons[run.reason].name : null,
    };
  }

  /** Returns what can be done now: every trigger, the events that the state awaits, and every guard, turned. */
  function choices(run) {
    const { machine, guards } = run;
    const of = (facts, verb) => facts.map((id) => ({ verb: verb(id), name: machine.facts[id].name }));
    return [
      ...of(machine.triggers, () => "raise"),
      ...of(machine.states[run.state].awaited, () => "report"),
      ...of(machine.guards, (id) => (guards.has(id) ? "clear" : "set")),
    ];
  }

  /** Returns the outcome of a step, in the words of a saved walk; `givesReasons` says whether that walk has reasons. */
  function words(outcome, givesReasons = true) {
    const parts = [outcome.says, `now ${outcome.state}`];
    if (outcome.publishes.length > 0) parts.push(`publishes ${outcome.publishes.join(", ")}`);
    if (outcome.sends.length > 0) parts.push(`sends ${outcome.sends.join(", ")}`);
    if (outcome.reason && givesReasons) parts.push(`reason ${outcome.reason}`);
    if (outcome.because) parts.push(`because ${outcome.because}`);
    return parts.join("; ");
  }

  /** A walk as text. `steps` are actions of one machine with what came of them. */
  function write(file, machine, steps) {
    const line = ({ doing, outcome }) => {
      const done = `${doing.verb} ${doing.name}`;
      return outcome === null ? done : `${done} -> ${words(outcome)}`;
    };
    return `table: ${file}\nmachine: ${machine}\n\n${steps.map((step) => `${line(step)}\n`).join("")}`;
  }

  /** The machine and the actions of a saved walk, each with what came of it then; throws an error with a line. */
  function read(text) {
    const walk = { table: null, machine: null, steps: [] };
    for (const [index, whole] of text.split("\n").entries()) {
      const line = whole.trim();
      if (line === "" || line.startsWith("#")) continue;
      const header = /^(table|machine): +(.*)$/.exec(line);
      if (header) {
        walk[header[1]] = header[2].trim();
        continue;
      }
      const arrow = line.indexOf("->");
      const then = arrow < 0 ? null : line.slice(arrow + 2).trim();
      try {
        walk.steps.push({ doing: action(arrow < 0 ? line : line.slice(0, arrow)), then });
      } catch (error) {
        throw new Error(`line ${index + 1}: ${error.message}`);
      }
    }
    walk.givesReasons = walk.steps.some(({ then }) => then !== null && then.split("; because ")[0].includes("; reason "));
    if (walk.machine === null) throw new Error("a walk has a line `machine: ...`");
    return walk;
  }

  return { act, action, choices, factOf, read, words, write };
})();
