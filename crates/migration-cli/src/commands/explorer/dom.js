"use strict";
// Making elements. Whatever comes from a table or a recording becomes text, never markup.

const Dom = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  /** An element. Properties that begin with `on` are listeners; `null` and `false` leave an attribute out. */
  function el(tag, properties, ...children) {
    return fill(document.createElement(tag), properties, children);
  }

  /** The same for pictures. */
  function svg(tag, properties, ...children) {
    return fill(document.createElementNS(SVG, tag), properties, children);
  }

  function fill(element, properties, children) {
    for (const [name, value] of Object.entries(properties ?? {})) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, String(value));
    }
    element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
    return element;
  }

  /** A text in which what is in backticks stands as code. */
  function rich(text) {
    return text.split("`").map((part, index) => (index % 2 === 1 ? el("code", null, part) : part));
  }

  /** A name that may be broken after its underlines. */
  function name(text) {
    return text.split(/(?<=_)/).flatMap((part, index) => (index === 0 ? [part] : [el("wbr"), part]));
  }

  /** Replaces what an element holds, and keeps the focus on what has the same key, what is unfolded, and where things
   * are scrolled to. */
  function put(element, ...children) {
    const focused = element.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    const scrolled = new Map([...element.querySelectorAll("[data-scroll]")].map((it) => [it.dataset.scroll, it.scrollTop]));
    const opened = new Set([...element.querySelectorAll("details[open]")].map((it) => it.dataset.open));
    element.replaceChildren(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
    for (const it of element.querySelectorAll("[data-scroll]")) it.scrollTop = scrolled.get(it.dataset.scroll) ?? 0;
    for (const it of element.querySelectorAll("details[data-open]")) it.open = opened.has(it.dataset.open);
    if (focused !== undefined) element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  /** A button. */
  function button(key, onclick, properties, ...children) {
    return el("button", { type: "button", "data-key": key, onclick, ...properties }, ...children);
  }

  /** Names with what belongs to them. Pairs without content are left out. */
  function fields(pairs) {
    const shown = pairs.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "" && value.length !== 0);
    return el("dl", null, shown.map(([name, value]) => [el("dt", null, name), el("dd", null, value)]));
  }

  /** Things with commas between them. */
  const commas = (things) => things.flatMap((thing, index) => (index === 0 ? [thing] : [", ", thing]));

  /** Says something to those who cannot see it. The same thing twice is said twice. */
  function say(text) {
    const live = document.getElementById("live");
    live.textContent = live.textContent === text ? `${text}\u00a0` : text;
  }

  /** Hands a text to the reader as a file. */
  function download(name, text) {
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    el("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  return { button, commas, download, el, fields, name, put, rich, say, svg };
})();
