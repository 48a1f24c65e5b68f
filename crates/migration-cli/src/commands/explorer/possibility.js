"use strict";
// One thing that may be true of a process: where every machine is, what the settings are, and how far each command has
// come. Possibilities never change; a step makes another one.

const Possibility = (() => {
  const place = (state, open) => ({ state, facts: 0n, open, isDue: false });

  const withPlace = (config, at, changed) => ({ ...config, places: config.places.with(at, changed) });

  const withPhase = (config, at, phase) => ({ ...config, commands: config.commands.with(at, [config.commands[at][0], phase]) });

  const withFact = (own, fact) => ({ ...own, facts: own.facts | Table.bit(fact), isDue: true });

  const isSettled = (config) => config.places.every((own) => !own.isDue);

  /** The status that a client is shown: that of the first machine that shows another than at first; null if none does. */
  function shown(config, table) {
    for (const [at, machine] of table.machines.entries()) {
      const status = machine.states[config.places[at].state].shows;
      if (status !== machine.states[machine.initial].shows) return status;
    }
    return null;
  }

  /** The same, and evidence that carries a cause has decided something in the machine. */
  function goneWrong(config, at) {
    const wrong = ([id, phase]) => [id, phase.is === "accepted" && phase.machine === at ? { ...phase, wentWrong: true } : phase];
    return { ...config, commands: config.commands.map(wrong) };
  }

  const phaseKey = (phase) => `${phase.is}${phase.machine ?? ""}${phase.wentWrong ? "!" : ""}${phase.status ?? ""}`;

  /** A text that two possibilities share exactly if they are the same. */
  function key(config) {
    const places = config.places.map((own) => `${own.state}.${own.facts.toString(36)}.${own.open.toString(36)}${own.isDue ? "!" : ""}`);
    const commands = config.commands.map(([id, phase]) => `${id}=${phaseKey(phase)}`);
    return `${places.join()}|${config.settings.on.toString(36)}.${config.settings.known.toString(36)}|${commands.join()}|${config.unnoticed.join()}`;
  }

  /** Possibilities without repetition. */
  function collect(configs) {
    const found = new Map();
    for (const config of configs) found.set(key(config), config);
    return found;
  }

  return { collect, goneWrong, isSettled, key, place, shown, withFact, withPhase, withPlace };
})();
