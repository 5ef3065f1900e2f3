// Starts, once for a whole jest run, the servers that integration and whole-system tests use: one embedded Postgres
// with a migrated template database, and one Redis where the machine has it; and has tests make their files in memory.
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { migrate } from "@fanfare/db";
import { startEmbeddedPostgres } from "@fanfare/embedded-postgres";
import { withClient } from "@fanfare/postgres";
import { migrateQueues } from "@fanfare/queues";
import { freePort } from "@fanfare/testkit";
import { Redis } from "ioredis";

export default async function setup() {
  // Jest calls this once for each project that needs it.
  if (globalThis.fanfareTestServers) return;
  const dir = mkdtempSync(join(memoryFolder() ?? tmpdir(), "fanfare-test-"));
  const redis = await startRedis(dir);
  const postgres = await startEmbeddedPostgres({ dataDir: dir, durable: false });
  const callOff = cleanUpAfterUs(dir, [postgres.pid, ...(redis ? [redis.pid] : [])]);
  globalThis.fanfareTestServers = { dir, postgres, redis, callOff, formerTmpdir: process.env.TMPDIR };
  await livesElsewhere(postgres.url);
  await migrate(postgres.url);
  await migrateQueues({ databaseUrl: postgres.url });
  // Tests clone the database `fanfare` as their template, and connect to `postgres` to do so.
  process.env.FANFARE_TEST_DATABASE_URL = postgres.url.replace(/\/fanfare$/, "/postgres");
  if (redis) process.env.FANFARE_TEST_REDIS_URL = redis.url;
  process.env.TMPDIR = temporaryFolder(dir);
}

/** Below this a run could fill it: databases are small, and their logs are not. */
const ROOM_BYTES = 4 * 1024 ** 3;

/** Where files are in memory, if it has room and programs may be run from there: a cluster or a database is a thousand files. */
function memoryFolder() {
  const folder = "/dev/shm";
  try {
    const mount = readFileSync("/proc/mounts", "utf8").match(/^tmpfs \/dev\/shm tmpfs (\S+)/m);
    if (!mount || /\b(noexec|ro)\b/.test(mount[1])) return undefined;
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= ROOM_BYTES ? folder : undefined;
  } catch {
    // A system without them, such as macOS: there files are on the disk.
    return undefined;
  }
}

/** Where tests make theirs: they go with the servers' folder, however the run ends. Other users get there, as to /tmp. */
function temporaryFolder(dir) {
  chmodSync(dir, 0o711);
  const folder = join(dir, "tmp");
  mkdirSync(folder);
  chmodSync(folder, 0o1777);
  return folder;
}

/** Whoever does not ask for UTC has the times of another zone, one that is no whole hours away, in every database. */
async function livesElsewhere(url) {
  await withClient(url, "fanfare-test-setup", (client) =>
    client.query("alter role fanfare set timezone to 'Asia/Kolkata'"),
  );
}

/**
 * Stops the servers and removes their folder when jest itself is killed: a shell reads a pipe that jest holds open.
 * Returns how to call it off.
 */
function cleanUpAfterUs(dir, pids) {
  const script = 'read -r _; dir="$1"; shift; kill -QUIT "$@"; sleep 5; rm -rf "$dir"';
  const shell = spawn("sh", ["-c", script, "sh", dir, ...pids.map(String)], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.unref();
  shell.stdin.unref();
  return () => shell.kill("SIGKILL");
}

async function startRedis(dir) {
  if (spawnSync("redis-server", ["--version"]).status !== 0) {
    if (process.env.CI) throw new Error("CI runs both queue backends: install redis-server.");
    process.stderr.write("redis-server is not installed: the queues are tested on Postgres alone.\n");
    return undefined;
  }
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "no"];
  const child = spawn("redis-server", args, { stdio: "ignore" });
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: 100 });
  client.on("error", () => undefined);
  await client.ping();
  client.disconnect();
  return { url, pid: child.pid, stop: () => child.kill("SIGKILL") };
}
