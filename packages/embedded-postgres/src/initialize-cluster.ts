import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { EmbeddedPostgresError } from "./embedded-postgres-error.js";
import type { RunAs } from "./run-as.js";
import { withReason } from "./with-reason.js";

/** The superuser of the embedded Postgres. */
export const SUPERUSER = "fanfare";

/** A cluster that can be started. */
export interface Cluster {
  pgdata: string;
  password: string;
  /** Tells its processes apart from those of any other cluster. */
  name: string;
}

/**
 * Finds the cluster in a data directory, or makes one. One whose making was interrupted is made anew.
 *
 * @param major The version of Postgres that is to start it.
 * @throws EmbeddedPostgresError when what is there can not be started, or none can be made.
 */
export function initializeCluster(dataDir: string, as: RunAs, durable: boolean, major?: string): Cluster {
  const pgdata = join(dataDir, "postgres");
  const passwordFile = join(dataDir, "postgres.password");
  const describe = (password: string) => ({ pgdata, password, name: nameOf(pgdata, password) });
  if (existsSync(pgdata)) return describe(readPassword(pgdata, passwordFile, major));

  const password = randomBytes(24).toString("hex");
  writeFileSync(passwordFile, password, { mode: 0o600, flush: durable });
  // Made aside and moved into place: what bears the final name is whole.
  const draft = join(dataDir, "postgres.new");
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  as.own(draft);
  const passwordCopy = join(dataDir, "postgres.new.password");
  writeFileSync(passwordCopy, password, { mode: 0o600 });
  as.own(passwordCopy);
  try {
    const { file, args, options } = as.command("initdb", [
      ...["--pgdata", draft, "--username", SUPERUSER, "--pwfile", passwordCopy, "--auth", "scram-sha-256"],
      ...["--encoding", "UTF8", "--locale", "C"],
      ...(durable ? [] : ["--no-sync"]),
    ]);
    const result = spawnSync(file, args, { ...options, cwd: dataDir, encoding: "utf8" });
    if (result.status !== 0) {
      const why = result.error?.message ?? result.stderr;
      throw withReason(`Postgres could not be initialized in ${dataDir}`, why);
    }
    renameSync(draft, pgdata);
    if (durable) syncFolder(dataDir);
  } finally {
    rmSync(passwordCopy, { force: true });
  }
  return describe(password);
}

/** What is there has to be a cluster of the version that is to start it, and its password beside it. */
function readPassword(pgdata: string, passwordFile: string, major: string | undefined): string {
  const versionFile = join(pgdata, "PG_VERSION");
  if (!existsSync(versionFile)) {
    throw new EmbeddedPostgresError(
      `${pgdata} is not a folder that Postgres made (PG_VERSION is missing in it): restore it, move it away, or set FANFARE_DATA_DIR to another folder.`,
    );
  }
  const version = readFileSync(versionFile, "utf8").trim();
  if (major !== undefined && version !== major) {
    throw new EmbeddedPostgresError(
      `${pgdata} was made by Postgres ${version}, and the embedded one is Postgres ${major}: move its content over with pg_dump of version ${version}, or set FANFARE_DATA_DIR to another folder, or DATABASE_URL to a Postgres of your own.`,
    );
  }
  if (existsSync(passwordFile)) return readFileSync(passwordFile, "utf8");
  throw new EmbeddedPostgresError(
    `${passwordFile}, the password of the Postgres beside it, is missing: restore it, or set FANFARE_DATA_DIR to another folder.`,
  );
}

// Copies of a folder share the password, and folders of different machines or containers the path.
function nameOf(pgdata: string, password: string): string {
  return `fanfare-${createHash("sha256").update(`${pgdata}\n${password}`).digest("hex").slice(0, 12)}`;
}

// Else a power cut could take the new names of what is in the folder, and with them all that was accepted since.
function syncFolder(folder: string): void {
  // Windows does not open folders.
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
