"use strict";
// Marks on a picture: where a machine is, where it may be, what a trigger is told where, what has changed. A mark is
// never a colour alone: each has a sign and a border of its own.

const Marks = (() => {
  const KINDS = {
    here: { sign: "\u25cf", says: "the machine is here" },
    now: { sign: "\u25cf", says: "it may be here right after the line" },
    later: { sign: "\u25cb", says: "it may have come here since, unseen" },
    accepts: { sign: "\u2713", says: "accepted, or acted upon" },
    waits: { sign: "\u2026", says: "awaited among other things" },
    ignores: { sign: "\u2013", says: "ignored" },
    refuses: { sign: "\u2717", says: "refused" },
    added: { sign: "+", says: "added" },
    removed: { sign: "\u2212", says: "removed" },
    changed: { sign: "~", says: "changed" },
    fired: { sign: "\u2501", says: "the last step went here" },
    open: { sign: "\u2192", says: "ways out of here" },
    chosen: { sign: "", says: "chosen" },
  };

  /** Takes all marks off. */
  function clear(figure) {
    for (const mark of figure.querySelectorAll(".mark")) mark.remove();
    for (const { element } of Picture.arrows(figure)) element.classList.remove("fired", "open", "picked", "pointed", "added", "removed", "changed");
    for (const element of figure.querySelectorAll("[data-state]")) {
      element.setAttribute("aria-label", Picture.label(element));
      element.removeAttribute("aria-pressed");
    }
  }

  /** Puts a mark on a state. */
  function state(figure, machine, name, kind) {
    const element = Picture.node(figure, machine, name);
    if (element === null) return;
    // Not the box of the whole: there may be other marks around it already.
    const box = (element.querySelector("rect:not(.mark)") ?? element).getBBox();
    const isPlace = ["here", "now", "later"].includes(kind);
    const room = kind === "chosen" ? 11 : isPlace ? 4 : 7.5;
    const halo = Dom.svg("rect", {
      class: `mark halo ${kind}`,
      x: box.x - room,
      y: box.y - room,
      width: box.width + 2 * room,
      height: box.height + 2 * room,
      rx: 7 + room,
    });
    element.append(halo);
    const { sign, says } = KINDS[kind];
    element.setAttribute("aria-label", `${element.getAttribute("aria-label")}, ${says}`);
    if (kind === "chosen") element.setAttribute("aria-pressed", "true");
    if (sign === "") return;
    // Where a machine is stands on the left, what is said there on the right.
    const [cx, cy] = [isPlace ? box.x - 1 : box.x + box.width + 1, box.y - 1];
    element.append(
      Dom.svg("circle", { class: `mark badge ${kind}`, cx, cy, r: 8.5 }),
      Dom.svg("text", { class: `mark sign ${kind}`, x: cx, y: cy + 4, "text-anchor": "middle", "aria-hidden": "true" }, sign),
    );
  }

  /** Puts a mark on the arrows that lead from a state to another, by the row of a line where one is given. */
  function arrow(figure, from, to, kind, line) {
    for (const { element } of Picture.along(figure, from, to, line)) element.classList.add(kind);
  }

  /** What the marks mean that are on a picture. */
  function legend(kinds) {
    const known = [...new Set(kinds)].filter((kind) => KINDS[kind].sign !== "");
    return known.map((kind) => Dom.el("li", null, Dom.el("span", { class: `chip-sign ${kind}`, "aria-hidden": "true" }, KINDS[kind].sign), ` ${KINDS[kind].says}`));
  }

  return { arrow, clear, legend, state };
})();
