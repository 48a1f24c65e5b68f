"use strict";
// The keyboard: one letter each, never while something is being typed.

const Keys = (() => {
  const KEYS = [
    ["1, 2, \u2026", "does what is at that place among triggers and events; two digits for one beyond 9"],
    ["u, r", "takes a step back, or again"],
    ["m", "shows the next machine, then both"],
    ["w, p, d", "walk, recordings, differences"],
    ["\u2190 \u2192", "on a tab: the tab beside it"],
    ["Space", "plays or pauses a recording"],
    ["[ ]", "a line of the recording back, or on"],
    ["\u2190 \u2191 \u2192 \u2193, Enter", "in a picture: goes from state to state, and chooses one"],
    ["Esc", "closes what was chosen"],
    ["?", "this help"],
  ];

  /** How long a second digit is awaited, where there is a place with two, in milliseconds. */
  const DIGIT_MS = 700;

  const TABS = { ArrowLeft: -1, ArrowRight: 1 };

  const isTyping = (target) => target.closest?.("input:not([type=checkbox]):not([type=radio]), select, textarea, dialog") !== null;

  function listen(app) {
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (does(app, event)) event.preventDefault();
    });
  }

  /** Does what a key asks for; false if it asks for nothing. */
  function does(app, event) {
    const { key } = event;
    const isDigit = /^[0-9]$/.test(key);
    if (!isDigit) take(app, key !== "Escape");
    if (key === "?") return app.help();
    if (key === "Escape") return app.choose(null);
    if (event.target.role === "tab" && TABS[key] !== undefined) return app.nextTab(TABS[key]);
    if (key === "m") return app.nextMachine();
    if (key === "w") return app.setTab("walk");
    if (key === "p") return app.setTab("recordings");
    if (key === "d") return app.setTab("changes");
    if (app.tab === "walk") {
      if (key === "u") return app.undo();
      if (key === "r") return app.redo();
      return isDigit && digit(app, Number(key));
    }
    if (app.tab !== "recordings") return false;
    if (key === "[") app.player.go(app.player.at - 1);
    if (key === "]") app.player.go(app.player.at + 1);
    const isButton = event.target.closest?.("button, [role=button], summary, input") !== null;
    if (key === " " && !isButton) app.player.toggle();
    return key === "[" || key === "]" || (key === " " && !isButton);
  }

  /** The first digit of a number that may have a second one. */
  const typed = { number: 0, timer: undefined };

  /** Ends the wait for a second digit, and does what the first one says if that is wanted. */
  function take(app, isWanted) {
    clearTimeout(typed.timer);
    const { number } = typed;
    typed.number = 0;
    if (number > 0 && isWanted) app.numbered(number);
  }

  /** Takes a digit: at once, where no place begins with it and goes on. */
  function digit(app, number) {
    const both = typed.number * 10 + number;
    const isBoth = both <= app.places();
    take(app, !isBoth);
    const now = isBoth ? both : number;
    if (now === 0) return false;
    if (now * 10 > app.places()) return app.numbered(now);
    typed.number = now;
    typed.timer = setTimeout(() => take(app, true), DIGIT_MS);
    return true;
  }

  function help() {
    const { el } = Dom;
    return [
      el("p", null, "A walk steps through a machine: raise a trigger, report an event, turn a guard, and see what happens and why. A recording shows where the machines may have been line by line. Everything happens on this page; nothing is sent anywhere."),
      el("table", null, el("tbody", null, KEYS.map(([keys, words]) => el("tr", null, el("th", { scope: "row" }, el("kbd", null, keys)), el("td", null, words))))),
      el("p", null, "Walks are saved as the command ", el("code", null, "step"), " saves them. Drop a saved walk on the page to open it."),
    ];
  }

  return { help, listen };
})();
