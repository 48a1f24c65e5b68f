"use strict";
// The panel of a recording: where it comes from, what is to be said of it, and how it is played.

const Player = (() => {
  const { button, el, rich } = Dom;

  function render(app) {
    const { player } = app;
    const names = app.data.recordings.map((recording) => recording.name);
    const rare = [...new Set(app.table.machines.flatMap((machine) => machine.facts.filter((fact) => fact.rare).map((fact) => fact.name)))];
    const options = names.map((name) => el("option", { value: name, selected: player.name === name }, name));
    return [
      el("section", { class: "panel", "aria-label": "Which recording" },
        el("h2", null, "A recording"),
        el("div", { class: "row" },
          el("select", { "data-key": "example", id: "example", "aria-label": "an example", onchange: (event) => player.example(event.target.value) },
            el("option", { value: "", selected: !names.includes(player.name) }, "choose an example"), options)),
        el("p", { class: "quiet" }, "Or drop a file anywhere: what crosses a QMP socket, as it is, wrapped as in ", el("code", null, "tests/data/traces"), ", or as ", el("code", null, "socat"), " and ", el("code", null, "qmp-shell"), " show it."),
        el("label", { class: "file" }, "Open a file ", el("input", { type: "file", id: "file-input", "data-key": "file", onchange: (event) => app.open(event.target.files[0]) })),
        el("label", { class: "check" }, el("input", { type: "checkbox", "data-key": "attached", checked: player.options.attached, onchange: (event) => player.set({ attached: event.target.checked }) }), " It begins in the middle of something"),
        el("label", { class: "check" }, el("input", { type: "checkbox", "data-key": "others", checked: player.options.others, onchange: (event) => player.set({ others: event.target.checked }) }), " Others give commands that it does not show"),
        rare.map((name) => el("label", { class: "check" }, el("input", {
          type: "checkbox", "data-key": `rare-${name}`, checked: player.options.assumed.includes(name),
          onchange: (event) => player.set({ assumed: event.target.checked ? [...player.options.assumed, name] : player.options.assumed.filter((other) => other !== name) }),
        }), ` The rare event ${name} may have happened`))),
      player.trouble && el("p", { class: "panel verdict stop", id: "verdict", role: "alert" }, player.trouble),
      player.progress !== null && el("p", { class: "panel" }, `Reading: ${Math.floor(player.progress * 100)} %`),
      player.recording !== null && [verdict(app), player.length > 0 && [transport(app), watching(app), told(app), log(app)]],
    ];
  }

  function verdict(app) {
    const { recording } = app.player;
    const { unexplained } = recording;
    const kind = unexplained ? "stop" : recording.moments.length === 0 ? "wait" : "go";
    return el("section", { class: `panel verdict ${kind}`, "aria-label": "Verdict" },
      el("p", { id: "verdict" }, el("span", { "aria-hidden": "true" }, kind === "go" ? "\u2713 " : kind === "stop" ? "\u2717 " : "\u2026 "), el("span", { class: "quiet" }, `${recording.name}: `), rich(Recording.verdict(app.table, recording))),
      unexplained && el("ul", { id: "instead" }, unexplained.instead.map((line) => el("li", null, rich(line)))),
      recording.moments.length === 0 && !unexplained && el("p", { class: "quiet" }, "A QMP session has lines like ", el("code", null, '{"event": "MIGRATION", "data": {"status": "setup"}}'), "."),
      recording.cut !== null && el("p", { class: "quiet" }, `It ends in the middle of what begins in line ${recording.cut}.`),
      recording.badCount > 0 && el("div", { id: "bad" },
        el("p", null, recording.badCount === 1 ? "One line makes no sense:" : `${recording.badCount} lines make no sense:`),
        el("ul", null, recording.bad.map(({ line, why }) => el("li", null, `line ${line}: ${why}`)))));
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
    const shown = player.recording.moments.slice(0, player.at + 1).filter((moment) => moment.observation.type === "published");
    const of = (process) => shown.filter((moment) => moment.process === process).map((moment) => el("li", { class: "chip" }, moment.observation.status));
    const lists = player.processes().map((process) => [process, of(process)]).filter(([, chips]) => chips.length > 0);
    if (lists.length === 0) return null;
    return el("section", { class: "panel", "aria-label": "What clients were told" }, el("h2", null, "Clients were told"),
      lists.map(([process, chips]) => [process !== "" && el("h3", null, process), el("ol", { class: "told" }, chips)]));
  }

  /** So many lines around the present one are listed: a recording may have very many. */
  const AROUND = 60;

  function log(app) {
    const { player } = app;
    const { recording } = player;
    const from = Math.max(0, player.at - AROUND);
    const shown = recording.moments.slice(from, player.at + AROUND);
    const item = (moment, index) => {
      const at = from + index;
      return el("li", null, button(`line-${at}`, () => player.go(at), { class: "moment", "aria-current": at === player.at ? "step" : null },
        el("span", { class: "place" }, String(moment.line)), moment.process !== "" && el("span", { class: "quiet" }, ` ${moment.process}`), " ", rich(moment.words)));
    };
    const isAtEnd = from + shown.length === recording.moments.length;
    const { unexplained } = recording;
    const bad = isAtEnd && unexplained && el("li", null, button("line-unexplained", () => player.go(recording.moments.length),
      { class: "moment unexplained", "aria-current": player.at === recording.moments.length ? "step" : null },
      el("span", { class: "place" }, String(unexplained.line)), unexplained.process !== "" && el("span", { class: "quiet" }, ` ${unexplained.process}`), " \u2717 ", rich(unexplained.words)));
    return el("section", { class: "panel", "aria-label": "Lines" }, el("h2", null, "Lines"),
      el("ol", { class: "history lines", id: "lines", "data-scroll": "lines" }, shown.map(item), bad));
  }

  return { render };
})();
