"use strict";
// What the tests run beside the scripts of a page, in Node.js and in a browser.

globalThis.drive = {
  /** Does to fresh machines what the walks say, and says what came of every step. */
  walks(json, walks) {
    const table = Table.read(json);
    return walks.map(({ machine, steps }) => {
      const known = Table.machine(table, machine);
      const run = new Meaning.Run(known);
      return steps.map((step) => drive.step(known, run, step));
    });
  },

  step(machine, run, [verb, ...rest]) {
    if (verb === "advance") return String(Meaning.advance(machine, rest[0], BigInt(`0x${rest[1]}`))?.index ?? "none");
    const words = ({ says, because }) => (because === undefined ? says : `${says} (${because})`);
    if (verb === "answer") return words(Meaning.answer(machine, rest[0], rest[1], BigInt(`0x${rest[2]}`)));
    let said = "";
    if (verb === "guards") run.setGuards(BigInt(`0x${rest[0]}`));
    if (verb === "raise") said = words(run.raise(rest[0]));
    if (verb === "report") said = words(run.report(rest[0], rest[1]));
    return [said, run.state, run.facts.toString(16), run.visit, run.attempt, run.fired.join(), run.published.join()].join(" ");
  },

  /** Follows recordings, and says of each what `cargo xtask replay` says. */
  async replays(json, { recordings, options }) {
    const table = Table.read(json);
    const texts = [];
    for (const { name, text } of recordings) {
      const recording = await Recording.follow(table, name, text, options);
      texts.push(drive.report(table, name, recording));
    }
    return texts;
  },

  /** The walks that show the evidence of findings, as they are saved; null for one that has none. */
  evidence(json, { findings, added }) {
    const table = Table.read(json);
    return findings.map((finding) => {
      const machine = Table.machine(table, finding.machine);
      const steps = Evidence.walk(table, machine, finding, added);
      if (steps === null) return null;
      const walk = new Walking.Walk(table);
      for (const step of steps) walk.take(step);
      return Walk.write(table.file, machine.name, walk.of(machine));
    });
  },

  report(table, name, recording) {
    const { moments, unexplained } = recording;
    // The command says that on standard error.
    if (moments.length === 0 && unexplained === null) return "";
    if (unexplained === null) return `${name}: ${Recording.verdict(table, recording)}\n`;
    const whose = unexplained.process === "" ? "" : ` of \`${unexplained.process}\``;
    const first = `${name}:${unexplained.line}: ${unexplained.words}${whose} is not explained: ${unexplained.why}\n`;
    return first + unexplained.instead.map((line) => `  ${line}\n`).join("");
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
