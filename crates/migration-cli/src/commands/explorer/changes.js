"use strict";
// The panel of differences: what was added, removed and changed since the older table, and its effects.

const Changes = (() => {
  const { el, rich } = Dom;
  const SIGN = { added: "+", removed: "\u2212", changed: "~" };

  const item = (change, words, details) => el("li", { class: `change ${change}` },
    el("span", { class: `chip-sign ${change}`, title: change }, SIGN[change]), el("span", { class: "visually-hidden" }, `${change}: `), words,
    details.length > 0 && el("ul", null, details.map((text) => el("li", null, rich(text)))));

  function render(app) {
    const { difference } = app.data;
    const isSame = difference.vocabulary.length === 0 && difference.machines.every((machine) => machine.states.length + machine.ways.length + machine.answers.length === 0);
    return [
      el("section", { class: "panel", "aria-label": "What is compared" },
        el("h2", null, "Differences"),
        Dom.fields([["before", el("code", null, difference.old)], ["now", el("code", null, app.table.file)]]),
        isSame && el("p", { class: "verdict go" }, "\u2713 Nothing has changed.")),
      Clients.render(app),
      Findings.render(app),
      difference.machines.map((machine) => section(app, machine)),
      difference.vocabulary.length > 0 && el("section", { class: "panel", "aria-label": "The vocabulary" }, el("h2", null, "Vocabulary"),
        el("ul", { class: "changes" }, difference.vocabulary.map((it) => item(it.change, [`${it.what} `, el("code", null, it.name)], it.details)))),
    ];
  }

  function section(app, machine) {
    const known = Table.machine(app.table, machine.name);
    const name = (state) => (known?.stateIds.has(state) ? app.link({ machine: machine.name, state }) : el("code", null, state));
    const parts = [
      ["States", machine.states.map((it) => item(it.change, [name(it.name)], it.details))],
      ["Ways out of states", machine.ways.map((it) => item(it.change, [name(it.from), " \u2192 ", name(it.to), " when ", el("code", null, it.when)], it.details))],
      ["Answers", machine.answers.map((it) => item(it.change, [el("code", null, it.trigger), " in ", name(it.state)], it.details))],
    ].filter(([, items]) => items.length > 0);
    if (parts.length === 0) return null;
    return el("section", { class: "panel", "aria-label": machine.name }, el("h2", null, machine.name),
      parts.map(([title, items]) => [el("h3", null, `${title} (${items.length})`), el("ul", { class: "changes" }, items)]));
  }

  /** Puts the marks of the differences on a figure. */
  function mark(app, figure, machine) {
    const own = app.data.difference.machines.find((known) => known.name === machine.name);
    const kinds = [];
    const isHere = (change) => change !== "removed";
    for (const { name, change } of (own?.states ?? []).filter((it) => isHere(it.change))) {
      Marks.state(figure, machine, name, change);
      kinds.push(change);
    }
    for (const { from, to, change } of (own?.ways ?? []).filter((it) => isHere(it.change))) Marks.arrow(figure, from, to, change);
    return kinds;
  }

  return { mark, render };
})();
