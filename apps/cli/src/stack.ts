import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { migrate } from "@fanfare/db";
import { migrateQueues } from "@fanfare/queues";
import { z } from "zod";
import { type KeptPostgres, keepPostgres } from "./keep-postgres.js";
import { type SupervisedApp, supervise } from "./supervisor.js";

/** The apps that make up an installation. */
export type AppName = "api" | "fanout-worker" | "fcm-worker" | "apns-worker" | "simulator";

/** How an installation on this machine is run. */
export interface StackOptions {
  dataDir: string;
  /** The environment that the apps get, besides what is decided here. */
  env: Readonly<Record<string, string | undefined>>;
  credentials: { accountId: string; authToken: string; adminPassword: string };
  /** Processes of each worker. @default 1 */
  workers?: number;
  /** Told of every line that an app prints. */
  onLine: (app: string, line: string) => void;
  /** Told of starts, deaths and restarts. */
  onEvent: (app: string, event: string) => void;
}

/** A running installation. */
export interface Stack {
  /** Of the API, such as `http://127.0.0.1:8080`. */
  url: string;
  databaseUrl: string;
  /** The embedded Postgres; absent when DATABASE_URL names another. */
  postgres?: KeptPostgres;
  /** The simulator's control API; absent when there are real providers. */
  simulatorUrl?: string;
  /** Providers that no key was given for, though one was for the other: their pushes wait. */
  unconfigured: readonly string[];
  apps: ReadonlyMap<string, SupervisedApp>;
  /** Stops everything in order, draining it. Resolves with whether all apps ended cleanly. */
  stop(): Promise<boolean>;
}

/** Longer than the apps' own deadline of 25 s. */
const KILL_AFTER_MS = 30_000;

const connectionSchema = z.object({
  fcmUrl: z.string(),
  apnsUrl: z.string(),
  controlUrl: z.string(),
  caFile: z.string(),
  fcmServiceAccountFile: z.string(),
  apnsKeyFile: z.string(),
  apnsKeyId: z.string(),
  apnsTeamId: z.string(),
  apnsTopic: z.string(),
});

/** Starts what is needed on this machine: Postgres unless there is one, the simulator unless there are provider keys, the apps. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { dataDir, env, credentials, workers = 1, onLine, onEvent } = options;
  const stops: (() => Promise<boolean>)[] = [];
  const stop = async () => {
    let clean = true;
    for (const stopOne of stops.splice(0).reverse()) clean = (await stopOne()) && clean;
    return clean;
  };
  const apps = new Map<string, SupervisedApp>();
  const run = (name: string, app: AppName, appEnv: Record<string, string | undefined>) => {
    const supervised = supervise(
      { name, main: mainOf(app), env: appEnv },
      { onLine, onEvent, killAfterMs: KILL_AFTER_MS },
    );
    apps.set(name, supervised);
    return supervised;
  };

  try {
    const postgres = env.DATABASE_URL ? undefined : await keepPostgres(dataDir, (event) => onEvent("postgres", event));
    if (postgres) stops.push(() => postgres.stop().then(() => true));
    const databaseUrl = postgres?.url ?? env.DATABASE_URL ?? "";
    await migrate(databaseUrl);
    await migrateQueues({ databaseUrl, redisUrl: env.REDIS_URL || undefined });

    const simulated = !env.FCM_SERVICE_ACCOUNT && !env.APNS_KEY;
    const base = { ...env, FANFARE_DATA_DIR: dataDir, DATABASE_URL: databaseUrl };
    const providers = simulated ? await startSimulator(base, dataDir, run, stops) : undefined;
    const workerEnv = { ...base, ...providers?.env };
    const workerApps = workersToStart(workerEnv);
    const names = workerApps.flatMap((app) => numbered(app, workers).map((name) => ({ name, app })));
    const started = names.map(({ name, app }) => run(name, app, workerEnv));
    stops.push(async () => (await Promise.all(started.map((worker) => worker.stop()))).every(Boolean));
    const api = run("api", "api", {
      ...base,
      FANFARE_ACCOUNT_ID: credentials.accountId,
      FANFARE_AUTH_TOKEN: credentials.authToken,
      FANFARE_ADMIN_PASSWORD: credentials.adminPassword,
    });
    stops.push(() => api.stop());
    const [{ url = "" }] = await Promise.all([api.ready(), ...started.map((worker) => worker.ready())]);
    const unconfigured = [...(workerEnv.FCM_SERVICE_ACCOUNT ? [] : ["FCM"]), ...(workerEnv.APNS_KEY ? [] : ["APNs"])];
    const simulator = providers && { simulatorUrl: providers.controlUrl };
    return { url, databaseUrl, ...(postgres && { postgres }), ...simulator, unconfigured, apps, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startSimulator(
  base: Record<string, string | undefined>,
  dataDir: string,
  run: (name: string, app: AppName, env: Record<string, string | undefined>) => SupervisedApp,
  stops: (() => Promise<boolean>)[],
) {
  const simulator = run("simulator", "simulator", base);
  stops.push(() => simulator.stop());
  await simulator.ready();
  const file = join(dataDir, "simulator", "simulator.json");
  const connection = connectionSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  return {
    controlUrl: connection.controlUrl,
    env: {
      FCM_BASE_URL: connection.fcmUrl,
      FCM_SERVICE_ACCOUNT: connection.fcmServiceAccountFile,
      APNS_BASE_URL: connection.apnsUrl,
      APNS_KEY: connection.apnsKeyFile,
      APNS_KEY_ID: connection.apnsKeyId,
      APNS_TEAM_ID: connection.apnsTeamId,
      APNS_TOPIC: connection.apnsTopic,
      PROVIDER_CA_FILE: connection.caFile,
    },
  };
}

function workersToStart(env: Readonly<Record<string, string | undefined>>): AppName[] {
  return [
    "fanout-worker",
    ...(env.FCM_SERVICE_ACCOUNT ? (["fcm-worker"] as const) : []),
    ...(env.APNS_KEY ? (["apns-worker"] as const) : []),
  ];
}

function numbered(app: string, count: number): string[] {
  return count === 1 ? [app] : Array.from({ length: count }, (_, index) => `${app}-${index + 1}`);
}

function mainOf(app: AppName): string {
  return fileURLToPath(new URL(`../../${app}/dist/main.js`, import.meta.url));
}
