import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { startStack } from "@fanfare/cli";
import { connectDb, type Db } from "@fanfare/db";
import { localCredentials } from "@fanfare/runtime";
import { freePorts, startTcpProxy, type TcpProxy } from "@fanfare/testkit";
import { createDeaths, type Deaths } from "../support/deaths.js";
import { type KeptRedis, keepRedis } from "./keep-redis.js";
import { LEASE_MS, LINKED_APPS, type Plan, WORKERS } from "./plan.js";
import { createSimulatorControl, type SimulatorControl } from "./simulator-control.js";
import type { Timeline } from "./timeline.js";

/** An installation of real processes, with a bad link between any two that talk. */
export interface Installation {
  /** Where clients reach the API: over the link `client → api`. */
  url: string;
  simulator: SimulatorControl;
  /** Basic, of the installation's account. */
  authorization: string;
  /** Of the run itself, past all links. */
  db: Db;
  redis: KeptRedis | undefined;
  links: ReadonlyMap<string, TcpProxy>;
  deaths: Deaths;
  dataDir: string;
  /** Of a process by its name, `postgres` and `redis` included. */
  pidOf(target: string): number | undefined;
  /** The names of all processes that run. */
  processes(): string[];
  stop(): Promise<void>;
}

/** How an installation is run. */
export interface InstallationOptions {
  backend: Plan["backend"];
  skew?: Plan["skew"] | undefined;
  dataDir: string;
  timeline: Timeline;
  /** Folder of the built apps, where they are not this tree's. */
  appsDir?: string | undefined;
  env?: Readonly<Record<string, string>>;
}

/** How often the dispatcher looks, in milliseconds. */
const DISPATCH_INTERVAL_MS = 250;

const PORTS = [
  "PORT",
  "SIMULATOR_FCM_PORT",
  "SIMULATOR_APNS_PORT",
  "SIMULATOR_APNS_SANDBOX_PORT",
  "SIMULATOR_CONTROL_PORT",
];

/** Starts everything on free ports in a folder of its own. Whoever starts it stops it. */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const { backend, dataDir, timeline } = options;
  mkdirSync(dataDir, { recursive: true });
  const { REDIS_PORT = "0", ...ports } = await freePorts("REDIS_PORT", ...PORTS);
  const credentials = localCredentials(dataDir);
  const deaths = createDeaths();
  const onEvent = (app: string, event: string) => {
    timeline.event(`${app} ${event.split("\n")[0]}`);
    if (deaths.see(app, event) && app === "simulator") void simulator?.restore();
  };
  const links = await startLinks(backend);
  const onLine = (app: string, line: string) => {
    timeline.line(app, line);
    deaths.hear(app, line);
  };
  let simulator: SimulatorControl | undefined;
  const redis =
    backend === "redis" ? await keepRedis(REDIS_PORT, dataDir, (event) => onEvent("redis", event)) : undefined;
  const env = {
    PATH: process.env.PATH,
    ...ports,
    ...(redis && { REDIS_URL: redis.url }),
    LEASE_MS: String(LEASE_MS),
    DISPATCH_INTERVAL_MS: String(DISPATCH_INTERVAL_MS),
    REQUEST_TIMEOUT_MS: "10000",
    FCM_RAMP_SECONDS: "0",
    SIMULATOR_KEEP_COUNTS: "true",
    ...options.env,
  };
  const stack = await startStack({
    ...{ dataDir, env, credentials, workers: WORKERS, onEvent },
    ...(options.appsDir !== undefined && { appsDir: options.appsDir }),
    onLine,
    envOf: (name, own) => withSkew(name, options.skew, throughLinks(name, own, links)),
  });
  const clientLink = requireLink(links, "client → api");
  clientLink.pointTo(Number(new URL(stack.url).port));
  const toProviders = [...links].flatMap(([name, link]) => (name.endsWith("→ provider") ? [link] : []));
  simulator = createSimulatorControl(stack.simulatorUrl ?? "", toProviders);
  const db = connectDb(stack.databaseUrl, { onError: () => undefined });

  return {
    url: `http://127.0.0.1:${clientLink.port}`,
    simulator,
    authorization: `Basic ${Buffer.from(`${credentials.accountId}:${credentials.authToken}`).toString("base64")}`,
    ...{ db, redis, links, deaths, dataDir },
    pidOf(target) {
      if (target === "postgres") return stack.postgres?.pid;
      return target === "redis" ? redis?.pid : stack.apps.get(target)?.pid;
    },
    processes: () => [...stack.apps.keys(), "postgres", ...(redis ? ["redis"] : [])],
    async stop() {
      await db.$disconnect();
      await stack.stop();
      await redis?.stop();
      for (const link of links.values()) link.end();
    },
  };
}

/** The link of a name. @throws Error when there is none. */
export function requireLink(links: ReadonlyMap<string, TcpProxy>, name: string): TcpProxy {
  const link = links.get(name);
  if (!link) throw new Error(`There is no link ${name}.`);
  return link;
}

/** One for each process and each server that it talks to. */
async function startLinks(backend: Plan["backend"]): Promise<Map<string, TcpProxy>> {
  const servers = ["postgres", ...(backend === "redis" ? ["redis"] : [])];
  const names = [
    "client → api",
    ...LINKED_APPS.flatMap((app) => servers.map((server) => `${app} → ${server}`)),
    ...LINKED_APPS.filter((app) => isDelivery(app)).map((app) => `${app} → provider`),
  ];
  return new Map(await Promise.all(names.map(async (name) => [name, await startTcpProxy()] as const)));
}

const isDelivery = (app: string) => app.startsWith("fcm-worker") || app.startsWith("apns-worker");

type Env = Readonly<Record<string, string | undefined>>;

/** Which of its settings lead a process to which server. */
const SERVERS = {
  DATABASE_URL: "postgres",
  REDIS_URL: "redis",
  FCM_BASE_URL: "provider",
  FCM_TOKEN_URL: "provider",
  APNS_BASE_URL: "provider",
} as const;

function throughLinks(name: string, env: Env, links: ReadonlyMap<string, TcpProxy>): Env {
  const changed: Record<string, string> = {};
  for (const [setting, server] of Object.entries(SERVERS)) {
    const link = links.get(`${name} → ${server}`);
    const text = env[setting];
    // A worker of one provider is told where the other one is, too.
    if (!link || text === undefined || (server === "provider" && !name.startsWith(setting.slice(0, 3).toLowerCase())))
      continue;
    const url = link.before(text);
    // Paths are put behind a provider's URL.
    changed[setting] = text.endsWith("/") ? url : url.replace(/\/$/, "");
  }
  return { ...env, ...changed };
}

function withSkew(name: string, skew: Plan["skew"] | undefined, env: Env): Env {
  if (skew?.target !== name) return env;
  // It runs as it is, and stands beside the sources: this file runs from `dist`.
  const preload = join(import.meta.dirname, "../../chaos/skewed-clock.mjs");
  return { ...env, NODE_OPTIONS: `--import=${preload}`, FANFARE_CLOCK_SKEW_MS: String(skew.skewMs) };
}
