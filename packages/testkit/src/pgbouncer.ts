import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getuid, stderr } from "node:process";
import pg from "pg";
import { freePort } from "./free-ports.js";
import { until } from "./until.js";

const IGNORED = ["options", "statement_timeout", "idle_in_transaction_session_timeout"];

/** A way to a database: straight, or through what stands before it. */
export interface Way {
  url: string;
  close(): Promise<void>;
}

/** Straight always, and through PgBouncer where it is installed, which CI has to have. */
export function waysTo(): { way: string; open: (databaseUrl: string) => Promise<Way> }[] {
  const straight = { way: "straight", open: async (url: string) => ({ url, close: async () => undefined }) };
  return hasPgBouncer()
    ? [straight, { way: "through PgBouncer", open: (url: string) => startPgBouncer(url) }]
    : [straight];
}

/** Whether PgBouncer is installed. @throws Error where tests have to run through it. */
export function hasPgBouncer(): boolean {
  if (spawnSync("pgbouncer", ["--version"]).status === 0) return true;
  if (process.env.CI) throw new Error("CI connects through a pooler too: install pgbouncer.");
  stderr.write("pgbouncer is not installed: connections are not tested through it.\n");
  return false;
}

/** How it pools. */
export interface PgBouncerOptions {
  /** @default "transaction" */
  mode?: "transaction" | "session";
  /** Server connections, which all clients share. @default 1 */
  poolSize?: number;
  /** Start-up parameters that it drops, where it would refuse them. @default what Fanfare's connections have, but for `?schema=` */
  ignored?: readonly string[];
}

/** Starts PgBouncer before a database. */
export async function startPgBouncer(databaseUrl: string, options: PgBouncerOptions = {}): Promise<Way> {
  const { mode = "transaction", poolSize = 1, ignored = IGNORED } = options;
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  const dir = mkdtempSync(join(tmpdir(), "fanfare-pgbouncer-"));
  const ownPort = await freePort();
  const file = join(dir, "pgbouncer.ini");
  writeFileSync(
    file,
    `[databases]
     * = host=${hostname} port=${port} user=${username} password=${password}
     [pgbouncer]
     listen_addr = 127.0.0.1
     listen_port = ${ownPort}
     unix_socket_dir =
     auth_type = any
     pool_mode = ${mode}
     default_pool_size = ${poolSize}
     ignore_startup_parameters = ${ignored.join(",")}`,
  );
  // It does not run as root.
  if (getuid?.() === 0) {
    for (const path of [dir, file]) chmodSync(path, 0o755);
  }
  const user = getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const server = spawn("pgbouncer", ["--quiet", file], { ...user, cwd: "/", stdio: "ignore" });
  const ended = once(server, "close");
  const url = `postgres://anyone@127.0.0.1:${ownPort}${pathname}`;
  await until(() => answers(url), { describe: "PgBouncer answering" });
  return {
    url,
    async close() {
      server.kill("SIGKILL");
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString });
  client.on("error", () => undefined);
  await client.connect();
  await client.end();
  return true;
}
