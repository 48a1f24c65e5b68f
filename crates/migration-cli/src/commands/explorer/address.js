"use strict";
// The address of the page: which machine, which steps, which thing is chosen, so that a moment can be linked to.

const Address = (() => {
  /** The machines that a tab shows unless the reader wants others. */
  const usual = (app) => (app.tab === "walk" || app.table.machines.length < 2 ? app.table.machines[0]?.name : "*");

  /** Writes what the page shows behind the `#` of its address. */
  function write(app) {
    const parts = new URLSearchParams();
    if (app.tab !== "walk") parts.set("tab", app.tab);
    if (app.shown !== usual(app)) parts.set("machine", app.shown);
    if (app.walk.carries) parts.set("messages", "carried");
    if (app.walk.at > 0) parts.set("walk", app.walk.steps().map(World.stepText).join("~"));
    if (app.chosen?.state) parts.set("state", `${app.chosen.machine}.${app.chosen.state}`);
    if (app.chosen?.fact) parts.set("fact", `${app.chosen.machine}.${app.chosen.fact}`);
    if (app.tab === "recordings" && app.player.recording !== null) {
      parts.set("recording", app.player.recording.name);
      parts.set("line", String(app.player.line()));
    }
    const text = parts.toString();
    if (text !== location.hash.slice(1)) history.replaceState(null, "", text === "" ? location.pathname + location.search : `#${text}`);
  }

  /** Goes where the address says, as far as that is possible; says what is not. */
  function read(app) {
    const parts = new URLSearchParams(location.hash.slice(1));
    const tab = parts.get("tab");
    if (app.tabs().some(([name]) => name === tab)) app.tab = tab;
    const machine = parts.get("machine");
    app.shown = machine === "*" || Table.machine(app.table, machine) ? machine : usual(app);
    app.walk.carries = parts.get("messages") === "carried";
    const steps = (parts.get("walk") ?? "").split("~").filter((text) => text !== "");
    for (const [index, text] of steps.entries()) {
      try {
        app.walk.take(World.readStep(text));
      } catch (error) {
        app.note = { kind: "stop", text: `the address names ${steps.length} steps, but step ${index + 1} cannot be taken: ${error.message}` };
        break;
      }
    }
    app.chosen = chosen(app, parts, "state") ?? chosen(app, parts, "fact");
    if (parts.has("recording")) {
      app.player.open(parts.get("recording"));
      app.player.goToLine(Number(parts.get("line") ?? 0));
    }
  }

  function chosen(app, parts, what) {
    const [name, ...rest] = (parts.get(what) ?? "").split(".");
    const machine = Table.machine(app.table, name);
    const known = what === "state" ? machine?.stateIds : machine?.factIds;
    return known?.has(rest.join(".")) ? { machine: name, [what]: rest.join(".") } : null;
  }

  return { read, write };
})();
