import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { startStack } from "@fanfare/cli";
import { connectDb, migrate } from "@fanfare/db";
import { localCredentials } from "@fanfare/runtime";
import { cpuMicros, peakMemoryMb } from "./process-usage.mjs";
import { startRedis } from "./redis.mjs";

/** Lines of the apps' logs that are kept, to be shown when a scenario fails. */
const KEPT_LINES = 30;

const PUSHES = "/v1/PushNotifications";

/** What whoever runs the bench may choose for the apps; absent: their own default. */
const { HTTP2_CLIENT } = process.env;
const CHOSEN = HTTP2_CLIENT ? { HTTP2_CLIENT } : {};

/**
 * Starts a whole installation of real processes whose providers are the sink. It lives as long as the scope. `env` goes to its
 * apps; `prepare` is called with its data directory before anything of it runs.
 */
export async function startInstallation(scope, sink, { backend, workers = 1, env = {}, prepare = () => undefined }) {
  const dataDir = mkdtempSync(join(tmpdir(), "fanfare-bench-"));
  scope.own(dataDir, (dir) => rmSync(dir, { recursive: true, force: true }));
  await prepare(dataDir);
  const redis = backend === "redis" ? await scope.own(startRedis(), (server) => server.stop()) : undefined;
  const credentials = localCredentials(dataDir);
  const note = (app, line) => {
    scope.log.push(`${app} ${line}`);
    if (scope.log.length > KEPT_LINES) scope.log.shift();
  };
  const starting = startStack({
    dataDir,
    workers,
    credentials,
    simulator: false,
    env: {
      PATH: process.env.PATH,
      PORT: "0",
      ...settingsFor(sink),
      ...(redis && { REDIS_URL: redis.url }),
      ...CHOSEN,
      ...env,
    },
    onLine: note,
    onEvent: note,
  });
  const stack = await scope.own(starting, (started) => started.stop());
  const db = scope.own(connectDb(stack.databaseUrl, { poolSize: 1 }), (connected) => connected.$disconnect());
  const { accountId, authToken } = credentials;
  const authorization = `Basic ${Buffer.from(`${accountId}:${authToken}`).toString("base64")}`;

  return {
    url: stack.url,
    authorization,
    call: (method, path, body) => call(stack.url, authorization, method, path, body),
    send: (to, content) => call(stack.url, authorization, "POST", PUSHES, { to, content }),
    operation: (id) => call(stack.url, authorization, "GET", `${PUSHES}/Operations/${id}`),
    db,
    apiPid: stack.apps.get("api").pid,
    /** Of all apps. */
    pids: [...stack.apps.values()].map(({ pid }) => pid),
    /** Notifications on record as sent. */
    countSent: () => db.notification.count({ where: { status: "SENT" } }),
    /** Makes another database on the same server, with Fanfare's tables and nothing in them; resolves with its URL. */
    async emptyDatabase(name) {
      await db.$executeRawUnsafe(`create database ${name}`);
      const url = new URL(stack.databaseUrl);
      url.pathname = `/${name}`;
      await migrate(url.href);
      return url.href;
    },
    /** CPU microseconds so far, by role. */
    usage: () => usageOf(stack, redis),
    /** Peak of the largest process of each role so far. A process of Postgres counts the shared buffers that it touched. */
    peakMemoryMb: () => memoryOf(stack, redis),
  };
}

function settingsFor({ fcmUrl, apnsUrl, apnsSandboxUrl, caFile, ...files }) {
  return {
    FCM_BASE_URL: fcmUrl,
    FCM_TOKEN_URL: `${fcmUrl}/token`,
    // No quota is simulated, and a sender that ramps up for a minute would be measured ramping up.
    FCM_RATE_PER_MINUTE: "60000000",
    FCM_RAMP_SECONDS: "0",
    APNS_BASE_URL: apnsUrl,
    APNS_SANDBOX_URL: apnsSandboxUrl,
    PROVIDER_CA_FILE: caFile,
    FCM_SERVICE_ACCOUNT: files.fcmServiceAccountFile,
    APNS_KEY: files.apnsKeyFile,
    APNS_KEY_ID: files.apnsKeyId,
    APNS_TEAM_ID: files.apnsTeamId,
    APNS_TOPIC: files.apnsTopic,
  };
}

/** An answer that asks to come back later is obeyed, as a sender has to. */
async function call(url, authorization, method, path, body) {
  for (;;) {
    const res = await fetch(`${url}${path}`, {
      method,
      headers: { authorization, ...(body && { "content-type": "application/json" }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer = await res.json();
    if (res.ok) return answer;
    if (res.status !== 429 && res.status !== 503) throw new Error(`${method} ${path}: ${res.status} ${answer.detail}`);
    await new Promise((resolve) => setTimeout(resolve, 1_000 * Number(res.headers.get("retry-after") ?? 1)));
  }
}

const ROLES = ["api", "fanout-worker", "fcm-worker", "apns-worker"];

function pidsOf(stack, role) {
  return [...stack.apps].filter(([name]) => name.replace(/-\d+$/, "") === role).map(([, { pid }]) => pid);
}

function usageOf(stack, redis) {
  const sum = (pids) => pids.reduce((total, pid) => total + cpuMicros(pid), 0);
  return {
    ...Object.fromEntries(ROLES.map((role) => [role, sum(pidsOf(stack, role))])),
    postgres: cpuMicros(stack.postgres.pid, { family: true }),
    ...(redis && { redis: cpuMicros(redis.pid) }),
  };
}

function memoryOf(stack, redis) {
  return {
    ...Object.fromEntries(
      ROLES.map((role) => [role, Math.max(...pidsOf(stack, role).map((pid) => peakMemoryMb(pid)))]),
    ),
    postgres: peakMemoryMb(stack.postgres.pid, { family: true }),
    ...(redis && { redis: peakMemoryMb(redis.pid) }),
  };
}
