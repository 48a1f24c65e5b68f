"use strict";
// The pictures: put in their place, made to be clicked and walked through with the keyboard. What a picture is made of
// is known here and nowhere else: a state has the id `MACHINE-STATE`, an arrow says from where it leads where.

const Picture = (() => {
  /** The picture of a machine, ready to be shown; null if there is none. `name` is that of its template. */
  function make(name) {
    const template = document.querySelector(`template[data-picture="${CSS.escape(name)}"]`);
    return template === null ? null : template.content.cloneNode(true);
  }

  // For each figure what the ids of its states begin with.
  const prefixes = new WeakMap();

  const node = (figure, machine, state) => figure.querySelector(`#${CSS.escape(`${prefixes.get(figure)}-${state}`)}`);

  // For each figure its arrows: the element, the state that it enters, and the rows that it stands for.
  const arrowsOf = new WeakMap();

  const arrows = (figure) => arrowsOf.get(figure) ?? [];

  /** The arrows that stand for a row of this line, in this state; for any row into `to` where no line is given. */
  function along(figure, from, to, line) {
    const stands = (row) => row.from.includes(from) && (line === undefined || row.line === line);
    return arrows(figure).filter((arrow) => arrow.to === to && arrow.rows.some(stands));
  }

  /** The arrows that stand for the row of this line. Those of the older table have other lines. */
  function ofLine(figure, line) {
    return arrows(figure).filter((arrow) => !arrow.gone && arrow.rows.some((row) => row.line === line));
  }

  /** Makes the states and arrows of a figure things that one can choose. */
  function enliven(figure, machine, known, choose) {
    prefixes.set(figure, known.prefix);
    arrowsOf.set(figure, known.arrows.map((arrow) => ({ ...arrow, element: figure.querySelector(`#${CSS.escape(arrow.id)}`) })).filter((arrow) => arrow.element !== null));
    // The parts of an image are nothing to those who cannot see it; those of a group are.
    figure.querySelector(".canvas svg")?.setAttribute("role", "group");
    const nodes = machine.states.map((state) => node(figure, machine, state.name));
    for (const [at, element] of nodes.entries()) {
      if (element === null) continue;
      const state = machine.states[at].name;
      element.setAttribute("role", "button");
      element.setAttribute("tabindex", at === machine.initial ? "0" : "-1");
      element.dataset.state = state;
      element.setAttribute("aria-label", label(element));
      element.addEventListener("click", (event) => {
        event.preventDefault();
        choose({ machine: machine.name, state });
      });
      element.addEventListener("keydown", (event) => onKey(event, nodes, at, () => choose({ machine: machine.name, state })));
    }
    for (const { element, id } of arrows(figure)) {
      element.classList.add("can-choose");
      element.addEventListener("click", (event) => {
        event.preventDefault();
        choose({ machine: machine.name, arrow: id });
      });
    }
  }

  /** What a state is called aloud: all that is written in it. */
  function label(element) {
    const texts = [...element.querySelectorAll("text:not(.mark)")].map((text) => text.textContent);
    return ["state", ...texts].join(" ");
  }

  const AWAY = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function onKey(event, nodes, at, choose) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose();
    }
    const away = AWAY[event.key];
    if (away === undefined) return;
    event.preventDefault();
    const next = nearest(nodes, nodes[at], away);
    if (next === null) return;
    nodes[at].setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  }

  /** The state that lies nearest in a direction; what lies aside counts double. */
  function nearest(nodes, here, [dx, dy]) {
    const centre = (element) => {
      const box = element.getBoundingClientRect();
      return [box.left + box.width / 2, box.top + box.height / 2];
    };
    const [x, y] = centre(here);
    let best = null;
    for (const other of nodes) {
      if (other === null || other === here) continue;
      const [ox, oy] = centre(other);
      const along = (ox - x) * dx + (oy - y) * dy;
      const aside = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
      const cost = along + 2 * aside;
      if (along > 4 && (best === null || cost < best.cost)) best = { other, cost };
    }
    return best === null ? null : best.other;
  }

  /** Makes a state the one that the tab key comes to; not while the reader goes from state to state. */
  function stopAt(figure, machine, state) {
    const here = node(figure, machine, state);
    if (here === null || figure.querySelector(".canvas").contains(document.activeElement)) return;
    for (const other of figure.querySelectorAll("[data-state]")) other.setAttribute("tabindex", other === here ? "0" : "-1");
  }

  /** Brings something of a figure into view, within its own box alone. */
  function reveal(figure, element) {
    if (element === null) return;
    const box = figure.querySelector(".canvas");
    const [outer, inner] = [box.getBoundingClientRect(), element.getBoundingClientRect()];
    const isIn = (from, to) => inner[from] >= outer[from] && inner[to] <= outer[to];
    if (!isIn("left", "right")) box.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
    if (!isIn("top", "bottom")) box.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
  }

  // A picture that would be shown smaller than this part of its size is shown whole only if the reader wants it so.
  const LEAST = 0.62;

  /**
   * Takes away what the page says itself, and makes the picture as large as is wanted: `fit`, or a part of its own size.
   * Where it cannot be read in the room that there is, it is shown at its own size and can be scrolled.
   */
  function trim(figure, zoom, hasLegend) {
    const svg = figure.querySelector(".canvas svg");
    if (svg === null) return;
    for (const part of svg.querySelectorAll(`.heading, .doc${hasLegend ? "" : ", .legend"}`)) part.remove();
    const { x, y, width, height } = svg.getBBox();
    const room = 12;
    svg.setAttribute("viewBox", [x - room, y - room, width + 2 * room, height + 2 * room].map(Math.round).join(" "));
    const space = figure.querySelector(".canvas").clientWidth - 8;
    const fits = Math.min(1.25, space / (width + 2 * room));
    const scale = zoom === "fit" ? (fits < LEAST ? 0.9 : fits) : Number.parseFloat(zoom) / 100;
    svg.setAttribute("width", Math.floor((width + 2 * room) * scale));
    svg.setAttribute("height", Math.floor((height + 2 * room) * scale));
  }

  return { along, arrows, enliven, label, make, node, ofLine, reveal, stopAt, trim };
})();
