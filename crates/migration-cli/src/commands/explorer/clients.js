"use strict";
// The panel of what clients notice: who can live with the difference, and every finding of the API check with the
// shortest sequence that shows it.

const Clients = (() => {
  const { button, el, rich } = Dom;
  const ORDER = ["break", "warn", "note"];

  const WHO = {
    "E!": "listens to events, and fails at a status that it does not know",
    E: "listens to events, and passes over what it does not know",
    El: "the same, and does not mind a status that comes twice",
    "P!": "asks for the status from time to time, and fails at one that it does not know",
    P: "asks from time to time, and passes over what it does not know",
  };

  function render(app) {
    const { api } = app.data.difference;
    if (api.given_up !== undefined) {
      return el("section", { class: "panel verdict wait", "aria-label": "What clients notice", id: "api" },
        el("p", null, "What clients notice is not known"), el("p", { class: "why" }, rich(api.given_up)));
    }
    const findings = ORDER.flatMap((level) => api.findings.filter((finding) => finding.level === level));
    return [
      summary(api, findings),
      findings.length > 0 && el("section", { class: "panel", "aria-label": "Findings of the API check" },
        el("h2", null, `What clients notice (${findings.length})`),
        el("ul", { class: "changes" }, findings.map((finding) => one(app, finding)))),
    ];
  }

  /** Every kind of client, and whether it can live with the new table. */
  function observers({ baselines: [{ verdicts }], findings }) {
    const can = (name) => verdicts.every((it) => it.observer !== name || it.compatible) && findings.every((it) => !it.breaks.includes(name));
    return [...new Set(verdicts.map((it) => it.observer))].map((name) => ({ name, can: can(name) }));
  }

  function summary(api, findings) {
    const all = observers(api);
    const many = (level) => findings.filter((finding) => finding.level === level).length;
    const [kind, words] = many("break") > 0 ? ["stop", "\u2717 Clients that are promised compatibility cannot live with this"]
      : all.some(({ can }) => !can) ? ["wait", "\u2026 Only clients that are promised nothing cannot live with this"]
        : ["go", findings.length > 0 ? "\u2713 Every kind of client can live with this" : "\u2713 No client notices anything"];
    const counts = ORDER.filter((level) => many(level) > 0).map((level) => `${many(level)} ${level}`).join(", ");
    const known = all.filter(({ name }) => Object.hasOwn(WHO, name));
    return el("section", { class: `panel verdict ${kind}`, "aria-label": "Verdict", id: "api" },
      el("p", null, words), counts !== "" && el("p", { class: "why" }, counts),
      el("ul", { class: "row observers", "aria-label": "who can live with the change" },
        all.map(({ name, can }) => el("li", { class: `badge-word ${can ? "go" : "stop"}`, title: WHO[name] ?? "a kind of client that the table declares" }, `${can ? "\u2713" : "\u2717"} ${name}`))),
      el("details", { "data-open": "who" }, el("summary", null, "Who they are"),
        Dom.fields([...known.map(({ name }) => [name, WHO[name]]), ["others", all.length > known.length && "declared by the table, under `observers`"]])));
  }

  function one(app, finding) {
    const machine = Table.machine(app.table, finding.machine);
    return Findings.item(app, {
      key: finding.key,
      level: finding.level,
      title: el("strong", null, finding.rule),
      message: [finding.machine && el("span", { class: "quiet" }, `${finding.machine}: `), rich(finding.message)],
      shown: evidence(finding),
      actions: machine && finding.evidence.length > 0 && walked(app, machine, finding),
      spot: machine && finding.place ? { machine: machine.name, line: finding.place.line } : null,
      more: [
        ["when", finding.when], ["breaks", finding.breaks.join(", ")], ["seen by", finding.seen_by.join(", ")],
        ["before", finding.before.join(", ")], ["now", finding.now.join(", ")],
        ["line", finding.place && `${app.table.file}:${finding.place.line}`], ["why", rich(finding.why)],
        ["instead", rich(finding.keep_compatible)], ["accept", finding.level !== "note" && el("code", null, finding.accept)],
      ],
    });
  }

  /** Returns what shows the evidence step by step. A table cannot show what it has lost. */
  function walked(app, machine, finding) {
    if (finding.walk === null) return el("span", { class: "quiet" }, "No walk over the new table shows it.");
    return button(`walk-${finding.key}`, () => app.walkEvidence(machine, finding), { title: "a walk in which a client sees this" }, "Walk it");
  }

  /** The shortest sequence that shows a finding: commands with their replies, and statuses. */
  function evidence({ evidence: steps }) {
    if (steps.length === 0) return null;
    const chip = ({ kind, name, error, assumed }) => el("li", { class: `chip ${kind}`, title: assumed ? "unknown to the older table here" : null },
      kind === "rest" ? "nothing more" : kind === "event" ? name : kind === "settings" ? `set ${name}` : [el("code", null, name), error === null ? " \u2713" : ` \u2717 ${error}`]);
    return el("ol", { class: "told evidence", "aria-label": "the shortest way to see it" }, steps.map(chip));
  }

  return { render };
})();
