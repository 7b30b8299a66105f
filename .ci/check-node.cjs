// Plain CommonJS, so that it runs on any Node. When pnpm cannot install the
// pinned Node, it only warns and runs the script on whatever Node started it.
const { engines, devDependencies } = require("../package.json");

const wanted = engines.node.replace(">=", "");
const running = process.versions.node;

if (running.localeCompare(wanted, undefined, { numeric: true }) < 0) {
  console.error(
    `Stormproof needs Node ${wanted} or newer, and this is ${running}: run \`npx --yes pnpm@12 install\`, ` +
      `which brings Node ${devDependencies.node} along, and mend what it reports.`,
  );
  process.exit(1);
}
