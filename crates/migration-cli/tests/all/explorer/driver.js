"use strict";
// What the tests run beside the scripts of a page.

globalThis.drive = {
  /** Does to fresh machines what the walks say, and says what came of every step. */
  walks(json, walks) {
    const table = Table.read(json);
    return walks.map(({ machine, steps }) => {
      const known = Table.machine(table, machine);
      const run = new Run.Run(known);
      return steps.map((step) => drive.step(known, run, step));
    });
  },

  step(machine, run, [verb, ...rest]) {
    if (verb === "advance") return String(Run.pick(machine.leaving[rest[0]], new Set(rest[1]))?.index ?? "none");
    const words = ({ says, because }) => (says === "ignore" || says === "handle" || says === "refuse" ? `${says} (${because})` : says);
    if (verb === "answer") return words(Run.pick(machine.states[rest[0]].answers[rest[1]], new Set(rest[2])));
    let said = "";
    if (verb === "guards") for (const guard of machine.guards) run.turn(guard, rest[0].includes(guard));
    if (verb === "raise") said = words(run.raise(rest[0]));
    if (verb === "report") said = words(run.report(rest[0], rest[1]));
    const facts = [...run.facts].sort((a, b) => a - b);
    return [said, run.state, facts.join(), run.visit, run.attempt, run.fired.join(), run.published.join(), run.reason ?? "-"].join(" ");
  },

  /** Texts of the page that are hard to read: less contrast with what is behind them than 4.5 to 1. */
  faint() {
    const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => {
      const [lr, lg, lb] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * lr + 0.7152 * lg + 0.0722 * lb;
    };
    const ground = (element) => {
      for (let at = element; at !== null; at = at.parentElement) {
        const colour = channels(getComputedStyle(at).backgroundColor);
        if (colour.length < 4 || colour[3] === 1) return colour;
      }
      return [255, 255, 255];
    };
    const found = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let many = 0;
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      const isShown = element.checkVisibility() && element.getClientRects().length > 0 && element.closest("svg, script, template, #live, .visually-hidden, .skip") === null;
      if (!isShown || walker.currentNode.data.trim() === "") continue;
      many += 1;
      const [a, b] = [light(channels(getComputedStyle(element).color)), light(ground(element))];
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      if (contrast < 4.5) found.add(`${walker.currentNode.data.trim()} (${element.className}): ${contrast.toFixed(2)}`);
    }
    return { many, faint: [...found] };
  },
};
