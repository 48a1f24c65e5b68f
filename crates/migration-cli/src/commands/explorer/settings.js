"use strict";
// Capabilities and parameters of a process, as far as they decide guards, and what is known of them.

const Settings = (() => {
  /** Nothing is known but that statuses are published: otherwise there would be nothing to follow. */
  const UNKNOWN = { on: 1n, known: 1n };
  /** As a process begins: all off. Whether statuses are published is often set where a recording does not show it. */
  const DEFAULT = { on: 0n, known: Table.ALL & ~1n };

  const set = ({ on, known }, bit, isOn) => ({ on: isOn ? on | bit : on & ~bit, known: known | bit });

  /** Whether statuses are published; null if that is not known. */
  const publishes = ({ on, known }) => ((known & 1n) === 0n ? null : (on & 1n) !== 0n);

  const publishing = (settings, isOn) => set(settings, 1n, isOn);

  const unknownPublishing = ({ on, known }) => ({ on: on & ~1n, known: known & ~1n });

  /** What decides a guard, as a key; null where nothing that is seen does. */
  function decider(fact) {
    if (fact.capability !== undefined) return `capability ${fact.capability}`;
    if (fact.parameter !== undefined) return `parameter ${fact.parameter.name} ${fact.parameter.is ?? ""}`;
    return null;
  }

  /** Everything that decides a guard of the table; the place in the list is the bit of the settings. */
  class Names {
    constructor(table) {
      this.bits = new Map([["capability events", 1n]]);
      this.parameters = [];
      for (const fact of table.machines.flatMap((machine) => machine.facts)) {
        const key = decider(fact);
        if (key === null || this.bits.has(key)) continue;
        const bit = 1n << BigInt(this.bits.size);
        this.bits.set(key, bit);
        if (fact.parameter !== undefined && fact.capability === undefined) this.parameters.push({ ...fact.parameter, bit });
      }
    }

    withCapabilities(settings, capabilities) {
      const known = capabilities.map(([name, on]) => [this.bits.get(`capability ${name}`), on]);
      return known.reduce((now, [bit, on]) => (bit === undefined ? now : set(now, bit, on)), settings);
    }

    withParameters(settings, parameters) {
      let now = settings;
      for (const { name, is, bit } of this.parameters) {
        const given = parameters.find(([parameter]) => parameter === name);
        if (given) now = set(now, bit, is === undefined ? given[1] !== "" : given[1] === is);
      }
      return now;
    }

    /** The guards of a machine that hold, and those that may hold or not. */
    guards(settings, machine) {
      let [hold, open] = [0n, 0n];
      for (const id of Table.factsOf(machine, machine.guards)) {
        const key = decider(machine.facts[id]);
        const bit = key === null ? undefined : this.bits.get(key);
        if (bit === undefined || (settings.known & bit) === 0n) open |= Table.bit(id);
        else if ((settings.on & bit) !== 0n) hold |= Table.bit(id);
      }
      return { hold, open };
    }
  }

  return { DEFAULT, Names, UNKNOWN, publishes, publishing, unknownPublishing };
})();
