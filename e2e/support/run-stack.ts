import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApiClient, type Stack, startStack } from "@fanfare/cli";
import { connectDb, type Db, recountOperation } from "@fanfare/db";
import { brokenIdentity, parseId, type Stats } from "@fanfare/domain";
import { localCredentials } from "@fanfare/runtime";
import { createTestDatabase, freePorts, type TestQueueBackend, until } from "@fanfare/testkit";
import { Redis } from "ioredis";
import { secretsIn } from "../../scripts/test-setup/secrets-in-folder.js";
import { findSeenSecrets, noteSecrets } from "../../scripts/test-setup/seen-secrets.js";
import { createDeaths } from "./deaths.js";
import { processesIn } from "./process-tree.js";
import type { ProviderProcess } from "./provider-process.js";
import { showOnFailure } from "./show-on-failure.js";

/** An answer of the API. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what it is is what the tests check
  body: any;
}

/** A whole installation of real processes, with what tests ask of it. */
export interface RunningStack extends Stack {
  api: ReturnType<typeof createApiClient>;
  credentials: { accountId: string; authToken: string; adminPassword: string };
  db: Db;
  dataDir: string;
  log: string[];
  /** Of the queues, when they are on Redis. */
  redisUrl: string | undefined;
  /** Calls a route of the API, as the installation's account or another user. */
  call(method: string, path: string, body?: unknown, user?: string): Promise<Answer>;
  /** Waits for COMPLETED, as `until` does; fails when a poll shows stats that do not add up, or when a recount of the rows differs. */
  completed(operationId: string, options?: { quietMs?: number }): Promise<Stats>;
  /** How often the simulator was called for each token, and how often it accepted. */
  tokens(): Promise<{ provider: string; token: string; calls: number; accepted: number }[]>;
  /** What the simulator received for a token, newest first. */
  received(token: string): Promise<ReceivedRequest[]>;
  /** Calls the simulator's control API. */
  simulate(method: string, path: string, body?: unknown): Promise<void>;
  /** Sends a signal to processes by name, `postgres` among them: a death that follows is not held against them. */
  signal(signal: NodeJS.Signals, ...names: string[]): void;
  /** How often a process has died. */
  died(name: string): number;
  /** Stops it all; fails when a process died that no test had ended, ended badly, or is left running. */
  close(): Promise<void>;
}

/** A request as the simulator recorded it. */
export interface ReceivedRequest {
  at: string;
  provider: string;
  headers: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: what it is is what the tests check
  payload: any;
  outcome: string;
}

/** How an installation is run. */
export interface RunOptions {
  backend?: TestQueueBackend;
  workers?: number;
  env?: Record<string, string>;
  /** Of one app alone, by its name. */
  appEnv?: Record<string, Record<string, string>>;
  /** Its own embedded Postgres instead of a database of the test run's server. */
  ownPostgres?: boolean;
  /** Names of the processes that may die though no test ends them. */
  mortal?: string[];
  /** Who stands in for the providers instead of a simulator of its own, whose folder it shares; ended by its owner, before it. */
  provider?: ProviderProcess;
}

/** Starts an installation on free ports in a folder and a database of its own. Whoever runs it closes it. */
export async function runStack({
  backend,
  workers = 1,
  env = {},
  appEnv = {},
  ownPostgres = false,
  mortal = [],
  provider,
}: RunOptions = {}): Promise<RunningStack> {
  const dataDir = provider?.dataDir ?? (await mkdtemp(join(tmpdir(), "fanfare-e2e-")));
  const database = ownPostgres ? undefined : await createTestDatabase();
  const redisUrl = backend?.redisUrl && (await emptyRedis(backend.redisUrl));
  const credentials = localCredentials(dataDir);
  const log: string[] = [];
  const deaths = createDeaths();
  const hideLog = showOnFailure(log);
  const stack = await startStack({
    dataDir,
    workers,
    credentials,
    env: {
      PATH: process.env.PATH,
      ...(await freePorts(
        "PORT",
        "SIMULATOR_FCM_PORT",
        "SIMULATOR_APNS_PORT",
        "SIMULATOR_APNS_SANDBOX_PORT",
        "SIMULATOR_CONTROL_PORT",
      )),
      ...(database && { DATABASE_URL: database.url }),
      ...(redisUrl && { REDIS_URL: redisUrl }),
      ...provider?.senderEnv,
      ...env,
    },
    envOf: (name, own) => ({ ...own, ...appEnv[name] }),
    onLine(app, line) {
      log.push(`${app} ${line}`);
      deaths.hear(app, line);
    },
    onEvent(app, event) {
      log.push(`${app} ${event}`);
      deaths.see(app, event);
    },
  });
  const api = createApiClient(stack.url, credentials.accountId, credentials.authToken);
  const db = connectDb(stack.databaseUrl, { onError: () => undefined });
  const simulatorUrl = provider?.controlUrl ?? stack.simulatorUrl ?? "";

  return {
    ...stack,
    simulatorUrl,
    api,
    credentials,
    db,
    dataDir,
    log,
    redisUrl,
    async call(method, path, body, user = `${credentials.accountId}:${credentials.authToken}`) {
      const res = await fetch(`${stack.url}${path}`, {
        method,
        headers: {
          authorization: `Basic ${Buffer.from(user).toString("base64")}`,
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await res.text();
      return { status: res.status, headers: res.headers, body: text === "" ? undefined : JSON.parse(text) };
    },
    async received(token) {
      const res = await fetch(`${simulatorUrl}/received?${new URLSearchParams({ token })}`);
      return ((await res.json()) as { requests: ReceivedRequest[] }).requests;
    },
    async simulate(method, path, body) {
      const res = await fetch(`${simulatorUrl}${path}`, {
        method,
        headers: { "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      if (!res.ok) throw new Error(`${method} ${path}: ${res.status} ${await res.text()}`);
    },
    async completed(operationId, { quietMs } = {}) {
      await until(
        async (see) => {
          const { status, stats } = see(await api.operation(operationId));
          expect(brokenIdentity(stats)).toBeUndefined();
          return status === "COMPLETED";
        },
        { intervalMs: 100, describe: `The end of ${operationId}`, ...(quietMs !== undefined && { quietMs }) },
      );
      const { counters, rows } = await recountOperation(db, parseId("operation", operationId) as string);
      expect(counters).toEqual(rows);
      return counters;
    },
    async tokens() {
      const res = await fetch(`${simulatorUrl}/counts/tokens`);
      const lines = (await res.text()).split("\n").filter(Boolean);
      return lines.map(
        (line) => JSON.parse(line) as { provider: string; token: string; calls: number; accepted: number },
      );
    },
    signal(signal, ...names) {
      for (const name of names) {
        const pid = name === "postgres" ? stack.postgres?.pid : stack.apps.get(name)?.pid;
        if (pid === undefined) throw new Error(`${name} does not run.`);
        if (DEADLY.has(signal)) deaths.expect(name, signal);
        process.kill(pid, signal);
      }
    },
    died: (name) => log.filter((line) => line.startsWith(`${name} died (`)).length,
    async close() {
      noteSecrets(credentials.authToken, credentials.adminPassword, ...secretsIn(dataDir));
      const found = await findSeenSecrets(db, log).catch((error: Error) => [error.message]);
      const clean = await stack.stop();
      await db.$disconnect();
      await database?.drop();
      const left = processesIn(dataDir);
      await rm(dataDir, { recursive: true, force: true });
      const unwanted = [...deaths.crashes(), ...deaths.unclean()].filter((death) => !isOf(mortal, death));
      report("Secrets where they must not be", found);
      report("Processes that no test ended died, or did not end with 0", unwanted);
      report("Processes are left running", left);
      report("Not every app ended cleanly", clean ? [] : log.slice(-40));
      hideLog();
    },
  };
}

const DEADLY = new Set<NodeJS.Signals>(["SIGKILL", "SIGTERM", "SIGINT", "SIGABRT"]);

const isOf = (names: string[], death: string) => names.some((name) => death.startsWith(`${name}: `));

function report(what: string, found: string[]): void {
  if (found.length > 0) throw new Error(`${what}:\n${found.join("\n")}`);
}

/** A Redis database of this jest worker's own, emptied. */
async function emptyRedis(serverUrl: string): Promise<string> {
  const url = `${serverUrl}/${Number(process.env.JEST_WORKER_ID ?? 0) % 16}`;
  const redis = new Redis(url);
  await redis.flushdb();
  redis.disconnect();
  return url;
}
