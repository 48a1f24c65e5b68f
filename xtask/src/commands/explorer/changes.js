"use strict";
// The panel of differences: what was added, removed and changed since the older table, and what the API check says.

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
      api(app, difference.api),
      findings(difference.findings),
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

  /** What clients notice: who can live with it, and each finding with the shortest way to see it. */
  function api(app, compared) {
    if (compared === undefined) return null;
    if (compared.failed !== undefined) return el("section", { class: "panel verdict wait" }, el("p", null, compared.failed));
    const can = ({ name, compatible }) => el("li", { class: `badge-word ${compatible ? "go" : "stop"}` }, `${compatible ? "\u2713" : "\u2717"} ${name}`);
    return el("section", { class: "panel", "aria-label": "What clients notice", id: "api" },
      el("h2", null, "What clients notice", el("span", { class: "quiet" }, ` ${compared.headline}`)),
      el("ul", { class: "row observers", "aria-label": "who can live with the change" }, compared.observers.map(can)),
      compared.changes.length === 0 ? el("p", { class: "quiet" }, "Nothing.") : el("ul", { class: "changes" }, compared.changes.map((change) => finding(app, change))));
  }

  const LEVEL = { error: "stop", warning: "wait", note: "still" };

  function finding(app, change) {
    const steps = change.evidence.map((step) => el("li", { class: "chip" }, step));
    return el("li", { class: "change" },
      el("span", { class: `badge-word ${LEVEL[change.level]}` }, change.level), " ", el("strong", null, change.rule),
      el("div", null, change.machine && el("span", { class: "quiet" }, `${change.machine}: `), rich(change.message)),
      steps.length > 0 && el("ol", { class: "told evidence", "aria-label": "the shortest way to see it" }, steps),
      el("details", null, el("summary", null, "Who, when and why"), Dom.fields([
        ["breaks", change.breaks.join(", ")], ["seen by", change.seen_by.join(", ")], ["when", change.when],
        ["before", change.before.join(", ")], ["now", change.now.join(", ")],
        ["line", change.line && `${app.table.file}:${change.line}`], ["why", change.why && rich(change.why)], ["instead", change.instead && rich(change.instead)]])));
  }

  /** Findings from elsewhere, whatever they have to say: a rule, a severity, a message, and the rest as it is. */
  function findings(list) {
    if (!Array.isArray(list) || list.length === 0) return null;
    const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));
    const one = (finding) => {
      const { rule, code, name, severity, verdict, message, title, ...rest } = typeof finding === "object" && finding !== null ? finding : { message: finding };
      const others = Object.entries(rest).filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0));
      return el("li", { class: "change" }, el("strong", null, text(rule ?? code ?? name ?? "finding")), (severity ?? verdict) && el("span", { class: "quiet" }, ` ${text(severity ?? verdict)}`),
        el("div", null, rich(text(message ?? title ?? ""))),
        others.length > 0 && Dom.fields(others.map(([key, value]) => [key, Array.isArray(value) ? el("ol", null, value.map((it) => el("li", null, text(it)))) : text(value)])));
    };
    return el("section", { class: "panel", "aria-label": "More findings", id: "findings" }, el("h2", null, `More findings (${list.length})`), el("ul", { class: "changes" }, list.map(one)));
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
