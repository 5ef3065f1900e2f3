import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getuid, stderr } from "node:process";
import { freePort, until } from "@fanfare/testkit";
import pg from "pg";

/** A way to a database: straight, or through what stands before it. */
export interface Way {
  url: string;
  close(): Promise<void>;
}

/** Straight always, and through PgBouncer where it is installed, which CI has to have. */
export function waysTo(isCi: boolean): { way: string; open: (databaseUrl: string) => Promise<Way> }[] {
  const straight = { way: "straight", open: async (url: string) => ({ url, close: async () => undefined }) };
  return isInstalled(isCi) ? [straight, { way: "through PgBouncer", open: startPgBouncer }] : [straight];
}

function isInstalled(isCi: boolean): boolean {
  if (spawnSync("pgbouncer", ["--version"]).status === 0) return true;
  if (isCi) throw new Error("CI connects through a pooler too: install pgbouncer.");
  stderr.write("pgbouncer is not installed: connections are not tested through it.\n");
  return false;
}

/** PgBouncer with one server connection, which all transactions share. */
async function startPgBouncer(databaseUrl: string): Promise<Way> {
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
     pool_mode = transaction
     default_pool_size = 1
     ignore_startup_parameters = options,statement_timeout,idle_in_transaction_session_timeout`,
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
