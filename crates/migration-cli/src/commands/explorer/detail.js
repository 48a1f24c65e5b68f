"use strict";
// What is known of one thing that was chosen: a state, a trigger or event, an arrow. What is said in each state was
// worked out exactly where the page was made; here it is only laid out.

const Detail = (() => {
  const { el, rich } = Dom;

  /** The lines of a cell of the tables of answers; empty where there is none. */
  function said(machine, state, fact) {
    for (const grid of machine.said.grids) {
      const column = grid.columns.indexOf(fact);
      const row = column < 1 ? undefined : grid.rows.find((cells) => cells[0][0] === state);
      if (row !== undefined) return row[column].map((line) => reasons(machine, line));
    }
    return [];
  }

  /** The reasons in the place of their numbers. */
  const reasons = (machine, line) => line.replace(/^refuse \[(\d+)\]/, (_, at) => `refuse: ${machine.said.notes[at - 1]}`);

  /** What a fact comes to in a state, in a word: the kind of a mark. */
  function kind(machine, state, fact) {
    const lines = said(machine, state, fact);
    if (lines.some((line) => line.startsWith("go ") || line.startsWith("handle"))) return "accepts";
    if (lines.some((line) => line.startsWith("waits"))) return "waits";
    if (lines.some((line) => line.startsWith("ignore"))) return "ignores";
    return lines.some((line) => line.startsWith("refuse")) ? "refuses" : null;
  }

  function render(app) {
    const { chosen } = app;
    if (chosen === null) {
      return [el("p", { class: "quiet" }, "Choose a state or an arrow of a picture, or the ", el("kbd", null, "?"),
        " beside a trigger or event, to see what can happen there and why.")];
    }
    const machine = Table.machine(app.table, chosen.machine);
    const close = Dom.button("close-detail", () => app.choose(null), { class: "close", "aria-label": "Close what was chosen" }, "\u00d7");
    const body = chosen.state ? state(app, machine, chosen.state) : chosen.fact ? fact(app, machine, chosen.fact)
      : chosen.line ? row(app, machine, chosen.line) : arrow(app, machine, chosen.arrow);
    return [close, body];
  }

  const line = (app, at) => el("span", { class: "place" }, `${app.table.file}:${at}`);

  function state(app, machine, name) {
    const id = machine.stateIds.get(name);
    const own = machine.states[id];
    const status = app.table.statuses[own.shows];
    const groups = machine.groups.filter((group) => group.states.includes(id)).map((group) => group.name);
    const held = own.holds.map((at) => app.table.resources[at]);
    const at = machine.happy_path.indexOf(id);
    const timer = own.timer && [app.link({ machine: machine.name, fact: machine.facts[own.timer.event].name }), ` ${own.timer.after_ms} ms after it is entered`];
    const timeout = own.timeout && [app.link({ machine: machine.name, fact: machine.facts[own.timeout.event].name }), ` after ${own.timeout.after_ms} ms without a sign of life`];
    return [
      el("h2", null, `State ${machine.name}.${name} `, line(app, own.line)),
      el("p", { class: "doc" }, rich(own.doc)),
      Dom.fields([
        ["kind", own.kind],
        ["shows", [el("code", null, status.name), ` (since ${status.since}): `, rich(status.doc)]],
        ["holds", Dom.commas(held.map((it) => el("span", { title: it.doc }, it.name)))],
        ["timeout", timeout],
        ["timer", timer],
        ["groups", groups.join(", ")],
        ["happy path", at < 0 ? "" : `${at + 1} of ${machine.happy_path.length}`],
      ]),
      comesIn(app, machine, name, id),
      rowsTable(app, machine, "Ways out, strongest first", machine.leaving[id]),
      rowsTable(app, machine, "Ways in", machine.rows.filter((row) => row.to === id)),
      races(app, machine, (cells) => cells[0][0] === name, 1, "Which of two facts wins here"),
    ];
  }

  function comesIn(app, machine, name, id) {
    const { awaited } = machine.states[id];
    const facts = machine.facts.map((own, at) => ({ own, at })).filter(({ own }) => own.kind !== "guard");
    // What is not awaited says nothing of this state, but for triggers: those always get an answer.
    const shown = facts.filter(({ own, at }) => own.kind === "trigger" || awaited.includes(at));
    const others = facts.length - shown.length;
    return [
      el("h3", null, "When this comes in"),
      el("table", { class: "said" }, el("tbody", null, shown.map(({ own }) => el("tr", null,
        el("th", { scope: "row" }, app.link({ machine: machine.name, fact: own.name })),
        el("td", null, said(machine, name, own.name).map((text) => el("div", null, rich(text)))))))),
      others > 0 && el("p", { class: "quiet" }, machine.states[id].kind === "idle" ? `${awaited.length > 0 ? "Other evidence" : "Evidence"} is stale here: nothing works.` : `${others} other events are not awaited here: each would be pending until the visit ends.`),
    ];
  }

  function fact(app, machine, name) {
    const id = machine.factIds.get(name);
    const own = machine.facts[id];
    const message = own.message === undefined ? null : app.table.messages[own.message];
    const rank = machine.precedence.indexOf(id);
    const byText = new Map();
    for (const at of machine.states.keys()) {
      const text = said(machine, machine.states[at].name, name).join("; ");
      if (text !== "" && text !== "-") byText.set(text, [...(byText.get(text) ?? []), machine.states[at].name]);
    }
    const order = [...byText].sort(([a], [b]) => Number(b.startsWith("go ")) - Number(a.startsWith("go ")));
    return [
      el("h2", null, `${own.kind[0].toUpperCase()}${own.kind.slice(1)} ${name} `, el("span", { class: "quiet" }, `of ${machine.name} `), line(app, own.line)),
      el("p", { class: "doc" }, rich(own.doc)),
      Dom.fields([
        ["command", own.command && el("code", null, own.command)],
        ["with", own.with?.map(([key, value]) => `${key}: ${value}`).join(", ")],
        ["expects", own.expects && `the argument ${own.expects} names the status that is shown`],
        ["needs", own.needs?.length ? `one of ${own.needs.join(", ")}` : ""],
        ["veto", own.veto],
        ["message", message && `from ${message.from} to ${message.to}`],
        ["unsent", message?.unsent && `${message.from} reports ${message.unsent} when it cannot be sent`],
        ["carries", own.cause && "a text that says why"],
        ["outside", own.outside && "something other than the work reports it"],
        ["rare", own.rare && "no recording is explained by it unasked"],
        ["capability", own.capability && el("code", null, own.capability)],
        ["parameter", own.parameter && `${own.parameter.name}${own.parameter.is === undefined ? "" : ` is ${own.parameter.is}`}`],
        ["fixed", own.kind === "guard" && (own.fixed ? "keeps its value for a whole attempt" : "no: asked at every step")],
        ["precedence", rank < 0 ? "" : `${rank + 1} of ${machine.precedence.length}: ${machine.precedence.map((at) => machine.facts[at].name).join(", ")}`],
      ]),
      order.length > 0 && [el("h3", null, "What it does in each state"),
        el("table", { class: "said" }, el("tbody", null, order.map(([text, states]) => el("tr", null,
          el("td", null, rich(text)), el("td", null, "in ", Dom.commas(states.map((state_) => app.link({ machine: machine.name, state: state_ }))))))))],
      rowsTable(app, machine, "Transitions that name it", machine.rows.filter((row) => row.mentions.includes(id))),
      races(app, machine, (cells) => cells[1][0].split(", ").includes(name), 0, "Whether it wins over another fact"),
    ];
  }

  function row(app, machine, at) {
    return [el("h2", null, `A row of ${machine.name} `, line(app, at)), rowsTable(app, machine, "Transition", machine.rows.filter((own) => own.line === at))];
  }

  function arrow(app, machine, id) {
    const known = Object.values(app.data.pictures).flatMap((picture) => picture.arrows).find((own) => own.id === id);
    const name = (state_) => (machine.stateIds.has(state_) ? app.link({ machine: machine.name, state: state_ }) : el("code", null, state_));
    const lines = new Set(known.rows.map((own) => own.line));
    const from = [...new Set(known.rows.flatMap((own) => own.from))];
    return [
      el("h2", null, "From ", Dom.commas(from.map(name)), " to ", name(known.to)),
      known.gone ? el("p", { class: "quiet" }, "Only the older table has this arrow.")
        : rowsTable(app, machine, "Transitions", machine.rows.filter((own) => lines.has(own.line))),
    ];
  }

  function does(app, machine, row) {
    const parts = [];
    if (row.public) parts.push(`publishes ${app.table.statuses[machine.states[row.to].shows].name}`);
    if (row.reason !== null) parts.push(`gives the reason ${app.table.reasons[row.reason].name}`);
    if (row.sends.length > 0) parts.push(`sends ${row.sends.map((at) => app.table.messages[at].name).join(", ")}`);
    if (row.drops.length > 0) parts.push(`drops ${Table.names(machine, row.drops).join(", ")}`);
    return parts.join("; ");
  }

  function rowsTable(app, machine, title, rows) {
    if (rows.length === 0) return null;
    const cells = (row) => el("tr", null,
      el("td", null, row.leaves), el("td", null, el("code", null, row.when)),
      el("td", null, app.link({ machine: machine.name, state: machine.states[row.to].name })),
      el("td", null, does(app, machine, row)), el("td", { class: "place" }, String(row.line)));
    const heads = ["from", "when", "to", "does", "line"].map((head) => el("th", { scope: "col" }, head));
    return [el("h3", null, title), scrolling(title, el("table", null, el("thead", null, el("tr", null, heads)), el("tbody", null, rows.map(cells))))];
  }

  function races(app, machine, wanted, skip, title) {
    const [grid] = machine.races.grids;
    const rows = (grid?.rows ?? []).filter(wanted);
    if (rows.length === 0) return null;
    const heads = grid.columns.slice(skip).map((head) => el("th", { scope: "col" }, head));
    const row = (cells) => el("tr", null, cells.slice(skip).map((lines) => el("td", null, lines.map((text) => el("div", null, rich(text))))));
    return el("details", { "data-open": title }, el("summary", null, `${title} (${rows.length})`),
      scrolling(title, el("table", { class: "races" }, el("thead", null, el("tr", null, heads)), el("tbody", null, rows.map(row)))));
  }

  const scrolling = (title, table) => el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, table);

  return { kind, render };
})();
