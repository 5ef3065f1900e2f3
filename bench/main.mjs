// `npm run bench`: what Fanfare does on this machine, beside what others do on the same sink in the same minutes.
// Options: --quick, --json, --only <scenario> (again and again), --backend postgres|redis, --save, --list.
import process from "node:process";
import { parseArgs } from "node:util";
import { SCENARIOS } from "./scenarios.mjs";
import { lossesOf } from "./support/losses.mjs";
import { describeRun } from "./support/machine.mjs";
import { isInstalled } from "./support/redis.mjs";
import { runScenarios } from "./support/run-scenarios.mjs";
import { saveResults } from "./support/save-results.mjs";
import { startSink } from "./support/sink.mjs";
import { judgeTargets, targetTable } from "./support/targets.mjs";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    save: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    backend: { type: "string", multiple: true },
  },
});

if (values.list) {
  for (const [name, { title }] of Object.entries(SCENARIOS)) process.stdout.write(`${name.padEnd(9)} ${title}\n`);
  process.exit(0);
}

const print = (line) => (values.json ? process.stderr : process.stdout).write(`${line}\n`);
const chosen = choose(values.only ?? Object.keys(SCENARIOS));
const backends = chooseBackends(["postgres", ...(isInstalled("redis-server") ? ["redis"] : [])]);

const stopping = new AbortController();
for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => stopping.abort(new Error(`Stopped by ${name}.`)));

const run = describeRun();
print(
  `Fanfare ${run.commit}, Node ${run.node}, ${run.cores} cores of ${run.cpu}, HTTP/2 client: ${run.http2Client}, queues on ${backends.join(" and ")}`,
);
const sink = await startSink();
let outcome;
try {
  outcome = await runScenarios(chosen, {
    sink,
    backends,
    quick: values.quick,
    signal: stopping.signal,
    note: (line) => print(`  ${line}`),
    onBegin: (name, { title }) => print(`\n${name === title ? name : title}`),
    onEnd: report,
  });
} finally {
  await sink.stop();
}

const { results, failures } = outcome;
const targets = judgeTargets(results);
const losses = lossesOf(results);
const document = {
  run,
  quick: values.quick,
  targets,
  losses,
  failures: Object.fromEntries(Object.entries(failures).map(([name, { message }]) => [name, message])),
  scenarios: results,
};
print(
  `\ntargets${values.quick ? " (of a quick run: a check of the bench, no measurement)" : ""}\n${targetTable(targets)}`,
);
print(
  `lost ${losses.lost}, duplicates ${losses.duplicates}, scenarios that failed: ${Object.keys(failures).join(", ") || "none"}`,
);
if (values.save) print(`Saved as ${await saveResults(document)}`);
if (values.json) process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
process.exitCode =
  Object.keys(failures).length > 0 || losses.lost + losses.duplicates > 0 || stopping.signal.aborted ? 1 : 0;

function report(_name, { tables }, data, error) {
  if (error) print(`  FAILED: ${error.stack}`);
  else print(tables(data).join("\n"));
}

function choose(names) {
  const unknown = names.filter((name) => !Object.hasOwn(SCENARIOS, name));
  if (unknown.length > 0)
    refuse(`--only: there is no ${unknown.join(", ")}; there are ${Object.keys(SCENARIOS).join(", ")}`);
  const wanted = new Set(names.flatMap((name) => [...(SCENARIOS[name].needs ?? []), name]));
  return Object.fromEntries(Object.entries(SCENARIOS).filter(([name]) => wanted.has(name)));
}

function chooseBackends(here) {
  const unknown = (values.backend ?? []).filter((name) => !here.includes(name));
  if (unknown.length > 0)
    refuse(`--backend: there is no ${unknown.join(", ")} on this machine; there are ${here.join(", ")}`);
  return values.backend ?? here;
}

function refuse(why) {
  process.stderr.write(`${why}\n`);
  process.exit(64);
}
