"use strict";
// Runs one function of the driver on a page in Node.js: `node node.js PAGE DRIVER < REQUEST > ANSWER`.

const fs = require("node:fs");
const vm = require("node:vm");

const [page, driver] = process.argv.slice(2).map((path) => fs.readFileSync(path, "utf8"));
const run = (text) => vm.runInThisContext(text);
for (const [, text] of page.matchAll(/<script>\n([\s\S]*?)<\/script>/g)) run(text);
run(driver);
const data = JSON.parse(/<script type="application\/json" id="data">([\s\S]*?)<\/script>/.exec(page)[1]);
const { name, argument } = JSON.parse(fs.readFileSync(0, "utf8"));
Promise.resolve(globalThis.drive[name](data.table, argument)).then((answer) => fs.writeFileSync(1, JSON.stringify(answer)));
