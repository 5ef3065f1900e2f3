import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApiClient, type Stack, startStack } from "@fanfare/cli";
import { connectDb, type Db, recountOperation } from "@fanfare/db";
import { brokenIdentity, parseId, type Stats } from "@fanfare/domain";
import { localCredentials } from "@fanfare/runtime";
import { createTestDatabase, type TestQueueBackend, until } from "@fanfare/testkit";
import { Redis } from "ioredis";

/** A whole installation of real processes, with what tests ask of it. */
export interface RunningStack extends Stack {
  api: ReturnType<typeof createApiClient>;
  credentials: { accountId: string; authToken: string; adminPassword: string };
  db: Db;
  log: string[];
  /** Of the queues, when they are on Redis. */
  redisUrl: string | undefined;
  /** Waits for COMPLETED; fails when a poll shows stats that do not add up, or when a recount of the rows differs. */
  completed(operationId: string, timeoutMs?: number): Promise<Stats>;
  /** How often the simulator was called for each token, and how often it accepted. */
  tokens(): Promise<{ provider: string; token: string; calls: number; accepted: number }[]>;
  close(): Promise<void>;
}

/** How an installation is run. */
export interface RunOptions {
  backend?: TestQueueBackend;
  workers?: number;
  env?: Record<string, string>;
  /** Its own embedded Postgres instead of a database of the test run's server. */
  ownPostgres?: boolean;
}

/** Starts an installation on free ports in a folder and a database of its own. Whoever runs it closes it. */
export async function runStack({
  backend,
  workers = 1,
  env = {},
  ownPostgres = false,
}: RunOptions = {}): Promise<RunningStack> {
  const dataDir = await mkdtemp(join(tmpdir(), "fanfare-e2e-"));
  const database = ownPostgres ? undefined : await createTestDatabase();
  const redisUrl = backend?.redisUrl && (await emptyRedis(backend.redisUrl));
  const credentials = localCredentials(dataDir);
  const log: string[] = [];
  const stack = await startStack({
    dataDir,
    workers,
    credentials,
    env: {
      PATH: process.env.PATH,
      ...(await freePorts("PORT", "SIMULATOR_FCM_PORT", "SIMULATOR_APNS_PORT", "SIMULATOR_CONTROL_PORT")),
      ...(database && { DATABASE_URL: database.url }),
      ...(redisUrl && { REDIS_URL: redisUrl }),
      ...env,
    },
    onLine: (app, line) => log.push(`${app} ${line}`),
    onEvent: (app, event) => log.push(`${app} ${event}`),
  });
  const api = createApiClient(stack.url, credentials.accountId, credentials.authToken);
  const db = connectDb(stack.databaseUrl, { onError: () => undefined });

  return {
    ...stack,
    api,
    credentials,
    db,
    log,
    redisUrl,
    async completed(operationId, timeoutMs = 45_000) {
      await until(
        async () => {
          const { status, stats } = await api.operation(operationId);
          expect(brokenIdentity(stats)).toBeUndefined();
          return status === "COMPLETED";
        },
        { timeoutMs, intervalMs: 50 },
      );
      const { counters, rows } = await recountOperation(db, parseId("operation", operationId) as string);
      expect(counters).toEqual(rows);
      return counters;
    },
    async tokens() {
      const res = await fetch(`${stack.simulatorUrl}/counts/tokens`);
      const lines = (await res.text()).trim().split("\n");
      return lines.map(
        (line) => JSON.parse(line) as { provider: string; token: string; calls: number; accepted: number },
      );
    },
    async close() {
      const clean = await stack.stop();
      await db.$disconnect();
      await database?.drop();
      await rm(dataDir, { recursive: true, force: true });
      if (!clean) throw new Error(`Not every app ended cleanly:\n${log.slice(-40).join("\n")}`);
    },
  };
}

/** Free ports, fixed for the run: an app that is started again comes back where it was. */
async function freePorts(...names: string[]): Promise<Record<string, string>> {
  const servers = names.map(() => createServer());
  await Promise.all(servers.map((server) => new Promise<void>((done) => server.listen(0, "127.0.0.1", done))));
  const ports = servers.map((server) => String((server.address() as AddressInfo).port));
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return Object.fromEntries(names.map((name, index) => [name, ports[index] as string]));
}

/** A Redis database of this jest worker's own, emptied. */
async function emptyRedis(serverUrl: string): Promise<string> {
  const url = `${serverUrl}/${Number(process.env.JEST_WORKER_ID ?? 0) % 16}`;
  const redis = new Redis(url);
  await redis.flushdb();
  redis.disconnect();
  return url;
}
