// `npm run bench`: 100,000 recipients, half FCM and half APNs, to a simulator that accepts everything, beside a bare
// node:http2 client on the same simulator in the same run. Options: --recipients <n>, --json.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { createApiClient, startStack } from "@fanfare/cli";
import { localCredentials } from "@fanfare/runtime";
import Table from "cli-table3";
import { cpuMicros, peakMemoryMb } from "./process-usage.mjs";

const PER_REQUEST = 10_000;
const STYLE = { head: [], border: [], compact: true };
const { values } = parseArgs({
  options: { recipients: { type: "string", default: "100000" }, json: { type: "boolean" } },
});
const recipients = Number(values.recipients);
const print = (line) => (values.json ? undefined : process.stdout.write(`${line}\n`));

const dataDir = mkdtempSync(join(tmpdir(), "fanfare-bench-"));
const credentials = localCredentials(dataDir);
const anyPort = { PORT: "0", SIMULATOR_FCM_PORT: "0", SIMULATOR_APNS_PORT: "0", SIMULATOR_CONTROL_PORT: "0" };
const log = [];
const stack = await startStack({
  dataDir,
  credentials,
  env: { PATH: process.env.PATH, REDIS_URL: process.env.REDIS_URL, SIMULATOR_MODE: "accept-all", ...anyPort },
  onLine: (app, line) => log.push(`${app} ${line}`),
  onEvent: (app, event) => log.push(`${app} ${event}`),
});
try {
  const result = await run();
  if (values.json) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  else report(result);
  process.exitCode = result.fanfare.lost === 0 && result.fanfare.duplicates === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`${log.slice(-20).join("\n")}\n${error.stack}\n`);
  process.exitCode = 1;
} finally {
  await stack.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

async function run() {
  print(`Node ${process.version}, ${cpus().length} cores, queues on ${process.env.REDIS_URL ? "Redis" : "Postgres"}`);
  const api = createApiClient(stack.url, credentials.accountId, credentials.authToken);
  await blast(api, 2_000, "warm");
  print(`Sending to ${recipients} recipients …`);
  const fanfare = await blast(api, recipients, "push");
  print("The same number of requests through a bare node:http2 client …");
  const bare = await bareClient();
  return {
    node: process.version,
    cores: cpus().length,
    recipients,
    fanfare,
    bare,
    ratios: { rate: fanfare.perSecond / bare.perSecond, cpu: fanfare.cpuMicros.total / bare.cpuMicros },
  };
}

async function blast(api, count, prefix) {
  await fetch(`${stack.simulatorUrl}/received`, { method: "DELETE" });
  const before = usage();
  const begun = performance.now();
  const acceptedMs = [];
  const operations = [];
  for (let first = 0; first < count; first += PER_REQUEST) {
    const to = Array.from({ length: Math.min(PER_REQUEST, count - first) }, (_, index) => ({
      provider: index % 2 === 0 ? "FCM" : "APN",
      token: `${prefix}-${first + index}-${"x".repeat(120)}`,
    }));
    const sentAt = performance.now();
    const { operationId } = await api.send({ to, content: { title: "Boarding", body: "Gate A1 in one hour" } });
    acceptedMs.push(performance.now() - sentAt);
    operations.push(operationId);
  }
  for (const id of operations) {
    while ((await api.operation(id)).status !== "COMPLETED") await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const seconds = (performance.now() - begun) / 1_000;
  const after = usage();
  const micros = Object.fromEntries(Object.keys(after).map((name) => [name, (after[name] - before[name]) / count]));
  const { simulator, ...own } = micros;
  const counts = await (await fetch(`${stack.simulatorUrl}/counts`)).json();
  const sum = (field) => counts.FCM[field] + counts.APN[field];
  return {
    perSecond: count / seconds,
    seconds,
    acceptedMsMedian: acceptedMs.sort((a, b) => a - b)[Math.floor(acceptedMs.length / 2)],
    cpuMicros: { ...own, total: Object.values(own).reduce((total, value) => total + value, 0), simulator },
    peakMemoryMb: Object.fromEntries([...stack.apps].map(([name, { pid }]) => [name, peakMemoryMb(pid)])),
    lost: count - sum("tokens"),
    duplicates: sum("acceptedMoreThanOnce"),
  };
}

function usage() {
  const apps = [...stack.apps].map(([name, { pid }]) => [name, cpuMicros(pid)]);
  return { ...Object.fromEntries(apps), postgres: cpuMicros(stack.postgres.pid, { family: true }) };
}

async function bareClient() {
  const { apnsUrl, caFile } = JSON.parse(
    (await import("node:fs")).readFileSync(join(dataDir, "simulator", "simulator.json"), "utf8"),
  );
  const script = fileURLToPath(new URL("bare-client.mjs", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, apnsUrl, caFile, String(recipients)]);
  return JSON.parse(stdout);
}

function report({ fanfare, bare, ratios }) {
  const rates = new Table({ head: ["", "pushes/s", "CPU µs a push"], style: STYLE });
  rates.push(["Fanfare, every push on record", Math.round(fanfare.perSecond), fanfare.cpuMicros.total.toFixed(1)]);
  rates.push(["bare node:http2 client, nothing recorded", Math.round(bare.perSecond), bare.cpuMicros.toFixed(1)]);
  rates.push(["ratio", ratios.rate.toFixed(2), ratios.cpu.toFixed(2)]);
  print(rates.toString());
  const processes = new Table({ head: ["process", "CPU µs a push", "peak RSS MB"], style: STYLE });
  for (const [name, micros] of Object.entries(fanfare.cpuMicros)) {
    processes.push([name, micros.toFixed(1), fanfare.peakMemoryMb[name]?.toFixed(0) ?? ""]);
  }
  print(processes.toString());
  print(
    `202 for ${PER_REQUEST} recipients: ${fanfare.acceptedMsMedian.toFixed(0)} ms, median; all in ${fanfare.seconds.toFixed(1)} s`,
  );
  print(`lost ${fanfare.lost}, duplicates ${fanfare.duplicates}`);
}
