"use strict";
// The machines of a table side by side, with the messages that are on their way between them. A moment never changes:
// a step makes the next one, so that every moment can be gone back to.

const World = (() => {
  // One step does not lead to more than this: a table that answers what cannot be sent by sending would go on for ever.
  const STEPS_MAX = 100;

  /** The beginning: every machine in its initial state, nothing on its way. */
  function begin(table) {
    const runs = table.machines.map((machine) => new Run.Run(machine));
    return { table, runs, flight: [], isCut: false };
  }

  /**
   * Takes a step and gives the moment after it, with everything that happened: for each thing done to a machine what it
   * was and what came of it. A step is an action of a machine, or something that becomes of the connection.
   * `carries` says whether messages go from machine to machine at all: otherwise they are reported by hand.
   */
  function take(moment, step, carries) {
    const next = { ...moment, runs: moment.runs.map((run) => run.copy()), flight: [...moment.flight] };
    const happened = [];
    if (step.verb === "cut") {
      // What was on its way is lost, and what is sent from now on cannot be sent.
      next.isCut = true;
      next.flight = [];
    } else if (step.verb === "mend") {
      next.isCut = false;
    } else if (step.verb === "deliver") {
      deliver(next, step.name, happened);
    } else {
      act(next, step.machine, { verb: step.verb, name: step.name }, happened, carries);
    }
    return { moment: next, happened };
  }

  function act(world, machine, doing, happened, carries) {
    const at = world.table.machines.findIndex((known) => known.name === machine);
    if (at < 0) throw new Error(`the table has no machine \`${machine}\``);
    const outcome = Walk.act(world.table, world.runs[at], doing);
    happened.push({ machine: world.table.machines[at].name, doing, outcome });
    if (outcome !== null && carries) send(world, at, outcome, happened);
  }

  function send(world, at, outcome, happened) {
    for (const message of outcome.rows.flatMap((row) => row.sends).map((index) => world.table.messages[index])) {
      if (!world.isCut) {
        world.flight.push(message.name);
      } else if (message.unsent && happened.length < STEPS_MAX) {
        const { name } = world.table.machines[at];
        act(world, name, { verb: "report", name: message.unsent }, happened, true);
      }
    }
  }

  /** The messages that can arrive next: those of one direction arrive in the order in which they were sent. */
  function arriving(world) {
    const first = new Map();
    for (const name of world.flight) {
      const { to } = world.table.messages.find((message) => message.name === name);
      if (!first.has(to)) first.set(to, name);
    }
    return [...first.values()];
  }

  function deliver(world, name, happened) {
    if (!arriving(world).includes(name)) throw new Error(`no message \`${name}\` can arrive now`);
    const message = world.table.messages.find((known) => known.name === name);
    world.flight.splice(world.flight.indexOf(name), 1);
    act(world, message.to, { verb: "report", name }, happened, true);
  }

  /** A step as it stands in the address of the page: `source.raise.migrate`, `deliver.ready`, `cut`. */
  const stepText = (step) => [step.machine, step.verb, step.name].filter((part) => part !== undefined).join(".");

  /** The same, read. */
  function readStep(text) {
    const parts = text.split(".");
    if (parts.length === 1 && (parts[0] === "cut" || parts[0] === "mend")) return { verb: parts[0] };
    if (parts.length === 2 && parts[0] === "deliver") return { verb: "deliver", name: parts[1] };
    if (parts.length === 3) return { machine: parts[0], ...Walk.action(`${parts[1]} ${parts[2]}`) };
    throw new Error(`\`${text}\` is no step`);
  }

  return { arriving, begin, readStep, stepText, take };
})();
