"use strict";
// The panel of findings: what the check says of the table, and in a comparison which of it is new and what is gone.

const Findings = (() => {
  const { button, el, rich } = Dom;
  const KIND = { error: "stop", break: "stop", warning: "wait", warn: "wait", note: "still" };

  /** All that the check says; where there is nothing, only in a comparison so much as that. */
  function render(app) {
    const now = app.data.checks.findings;
    const before = app.data.difference?.checks.findings;
    if (now.length === 0 && before === undefined) return null;
    const key = ({ code, message }) => `${code} ${message}`;
    const [nowKeys, beforeKeys] = [now, before ?? []].map((list) => new Set(list.map(key)));
    const isNew = (finding) => before !== undefined && !beforeKeys.has(key(finding));
    const gone = (before ?? []).filter((finding) => !nowKeys.has(key(finding)));
    return el("section", { class: "panel", "aria-label": "What the check finds", id: "findings" },
      el("h2", null, "What the check finds"),
      now.length === 0 ? el("p", { class: "quiet" }, "Nothing.") : el("ul", { class: "changes" },
        now.toSorted((a, b) => Number(isNew(b)) - Number(isNew(a))).map((finding) => own(app, finding, isNew(finding) ? "new" : ""))),
      gone.length > 0 && [el("h3", null, `Gone (${gone.length})`), el("ul", { class: "changes" }, gone.map((finding) => own(app, finding, "gone")))]);
  }

  /** A finding of the check. One that is gone had its place in the older table. */
  function own(app, finding, said) {
    const { code, name, severity, message, place, label, notes, help } = finding;
    const machine = app.table.machines.find((known) => known.rows.some((row) => row.line === place.line));
    return item(app, {
      key: `${said} ${code} ${place.line} ${message}`,
      level: severity,
      title: [el("strong", null, name), ` ${code}`, said !== "" && el("span", { class: "quiet" }, ` ${said}`)],
      message: rich(message),
      spot: machine === undefined || said === "gone" ? null : { machine: machine.name, line: place.line },
      more: [
        ["here", label && rich(label)], ["help", help && rich(help)],
        ["line", said === "gone" ? String(place.line) : `${app.table.file}:${place.line}`],
        ...notes.map((note) => ["note", [rich(note.text), note.place && ` (line ${note.place.line})`]]),
      ],
    });
  }

  /**
   * A finding of any kind. `spot` is the machine and the line of the row that makes it, or null: pointing at the finding
   * shows the row in the picture.
   */
  function item(app, { key, level, title, message, shown, spot, actions, more }) {
    const points = spot === null ? {} : {
      onpointerenter: () => app.point(spot), onpointerleave: () => app.point(null),
      onfocusin: () => app.point(spot), onfocusout: () => app.point(null),
    };
    const show = spot !== null && button(`show-${key}`, () => app.choose(spot, { reveal: true }),
      { "aria-pressed": String(JSON.stringify(app.chosen) === JSON.stringify(spot)) }, "Show the row");
    return el("li", { class: "change finding", ...points },
      el("span", { class: `badge-word ${KIND[level]}` }, level), " ", title,
      el("div", null, message), shown,
      (show || actions) && el("div", { class: "row actions" }, show, actions),
      el("details", { "data-open": key }, el("summary", null, "More"), Dom.fields(more)));
  }

  return { item, render };
})();
