import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startEmbeddedPostgres } from "@fanfare/embedded-postgres";
import pg from "pg";

/** A built file of this package, as a string of JavaScript. */
export const builtFile = (name: string) => JSON.stringify(fileURLToPath(new URL(`../dist/${name}`, import.meta.url)));

/** A data directory for each test of a file. */
export function useDataDir() {
  let dataDir: string;
  let madeOnce: string;
  beforeAll(async () => {
    madeOnce = await mkdtemp(join(tmpdir(), "fanfare-made-once-"));
    await (await startEmbeddedPostgres({ dataDir: madeOnce, durable: false })).stop();
  });
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "fanfare-embedded-"));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));
  afterAll(() => rm(madeOnce, { recursive: true, force: true }));
  return {
    folder: () => dataDir,
    /** Puts a cluster into it, where how that is made is not what is tested: to make one takes seconds. */
    haveCluster() {
      for (const name of ["postgres", "postgres.password"]) execFileSync("cp", ["-a", join(madeOnce, name), dataDir]);
    },
  };
}

export async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  // The server is killed under it in these tests.
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
}

/** Runs a script in a process that can be killed; resolves with the first line it prints. */
export async function runElsewhere(script: string, env = process.env): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
    env,
  });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("close", () => reject(new Error("It ended before it said anything.")));
  });
  return { child, line };
}

interface Elsewhere {
  dir: string;
  /** What has `startEmbeddedPostgres`, as a string of JavaScript. */
  program?: string;
  env?: NodeJS.ProcessEnv;
}

/** Another process that starts Postgres in a data directory: `refused` says why it could not. */
export async function startElsewhere({ dir, program = builtFile("index.js"), env = process.env }: Elsewhere) {
  const script = `import { startEmbeddedPostgres } from ${program};
    const print = (value) => console.log(JSON.stringify(value));
    await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dir)} }).then(
      ({ url, pid }) => print({ url, pid }),
      (error) => print({ refused: error.message }));
    setInterval(() => {}, 1000);`;
  const { child, line } = await runElsewhere(script, env);
  return { child, ...(JSON.parse(line) as { url: string; pid: number; refused?: string }) };
}

/** A zombie, whose parent was killed too, has ended. */
export function runs(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

export const killed = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
  });
