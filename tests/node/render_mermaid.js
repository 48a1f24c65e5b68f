// Runs in a browser page that has loaded Mermaid and set `inputs`, a list of `{name, text, draws}`. Each text is
// parsed by Mermaid itself, and drawn where that is asked for; what came of it is written into the page as JSON, for whoever dumps the page.
"use strict";

async function look({ name, text, draws }, index) {
  try {
    const parsed = await mermaid.parse(text);
    if (!parsed) throw new Error("it was not parsed");
    if (!draws) return { name, kind: parsed.diagramType };
    const { svg } = await mermaid.render(`figure${index}`, text);
    const tree = new DOMParser().parseFromString(svg, "text/html").querySelector("svg");
    const said = (element) => (element.textContent || "").replace(/\s+/g, " ").trim();
    const nodes = [...tree.querySelectorAll("g.node")].filter((node) => !/root_start|root_end/.test(node.id));
    return {
      name,
      kind: parsed.diagramType,
      nodes: nodes.map(said).filter((text) => text !== ""),
      frames: tree.querySelectorAll("g.cluster, g.statediagram-cluster").length,
      edges: tree.querySelectorAll("path.transition").length,
      labels: [...tree.querySelectorAll("g.edgeLabel")].map(said).filter((text) => text !== ""),
    };
  } catch (error) {
    return { name, error: String((error && error.message) || error) };
  }
}

async function main() {
  mermaid.initialize({ startOnLoad: false, maxEdges: 5000, maxTextSize: 5_000_000, logLevel: 5 });
  const found = [];
  for (const [index, input] of inputs.entries()) found.push(await look(input, index));
  const out = document.createElement("pre");
  out.id = "found";
  // A dump writes what HTML would read as entities, so nothing of that kind may be in it.
  const hidden = (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  out.textContent = JSON.stringify(found).replace(/[<>&\u00a0-\uffff]/g, hidden);
  document.body.replaceChildren(out);
}

main();
