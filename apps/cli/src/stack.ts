import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withoutPostgresVariables } from "@fanfare/embedded-postgres";
import { redisPlace } from "@fanfare/queues";
import { inDataDir, StartError } from "@fanfare/runtime";
import { z } from "zod";
import { type KeptPostgres, keepPostgres } from "./keep-postgres.js";
import { prepareDatabase, requireQueues } from "./prepare-stores.js";
import { type SupervisedApp, supervise } from "./supervisor.js";

/** The apps that make up an installation. */
export type AppName = "api" | "fanout-worker" | "fcm-worker" | "apns-worker" | "simulator";

type ProcessEnv = Readonly<Record<string, string | undefined>>;

/** How an installation on this machine is run. */
export interface StackOptions {
  dataDir: string;
  /** The environment that the apps get, besides what is decided here. */
  env: ProcessEnv;
  credentials: { accountId: string; authToken: string; adminPassword: string };
  /** Processes of each worker. @default 1 */
  workers?: number;
  /** Whether the simulator stands in for the providers. @default when the environment has no provider key */
  simulator?: boolean | undefined;
  /** The last word on what one process gets, by its name: for tests that come between it and its servers. */
  envOf?: (name: string, env: ProcessEnv) => ProcessEnv;
  /** Folder of the built apps. @default the one that this command is in */
  appsDir?: string;
  /** Breaks the start off: what was started is stopped, and the start is rejected. */
  signal?: AbortSignal;
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
  apps: ReadonlyMap<string, SupervisedApp>;
  /** Stops everything in order, draining it. Resolves with whether all apps ended cleanly. */
  stop(): Promise<boolean>;
}

/** Longer than the apps' own deadline of 25 s. */
const KILL_AFTER_MS = 30_000;

const connectionSchema = z.object({
  fcmUrl: z.string(),
  apnsUrl: z.string(),
  apnsSandboxUrl: z.string(),
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
  const { dataDir, env, credentials, workers = 1, signal, onLine, onEvent } = options;
  const { appsDir = fileURLToPath(new URL("../../", import.meta.url)), envOf = (_name, own) => own } = options;
  const stops: (() => Promise<boolean>)[] = [];
  let stopped = Promise.resolve(true);
  // Asked again while it is under way, it also stops what was started since.
  const stop = () => {
    stopped = stopped.then(async (others) => {
      let clean = others;
      for (const stopOne of stops.splice(0).reverse()) clean = (await stopOne()) && clean;
      return clean;
    });
    return stopped;
  };
  const apps = new Map<string, SupervisedApp>();
  const run = (name: string, app: AppName, appEnv: ProcessEnv) => {
    const supervised = supervise(
      { name, main: builtMain(appsDir, app), env: envOf(name, appEnv) },
      { onLine, onEvent, killAfterMs: KILL_AFTER_MS },
    );
    apps.set(name, supervised);
    return supervised;
  };

  try {
    for (const app of ["simulator", ...WORKERS, "api"] as const) builtMain(appsDir, app);
    const ownPostgres = () => keepPostgres(dataDir, (event) => onEvent("postgres", event));
    const postgres = env.DATABASE_URL ? undefined : await inDataDir(dataDir, ownPostgres);
    if (postgres) stops.push(() => postgres.stop().then(() => true));
    const databaseUrl = postgres?.url ?? env.DATABASE_URL ?? "";
    const stores = { databaseUrl, redis: redisPlace(env) };
    const { tablesIn } = await prepareDatabase({ ...stores, signal, onEvent: (event) => onEvent("postgres", event) });
    await requireQueues({ ...stores, tablesIn });

    signal?.throwIfAborted();
    // Whoever waits for an app to be ready is told that it was stopped.
    signal?.addEventListener("abort", () => void stop());
    const simulated = options.simulator ?? (!env.FCM_SERVICE_ACCOUNT && !env.APNS_KEY);
    const base = {
      ...(postgres ? withoutPostgresVariables(env) : env),
      FANFARE_DATA_DIR: dataDir,
      DATABASE_URL: databaseUrl,
    };
    const providers = simulated ? await startSimulator(base, dataDir, run, stops) : undefined;
    const workerEnv = { ...base, ...providers?.workerEnv };
    const names = WORKERS.flatMap((app) => numbered(app, workers).map((name) => ({ name, app })));
    const started: SupervisedApp[] = [];
    stops.push(async () => (await Promise.all(started.map((worker) => worker.stop()))).every(Boolean));
    for (const { name, app } of names) started.push(run(name, app, workerEnv));
    const api = run("api", "api", {
      ...base,
      ...providers?.keys,
      // No load balancer stands before it, unless somebody put one there.
      SHUTDOWN_DELAY_SECONDS: env.SHUTDOWN_DELAY_SECONDS || "0",
      FANFARE_ACCOUNT_ID: credentials.accountId,
      FANFARE_AUTH_TOKEN: credentials.authToken,
      FANFARE_ADMIN_PASSWORD: credentials.adminPassword,
    });
    stops.push(() => api.stop());
    const [{ url = "" }] = await Promise.all([api.ready(), ...started.map((worker) => worker.ready())]);
    const simulator = providers && { simulatorUrl: providers.controlUrl };
    signal?.throwIfAborted();
    return { url, databaseUrl, ...(postgres && { postgres }), ...simulator, apps, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Path of an app's main module. @throws StartError when the app was not built. */
function builtMain(appsDir: string, app: AppName): string {
  const main = join(appsDir, app, "dist", "main.js");
  if (existsSync(main)) return main;
  throw new StartError(`The app ${app} is not built, ${main} is missing: run npm run build.`);
}

async function startSimulator(
  base: ProcessEnv,
  dataDir: string,
  run: (name: string, app: AppName, env: ProcessEnv) => SupervisedApp,
  stops: (() => Promise<boolean>)[],
) {
  const simulator = run("simulator", "simulator", base);
  stops.push(() => simulator.stop());
  await simulator.ready();
  const file = join(dataDir, "simulator", "simulator.json");
  const connection = connectionSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  return {
    controlUrl: connection.controlUrl,
    /** Where the workers find the providers. */
    workerEnv: {
      FCM_BASE_URL: connection.fcmUrl,
      FCM_TOKEN_URL: `${connection.fcmUrl}/token`,
      APNS_BASE_URL: connection.apnsUrl,
      APNS_SANDBOX_URL: connection.apnsSandboxUrl,
      PROVIDER_CA_FILE: connection.caFile,
    },
    /** What becomes the default app. */
    keys: {
      FCM_SERVICE_ACCOUNT: connection.fcmServiceAccountFile,
      APNS_KEY: connection.apnsKeyFile,
      APNS_KEY_ID: connection.apnsKeyId,
      APNS_TEAM_ID: connection.apnsTeamId,
      APNS_TOPIC: connection.apnsTopic,
    },
  };
}

const WORKERS = ["fanout-worker", "fcm-worker", "apns-worker"] as const satisfies readonly AppName[];

function numbered(app: string, count: number): string[] {
  return count === 1 ? [app] : Array.from({ length: count }, (_, index) => `${app}-${index + 1}`);
}
