"use strict";
// The table as the page has it: the embedded JSON, with the numbers of facts and states by their names.

const Table = (() => {
  function machineOf(json) {
    const ids = (...kinds) => [...json.facts.keys()].filter((id) => kinds.includes(json.facts[id].kind));
    const rows = json.rows.map((row, index) => ({ ...row, index }));
    return {
      ...json,
      rows,
      leaving: json.states.map((state) => state.rows.map((at) => rows[at])),
      triggers: ids("trigger"),
      events: ids("event", "message"),
      guards: ids("guard"),
      stateIds: new Map(json.states.map((state, id) => [state.name, id])),
      factIds: new Map(json.facts.map((fact, id) => [fact.name, id])),
    };
  }

  /** Returns the table of its JSON. */
  const read = (json) => ({ ...json, machines: json.machines.map(machineOf) });

  /** Returns the names of facts. */
  const names = (machine, facts) => facts.map((id) => machine.facts[id].name);

  const isIdle = (machine, state) => machine.states[state].kind === "idle";

  const machine = (table, name) => table.machines.find((known) => known.name === name);

  return { isIdle, machine, names, read };
})();
