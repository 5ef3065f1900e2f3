import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PostgresBinaries } from "./binaries.js";
import type { RunAs } from "./run-as.js";

/** The superuser of the embedded Postgres. */
export const SUPERUSER = "fanfare";

/** A cluster that can be started. */
export interface Cluster {
  pgdata: string;
  password: string;
}

/** Finds the cluster in a data directory, or makes one. One whose making was interrupted is made anew. */
export function initializeCluster(dataDir: string, binaries: PostgresBinaries, as: RunAs, durable: boolean): Cluster {
  const pgdata = join(dataDir, "postgres");
  const passwordFile = join(dataDir, "postgres.password");
  if (existsSync(pgdata)) return { pgdata, password: readFileSync(passwordFile, "utf8") };

  const password = randomBytes(24).toString("hex");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  // Made aside and moved into place: what bears the final name is whole.
  const draft = join(dataDir, "postgres.new");
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  as.own(draft);
  const passwordCopy = join(dataDir, "postgres.new.password");
  writeFileSync(passwordCopy, password, { mode: 0o600 });
  as.own(passwordCopy);
  try {
    const { file, args, options } = as.command(binaries.initdb, [
      ...["--pgdata", draft, "--username", SUPERUSER, "--pwfile", passwordCopy, "--auth", "scram-sha-256"],
      ...["--encoding", "UTF8", "--locale", "C"],
      ...(durable ? [] : ["--no-sync"]),
    ]);
    const result = spawnSync(file, args, { ...options, cwd: dataDir, encoding: "utf8" });
    if (result.status !== 0) {
      throw new Error(`Postgres could not be initialized in ${dataDir}: ${result.error?.message ?? result.stderr}`);
    }
    renameSync(draft, pgdata);
  } finally {
    rmSync(passwordCopy, { force: true });
  }
  return { pgdata, password };
}
