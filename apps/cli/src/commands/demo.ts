import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brokenIdentity, type OperationResource } from "@fanfare/domain";
import { localCredentials } from "@fanfare/runtime";
import pc from "picocolors";
import { type ApiClient, createApiClient } from "../api-client.js";
import { type Stack, startStack } from "../stack.js";
import { attemptsTable, notificationsTable } from "../tables.js";
import { watchOperation } from "../watch-operation.js";

/** What the simulator makes of these tokens is said by their beginnings. */
const RECIPIENTS = 1_000;
const DEAD = 12;
const FLAKY = 8;

/** FCM that is unavailable is come back to after 10 seconds and more; of what was too much it says itself when: in a second. */
const REFUSED_TWICE = { FCM: "throttle-2-", APN: "flaky-2-" };

const STOPS = ["SIGINT", "SIGTERM"] as const;

/** It takes a few seconds; a demo that hangs has failed. */
const TIMEOUT_MS = 60_000;

/** `fanfare demo`: starts everything in a temporary folder, sends, shows, checks, stops. Exits with 0 if all held. */
export async function demo(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const print = (line = "") => void process.stdout.write(`${line}\n`);
  print(pc.bold("Fanfare demo: one request, 1,000 simulated devices, every attempt on record."));
  const dataDir = await mkdtemp(join(tmpdir(), "fanfare-demo-"));
  const log: string[] = [];
  const credentials = localCredentials(dataDir);
  let stack: Stack | undefined;
  const stopEarly = async () => {
    await stack?.stop();
    await rm(dataDir, { recursive: true, force: true });
    process.exit(130);
  };
  for (const signal of STOPS) process.once(signal, stopEarly);
  try {
    print("Starting Postgres, the simulator of FCM and APNs, the API and three workers …");
    stack = await startStack({
      dataDir,
      env: ownEnvironment(env),
      credentials,
      onLine: (app, line) => log.push(`${app} ${line}`),
      onEvent: (app, event) => log.push(`${app} ${event}`),
    });
    const api = createApiClient(stack.url, credentials.accountId, credentials.authToken);
    const problems = await sendAndCheck(api, stack, print);
    for (const problem of problems) print(pc.red(`✗ ${problem}`));
    process.exitCode = problems.length === 0 ? 0 : 1;
    if (problems.length === 0) print(whatNext());
  } catch (error) {
    print(pc.red(`The demo failed: ${(error as Error).message}`));
    process.exitCode = 1;
  } finally {
    for (const signal of STOPS) process.removeListener(signal, stopEarly);
    if (process.exitCode) print(`The apps' log is in ${await keepLog(log)}`);
    if (!(await stack?.stop())) process.exitCode = 1;
    await rm(dataDir, { recursive: true, force: true });
  }
}

// The demo is on its own: it touches no database, queue or provider that the environment may name.
function ownEnvironment(env: Readonly<Record<string, string | undefined>>) {
  const foreign = /^(DATABASE_|REDIS_|FANFARE_|FCM_|APNS_|SIMULATOR_|PROVIDER_|PORT$|HOST$|PUBLIC_URL$|HEALTH_|LOG_)/;
  const kept = Object.entries(env).filter(([name]) => !foreign.test(name));
  return {
    ...Object.fromEntries(kept),
    PORT: "0",
    SIMULATOR_FCM_PORT: "0",
    SIMULATOR_APNS_PORT: "0",
    SIMULATOR_APNS_SANDBOX_PORT: "0",
    SIMULATOR_CONTROL_PORT: "0",
    SIMULATOR_LATENCY_MS: "20",
  };
}

function recipients() {
  return Array.from({ length: RECIPIENTS }, (_, index) => {
    const provider = index % 2 === 0 ? ("FCM" as const) : ("APN" as const);
    if (index < DEAD) return { provider, token: `dead-device-${index}` };
    if (index < DEAD + FLAKY) return { provider, token: `${REFUSED_TWICE[provider]}device-${index}` };
    return { provider, token: `device-${index}` };
  });
}

async function sendAndCheck(api: ApiClient, stack: Stack, print: (line?: string) => void): Promise<string[]> {
  print(`Sending to ${RECIPIENTS} devices: ${DEAD} uninstalled the app, ${FLAKY} find their provider busy twice.`);
  const begun = performance.now();
  const { operationId } = await api.send({
    to: recipients(),
    content: { title: "Boarding", body: "Gate A1 in one hour", data: { gate: "A1" } },
    tags: { campaign: "boarding" },
  });
  print(`202 after ${Math.round(performance.now() - begun)} ms: ${pc.cyan(operationId)}`);
  const broken = new Set<string>();
  const operation = await watchOperation(api, operationId, {
    onPoll({ stats }) {
      const identity = brokenIdentity(stats);
      if (identity) broken.add(identity);
    },
    timeoutMs: TIMEOUT_MS,
  });
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  print(`COMPLETED ${seconds} s after the request.\n\n${JSON.stringify(operation, undefined, 2)}\n`);

  const notifications = await api.notifications(operationId, DEAD + FLAKY + 4);
  const shown = await Promise.all(notifications.slice(DEAD - 2, DEAD + 4).map(({ id }) => api.notification(id)));
  print(`A few of its notifications:\n${notificationsTable(shown)}`);
  const retried = shown.find(({ attempts }) => attempts > 1);
  if (retried) print(`\nThe attempts of ${retried.id}:\n${attemptsTable(await api.attempts(retried.id))}`);
  const problems = [
    ...broken,
    ...checkStats(operation),
    ...(await checkSimulator(stack)),
    ...(retried ? [] : ["no notification was retried"]),
  ];
  if (problems.length === 0) {
    print(pc.green("\n✓ The stats add up at every poll, and the simulator accepted each token exactly once."));
  }
  return problems;
}

function checkStats({ status, stats }: OperationResource): string[] {
  const expected = {
    total: RECIPIENTS,
    recipients: RECIPIENTS,
    attempts: RECIPIENTS + 2 * FLAKY,
    sent: RECIPIENTS - DEAD,
    undelivered: DEAD,
    queued: 0,
    failed: 0,
  };
  const wrong = Object.entries(expected).filter(([name, value]) => stats[name as keyof typeof stats] !== value);
  return [
    ...(status === "COMPLETED" ? [] : [`the operation is ${status}, not COMPLETED`]),
    ...wrong.map(([name, value]) => `${name} is ${stats[name as keyof typeof stats]}, not ${value}`),
  ];
}

interface SimulatorCounts {
  accepted: number;
  tokens: number;
  acceptedMoreThanOnce: number;
}

async function checkSimulator({ simulatorUrl }: Stack): Promise<string[]> {
  const res = await fetch(`${simulatorUrl}/counts`);
  const { FCM, APN } = (await res.json()) as { FCM: SimulatorCounts; APN: SimulatorCounts };
  const sum = (name: keyof SimulatorCounts) => FCM[name] + APN[name];
  return [
    ...(sum("tokens") === RECIPIENTS ? [] : [`the simulator saw ${sum("tokens")} tokens, not ${RECIPIENTS}`]),
    ...(sum("accepted") === RECIPIENTS - DEAD ? [] : [`the simulator accepted ${sum("accepted")} pushes`]),
    ...(sum("acceptedMoreThanOnce") === 0 ? [] : [`${sum("acceptedMoreThanOnce")} devices got it more than once`]),
  ];
}

async function keepLog(log: readonly string[]): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "fanfare-demo-log-"));
  const file = join(dir, "demo.log");
  await writeFile(file, `${log.join("\n")}\n`);
  return `${file} (${(await readFile(file)).length} bytes)`;
}

function whatNext(): string {
  return [
    pc.bold("\nWhat to try next"),
    "  npm start                       # leave it running, and in another terminal:",
    "  . .fanfare/credentials.env",
    `  curl -u "$FANFARE_ACCOUNT_ID:$FANFARE_AUTH_TOKEN" http://127.0.0.1:8080/v1/PushNotifications \\`,
    `    -H 'content-type: application/json' \\`,
    `    -d '{"to":[{"provider":"FCM","token":"throttle-1-phone"}],"content":{"title":"Hello"}}'`,
    `  curl -u "$FANFARE_ACCOUNT_ID:$FANFARE_AUTH_TOKEN" http://127.0.0.1:8080/v1/PushNotifications/Operations/<operationId>`,
    "  # the queues: http://127.0.0.1:8080/admin/queues (user admin, password in .fanfare/credentials.env)",
  ].join("\n");
}
