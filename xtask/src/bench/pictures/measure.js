// Runs in a page in which `input` is `{pictures: [{kind, text}], path}`: shows each picture at its own size and measures
// what is there to be seen. What was found is written into the page as JSON, for whoever dumps the page.
"use strict";

// How to find the parts of a picture, by the program that made it.
const PARTS = {
  ours: {
    nodes: "g.state",
    name: (node) => node.id.replace(/^[^-]*-/, ""),
    edges: "g.arrow > path.line, g.start > path.line",
    words: "g.words, text.copy",
    owner: (words) => words.closest("g.arrow"),
    titles: "g.cluster > text",
  },
  graphviz: {
    nodes: "g.node",
    name: (node) => node.querySelector("title").textContent,
    edges: "g.edge path",
    words: "g.edge",
    owner: (words) => words,
    titles: "g.cluster",
  },
  mermaid: {
    nodes: "g.node",
    name: (node) => (/state-(.+)-\d+$/.exec(node.id) || ["", ""])[1],
    edges: "path.transition",
    words: "g.edgeLabel",
    owner: (words) => (words.querySelector("[data-id]") || words).getAttribute("data-id"),
    titles: "g.cluster-label",
  },
};

// Lines are looked at every so many units.
const STEP = 3;
// So near to its ends a line may meet others: several reach the same box.
const ENDS = 12;

const union = (boxes) => ({
  x0: Math.min(...boxes.map((box) => box.x0)),
  y0: Math.min(...boxes.map((box) => box.y0)),
  x1: Math.max(...boxes.map((box) => box.x1)),
  y1: Math.max(...boxes.map((box) => box.y1)),
});
const box = ({ left, top, right, bottom }) => ({ x0: left, y0: top, x1: right, y1: bottom });
const meets = (a, b) => a.x0 + 1 < b.x1 && b.x0 + 1 < a.x1 && a.y0 + 1 < b.y1 && b.y0 + 1 < a.y1;
const holds = (a, point, by) =>
  a.x0 - by < point.x && point.x < a.x1 + by && a.y0 - by < point.y && point.y < a.y1 + by;
const far = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

// The boxes of the texts within an element, one for each that is not empty.
function texts(element) {
  const own = element.matches("text") ? [element] : [...element.querySelectorAll("text, foreignObject span, foreignObject div")];
  return own.filter((text) => text.textContent.trim() !== "" && text.getBoundingClientRect().width > 0);
}

function textBox(element) {
  const found = texts(element).map((text) => box(text.getBoundingClientRect()));
  return found.length === 0 ? null : union(found);
}

// The points of a line on the screen.
function sampled(line) {
  const length = line.getTotalLength();
  const matrix = line.getScreenCTM();
  const count = Math.max(2, Math.ceil(length / STEP) + 1);
  const points = [];
  for (let at = 0; at < count; at += 1) {
    points.push(line.getPointAtLength((length * at) / (count - 1)).matrixTransform(matrix));
  }
  return points;
}

// Where two pieces of lines cross, if they do.
function crossing(a, b, c, d) {
  const side = (p, q, r) => (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
  const [c0, d0, a0, b0] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
  if (c0 * d0 >= 0 || a0 * b0 >= 0) return null;
  const part = a0 / (a0 - b0);
  return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part };
}

function crossings(one, other) {
  if (!meets(one.box, other.box)) return 0;
  const ends = [one, other].flatMap(({ points }) => [points[0], points[points.length - 1]]);
  const found = [];
  for (let i = 1; i < one.points.length; i += 1) {
    for (let j = 1; j < other.points.length; j += 1) {
      const at = crossing(one.points[i - 1], one.points[i], other.points[j - 1], other.points[j]);
      const isNew = at && ends.every((end) => far(end, at) > ENDS) && found.every((known) => far(known, at) > ENDS);
      if (isNew) found.push(at);
    }
  }
  return found.length;
}

// How far a line turns, in right angles. A kink smaller than a degree is the grain of the samples.
function turns({ points }) {
  const directions = points.slice(1).map((point, at) => Math.atan2(point.y - points[at].y, point.x - points[at].x));
  let sum = 0;
  for (let at = 1; at < directions.length; at += 1) {
    const turn = Math.abs(directions[at] - directions[at - 1]);
    sum += Math.min(turn, 2 * Math.PI - turn);
  }
  return sum / (Math.PI / 2);
}

function smallestFont(svg) {
  const size = (text) => {
    const frame = text.closest("foreignObject") || text;
    const { a, b } = frame.getScreenCTM();
    return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b);
  };
  return Math.min(...texts(svg).map(size));
}

// How far the states of the happy path stand off one straight line, level or upright.
function off(nodes, path) {
  const boxes = path.map((name) => nodes.find((node) => node.name === name)?.box).filter((found) => found);
  const range = (values) => (values.length === 0 ? 0 : Math.max(...values) - Math.min(...values));
  if (boxes.length !== path.length) throw new Error("a state of the happy path is not in the picture");
  return Math.min(range(boxes.map(({ x0, x1 }) => (x0 + x1) / 2)), range(boxes.map(({ y0, y1 }) => (y0 + y1) / 2)));
}

function measured(svg, kind) {
  const parts = PARTS[kind];
  const all = (what) => [...svg.querySelectorAll(what)];
  const isShape = "rect, path, polygon, ellipse, circle";
  const nodeBox = (node) => union([...node.querySelectorAll(isShape)].map((shape) => box(shape.getBoundingClientRect())));
  const nodes = all(parts.nodes)
    .filter((node) => node.querySelector(isShape))
    .map((node) => ({ name: parts.name(node), box: nodeBox(node) }));
  const edges = all(parts.edges).map((line) => {
    const points = sampled(line);
    const owner = kind === "mermaid" ? line.getAttribute("data-id") || line.id : line.closest("g.arrow, g.edge");
    return { owner, points, box: union(points.map(({ x, y }) => ({ x0: x, y0: y, x1: x, y1: y }))) };
  });
  const words = all(parts.words).map((found) => ({ owner: parts.owner(found), box: textBox(found) }));
  const titles = all(parts.titles).map((found) => ({ owner: null, box: textBox(found) }));
  const labels = [...words, ...titles].filter((found) => found.box);
  let crossed = 0;
  edges.forEach((one, at) => edges.slice(at + 1).forEach((other) => (crossed += crossings(one, other))));
  const goesThrough = (edge, node) => {
    const isEnd = [edge.points[0], edge.points[edge.points.length - 1]].some((end) => holds(node.box, end, ENDS));
    return !isEnd && edge.points.some((point) => holds(node.box, point, -2));
  };
  const through = edges.flatMap((edge) => nodes.filter((node) => goesThrough(edge, node))).length;
  const isHit = (label, at) =>
    nodes.some((node) => meets(node.box, label.box)) ||
    labels.some((other, place) => place !== at && meets(other.box, label.box)) ||
    edges.some((edge) => edge.owner !== label.owner && edge.points.some((point) => holds(label.box, point, -1)));
  return {
    arrows: edges.length,
    crossings: crossed,
    through,
    hit: labels.filter(isHit).length,
    turns: edges.reduce((sum, edge) => sum + turns(edge), 0),
    off: off(nodes, input.path),
    width: svg.getBoundingClientRect().width,
    height: svg.getBoundingClientRect().height,
    font: smallestFont(svg),
    links: all("a").filter((link) => link.getAttribute("href") || link.getAttributeNS("http://www.w3.org/1999/xlink", "href")).length,
    tips: all("title").filter((title) => !title.parentNode.matches("svg, g.graph") && /\s/.test(title.textContent)).length + all("a[*|title]").length,
    dark: svg.outerHTML.includes("prefers-color-scheme"),
    svg: kind === "mermaid" ? new XMLSerializer().serializeToString(svg) : null,
  };
}

async function look({ kind, text }, index) {
  const place = document.createElement("div");
  place.style.width = "max-content";
  document.body.append(place);
  try {
    const picture = kind === "mermaid" ? (await mermaid.render(`picture${index}`, text)).svg : text;
    place.innerHTML = picture.replace(/^[^]*?(?=<svg)/, "");
    const svg = place.querySelector("svg");
    const { width, height } = svg.viewBox.baseVal;
    svg.setAttribute("style", `width:${width}px;height:${height}px;max-width:none`);
    return measured(svg, kind);
  } catch (error) {
    return { error: String((error && error.message) || error) };
  } finally {
    place.remove();
  }
}

async function main() {
  if (typeof mermaid !== "undefined") mermaid.initialize({ startOnLoad: false, maxEdges: 5000, logLevel: 5 });
  const found = [];
  for (const [index, picture] of input.pictures.entries()) found.push(await look(picture, index));
  const out = document.createElement("pre");
  out.id = "found";
  // A dump writes what HTML would read as entities, so nothing of that kind may be in it.
  const hidden = (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  out.textContent = JSON.stringify(found).replace(/[<>&\u00a0-\uffff]/g, hidden);
  document.body.replaceChildren(out);
}

main();
