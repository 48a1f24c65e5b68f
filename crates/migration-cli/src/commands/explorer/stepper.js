"use strict";
// The panel of a walk: where each machine is, what can be done and what would come of it, messages on their way, what
// clients were told, and the steps so far.

const Stepper = (() => {
  const { button, el, rich } = Dom;

  const SAYS = {
    accept: ["\u2713", "accepted", "go"],
    fired: ["\u2713", "fired", "go"],
    pending: ["\u2026", "pending", "wait"],
    ignore: ["\u2013", "ignored", "still"],
    handle: ["\u2713", "handled", "still"],
    stale: ["\u2013", "stale", "still"],
    refuse: ["\u2717", "refused", "stop"],
  };

  /** What was said, as a badge. */
  function badge(says) {
    const [sign, word, kind] = SAYS[says];
    return el("span", { class: `badge-word ${kind}` }, el("span", { "aria-hidden": "true" }, `${sign} `), word);
  }

  /** What came of something, in a few words. */
  function words(outcome, before) {
    const parts = [];
    if (outcome.rows.length > 0) parts.push(`to ${outcome.state}`);
    else if (outcome.says === "accept" || outcome.says === "pending") parts.push(`waits in ${before}`);
    if (outcome.publishes.length > 0) parts.push(`publishes ${outcome.publishes.join(", ")}`);
    if (outcome.sends.length > 0) parts.push(`sends ${outcome.sends.join(", ")}`);
    if (outcome.reason) parts.push(`reason ${outcome.reason}`);
    if (outcome.because) parts.push(outcome.because);
    return parts.join("; ");
  }

  /** What would come of an action, without doing it. */
  function preview(app, machine, doing) {
    const run = app.walk.run(machine).copy();
    const before = machine.states[run.state].name;
    const outcome = Walk.act(app.table, run, doing);
    if (outcome !== null) return [badge(outcome.says), " ", words(outcome, before)];
    const isLater = machine.facts[machine.factIds.get(doing.name)].fixed && !run.isIdle();
    return [isLater ? "from the next attempt on" : ""];
  }

  function render(app) {
    const machines = app.shownMachines();
    const canCarry = app.table.messages.length > 0 && app.table.machines.length > 1;
    return [
      app.note && el("p", { class: `panel verdict ${app.note.kind}`, id: "note" }, rich(app.note.text)),
      controls(app),
      canCarry && el("label", { class: "check" },
        el("input", { type: "checkbox", "data-key": "carries", checked: app.walk.carries, onchange: (event) => app.setCarries(event.target.checked) }),
        " Messages go from machine to machine"),
      app.walk.carries && onTheWay(app),
      machines.map((machine) => card(app, machine)),
      told(app),
      history(app),
      Findings.render(app),
    ];
  }

  function controls(app) {
    const { walk } = app;
    return el("div", { class: "row controls" },
      button("undo", () => app.undo(), { disabled: walk.at === 0, title: "u" }, "Undo"),
      button("redo", () => app.redo(), { disabled: walk.at === walk.moments.length - 1, title: "r" }, "Redo"),
      button("reset", () => app.reset(), { disabled: walk.moments.length === 1 }, "Start over"),
      app.shownMachines().map((machine) => button(`save-${machine.name}`, () => app.saveWalk(machine), { disabled: walk.of(machine).length === 0 }, `Save walk of ${machine.name}`)),
      el("label", { class: "file" }, "Open a saved walk ", el("input", { type: "file", accept: ".walk", "data-key": "file", onchange: (event) => app.open(event.target.files[0]) })));
  }

  function card(app, machine) {
    const run = app.walk.run(machine);
    const state = machine.states[run.state];
    const held = [...run.facts].sort((a, b) => a - b);
    const names = (isFixed) => Table.names(machine, held.filter((id) => Boolean(machine.facts[id].fixed) === isFixed));
    const link = (name) => app.link({ machine: machine.name, fact: name }, name);
    return el("section", { class: "panel card", "aria-label": machine.name },
      el("h2", null, `${machine.name}: `, app.link({ machine: machine.name, state: state.name }, state.name),
        el("span", { class: "status" }, el("span", { class: "quiet" }, "shows "), app.table.statuses[state.shows].name)),
      el("p", { class: "doc" }, rich(state.doc)),
      Dom.fields([
        ["holds", state.holds.map((id) => app.table.resources[id].name).join(", ")],
        ["reason", run.reason === null ? "" : app.table.reasons[run.reason].name],
        ["pending", Dom.commas(names(false).map(link))],
        ["fixed", run.isIdle() ? null : Dom.commas(names(true).map(link))],
        ["visit", `${run.visit}, attempt ${run.attempt}`],
      ]),
      choices(app, machine));
  }

  const TITLES = { raise: "Triggers", report: "Events", set: "Guards", clear: "Guards" };

  function choices(app, machine) {
    const carried = (doing) => app.walk.carries && machine.facts[machine.factIds.get(doing.name)].kind === "message";
    const all = Walk.choices(app.walk.run(machine)).filter((doing) => !carried(doing));
    const parts = [];
    for (const [index, doing] of all.entries()) {
      const title = TITLES[doing.verb];
      if (index === 0 || title !== TITLES[all[index - 1].verb]) parts.push({ title, items: [] });
      parts.at(-1).items.push(title === "Guards" ? guard(app, machine, doing) : choice(app, machine, doing));
    }
    return [parts.map(({ title, items }) => [el("h3", null, title), el("ul", { class: "choices" }, items)]), other(app, machine)];
  }

  function choice(app, machine, doing) {
    const step = { machine: machine.name, ...doing };
    const { doc } = machine.facts[machine.factIds.get(doing.name)];
    return el("li", null,
      button(World.stepText(step), () => app.take(step), { class: "choice", title: doc },
        el("strong", null, Dom.name(doing.name)), el("span", { class: "then" }, preview(app, machine, doing))),
      app.ask({ machine: machine.name, fact: doing.name }));
  }

  function guard(app, machine, doing) {
    const step = { machine: machine.name, ...doing };
    const { doc } = machine.facts[machine.factIds.get(doing.name)];
    return el("li", null,
      el("label", { class: "choice check", title: doc },
        el("input", { type: "checkbox", "data-key": `guard-${machine.name}-${doing.name}`, checked: doing.verb === "clear", onchange: () => app.take(step) }),
        el("strong", null, Dom.name(doing.name)), el("span", { class: "then" }, preview(app, machine, doing))),
      app.ask({ machine: machine.name, fact: doing.name }));
  }

  /** Evidence that nobody awaits here, or that comes late. */
  function other(app, machine) {
    const events = Table.names(machine, machine.events);
    if (events.length === 0) return null;
    const select = el("select", { "data-key": `other-${machine.name}`, "aria-label": `any event of ${machine.name}`, onchange: (event) => { app.other[machine.name] = event.target.value; } },
      events.map((name) => el("option", { selected: app.other[machine.name] === name }, name)));
    const step = (verb) => ({ machine: machine.name, verb, name: select.value });
    const isFirst = app.walk.run(machine).visit === 0;
    return el("details", { class: "other", "data-open": `other-${machine.name}` },
      el("summary", null, "Any other evidence, also late"),
      el("div", { class: "row" }, select,
        button(`report-${machine.name}`, () => app.take(step("report")), null, "Report"),
        button(`late-${machine.name}`, () => app.take(step("late")), { disabled: isFirst, title: "of a visit that is over" }, "Report late")));
  }

  function onTheWay(app) {
    const { world } = app.walk.now;
    const arriving = World.arriving(world);
    const item = (name, at) => {
      const message = app.table.messages.find((known) => known.name === name);
      const isNext = arriving.includes(name) && world.flight.indexOf(name) === at;
      return el("li", null, button(`deliver.${name}`, () => app.take({ verb: "deliver", name }), { class: "choice", disabled: !isNext, title: message.doc },
        el("strong", null, name), el("span", { class: "then" }, `${message.from} \u2192 ${message.to}${isNext ? "" : ", after the one before it"}`)));
    };
    return el("section", { class: "panel wire", "aria-label": "Messages on their way" },
      el("h2", null, "On its way", el("span", { class: "status" }, world.isCut ? "the connection is cut" : "connected")),
      world.flight.length === 0 ? el("p", { class: "quiet" }, "No message is on its way.") : el("ul", { class: "choices" }, world.flight.map(item)),
      el("div", { class: "row" }, world.isCut
        ? button("mend", () => app.take({ verb: "mend" }), null, "Connect again")
        : button("cut", () => app.take({ verb: "cut" }), { title: "what is on its way is lost, and nothing more can be sent" }, "Cut the connection")));
  }

  function told(app) {
    const all = app.walk.told();
    const chip = ({ machine, status }) => el("li", { class: "chip" }, status, app.shown === "*" && el("small", null, ` ${machine}`));
    return el("section", { class: "panel", "aria-label": "What clients were told" },
      el("h2", null, "Clients were told"),
      all.length === 0 ? el("p", { class: "quiet" }, "Nothing yet.") : el("ol", { class: "told", id: "told" }, all.map(chip)));
  }

  function history(app) {
    const { moments, at } = app.walk;
    const line = ({ machine, doing, outcome }) => [
      el("span", { class: "did" }, app.table.machines.length > 1 ? `${machine}: ` : "", `${doing.verb} `, el("strong", null, doing.name)),
      outcome !== null && [" ", badge(outcome.says), " ", words(outcome, outcome.state)]];
    const item = (moment, index) => el("li", null, button(`moment-${index}`, () => app.go(index),
      { class: `moment${index > at ? " undone" : ""}`, "aria-current": index === at ? "step" : null },
      index === 0 ? "the beginning" : moment.happened.length === 0 ? `${moment.step.verb} the connection` : moment.happened.map((it) => el("span", { class: "line" }, line(it)))));
    return el("section", { class: "panel", "aria-label": "Steps so far" },
      el("h2", null, "Steps"), el("ol", { class: "history", start: "0", id: "history", "data-scroll": "history" }, moments.map(item)));
  }

  return { badge, render, words };
})();
