// Reads charts and runs them. Standard input: a list of `{name, chart, walks}`; a walk is a list of steps, each
// `{set: {DATUM: BOOLEAN}}` or `{event: NAME}`. Standard output: for each chart the graph that XState reads out of it, and
// for each walk the state after every step, as SCION, an interpreter of SCXML, takes it.
"use strict";

const { toMachine } = require("xstate/lib/scxml");
const scion = require("@scion-scxml/scxml");

// What the charts publish is not looked at here.
console.log = () => {};

function graph(chart) {
  const machine = toMachine(chart, { delimiter: "." });
  const states = Object.values(machine.states);
  const edges = (state) =>
    state.transitions
      .filter((transition) => transition.target)
      .map((transition) => ({
        from: state.key,
        event: transition.eventType,
        to: transition.target.map((target) => target.key).join(" "),
        asks: Boolean(transition.cond),
      }));
  return {
    initial: machine.initial,
    states: states.map((state) => state.key),
    final: states.filter((state) => state.type === "final").map((state) => state.key),
    edges: states.flatMap(edges),
  };
}

function prepared(name, chart) {
  return new Promise((resolve, reject) => {
    const done = (error, model) => {
      if (error) return reject(error);
      model.prepare((error, made) => (error ? reject(error) : resolve(made)));
    };
    scion.documentStringToModel(`${name}.scxml`, chart, done, {});
  });
}

function walked(model, steps) {
  const chart = new scion.core.Statechart(model, { sessionid: "chart" });
  chart.start();
  return steps.map((step) => {
    if (step.set) {
      const data = chart._model.$serializeDatamodel();
      chart._model.$deserializeDatamodel(Object.assign({}, data, step.set));
    } else {
      chart.gen({ name: step.event });
    }
    return chart.getConfiguration().join(" ");
  });
}

async function main() {
  const text = require("fs").readFileSync(0, "utf8");
  const found = [];
  for (const { name, chart, walks } of JSON.parse(text)) {
    const walksFound = [];
    for (const steps of walks) walksFound.push(walked(await prepared(name, chart), steps));
    found.push({ name, ...graph(chart), walks: walksFound });
  }
  process.stdout.write(JSON.stringify(found));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
