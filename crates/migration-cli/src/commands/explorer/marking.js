"use strict";
// Which marks a figure has at the present moment, and what stands above it: where its machine is or may be, what has
// changed, and what the reader has chosen.

const Marking = (() => {
  const { el } = Dom;

  function mark(app, figure) {
    const machine = Table.machine(app.table, figure.dataset.machine);
    Marks.clear(figure);
    const kinds = { walk: () => walk(app, figure, machine), recordings: () => recording(app, figure, machine), changes: () => changes(app, figure, machine) }[app.tab]();
    const { chosen } = app;
    if (chosen?.fact && chosen.machine === machine.name && app.tab !== "changes") kinds.push(...fact(figure, machine, chosen.fact));
    if (chosen?.state && chosen.machine === machine.name) Marks.state(figure, machine, chosen.state, "chosen");
    if (chosen?.machine === machine.name) {
      const picked = chosen.line ? Picture.ofLine(figure, chosen.line) : Picture.arrows(figure).filter((arrow) => arrow.id === chosen.arrow);
      for (const { element } of picked) element.classList.add("picked");
    }
    Dom.put(figure.querySelector("figcaption"), caption(app, machine));
    Dom.put(figure.querySelector(".signs"), Marks.legend(kinds));
  }

  function caption(app, machine) {
    const where = app.tab === "walk" ? `in ${machine.states[app.walk.run(machine).state].name}` : app.tab === "recordings" && app.player.length > 0 ? `of ${app.player.watched.get(machine.name) || "the process"}` : machine.doc;
    return el("span", null, el("strong", null, machine.name), ` ${where}`);
  }

  function walk(app, figure, machine) {
    const run = app.walk.run(machine);
    Marks.state(figure, machine, machine.states[run.state].name, "here");
    Picture.stopAt(figure, machine, machine.states[run.state].name);
    let from = null;
    for (const { outcome } of app.walk.now.happened.filter((it) => it.machine === machine.name)) {
      for (const row of outcome?.rows ?? []) {
        const before = from ?? app.walk.moments[app.walk.at - 1].world.runs[app.table.machines.indexOf(machine)].state;
        Marks.arrow(figure, machine.states[before].name, machine.states[row.to].name, "fired", row.line);
        from = row.to;
      }
    }
    for (const row of machine.leaving[run.state]) Marks.arrow(figure, machine.states[run.state].name, machine.states[row.to].name, "open", row.line);
    const has = (kind) => Picture.arrows(figure).some(({ element }) => element.classList.contains(kind));
    return ["here", ...["fired", "open"].filter(has)];
  }

  function recording(app, figure, machine) {
    const where = app.player.whereabouts(machine);
    if (where === null) return [];
    const kinds = [];
    for (const [kind, states] of [["later", where.later], ["now", where.now]]) {
      for (const state of states) Marks.state(figure, machine, machine.states[state].name, kind);
      if (states.length > 0) kinds.push(kind);
    }
    return kinds;
  }

  /** A picture of the changes shows them itself; where there is none, the present one gets marks. */
  function changes(app, figure, machine) {
    return Object.hasOwn(app.data.pictures, `changes-${machine.name}`) ? [] : Changes.mark(app, figure, machine);
  }

  function fact(figure, machine, name) {
    const kinds = [];
    for (const state of machine.states) {
      const kind = Detail.kind(machine, state.name, name);
      if (kind === null) continue;
      Marks.state(figure, machine, state.name, kind);
      kinds.push(kind);
    }
    return kinds;
  }

  return { mark };
})();
