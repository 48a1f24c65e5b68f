"use strict";
// The table as the page has it: the embedded JSON, with sets of facts as 64-bit integers and what follows from the
// rows looked up once.

const Table = (() => {
  const ALL = (1n << 64n) - 1n;

  const bit = (fact) => 1n << BigInt(fact);

  /** A set of facts as it is embedded: hexadecimal. */
  const bits = (text) => BigInt(`0x${text}`);

  function machineOf(json) {
    const cube = ([set, clear]) => ({ set: bits(set), clear: bits(clear), care: bits(set) | bits(clear) });
    const rows = json.rows.map((row, index) => ({
      ...row,
      index,
      leaves: new Set(row.from),
      cubes: row.cubes.map(cube),
      mentions: bits(row.mentions),
      drops: bits(row.drops),
    }));
    const mask = (wanted) => json.facts.reduce((all, fact, id) => (wanted(fact) ? all | bit(id) : all), 0n);
    // Strongest first; the order of rows that are equally strong was fixed where the page was made.
    const leaving = json.states.map((_, state) => json.strongest.map((at) => rows[at]).filter((row) => row.leaves.has(state)));
    return {
      ...json,
      rows,
      leaving,
      mentioned: leaving.map((own) => own.reduce((all, row) => all | row.mentions, 0n)),
      triggers: mask((fact) => fact.kind === "trigger"),
      events: mask((fact) => fact.kind === "event" || fact.kind === "message"),
      guards: mask((fact) => fact.kind === "guard"),
      fixed: mask((fact) => fact.kind === "guard" && fact.fixed),
      causes: mask((fact) => fact.cause),
      stateIds: new Map(json.states.map((state, id) => [state.name, id])),
      factIds: new Map(json.facts.map((fact, id) => [fact.name, id])),
    };
  }

  /** The table from its JSON. */
  function read(json) {
    return { ...json, machines: json.machines.map(machineOf) };
  }

  /** The facts of a set, by their numbers, in the order of the table. */
  function factsOf(machine, set) {
    return machine.facts.map((_, id) => id).filter((id) => (set & bit(id)) !== 0n);
  }

  /** The names of the facts of a set. */
  const names = (machine, set) => factsOf(machine, set).map((id) => machine.facts[id].name);

  const isIdle = (machine, state) => machine.states[state].kind === "idle";

  const machine = (table, name) => table.machines.find((known) => known.name === name);

  return { ALL, bit, factsOf, isIdle, machine, names, read };
})();
