"use strict";
// From the evidence of a finding to a walk that shows it: what a client saw says nothing of the events that led there,
// so the shortest run of the machine with just that to be seen is looked for.

const Evidence = (() => {
  /** So many moments are looked at: a search that takes longer than a reader waits is given up. */
  const MOMENTS_MAX = 20_000;

  /** The kinds of clients that are told every event. */
  const TOLD = ["E!", "E", "El"];

  /**
   * The steps of a walk that shows the evidence; null if the machine cannot show it, or none was found. `added` are the
   * statuses that the older table has not: a client may pass over them.
   */
  function walk(table, machine, finding, added) {
    // That nothing more comes is nothing that could be done.
    const seen = finding.evidence.filter((step) => step.kind !== "rest");
    // The evidence is that of the client which sees most: of one that asks only where none that is told sees anything.
    const isAsked = !finding.seen_by.some((name) => TOLD.includes(name));
    const isMissed = (status) => isAsked || added.includes(status);
    for (const guards of settings(machine, finding.when)) {
      const steps = search(table, machine, { seen, isAsked, isMissed }, guards);
      if (steps !== null) return [...turned(machine, guards), ...steps].map((doing) => ({ machine: machine.name, ...doing }));
    }
    return null;
  }

  /** The name of the setting that decides a guard; undefined where clients have no say in it. */
  const settingOf = ({ capability, parameter }) => capability ?? (parameter && [parameter.name, parameter.is].filter((part) => part !== undefined).join("="));

  /** The guards that hold in each of the cases of a condition over settings. What is not named does not matter. */
  function settings(machine, when) {
    return when.split(" or ").map((words) => {
      const names = words.split(" and ").filter((word) => !word.startsWith("not "));
      return machine.facts.reduce((all, fact, id) => (fact.kind === "guard" && names.includes(settingOf(fact)) ? all | Table.bit(id) : all), 0n);
    });
  }

  const turned = (machine, guards) => Table.names(machine, guards).map((name) => ({ verb: "set", name }));

  function search(table, machine, client, guards) {
    const first = new Meaning.Run(machine);
    first.setGuards(guards);
    const begin = { run: first, at: 0, before: null, doing: null };
    const known = new Set([key(begin)]);
    const queue = [begin];
    for (let next = 0; next < queue.length && known.size < MOMENTS_MAX; next += 1) {
      const moment = queue[next];
      if (moment.at === client.seen.length) return path(moment);
      for (const after of follow(table, machine, client, moment)) {
        if (known.has(key(after))) continue;
        known.add(key(after));
        queue.push(after);
      }
    }
    return null;
  }

  const key = ({ run, at }) => `${run.state} ${run.facts} ${run.guards} ${at}`;

  function path(moment) {
    const steps = [];
    for (let it = moment; it.before !== null; it = it.before) if (it.doing !== null) steps.unshift(it.doing);
    return steps;
  }

  /** Every moment that can come next with nothing to be seen but what comes next. */
  function* follow(table, machine, { seen, isAsked, isMissed }, moment) {
    const status = (id) => table.statuses[id].name;
    const isNext = (name) => seen[moment.at]?.kind === "event" && seen[moment.at].name === name;
    if (isAsked && isNext(status(machine.states[moment.run.state].shows))) yield { ...moment, at: moment.at + 1, before: moment, doing: null };
    for (const doing of choices(machine, seen[moment.at], moment.run)) {
      const run = moment.run.copy();
      run.fired = [];
      run.published = [];
      const outcome = Walk.act(table, run, doing);
      let { at } = moment;
      if (doing.verb === "raise") {
        if ((outcome.says === "refuse") !== (seen[at].error !== null)) continue;
        at += 1;
      }
      let isSeen = true;
      for (const shown of run.published.map(status)) {
        if (seen[at]?.kind === "event" && seen[at].name === shown) at += 1;
        else isSeen &&= at === seen.length || isMissed(shown);
      }
      if (isSeen) yield { run, at, before: moment, doing };
    }
  }

  /** What can be done: the command that comes next if one does, what happens in the machine, and what no client sets. */
  function choices(machine, next, run) {
    const command = (fact) => [fact.command, ...Object.entries(Object.fromEntries(fact.with)).map(([name, value]) => `${name}=${value}`).sort()].join(" ");
    return Walk.choices(run).filter(({ verb, name }) => {
      const fact = machine.facts[machine.factIds.get(name)];
      if (verb === "raise") return next?.kind === "command" && command(fact) === next.name;
      return verb === "report" || settingOf(fact) === undefined;
    });
  }

  return { walk };
})();
