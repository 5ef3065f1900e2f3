import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SUPERUSER } from "./initialize-cluster.js";

/** Which line of `postmaster.pid` has the port (Postgres, src/include/utils/pidfile.h). */
const PORT_LINE = 3;

/** The URL of the embedded Postgres that runs in a data directory; `undefined` when none does. */
export function findEmbeddedPostgres(dataDir: string): string | undefined {
  const pidFile = join(dataDir, "postgres", "postmaster.pid");
  const passwordFile = join(dataDir, "postgres.password");
  if (!existsSync(pidFile) || !existsSync(passwordFile)) return undefined;
  const port = readFileSync(pidFile, "utf8").split("\n")[PORT_LINE]?.trim();
  const password = readFileSync(passwordFile, "utf8");
  return port ? `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/fanfare` : undefined;
}
