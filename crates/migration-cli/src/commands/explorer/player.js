"use strict";
// The panel of a recording: which one it is, its verdict, and the controls that play it.

const Player = (() => {
  const { button, el, rich } = Dom;

  function render(app) {
    const { player } = app;
    return [
      el("section", { class: "panel", "aria-label": "Which recording" }, el("h2", null, "Recordings"),
        app.data.recordings.length > 0 && el("div", { class: "row" }, choice(app)),
        el("p", { class: "quiet" }, "This command makes a page that plays your recordings: ", el("code", null, app.data.command))),
      player.recording !== null && [verdict(player.recording), player.length > 0 && [transport(app), watching(app), told(app), log(app)]],
    ];
  }

  function choice({ data, player }) {
    const options = data.recordings.map(({ name }) => el("option", { value: name, selected: player.recording?.name === name }, name));
    return el("select", { "data-key": "recording", id: "recording", "aria-label": "a recording", onchange: (event) => player.open(event.target.value) },
      el("option", { value: "", selected: player.recording === null }, "choose a recording"), options);
  }

  const SIGNS = { go: "\u2713 ", stop: "\u2717 ", wait: "\u2026 " };

  function verdict({ name, verdict: { kind, text }, instead, cut, bad, bad_count }) {
    return el("section", { class: `panel verdict ${kind}`, "aria-label": "Verdict" },
      el("p", { id: "verdict" }, el("span", { "aria-hidden": "true" }, SIGNS[kind]), el("span", { class: "quiet" }, `${name}: `), rich(text)),
      instead.length > 0 && el("ul", { id: "instead" }, instead.map((line) => el("li", null, rich(line)))),
      kind === "wait" && el("p", { class: "quiet" }, "A QMP session has lines like ", el("code", null, '{"event": "MIGRATION", "data": {"status": "setup"}}'), "."),
      cut !== null && el("p", { class: "quiet" }, `It ends in the middle of what begins in line ${cut}.`),
      bad_count > 0 && el("div", { id: "bad" },
        el("p", null, bad_count === 1 ? "One line makes no sense:" : `${bad_count} lines make no sense:`),
        el("ul", null, bad.map(({ line, why }) => el("li", null, `line ${line}: ${why}`)))));
  }

  function transport(app) {
    const { player } = app;
    const last = player.length - 1;
    return el("div", { class: "panel transport" },
      el("div", { class: "row" },
        button("first", () => player.go(0), { disabled: player.at <= 0, "aria-label": "To the beginning" }, "|\u25c0"),
        button("back", () => player.go(player.at - 1), { disabled: player.at <= 0, "aria-label": "One line back" }, "\u25c0"),
        button("play", () => player.toggle(), { class: "primary", id: "play" }, player.timer === null ? "\u25b6 Play" : "|| Pause"),
        button("forward", () => player.go(player.at + 1), { disabled: player.at >= last, "aria-label": "One line on" }, "\u25b6"),
        button("last", () => player.go(last), { disabled: player.at >= last, "aria-label": "To the end" }, "\u25b6|"),
        el("label", null, "Speed ", el("select", { "data-key": "speed", onchange: (event) => { player.speed = Number(event.target.value); } },
          [["slow", 1200], ["usual", 500], ["fast", 120]].map(([name, ms]) => el("option", { value: ms, selected: player.speed === ms }, name))))),
      el("input", { type: "range", min: 0, max: Math.max(last, 0), value: player.at, "data-key": "seek", "aria-label": "place in the recording", oninput: (event) => player.go(Number(event.target.value)) }));
  }

  /** Which process each machine is shown of: every process holds all machines. */
  function watching(app) {
    const { player } = app;
    const processes = player.processes();
    if (processes.length < 2) return null;
    return el("div", { class: "row watching" }, app.table.machines.map((machine) => el("label", null, `${machine.name} of `,
      el("select", { "data-key": `watch-${machine.name}`, onchange: (event) => player.watch(machine, event.target.value) },
        processes.map((name) => el("option", { selected: player.watched.get(machine.name) === name }, name))))));
  }

  /** What clients of each process were told, up to the line that is looked at. */
  function told(app) {
    const { player } = app;
    const shown = player.recording.moments.slice(0, player.at + 1).filter((moment) => moment.status !== null && !moment.unexplained);
    const of = (process) => shown.filter((moment) => moment.process === process).map((moment) => el("li", { class: "chip" }, moment.status));
    const lists = player.processes().map((process) => [process, of(process)]).filter(([, chips]) => chips.length > 0);
    if (lists.length === 0) return null;
    return el("section", { class: "panel", "aria-label": "What clients were told" }, el("h2", null, "Clients were told"),
      lists.map(([process, chips]) => [process !== "" && el("h3", null, process), el("ol", { class: "told" }, chips)]));
  }

  /** So many lines around the present one are listed: a recording may have very many. */
  const AROUND = 60;

  function log(app) {
    const { player } = app;
    const from = Math.max(0, player.at - AROUND);
    const item = ({ line, process, words, unexplained }, index) => {
      const at = from + index;
      return el("li", null, button(`line-${at}`, () => player.go(at), { class: `moment${unexplained ? " unexplained" : ""}`, "aria-current": at === player.at ? "step" : null },
        el("span", { class: "place" }, String(line)), process !== "" && el("span", { class: "quiet" }, ` ${process}`), unexplained ? " \u2717 " : " ", rich(words)));
    };
    return el("section", { class: "panel", "aria-label": "Lines" }, el("h2", null, "Lines"),
      el("ol", { class: "history lines", id: "lines", "data-scroll": "lines" }, player.recording.moments.slice(from, player.at + AROUND).map(item)));
  }

  return { render };
})();
